/** The words of a prompt, matched to what the vocabulary means by them. Whole words only: "startup" is no star. */
import { type Lexicon, lookUp, type Meaning, type Named, recalled, type Tongue } from './lexicon.js';
import { nearestSpelling } from './spelling.js';
import type { Token } from './tokens.js';

type Place = {
  readonly start: number;
  readonly end: number;
  /** A comma or another mark stands before it. */
  readonly isAfterBreak: boolean;
};

export type KnownItem = Place & {
  readonly kind: 'known';
  readonly meaning: Meaning;
  /** What else the same name may mean, the likeliest first: the bell, and the sign of a bell. */
  readonly others: readonly Meaning[];
  /** Captions have this very word, so it may stay as it is. */
  readonly isRead: boolean;
  /** The name as it was matched, in plain form. */
  readonly key: string;
  /** How a misspelt word was read, or null. */
  readonly spelling: string | null;
};
export type NumberItem = Place & { readonly kind: 'number'; readonly value: number };
export type UnknownItem = Place & { readonly kind: 'unknown'; readonly word: string };
export type Item = KnownItem | NumberItem | UnknownItem;

/** A word of another language than the prompt's has to be longer than this to count: "an" is German, too. */
const LONG_ENOUGH = 4;
/** Ages and page numbers are no counts of things. */
const DIGITS = 3;

/** The language that most of the prompt's letters belong to; English where it is as good as any. */
export function languageOf(tokens: readonly Token[], { tongues }: Lexicon): string {
  let best = 'en';
  let most = lettersIn(tokens, tongues.get('en'));
  for (const [language, tongue] of tongues) {
    const letters = language === 'en' ? 0 : lettersIn(tokens, tongue);
    if (letters <= most) continue;
    best = language;
    most = letters;
  }
  return best;
}

function lettersIn(tokens: readonly Token[], tongue: Tongue | undefined): number {
  if (!tongue) return 0;
  let letters = 0;
  for (let at = 0; at < tokens.length; ) {
    const found = longestName(tokens, at, [tongue]);
    for (const token of tokens.slice(at, at + (found?.length ?? 0)))
      if (!isStrange(found)) letters += token.word.length;
    at += found?.length ?? 1;
  }
  return letters;
}

export function matchItems(tokens: readonly Token[], language: string, lexicon: Lexicon): Item[] {
  const own = [language, ...(language === 'en' ? [] : ['en'])].flatMap((one) => lexicon.tongues.get(one) ?? []);
  const others = [...lexicon.tongues.values()].filter((tongue) => !own.includes(tongue));
  const find = (some: readonly Token[], at: number) =>
    longestName(some, at, own) ?? longestName(some, at, others, LONG_ENOUGH);
  const found: (Item | (Found & { readonly item: KnownItem }))[] = [];
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at] as Token;
    let name = find(tokens, at);
    let spelling: string | null = null;
    if (!name && !token.isSpaceless && !lexicon.keywords.has(token.word)) {
      spelling = correct(token.word, own, lexicon);
      if (spelling !== null) name = longestName(tokens.with(at, { ...token, word: spelling }), at, own);
    }
    const { start, isAfterBreak } = token;
    const place = { start, end: tokens[at + (name?.length ?? 1) - 1]?.end ?? token.end, isAfterBreak };
    if (name && !isStrange(name)) {
      const [first] = name.named;
      found.push({
        ...name,
        item: {
          kind: 'known',
          ...place,
          ...(first as Named),
          others: name.named.slice(1).map(({ meaning }) => meaning),
          key: name.key,
          spelling,
        },
      });
    } else if (new RegExp(`^\\d{1,${DIGITS}}$`).test(token.word))
      found.push({ kind: 'number', ...place, value: Number(token.word) });
    else found.push({ kind: 'unknown', ...place, word: token.word });
    at += name?.length ?? 1;
  }
  return joinCharacters(settle(found));
}

type Found = { readonly named: readonly Named[]; readonly length: number; readonly key: string };

const isStrange = (found: Found | undefined) => found?.named[0]?.meaning.class === 'strange';

/** The longest name that begins at a token; of equally long ones that of the first tongue. */
function longestName(tokens: readonly Token[], at: number, tongues: readonly Tongue[], letters = 1): Found | undefined {
  const longest = Math.max(0, ...tongues.map(({ longest }) => longest));
  const keys: string[] = [];
  let key = '';
  for (const token of tokens.slice(at, at + longest)) {
    const before = tokens[at + keys.length - 1];
    if (keys.length > 0 && (token.isAfterBreak || token.isSpaceless !== before?.isSpaceless)) break;
    if (keys.length > 0 && token.isSpaceless && token.start !== before?.end) break;
    key += token.isSpaceless || key === '' ? token.word : ` ${token.word}`;
    keys.push(key);
  }
  for (let length = keys.length; length >= 1; length--)
    for (const tongue of tongues) {
      const key = keys[length - 1] ?? '';
      const isLong = tokens[at]?.isSpaceless || key.length >= letters;
      const named = isLong && length <= tongue.longest ? lookUp(tongue, key) : undefined;
      if (named) return { named, length, key };
    }
  return undefined;
}

function correct(word: string, tongues: readonly Tongue[], { memory }: Lexicon): string | null {
  return recalled(memory.corrections, `${tongues[0]?.language} ${word}`, () => {
    for (const { spellings } of tongues) {
      const found = nearestSpelling(word, spellings);
      if (found !== null) return found;
    }
    return null;
  });
}

/**
 * A name may mean a thing and a colour. It is the colour where something else is there to have it, and the thing behind an
 * article or a number: "an orange", "orange stripes".
 */
function settle(found: readonly (Item | (Found & { readonly item: KnownItem }))[]): Item[] {
  const hasConcept = found.some(
    (one) => 'item' in one && one.named.every(({ meaning }) => meaning.class === 'concept'),
  );
  return found.map((one, at) => {
    if (!('item' in one)) return one;
    const colour = one.named.find(({ meaning }) => meaning.class === 'colour');
    const concept = one.named.find(({ meaning }) => meaning.class === 'concept');
    if (!colour || !concept) return one.item;
    const before = found[at - 1];
    const counted = before && 'item' in before && ['filler', 'count'].includes(before.item.meaning.class);
    const next = found[at + 1];
    const hasNoun = next && 'item' in next && next.item.meaning.class === 'concept';
    const named = hasNoun || (hasConcept && !counted) ? colour : concept;
    return { ...one.item, ...named };
  });
}

/** Characters that mean nothing one by one are one unknown word. */
function joinCharacters(items: readonly Item[]): Item[] {
  const joined: Item[] = [];
  for (const item of items) {
    const last = joined.at(-1);
    const isRun = last?.kind === 'unknown' && item.kind === 'unknown' && last.end === item.start;
    if (isRun) joined[joined.length - 1] = { ...last, end: item.end, word: last.word + item.word };
    else joined.push(item);
  }
  return joined;
}
