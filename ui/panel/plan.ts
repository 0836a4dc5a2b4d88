/** What may be kept the same from image to image: which of it a model offers, how values are called, and what an image shows. */
import type { PlanField } from '../../models/protocol.js';
import type { Pins } from '../../models/run/scene/compose-scene.js';
import { joinParts, knownPins, partsOf, pinnable } from '../../models/run/scene/pins.js';
import { planOf } from '../../models/run/scene/plan.js';
import type { Vocabulary } from '../../models/vocabulary.js';
import { wordsOf } from '../../models/wildcards.js';
import type { Model } from '../engines/offer.js';
import type { Tile } from './state.js';
import { TEXT } from './text.js';

/** One of the values among which a person chooses. */
export type Value = {
  readonly value: string;
  /** Hexadecimal colours, in their order. */
  readonly colours: readonly string[];
};

/** Values of one kind: of a layout its places, its sizes. A value has at most one of each. */
export type ValueGroup = { readonly columns: 1 | 2 | 3; readonly values: readonly Value[] };

/** What is pinned, as far as the model knows it. */
export const pinsFor = (plan: Pins, model: Model | null | undefined): Pins =>
  model?.vocabulary ? knownPins(plan, model.vocabulary) : {};

/** Fields that a model offers. Forms have no names to choose by, so there is a control only where an image's form is kept. */
export function fieldsOf(vocabulary: Vocabulary, pins: Pins): readonly PlanField[] {
  const { scene, words, concepts } = vocabulary;
  if (!scene) return [];
  const isOffered: Readonly<Record<PlanField, boolean>> = {
    background: words.colour.length > 1,
    layout: true,
    style: pinnable(vocabulary).style.length > 1,
    colour:
      words.colour.length > 1 &&
      concepts.some(({ drawings = [] }) => drawings.some(({ colours }) => colours === 'any')),
    variant: pins.variant !== undefined,
  };
  return (['background', 'layout', 'style', 'colour', 'variant'] as const).filter((field) => isOffered[field]);
}

export function groupsOf(field: PlanField, vocabulary: Vocabulary): readonly ValueGroup[] {
  const { words, concepts, scene } = vocabulary;
  const group = (columns: ValueGroup['columns'], values: readonly string[]): ValueGroup => ({
    columns,
    values: values.map((value) => ({ value, colours: coloursOf(field, value, vocabulary) })),
  });
  const colours = words.colour.map(({ id }) => id);
  const groups = {
    background: () => [
      group(2, colours),
      group(1, scene?.blends.map((pair) => joinParts('background', pair) ?? '') ?? []),
      // The sky of landscapes.
      group(3, concepts.some(({ kind }) => kind === 'scene') ? words.light.map(({ id }) => id) : []),
    ],
    layout: () => [
      group(
        3,
        words.place.map(({ id }) => id),
      ),
      group(3, Object.keys(scene?.sizes ?? {})),
      group(3, ['row', 'column', 'rows']),
    ],
    style: () => [group(1, pinnable(vocabulary).style)],
    colour: () => [group(2, colours)],
    variant: () => [group(1, pinnable(vocabulary).variant)],
  };
  return groups[field]().filter(({ values }) => values.length > 0);
}

/** The value once one of its parts is chosen, or let go where it was chosen before. @returns undefined where nothing is left */
export function choose(field: PlanField, before: string | undefined, chosen: string, group: ValueGroup) {
  const parts = partsOf(field, before);
  if (field !== 'layout') return before === chosen ? undefined : chosen;
  const rest = parts.filter((part) => !group.values.some(({ value }) => value === part));
  return joinParts(field, parts.includes(chosen) ? rest : [...rest, chosen]);
}

/** Of a layout the parts count, in any order. */
export const isChosen = (field: PlanField, pinned: string | undefined, value: string): boolean =>
  field === 'layout' ? partsOf(field, value).every((part) => partsOf(field, pinned).includes(part)) : pinned === value;

/** "Mint", "Blue to purple", "Left, large". */
export function nameOf(field: PlanField, value: string): string {
  const names: Readonly<Record<string, string>> = TEXT.plan.values;
  const name = field === 'variant' ? TEXT.plan.form(value) : partsOf(field, value).map((part) => names[part] ?? part);
  const words = typeof name === 'string' ? name : (joinParts(field, name) ?? value);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function coloursOf(field: PlanField, value: string, { words }: Vocabulary): readonly string[] {
  if (field !== 'background' && field !== 'colour') return [];
  return partsOf(field, value).flatMap((part) => words.colour.find(({ id }) => id === part)?.rgb ?? []);
}

const shown = new WeakMap<Tile['request'], { readonly vocabulary: Vocabulary; readonly plan: Pins }>();

/** The plan of an image, composed once more from its prompt, its own plan and its seed. */
export function planShown({ request, seed }: Tile, vocabulary: Vocabulary | undefined): Pins {
  if (!vocabulary?.scene) return {};
  const known = shown.get(request);
  if (known?.vocabulary === vocabulary) return known.plan;
  const { scene } = vocabulary;
  const plan = planOf(wordsOf(request), { ...vocabulary, scene }, seed, knownPins(request.plan, vocabulary));
  shown.set(request, { vocabulary, plan });
  return plan;
}
