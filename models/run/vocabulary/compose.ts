/**
 * A prompt of another language, said in English: not word by word, but put together from what was understood, in the grammar
 * of the captions. "青い背景に黄色い星" is "a yellow star on a blue background".
 */
import { numberOf } from './counts.js';
import { pluralOf } from './endings.js';
import type { Item, KnownItem } from './match.js';
import { isKnown, type Phrase, phrasesOf } from './phrases.js';

/** Something that colours and the like belong to: a concept, or the ground behind. */
type Noun = {
  readonly item: KnownItem;
  readonly joint: KnownItem | null;
  readonly adjectives: KnownItem[];
  count: number;
};

/** Languages whose colours follow the noun, and those whose prepositions do ("の上に"). Others are as German is. */
const COLOURS_FOLLOW: ReadonlySet<string> = new Set(['fr', 'es', 'it', 'pt', 'ca', 'ro']);
const JOINTS_FOLLOW: ReadonlySet<string> = new Set(['ja', 'ko', 'zh', 'tr']);

/** @param most the largest number of equal things that can be drawn */
export function composeEnglish(items: readonly Item[], language: string, most: number): string {
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
    if (phrase.joint && !first && isRow(phrase.joint)) ends.push(phrase.joint);
    for (const item of phrase.items) {
      if (item.kind === 'number' || (isKnown(item) && item.meaning.class === 'count')) {
        const noun = after(own, item) ?? own[0] ?? nouns.at(-1);
        if (noun) noun.count = Math.min(most, numberOf(item) ?? 1);
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
          else if (!COLOURS_FOLLOW.has(language) && joins(phrases[at + 1])) waiting.push(item);
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
  ground.push(...nouns.filter(isGround).flatMap(({ adjectives }) => adjectives));
  const things = nouns.filter((noun) => !isGround(noun));
  const isIcon = styles.some(({ meaning }) => meaning.id === 'icon');
  const said = [
    ...styles.flatMap(({ meaning }) => (meaning.id === 'icon' || meaning.id === 'landscape' ? [] : [meaning.english])),
    ...bare.map(({ meaning }) => meaning.english),
    order(things, language)
      .map((noun, at) => sayJoint(noun, things, at, language) + sayNoun(noun, isIcon && at === 0))
      .join(''),
    ...ends.map(({ meaning }) => meaning.english),
    ...lights.slice(0, 1).map(({ meaning }) => meaning.english),
    ...sayGround(ground.filter(({ meaning }) => meaning.class === 'colour')),
  ];
  return said.filter(Boolean).join(' ');
}

const isGround = ({ item }: Noun) => item.meaning.class === 'ground';
const isRow = ({ meaning }: KnownItem) => meaning.class === 'relation';
const joins = (phrase: Phrase | undefined) => phrase?.joint?.meaning.class === 'joint';
const after = (nouns: readonly Noun[], { start }: Item) => nouns.find(({ item }) => item.start > start);
const before = (nouns: readonly Noun[], { start }: Item) => nouns.findLast(({ item }) => item.start < start);

const nounsOf = ({ joint, items }: Phrase): Noun[] =>
  items.flatMap((item, at) =>
    isKnown(item) && (item.meaning.class === 'concept' || item.meaning.class === 'ground')
      ? [{ item, joint: items.slice(0, at).some(isNoun) ? null : joint, adjectives: [], count: 1 }]
      : [],
  );
const isNoun = (item: Item) => isKnown(item) && ['concept', 'ground'].includes(item.meaning.class);

/** Where prepositions follow, "A の上に B" is B above A. */
function order(things: readonly Noun[], language: string): Noun[] {
  const [first, second] = things;
  const isTurned = things.length === 2 && JOINTS_FOLLOW.has(language) && second?.joint?.meaning.class === 'relation';
  return isTurned && first && second ? [second, first] : [...things];
}

function sayJoint(noun: Noun, things: readonly Noun[], at: number, language: string): string {
  if (at === 0) return '';
  const joint = JOINTS_FOLLOW.has(language) ? (things[1]?.joint ?? noun.joint) : noun.joint;
  if (!joint) return ', ';
  const isPlace = noun.item.meaning.kind === 'scene';
  const word = joint.meaning.id === 'inside' && isPlace ? 'in' : joint.meaning.english;
  return ` ${word} `;
}

function sayNoun({ item, adjectives, count }: Noun, isIcon: boolean): string {
  const { kind, english, id } = item.meaning;
  const of = (wanted: string) =>
    adjectives.flatMap(({ meaning }) => (meaning.class === wanted ? [meaning.english] : []));
  const colours = of('colour');
  const isBlend = id === 'gradient' || id === 'radial';
  const noun = count > 1 ? pluralOf(english) : english;
  const words = [
    ...of('size').slice(0, 1),
    ...of('direction').slice(0, 1),
    colours.join(isBlend ? ' to ' : ' and '),
    isIcon ? `${noun} icon` : noun,
  ].filter(Boolean);
  const places = of('place').slice(0, 1);
  return [articleFor(kind, count, words[0] ?? ''), ...words, ...places].filter(Boolean).join(' ');
}

const NUMBERS = ['', '', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

function articleFor(kind: string | null, count: number, first: string): string {
  if (count > 1) return NUMBERS[count] ?? String(count);
  if (kind === 'scene') return 'the';
  if (kind !== 'thing' && kind !== 'icon') return '';
  return /^[aeio]/.test(first) ? 'an' : 'a';
}

function sayGround(colours: readonly KnownItem[]): string[] {
  if (colours.length === 0) return [];
  const names = colours.map(({ meaning }) => meaning.english);
  return [`on ${/^[aeio]/.test(names[0] ?? '') ? 'an' : 'a'} ${names.join(' and ')} background`];
}
