/** Forms of words: what a name may be written as, by language. Names are told in their base form; only irregular ones are listed. */

/** English plurals that no rule gives. */
const IRREGULAR: Readonly<Record<string, string>> = {
  person: 'people',
  man: 'men',
  woman: 'women',
  child: 'children',
  mouse: 'mice',
  goose: 'geese',
  tooth: 'teeth',
  foot: 'feet',
  ox: 'oxen',
  leaf: 'leaves',
  loaf: 'loaves',
  knife: 'knives',
  wolf: 'wolves',
  shelf: 'shelves',
  scarf: 'scarves',
  calf: 'calves',
  half: 'halves',
  cactus: 'cacti',
  sheep: 'sheep',
  fish: 'fish',
  deer: 'deer',
};
const SINGULARS = new Map(Object.entries(IRREGULAR).map(([one, many]) => [many, one]));

/** The plural of an English name; of several words the last one has it. */
export function pluralOf(name: string): string {
  const [, before = '', word = name] = /^(.* )?(\S+)$/.exec(name) ?? [];
  return before + (IRREGULAR[word] ?? regularPlural(word));
}

function regularPlural(word: string): string {
  if (/(?:s|x|z|ch|sh)$/.test(word)) return `${word}es`;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return `${word}s`;
}

/** Endings, and what stands in their place in the base form; the first that leads to a name counts. */
const ENDINGS: Readonly<Record<string, readonly (readonly [RegExp, string])[]>> = {
  en: [
    [/ies$/, 'y'],
    [/es$/, ''],
    [/s$/, ''],
  ],
  // "rotes", "roten"; "Sterne", "Blumen", "Häuser" (whose dots `fold` took away).
  de: [
    [/n$/, ''],
    [/e$/, ''],
    [/(?:en|er|es|em)$/, ''],
    [/s$/, ''],
  ],
  fr: [
    [/s$/, ''],
    [/x$/, ''],
    [/es?$/, ''],
    [/aux$/, 'al'],
  ],
  es: [
    [/s$/, ''],
    [/es$/, ''],
    [/ces$/, 'z'],
  ],
};

/** What is left has to be a word: "es" is no plural of "e". */
const SHORTEST_STEM = 3;

/** Base forms that a plain word may have in a language, likeliest first. */
export function stemsOf(word: string, language: string): string[] {
  const irregular = language === 'en' ? SINGULARS.get(word) : undefined;
  const stems = irregular === undefined ? [] : [irregular];
  for (const [ending, base] of ENDINGS[language] ?? ENDINGS['es'] ?? []) {
    const stem = word.replace(ending, base);
    if (stem !== word && stem.length >= SHORTEST_STEM) stems.push(stem);
  }
  return stems;
}
