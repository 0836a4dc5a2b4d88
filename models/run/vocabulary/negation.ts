/** "not", "no", "without": what follows is left out of the picture. */
import type { Item, KnownItem } from './match.js';
import { isKnown } from './phrases.js';

export type LeftOut = {
  readonly start: number;
  readonly end: number;
};

/** The items that stay, and the parts of the prompt that a negation takes away: up to the next comma, "and" or "with". */
export function leaveOut(items: readonly Item[]): { readonly kept: Item[]; readonly left: LeftOut[] } {
  const kept: Item[] = [];
  const left: { start: number; end: number }[] = [];
  let open: { start: number; end: number } | null = null;
  for (const item of items) {
    const known: KnownItem | null = isKnown(item) ? item : null;
    if (open && (item.isAfterBreak || known?.meaning.class === 'joint')) open = null;
    if (known?.meaning.class === 'negation' && !open) {
      open = { start: item.start, end: item.end };
      left.push(open);
    } else if (open) open.end = item.end;
    else kept.push(item);
  }
  return { kept, left };
}
