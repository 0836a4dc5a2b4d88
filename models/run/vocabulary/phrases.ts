/** A prompt's items in phrases: what stands between commas, "and", "on" and the like, with the word that joins it to the one before. */
import type { Item, KnownItem } from './match.js';

export type Phrase = {
  /** What joins it to the phrase before: "and", "above". Null at the beginning and after a comma. */
  readonly joint: KnownItem | null;
  readonly items: readonly Item[];
};

const JOINS: ReadonlySet<string> = new Set(['joint', 'relation']);

export const isKnown = (item: Item): item is KnownItem => item.kind === 'known';

/** Whether an item says something that is seen in the picture. */
export const isSeen = (item: Item): boolean =>
  isKnown(item) && ['concept', 'colour', 'light', 'ground', 'place'].includes(item.meaning.class);

export function phrasesOf(items: readonly Item[]): Phrase[] {
  const phrases: { joint: KnownItem | null; items: Item[] }[] = [];
  for (const item of items) {
    const joins = isKnown(item) && JOINS.has(item.meaning.class);
    if (joins) phrases.push({ joint: item, items: [] });
    else if (item.isAfterBreak || phrases.length === 0) phrases.push({ joint: null, items: [item] });
    else phrases.at(-1)?.items.push(item);
  }
  return phrases;
}
