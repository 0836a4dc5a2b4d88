/**
 * Caption cleaning as LlamaGen's `language/t5.py` does it (it came from DeepFloyd-IF). It was applied in training, so
 * it is part of the model, oddities and all: the order of the steps, what each of them breaks for the next, and that
 * everything is done twice.
 */
import { unescapeHtml } from './entities.js';
import { fixText } from './fix-text.js';
import { removeFileNames, removeLinks } from './links.js';
import { textOfMarkup } from './markup.js';
import { python, strip, unquotePlus } from './python.js';

export interface CleanReport {
  readonly cleaned: string;
  /** What was taken out, in order, each once; to show when nothing is left. */
  readonly removed: string[];
}

/** The caption as the text encoder was trained to read it. Never longer work than in proportion to its length. */
export function cleanCaption(raw: string): string {
  return cleanReport(raw).cleaned;
}

export function cleanReport(raw: string): CleanReport {
  const removed: string[] = [];
  const once = cleanOnce(raw, removed);
  const cleaned = cleanOnce(once, removed);
  return { cleaned, removed: [...new Set(removed.map(strip).filter((part) => part !== ''))] };
}

/** A pattern, and what takes its place. */
type Rule = readonly [pattern: RegExp, replacement: string];

// A "\b" of the authors' is written as the look-around that it comes down to where it stands: a class less to test.
const rule = (pattern: string, replacement: string): Rule => [python(pattern, 'g'), replacement];

/** After markup is gone, before encodings are repaired. */
const FIRST_RULES: readonly Rule[] = [
  rule('@\\w+', ''),
  // Strokes, enclosed and compatibility ideographs, hexagrams, unified ideographs.
  rule('[\\u31c0-\\u9fff]+', ''),
  rule(
    '[\\x2d\\u058a\\u05be\\u1400\\u1806\\u2010-\\u2015\\u2e17\\u2e1a\\u2e3a\\u2e3b\\u2e40\\u301c\\u3030\\u30a0\\ufe31\\ufe32\\ufe58\\ufe63\\uff0d]+',
    '-',
  ),
  rule('[`´«»“”¨]', '"'),
  rule('[‘’]', "'"),
  rule('&quot;?', ''),
  rule('&amp', ''),
  rule('\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}', ' '),
  // A time at the very end, if white space follows.
  rule('\\d:\\d\\d\\s+$', ''),
  rule('\\\\n', ' '),
  rule('#\\d{1,3}(?!\\w)', ''),
  rule('#\\d{5,}(?!\\w)', ''),
  rule('(?<!\\w)\\d{6,}(?!\\w)', ''),
];

const PUNCTUATION_RULES: readonly Rule[] = [
  rule('["\']{2,}', '"'),
  rule('\\.{2,}', ' '),
  rule('[#®•©™&@·º½¾¿¡§~()\\[\\]{}|\\\\/*]+', ' '),
  rule('(?<!\\s)\\s+\\.\\s+', ' '),
];

/** After encodings are repaired. */
const LAST_RULES: readonly Rule[] = [
  // Article numbers: jc6640, jc6640vc, 6640vc231.
  rule('(?<!\\w)[a-zA-Z]{1,3}\\d{3,15}(?!\\w)', ''),
  rule('(?<!\\w)[a-zA-Z]+\\d+[a-zA-Z]+(?!\\w)', ''),
  rule('(?<!\\w)\\d+[a-zA-Z]+\\d+(?!\\w)', ''),
  rule('(?:worldwide\\s+)?(?:free\\s+)?shipping', ''),
  rule('(?:free\\s)?download(?:\\sfree)?', ''),
  rule('(?<!\\w)click\\s(?:for|on)\\s\\w+', ''),
  rule('(?<!\\w)(?:png|jpg|jpeg|bmp|webp|eps|pdf|apk|mp4)(?:\\simages?)?', ''),
  rule('(?<!\\w)page\\s+\\d+(?!\\w)', ''),
  // j2d1a2a...; the authors' "\d+[a-zA-Z\d]*" finds the same and can take quadratic time.
  rule('(?<!\\w)\\d*[a-zA-Z]+\\d+[a-zA-Z]+\\d[a-zA-Z\\d]*(?!\\w)', ' '),
  // 10x20, 10.5×20, with a Latin or a Cyrillic x.
  rule('(?<!\\w)\\d+(?:\\.\\d*)?[xх×]\\d+(?:\\.\\d*)?\\b', ''),
  rule('(?<=\\w)\\s+:\\s+', ': '),
  rule('([^\\d][,./])(?=\\w)', '$1 '),
  rule('\\s+', ' '),
  rule('^["\']([\\x00-\\u{10ffff}]+)["\']$', '$1'),
  rule("^['_,\\-:;]", ''),
  rule("['_,\\-:+]$", ''),
  rule('^\\.\\S+$', ''),
];

function cleanOnce(raw: string, removed: string[]): string {
  let text = strip(unquotePlus(raw)).toLowerCase();
  text = text.replaceAll('<person>', 'person');
  text = removeLinks(text, 'https?', removed);
  text = removeLinks(text, 'www', removed);
  const markup = textOfMarkup(text);
  removed.push(...markup.removed);
  text = apply(FIRST_RULES, markup.text, removed);
  text = removeFileNames(text, removed);
  text = apply(PUNCTUATION_RULES, text, removed);
  // "this-is-my-cute-cat" or "this_is_my_cute_cat".
  if ((text.match(/[-_]/g)?.length ?? 0) > 3) text = text.replace(/[-_]/g, ' ');
  text = strip(unescapeHtml(unescapeHtml(fixText(text))));
  return strip(apply(LAST_RULES, text, removed));
}

function apply(rules: readonly Rule[], text: string, removed: string[]): string {
  let result = text;
  for (const [pattern, replacement] of rules) {
    if (replacement === '' || replacement === ' ') removed.push(...(result.match(pattern) ?? []));
    result = result.replace(pattern, replacement);
  }
  return result;
}
