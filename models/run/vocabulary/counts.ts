/** Numbers of a prompt: which of them count things, and which are more than a model can draw. */
import type { Item, UnknownItem } from './match.js';
import { isKnown, phrasesOf } from './phrases.js';

export type Beyond = { readonly start: number; readonly end: number; readonly value: number };

/**
 * @param most the largest number of equal things that can be drawn, or null where it was never taught
 * @returns items in which numbers that count nothing are unknown words ("404 page"), and those that are too large
 */
export function readCounts(items: readonly Item[], most: number | null): { items: Item[]; beyond: Beyond[] } {
  const beyond: Beyond[] = [];
  const read = phrasesOf(items).flatMap(({ joint, items }) => [
    ...(joint ? [joint] : []),
    ...items.map((item, at): Item => {
      const value = numberOf(item);
      if (value === null || most === null || value <= most) return item;
      const { start, end, isAfterBreak } = item;
      const next = items.slice(at + 1).find((other) => isKnown(other) && other.meaning.class === 'concept');
      const counts = next && isKnown(next) && ['thing', 'icon'].includes(next.meaning.kind ?? '');
      if (!counts || value === 0)
        return { kind: 'unknown', start, end, isAfterBreak, word: String(value) } satisfies UnknownItem;
      beyond.push({ start, end, value });
      return { kind: 'number', start, end, isAfterBreak, value };
    }),
  ]);
  return { items: read, beyond };
}

/** The number that an item says, or null. */
export const numberOf = (item: Item): number | null =>
  item.kind === 'number'
    ? item.value
    : isKnown(item) && item.meaning.class === 'count'
      ? Number(item.meaning.id)
      : null;
