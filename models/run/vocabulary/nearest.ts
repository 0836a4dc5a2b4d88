/** For a word that is not understood, what is known and comes nearest to it: by keyword, as a part of a name, by spelling. */
import { stemsOf } from './endings.js';
import { type Lexicon, type Meaning, recalled } from './lexicon.js';
import { editDistance } from './spelling.js';

/** More are no help at a glance. */
const SHOWN = 5;

/** @param word in plain form @returns names in the language of the prompt, or in English */
export function nearestTo(word: string, language: string, lexicon: Lexicon): readonly string[] {
  return recalled(lexicon.memory.nearest, `${language} ${word}`, () => find(word, language, lexicon));
}

function find(word: string, language: string, lexicon: Lexicon): string[] {
  const forms = [word, ...stemsOf(word, language), ...(language === 'en' ? [] : stemsOf(word, 'en'))];
  const led = forms.flatMap((form) => [
    ...(lexicon.keywords.get(form) ?? []),
    ...(lexicon.parts.get(form)?.filter(isSeen) ?? []),
  ]);
  const meanings = led.length > 0 ? led : alike(word, language, lexicon);
  return [...new Set(meanings.map((meaning) => nameOf(meaning, language)))].slice(0, SHOWN);
}

/** How a meaning is called in a language. */
export const nameOf = ({ names, english }: Meaning, language: string): string => names[language]?.[0] ?? english;

const isSeen = (meaning: Meaning) => meaning.class === 'concept' || meaning.class === 'colour';

function alike(word: string, language: string, lexicon: Lexicon): Meaning[] {
  if (word.length < 4) return [];
  const limit = word.length >= 7 ? 2 : 1;
  const found: { meaning: Meaning; distance: number }[] = [];
  for (const tongue of [lexicon.tongues.get(language), language === 'en' ? undefined : lexicon.tongues.get('en')])
    for (const [name, named] of tongue?.names ?? []) {
      if (Math.abs(name.length - word.length) > limit) continue;
      const [first] = named;
      if (!first || !isSeen(first.meaning)) continue;
      const distance = editDistance(word, name, limit);
      if (distance <= limit) found.push({ meaning: first.meaning, distance });
    }
  return found.sort((a, b) => a.distance - b.distance).map(({ meaning }) => meaning);
}
