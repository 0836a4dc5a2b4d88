/** A vocabulary made ready for reading: names by language, words by spelling, keywords. Built once, used at every key press. */
import type { Concept, Vocabulary, WordClass } from '../../vocabulary.js';
import { stemsOf } from './endings.js';
import { fold, keyOf, keyOfTokens, tokensOf } from './tokens.js';

/** What a name stands for. */
export type Meaning = {
  readonly class: 'concept' | WordClass;
  readonly id: string;
  /** The name that is shown and drawn. */
  readonly english: string;
  /** Names to be shown to people of other languages. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly kind: Concept['kind'] | null;
};

/** A name in one language. */
export type Named = {
  readonly meaning: Meaning;
  /** Whether captions have this very name; else it is drawn by another one. */
  readonly isRead: boolean;
};

export type Tongue = {
  readonly language: string;
  /** By key (`keyOf`). A name may mean several things: the orange and orange. */
  readonly names: ReadonlyMap<string, readonly Named[]>;
  /** Words of the longest name, and characters of the longest one without spaces. */
  readonly longest: number;
  /** Single words of names, which misspelt ones are held against. */
  readonly spellings: readonly string[];
};

export type Lexicon = {
  readonly vocabulary: Vocabulary;
  readonly tongues: ReadonlyMap<string, Tongue>;
  /** Meanings that a word leads to, by its key in any language. */
  readonly keywords: ReadonlyMap<string, readonly Meaning[]>;
  /** Meanings of which a word is part of the name: "bulb" of "light bulb". */
  readonly parts: ReadonlyMap<string, readonly Meaning[]>;
  /** What was found for words before: each press of a key asks for the same ones again. */
  readonly memory: {
    readonly corrections: Map<string, string | null>;
    readonly nearest: Map<string, readonly string[]>;
  };
};

/** Words that are remembered; a person types fewer in a session. */
const REMEMBERED = 2000;

/** What was found for a word before, or is found now. */
export function recalled<T>(memory: Map<string, T>, key: string, find: () => T): T {
  const known = memory.get(key);
  if (known !== undefined) return known;
  if (memory.size >= REMEMBERED) memory.clear();
  const found = find();
  memory.set(key, found);
  return found;
}

/** Misspelling one of these is not worth a correction: they say nothing. */
const SAYS_NOTHING: ReadonlySet<string> = new Set(['filler', 'joint', 'negation', 'strange']);

const built = new WeakMap<Vocabulary, Lexicon>();

/** The same vocabulary is read once. */
export function lexiconOf(vocabulary: Vocabulary): Lexicon {
  const known = built.get(vocabulary);
  if (known) return known;
  const lexicon = buildLexicon(vocabulary);
  built.set(vocabulary, lexicon);
  return lexicon;
}

function buildLexicon(vocabulary: Vocabulary): Lexicon {
  const building = new Map<string, { names: Map<string, Named[]>; longest: number; spellings: Set<string> }>();
  const keywords = new Map<string, Meaning[]>();
  const parts = new Map<string, Meaning[]>();
  const tongueOf = (language: string) => {
    const tongue = building.get(language) ?? {
      names: new Map<string, Named[]>(),
      longest: 1,
      spellings: new Set<string>(),
    };
    building.set(language, tongue);
    return tongue;
  };
  const add = (language: string, name: string, meaning: Meaning, isRead: boolean) => {
    const tongue = tongueOf(language);
    for (const spelled of spellingsOf(name, language)) {
      const tokens = tokensOf(spelled);
      const key = keyOfTokens(tokens);
      tongue.longest = Math.max(tongue.longest, tokens.length);
      push(tongue.names, key, { meaning, isRead }, (one) => one.meaning === meaning);
      if (SAYS_NOTHING.has(meaning.class)) continue;
      for (const { word, isSpaceless } of tokens) {
        if (isSpaceless) continue;
        tongue.spellings.add(word);
        if (tokens.length > 1) push(parts, word, meaning, (one) => one === meaning);
      }
    }
  };
  const groups = [['concept', vocabulary.concepts], ...Object.entries(vocabulary.words)] as const;
  for (const [group, entries] of groups)
    for (const entry of entries) {
      const english = entry.names['en']?.[0] ?? entry.id;
      const kind = 'kind' in entry ? entry.kind : null;
      const meaning: Meaning = { class: group as Meaning['class'], id: entry.id, english, names: entry.names, kind };
      for (const [language, names] of Object.entries(entry.names))
        for (const name of names) add(language, name, meaning, language === 'en');
      for (const name of entry.synonyms ?? []) add('en', name, meaning, false);
      for (const words of Object.values(entry.keywords ?? {}))
        for (const word of words) push(keywords, keyOf(word), meaning, (one) => one === meaning);
    }
  const tongues = new Map(
    [...building].map(([language, { names, longest, spellings }]) => [
      language,
      { language, names, longest, spellings: [...spellings] },
    ]),
  );
  return { vocabulary, tongues, keywords, parts, memory: { corrections: new Map(), nearest: new Map() } };
}

/** A German name can be written without its dots: "gruen". */
function spellingsOf(name: string, language: string): string[] {
  if (language !== 'de' || !/[äöü]/i.test(name)) return [name];
  return [name, name.replace(/[äöü]/gi, (letter) => `${fold(letter)}e`)];
}

function push<T>(map: Map<string, T[]>, key: string, value: T, isSame: (one: T) => boolean): void {
  const known = map.get(key);
  if (!known) map.set(key, [value]);
  else if (!known.some(isSame)) known.push(value);
}

/** What a key means in a language: as it is written, else without its ending. */
export function lookUp(tongue: Tongue, key: string): readonly Named[] | undefined {
  const found = tongue.names.get(key);
  if (found) return found;
  const last = key.lastIndexOf(' ') + 1;
  for (const stem of stemsOf(key.slice(last), tongue.language)) {
    const stemmed = tongue.names.get(key.slice(0, last) + stem);
    if (stemmed) return stemmed;
  }
  return undefined;
}
