/**
 * READ FIRST of this room. From a prompt to what is understood of it, as the person types and before it is drawn:
 *
 *   prompt -> words -> meanings (misspelt ones mended) -> without what is negated -> counts -> the English that is drawn
 *
 * Pure and quick: the same code in pipeline, companion and panel, at every press of a key.
 */
import type { Reading, Vocabulary } from '../../vocabulary.js';
import { composeEnglish } from './compose.js';
import { readCounts } from './counts.js';
import { drawnEnglish, isReplaced } from './english.js';
import { type Intent, intentOf } from './intent.js';
import { type Lexicon, lexiconOf } from './lexicon.js';
import { languageOf, matchItems } from './match.js';
import { nameOf, nearestTo } from './nearest.js';
import { leaveOut } from './negation.js';
import { isKnown, stayingItems } from './phrases.js';
import { tokensOf } from './tokens.js';

/** Words beyond this are looked at by nobody: the longest prompt of any model has 120 tokens. */
const WORDS_READ = 400;

const SILENT: ReadonlySet<string> = new Set(['filler', 'joint', 'relation', 'negation', 'ground']);

/** The words of a prompt with what they mean, without those that are negated. */
function itemsOf(prompt: string, lexicon: Lexicon) {
  const tokens = tokensOf(prompt).slice(0, WORDS_READ);
  const language = languageOf(tokens, lexicon);
  const { kept, left } = leaveOut(matchItems(tokens, language, lexicon));
  const { items, beyond } = readCounts(kept, lexicon.vocabulary.most);
  return { tokens, language, left, items, beyond, staying: stayingItems(items) };
}

/** What a prompt asks for, in parts, for packs that compose scenes (models/run/scene). */
export function readIntent(prompt: string, vocabulary: Vocabulary): Intent {
  const { staying, language } = itemsOf(prompt, lexiconOf(vocabulary));
  return intentOf(staying, language, vocabulary.most ?? Number.POSITIVE_INFINITY);
}

export function readPrompt(prompt: string, vocabulary: Vocabulary): Reading {
  const lexicon = lexiconOf(vocabulary);
  const { tokens, language, left, items, beyond, staying } = itemsOf(prompt, lexicon);
  const known = staying.filter(isKnown);
  const unknown = items.flatMap((item) =>
    item.kind === 'unknown' ? [{ ...spanOf(item, prompt), nearest: [...nearestTo(item.word, language, lexicon)] }] : [],
  );
  const isChanged = left.length > 0 || unknown.length > 0 || items.some(isReplaced) || tokens.length === WORDS_READ;
  const most = vocabulary.most ?? Number.POSITIVE_INFINITY;
  const drawn = !isChanged
    ? prompt
    : language === 'en'
      ? drawnEnglish(prompt, staying, numberName(lexicon, most))
      : composeEnglish(staying, language, most);
  return {
    language,
    understood: known.flatMap(({ meaning, start, end }) =>
      SILENT.has(meaning.class)
        ? []
        : [{ class: meaning.class, id: meaning.id, name: nameOf(meaning, language), start, end }],
    ),
    unknown,
    corrected: items
      .filter(isKnown)
      .flatMap((item) =>
        item.spelling === null ? [] : [{ ...spanOf(item, prompt), as: item.isRead ? item.key : item.meaning.english }],
      ),
    left: left.map((span) => spanOf(span, prompt)),
    beyond,
    drawn,
    says: saysWhat(
      known.map(({ meaning }) => meaning.class),
      unknown.length > 0,
    ),
  };
}

/** A colour or a time of day alone is a picture, too, but not of a purple fox. A background of a colour is one in any case. */
function saysWhat(classes: readonly string[], hasUnknown: boolean): boolean {
  if (classes.includes('concept') || (classes.includes('ground') && classes.includes('colour'))) return true;
  return !hasUnknown && (classes.includes('colour') || classes.includes('light'));
}

type Span = { readonly start: number; readonly end: number };

function spanOf({ start, end }: Span, prompt: string): Span & { readonly text: string } {
  return { start, end, text: prompt.slice(start, end) };
}

const numberName = ({ vocabulary }: Lexicon, number: number): string =>
  vocabulary.words.count.find(({ id }) => Number(id) === number)?.names['en']?.[0] ?? '';
