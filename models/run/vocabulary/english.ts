/** An English prompt as the text encoder gets it: the person's own words, without what is not understood, misspelt words mended. */
import { numberOf } from './counts.js';
import { pluralOf } from './endings.js';
import type { Item, KnownItem } from './match.js';
import { isKnown } from './phrases.js';

/**
 * @param items that are drawn, and fillers between them
 * @param numberFor the word for a number that is too large
 */
export function drawnEnglish(prompt: string, items: readonly Item[], numberFor: string): string {
  const staying = items.filter((item) => !(isFiller(item) && isReplaced(item)));
  // What joined it to something that is gone.
  while (staying[0] && /[\p{L}\p{N}]/u.test(prompt.slice(0, staying[0].start)) && isLoose(staying[0])) staying.shift();
  let drawn = '';
  let end = 0;
  for (const [at, item] of staying.entries()) {
    const gap = prompt.slice(end, item.start);
    drawn += drawn === '' ? '' : /[\p{L}\p{N}]/u.test(gap) ? (gap.includes(',') ? ', ' : ' ') : gap;
    const isMany = staying.slice(Math.max(0, at - 2), at).some((before) => (numberOf(before) ?? 1) > 1);
    const words = wordsOf(item, prompt, numberFor);
    drawn += isMany && isKnown(item) && isOtherName(item) ? pluralOf(words) : words;
    end = item.end;
  }
  return drawn.trim();
}

const isFiller = (item: Item) => isKnown(item) && item.meaning.class === 'filler';
/** "and", "of": nothing begins with it. */
const isLoose = (item: Item) =>
  isKnown(item) && (item.meaning.class === 'joint' || (isFiller(item) && !/^(?:an?|the)$/.test(item.key)));

/** Whether an item would be drawn by other words than the person's. */
export const isReplaced = (item: Item): boolean => !isKnown(item) || !item.isRead || item.spelling !== null;

const isOtherName = ({ isRead, meaning }: KnownItem) => !isRead && meaning.class === 'concept';

function wordsOf(item: Item, prompt: string, numberFor: string): string {
  if (!isKnown(item)) return numberFor;
  if (!item.isRead) return item.meaning.english;
  return item.spelling === null ? prompt.slice(item.start, item.end) : item.key;
}
