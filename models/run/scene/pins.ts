/** Values that hold on to parts of a plan: what may be pinned, and how a value is put together. */
import { PLAN_FIELDS, type PlanField } from '../../protocol.js';
import type { Vocabulary } from '../../vocabulary.js';
import type { Pins, Setting } from './compose-scene.js';

/** Backgrounds that fill a picture. Where the prompt names none of them, the plan does. */
export const BLENDS = ['gradient', 'mesh', 'blobs', 'waves', 'radial'] as const;
/** Forms of a ground: where hills rise and dots begin. */
const VARIANTS = [1, 2, 3, 4, 5] as const;
export const DIRECTIONS = ['vertical', 'horizontal', 'diagonal'] as const;

/** "blue to purple" has two colours, "left, large" a place and a size. */
export const partsOf = (field: PlanField, value: string | undefined): readonly string[] =>
  value === undefined ? [] : field === 'background' ? value.split(' to ') : value.split(/,\s*/);

/** @returns undefined where there is nothing to hold on to */
export const joinParts = (field: PlanField, parts: readonly (string | null | undefined)[]): string | undefined =>
  parts.filter((part) => part != null).join(field === 'background' ? ' to ' : ', ') || undefined;

export const variantOf = ({ pins, choices }: Setting, variants: readonly number[] = VARIANTS): number =>
  variants.find((variant) => String(variant) === pins.variant) ?? choices.pick('variant', variants) ?? 1;

type Pinnable = Readonly<Record<PlanField, readonly string[]>>;
const listed = new WeakMap<Vocabulary, Pinnable>();

/** The parts that values of each field may have. Backgrounds have colours, or in landscapes a time of day. */
export function pinnable(vocabulary: Vocabulary): Pinnable {
  const known = listed.get(vocabulary) ?? listPinnable(vocabulary);
  listed.set(vocabulary, known);
  return known;
}

function listPinnable({ words, concepts, scene }: Vocabulary): Pinnable {
  const colours = words.colour.map(({ id }) => id);
  const drawings = concepts.flatMap(({ drawings = [] }) => drawings);
  const places = words.place.map(({ id }) => id);
  return {
    background: [...colours, ...words.light.map(({ id }) => id)],
    layout: [...Object.keys(scene?.sizes ?? {}), ...places, 'row', 'column', 'rows', ...DIRECTIONS, ...BLENDS],
    style: [...new Set(drawings.map(({ style }) => style))],
    colour: colours,
    variant: VARIANTS.map(String),
  };
}

/** What a vocabulary knows of pinned values; other packs' values fall away. */
export function knownPins(pins: Pins, vocabulary: Vocabulary): Pins {
  if (!vocabulary.scene) return {};
  const known = pinnable(vocabulary);
  const isKnown = (field: PlanField) => partsOf(field, pins[field]).every((part) => known[field].includes(part));
  return Object.fromEntries(
    PLAN_FIELDS.flatMap((field) => (pins[field] !== undefined && isKnown(field) ? [[field, pins[field]]] : [])),
  );
}
