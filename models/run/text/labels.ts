/** Labels of packs that draw classes: what a person writes is matched to one of them. */
import * as z from 'zod/mini';
import { printable } from '../../printable.js';
import { list } from '../../schema.js';

/**
 * What a labels file may hold. ImageNet-21k has 21,843 classes; its longest name has 60 characters, its richest class
 * 20 names.
 */
const LIMITS = { classes: 1_000_000, names: 50, nameLength: 200 } as const;

const LabelsFile = list(
  list(z.string().check(z.overwrite(printable), z.minLength(1), z.maxLength(LIMITS.nameLength)), 1, LIMITS.names),
  1,
  LIMITS.classes,
);

export interface Labels {
  readonly size: number;
  /** [class][name]; the first name is shown, the others are synonyms. */
  readonly names: readonly (readonly string[])[];
  /** The classes that each name may mean, by the name's words in plain form and by their singular. */
  readonly byWords: ReadonlyMap<string, readonly number[]>;
  readonly bySingular: ReadonlyMap<string, readonly number[]>;
  /** Words of the longest name. */
  readonly longest: number;
}

export type LabelMatch =
  | {
      /**
       * `exact`: the name that is shown, or a class number; `synonym`: another name; `within`: a name among other
       * words.
       */
      readonly kind: 'exact' | 'synonym' | 'within';
      readonly index: number;
      readonly name: string;
    }
  | { readonly kind: 'none'; readonly suggestions: string[] };

/**
 * @param json an array of classes, each an array of names
 * @throws Error that says where the file is not that
 */
export function parseLabels(json: unknown): Labels {
  const parsed = LabelsFile.safeParse(json);
  if (!parsed.success) {
    const faults = parsed.error.issues
      .slice(0, 3)
      .map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`);
    throw new Error(`The labels are not a list of lists of names: ${faults.join('; ')}`);
  }
  const names = parsed.data;
  const byWords = new Map<string, number[]>();
  const bySingular = new Map<string, number[]>();
  let longest = 1;
  for (const [index, classNames] of names.entries())
    for (const name of classNames) {
      const words = wordsOf(name);
      longest = Math.max(longest, words.length);
      add(byWords, words.join(' '), index);
      add(bySingular, singularOf(words), index);
    }
  return { size: names.length, names, byWords, bySingular, longest };
}

function add(map: Map<string, number[]>, key: string, index: number): void {
  const known = map.get(key);
  if (!known) map.set(key, [index]);
  else if (!known.includes(index)) known.push(index);
}

/**
 * The class that a prompt means: its name or a synonym, whatever the case, the articles and the number; else its number
 * ("class 207"); else the longest name among the words of the prompt; else none, with the names that come nearest.
 */
export function matchLabel(prompt: string, labels: Labels): LabelMatch {
  const words = wordsOf(prompt);
  const whole = find(words, labels);
  if (whole !== undefined) {
    const name = shown(labels, whole);
    return { kind: singularOf(wordsOf(name)) === singularOf(words) ? 'exact' : 'synonym', index: whole, name };
  }
  const number = /^\s*(?:class\s+)?#?(\d{1,7})\s*$/i.exec(prompt);
  if (number && Number(number[1]) < labels.size) {
    const index = Number(number[1]);
    return { kind: 'exact', index, name: shown(labels, index) };
  }
  const within = findWithin(words, labels);
  if (within !== undefined) return { kind: 'within', index: within, name: shown(labels, within) };
  return { kind: 'none', suggestions: nearestNames(words.join(' '), labels) };
}

function shown(labels: Labels, index: number): string {
  return labels.names[index]?.[0] ?? '';
}

/** The class with a name of just these words: as they stand before their singular, a shown name before a synonym. */
function find(words: readonly string[], labels: Labels): number | undefined {
  if (words.length === 0 || words.length > labels.longest) return undefined;
  const candidates = labels.byWords.get(words.join(' ')) ?? labels.bySingular.get(singularOf(words)) ?? [];
  return candidates.find((index) => singularOf(wordsOf(shown(labels, index))) === singularOf(words)) ?? candidates[0];
}

/** Words of a prompt that are looked at; the text of a picture of one thing is short. */
const READ_WORDS = 200;

/** The class with the longest name that stands in the prompt, the first of equally long ones. */
function findWithin(words: readonly string[], labels: Labels): number | undefined {
  const read = words.slice(0, READ_WORDS);
  for (let length = Math.min(labels.longest, read.length); length >= 1; length--)
    for (let start = 0; start + length <= read.length; start++) {
      const index = find(read.slice(start, start + length), labels);
      if (index !== undefined) return index;
    }
  return undefined;
}

const SUGGESTIONS = 5;
/** Below this share of common letters names have nothing to do with each other. */
const LEAST_SIMILARITY = 0.3;

/** The shown names of the classes whose names share most runs of three letters with the text. */
function nearestNames(text: string, labels: Labels): string[] {
  const wanted = trigrams(text.slice(0, 200));
  const scored = labels.names.map((names, index) => ({
    index,
    score: Math.max(...names.map((name) => similarity(wanted, trigrams(wordsOf(name).join(' '))))),
  }));
  return scored
    .filter(({ score }) => score >= LEAST_SIMILARITY)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, SUGGESTIONS)
    .map(({ index }) => shown(labels, index));
}

function trigrams(text: string): Set<string> {
  const padded = ` ${text} `;
  return new Set(Array.from({ length: Math.max(0, padded.length - 2) }, (_, at) => padded.slice(at, at + 3)));
}

/** Tversky's index, in which what the name lacks counts more than what else the prompt says. */
function similarity(wanted: ReadonlySet<string>, name: ReadonlySet<string>): number {
  let shared = 0;
  for (const trigram of name) if (wanted.has(trigram)) shared += 1;
  return shared === 0 ? 0 : shared / (0.3 * wanted.size + 0.7 * name.size);
}

/** Letters and digits in lower case, without accents and articles. */
function wordsOf(text: string): string[] {
  const words =
    text
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const telling = words.filter((word) => !['a', 'an', 'the'].includes(word));
  return telling.length > 0 ? telling : words;
}

function singularOf(words: readonly string[]): string {
  return words.map(singular).join(' ');
}

const IRREGULAR: Readonly<Record<string, string>> = {
  mice: 'mouse',
  geese: 'goose',
  teeth: 'tooth',
  feet: 'foot',
  oxen: 'ox',
  children: 'child',
};

/**
 * One form for a word and its plural; a form to compare and not to show ("knife" and "knives" are "knif").
 */
function singular(word: string): string {
  if (word.length <= 3) return word;
  const irregular = Object.hasOwn(IRREGULAR, word) ? IRREGULAR[word] : undefined;
  return (irregular ?? word)
    .replace(/men$/, 'man')
    .replace(/(ch|sh|x|ss|zz)es$/, '$1')
    .replace(/([^s])s$/, (ending, letter: string) => (letter === 'u' || letter === 'i' ? ending : letter))
    .replace(/ie$/, 'y')
    .replace(/(?:ve|fe)$/, 'f')
    .replace(/oe$/, 'o');
}
