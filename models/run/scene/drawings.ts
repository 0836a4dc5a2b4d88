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
  /** Whether prompt or plan gives it a colour. */
  readonly isTinted: boolean;
};

/** How much more often an icon is solid than outline, where nobody says: thin lines are what a grid of codes draws worst. */
const SOLID = 3;

export type Chosen = { readonly concept: Concept; readonly drawing: Drawing };

/** @param concepts those that a name may mean, the likeliest first */
export function chooseDrawing(concepts: readonly Concept[], wish: Wish, choices: Choices): Chosen | undefined {
  const every = concepts.flatMap((concept) => (concept.drawings ?? []).map((drawing) => ({ concept, drawing })));
  const icons = wish.styles.has('icon') ? every.filter(({ concept }) => concept.kind === 'icon') : [];
  // "Settings gear icon, flat" is an icon, and not the gear that is flat by its style.
  const among = icons.length > 0 ? icons : every;
  const said = among.filter(({ drawing }) => wish.styles.has(drawing.style));
  const ofStyle = said.length > 0 ? said : among.filter(({ drawing }) => drawing.style === wish.pinned);
  const wanted = ofStyle.length > 0 ? ofStyle : icons;
  if (wanted.length > 0) {
    const free = wish.isTinted ? wanted.filter(({ drawing }) => drawing.colours === 'any') : [];
    return choices.pick('style', free.length > 0 ? free : wanted, ({ drawing }) =>
      drawing.style === 'outline' ? 1 : SOLID,
    );
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
