/** A prompt's items in phrases: what stands between commas, "and", "on" and the like, with the word that joins it to the one before. */
import type { Item, KnownItem } from './match.js';

export type Phrase = {
  /** What joins it to the phrase before: "and", "above". Null at the beginning and after a comma. */
  readonly joint: KnownItem | null;
  readonly items: readonly Item[];
};

const JOINS: ReadonlySet<string> = new Set(['joint', 'relation']);

export const isKnown = (item: Item): item is KnownItem => item.kind === 'known';

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

/**
 * What is drawn of the items. An unknown word takes its phrase with it where nothing else in there could be drawn by itself: of
 * "a star and a cute purple fox" the star stays, and nothing is cute or purple.
 */
export function stayingItems(items: readonly Item[]): Item[] {
  return phrasesOf(items).flatMap(({ joint, items }) => {
    const stays = items.filter(({ kind }) => kind !== 'unknown');
    const isEmptied = stays.length < items.length && !stays.some((item) => standsAlone(item, joint));
    const [first, ...rest] = stays;
    if (isEmptied) return [];
    // The comma stays as well.
    const begin = first ? [{ ...first, isAfterBreak: items[0]?.isAfterBreak ?? false }] : [];
    return [...(joint ? [joint] : []), ...begin, ...rest];
  });
}

/** "on dusty pink" is still on pink. */
function standsAlone(item: Item, joint: KnownItem | null): boolean {
  if (!isKnown(item)) return false;
  if (item.meaning.class === 'colour') return joint?.meaning.class === 'relation';
  return ['concept', 'ground', 'light'].includes(item.meaning.class);
}
