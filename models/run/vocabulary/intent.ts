/** What a prompt asks for, in parts: nouns with what belongs to each of them, and what belongs to the picture. */
import { numberOf } from './counts.js';
import type { Item, KnownItem } from './match.js';
import { isKnown, type Phrase, phrasesOf } from './phrases.js';
import { isPlural } from './plurals.js';

/** Something that colours and the like belong to: a concept, or the ground behind. */
export type Noun = {
  readonly item: KnownItem;
  /** What joins it to the noun before: "and", "above". */
  readonly joint: KnownItem | null;
  /** Colours, sizes, places, directions. */
  readonly adjectives: KnownItem[];
  /** How many; null where neither a number nor a plural says it. */
  count: number | null;
  /** The word that says it, where one does. */
  counted: Item | null;
  /** "of" stands before it: "avatar of a woman" is the woman. */
  readonly isOf: boolean;
};

/** Ids of the colours that it is given. */
export const coloursOf = ({ adjectives }: Noun): string[] =>
  adjectives.filter(({ meaning }) => meaning.class === 'colour').map(({ meaning }) => meaning.id);

export type Intent = {
  /** Without the words for the ground. In the order in which they are said, or stand where prepositions follow. */
  readonly nouns: readonly Noun[];
  /** Colours and the like of the ground. */
  readonly ground: readonly KnownItem[];
  /** Adjectives that belong to no noun: "blue" alone. */
  readonly bare: readonly KnownItem[];
  readonly lights: readonly KnownItem[];
  /** How all stand together: "in a row". */
  readonly ends: readonly KnownItem[];
  readonly styles: readonly KnownItem[];
};

/** Languages whose colours follow the noun. Others are as German is. */
const COLOURS_FOLLOW: ReadonlySet<string> = new Set(['fr', 'es', 'it', 'pt', 'ca', 'ro']);

/** Languages whose prepositions follow ("の上に"). */
const JOINTS_FOLLOW: ReadonlySet<string> = new Set(['ja', 'ko', 'zh', 'tr']);

/** How many a plural without a number is: of the only thing, and of one of several. */
const [SOME, SOME_OF_EACH] = [3, 2];

/** @param most the largest number of equal things that can be drawn */
export function intentOf(items: readonly Item[], language: string, most: number): Intent {
  const nouns: Noun[] = [];
  const ground: KnownItem[] = [];
  const bare: KnownItem[] = [];
  const lights: KnownItem[] = [];
  const ends: KnownItem[] = [];
  const styles: KnownItem[] = [];
  let waiting: KnownItem[] = [];
  const phrases = phrasesOf(items);
  phrases.forEach((phrase, at) => {
    const own = nounsOf(phrase);
    const [first] = own;
    if (first) first.adjectives.push(...waiting);
    if (first) waiting = [];
    const isIn = phrase.joint?.meaning.id === 'inside' && phrase.items.some(isColour);
    if (phrase.joint && !first && isRow(phrase.joint) && !isIn) ends.push(phrase.joint);
    for (const item of phrase.items) {
      if (item.kind === 'number' || (isKnown(item) && item.meaning.class === 'count')) {
        const noun = after(own, item) ?? own[0] ?? nouns.at(-1);
        if (noun) {
          noun.count = Math.min(most, numberOf(item) ?? 1);
          noun.counted = item;
        }
        continue;
      }
      if (!isKnown(item)) continue;
      const follows = COLOURS_FOLLOW.has(language) && item.meaning.class === 'colour';
      const noun = follows ? (before(own, item) ?? own[0]) : (after(own, item) ?? own.at(-1));
      switch (item.meaning.class) {
        case 'colour':
        case 'size':
        case 'direction':
        case 'place':
          if (noun) noun.adjectives.push(item);
          else if (item.meaning.class === 'colour' && phrase.joint?.meaning.id === 'on') ground.push(item);
          else if (!COLOURS_FOLLOW.has(language) && !isIn && joins(phrases[at + 1])) waiting.push(item);
          else (nouns.at(-1)?.adjectives ?? bare).push(item);
          break;
        case 'light':
          lights.push(item);
          break;
        case 'style':
          styles.push(item);
          break;
        default:
        // Nouns are there already, and fillers say nothing.
      }
    }
    nouns.push(...own);
  });
  // Nothing came for which they could have waited: "stars, yellow and blue".
  (nouns.at(-1)?.adjectives ?? bare).push(...waiting);
  const many = nouns.filter((noun) => noun.count === null && isPlural(noun.item, language));
  for (const noun of many) noun.count = Math.min(most, nouns.length === 1 ? SOME : SOME_OF_EACH);
  ground.push(...nouns.filter(isGround).flatMap(({ adjectives }) => adjectives));
  const things = nouns.filter((noun) => !isGround(noun));
  return { nouns: JOINTS_FOLLOW.has(language) ? turned(things) : things, ground, bare, lights, ends, styles };
}

/** Where prepositions follow, "A の上に B" is B above A. */
function turned(things: readonly Noun[]): readonly Noun[] {
  const [first, second] = things;
  if (things.length !== 2 || !first || !second || second.joint?.meaning.class !== 'relation') return things;
  return [
    { ...second, joint: null },
    { ...first, joint: second.joint },
  ];
}

const isColour = (item: Item) => isKnown(item) && item.meaning.class === 'colour';
const isGround = ({ item }: Noun) => item.meaning.class === 'ground';
const isRow = ({ meaning }: KnownItem) => meaning.class === 'relation';
const joins = (phrase: Phrase | undefined) => phrase?.joint?.meaning.class === 'joint';
const after = (nouns: readonly Noun[], { start }: Item) => nouns.find(({ item }) => item.start > start);
const before = (nouns: readonly Noun[], { start }: Item) => nouns.findLast(({ item }) => item.start < start);

const nounsOf = ({ joint, items }: Phrase): Noun[] =>
  items.flatMap((item, at) =>
    isKnown(item) && (item.meaning.class === 'concept' || item.meaning.class === 'ground')
      ? [
          {
            item,
            joint: items.slice(0, at).some(isNoun) ? null : joint,
            adjectives: [],
            count: null,
            counted: null,
            isOf: items.slice(0, at).some((before) => isKnown(before) && before.key === 'of'),
          },
        ]
      : [],
  );
const isNoun = (item: Item) => isKnown(item) && ['concept', 'ground'].includes(item.meaning.class);
