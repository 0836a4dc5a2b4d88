/** Which drawing shows a concept: the prompt's style decides, then whether a colour is asked for, then the plan. */
import type { Concept, Drawing } from '../../vocabulary.js';
import type { Choices } from './choices.js';

export type Wish = {
  /** Styles that the prompt names: "icon", "outline", "solid", "flat". */
  readonly styles: ReadonlySet<string>;
  /** A style that is pinned in the request's plan. */
  readonly pinned: string | undefined;
  /** Whether the prompt gives it a colour. */
  readonly isColoured: boolean;
};

export type Chosen = { readonly concept: Concept; readonly drawing: Drawing };

/** @param concepts those that a name may mean, the likeliest first */
export function chooseDrawing(concepts: readonly Concept[], wish: Wish, choices: Choices): Chosen | undefined {
  const every = concepts.flatMap((concept) => (concept.drawings ?? []).map((drawing) => ({ concept, drawing })));
  const ofStyle = every.filter(({ drawing }) => wish.styles.has(drawing.style) || drawing.style === wish.pinned);
  if (ofStyle.length > 0) return choices.pick('style', ofStyle);
  if (wish.styles.has('icon')) {
    const icons = every.filter(({ concept }) => concept.kind === 'icon');
    if (icons.length > 0) return choices.pick('style', icons);
  }
  const first = every[0];
  if (!first) return undefined;
  if (wish.isColoured && first.drawing.colours === 'own') {
    const free = every.filter(({ drawing }) => drawing.colours === 'any' && drawing.style !== 'outline');
    if (free[0]) return free[0];
  }
  // All that the name may mean of one kind: "cat" is the animal and its face.
  return choices.pick(
    'style',
    every.filter(
      ({ concept, drawing }) => concept.kind === first.concept.kind && drawing.colours === first.drawing.colours,
    ),
  );
}
