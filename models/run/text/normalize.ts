/**
 * What a tokenizer.json does to a text before it is cut into tokens. T5's own files have `Precompiled`, alone or with what
 * transformers adds to it; small tokenizers of one's own have a chain of simple steps. Patterns of strangers are not run: of regular
 * expressions only a class of characters and a run of spaces are read, which can not take longer than the text is long. The length is
 * bounded after every step, because ten steps that each make ten characters of one would fill any memory.
 */
import * as z from 'zod/mini';
import { GenerateError } from '../../protocol.js';
import { list, text } from '../../schema.js';
import { createCharsmap } from './charsmap.js';

/**
 * Characters (UTF-16) of a text after any step. A prompt has at most 20,000, and what people write hardly grows: NFKC makes three of "…"
 * and 18 of U+FDFA, the longest of all.
 */
export const LONGEST_NORMALIZED = 40_000;

/** transformers writes a Sequence of three; ours have three as well. */
const MAXIMUM_STEPS = 10;
/** Sequences inside sequences. No known file has any. */
const MAXIMUM_DEPTH = 3;

const Plain = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('Precompiled'), precompiled_charsmap: z.string() }),
  z.strictObject({ type: z.literal('NFC') }),
  z.strictObject({ type: z.literal('NFD') }),
  z.strictObject({ type: z.literal('NFKC') }),
  z.strictObject({ type: z.literal('NFKD') }),
  z.strictObject({ type: z.literal('Lowercase') }),
  z.strictObject({ type: z.literal('Strip'), strip_left: z.boolean(), strip_right: z.boolean() }),
  z.strictObject({ type: z.literal('Prepend'), prepend: text(0, 10) }),
  z.strictObject({
    type: z.literal('Replace'),
    pattern: z.union([z.strictObject({ Regex: text(0, 500) }), z.strictObject({ String: text(1, 100) })]),
    content: text(0, 10),
  }),
]);

type Step = z.infer<typeof Plain> | { type: 'Sequence'; normalizers: Step[] };

/** Written out level by level: a schema that calls itself would go as deep as a stranger's file does. */
function stepWithin(depth: number): z.ZodMiniType<Step> {
  if (depth === 0) return Plain;
  const Sequence = z.strictObject({
    type: z.literal('Sequence'),
    normalizers: list(stepWithin(depth - 1), 0, MAXIMUM_STEPS),
  });
  return z.discriminatedUnion('type', [...Plain.def.options, Sequence]);
}

export const Normalizer = stepWithin(MAXIMUM_DEPTH);
export type Normalizer = Step;

/**
 * @returns throws GenerateError `invalid-request` when a text grows beyond `LONGEST_NORMALIZED`
 * @throws Error when a pattern is not a class of characters, or the table of `Precompiled` is damaged
 */
export function createNormalizer(normalizer: Normalizer): (text: string) => string {
  const normalize = createStep(normalizer);
  // U+0085 (next line) is white space to Rust, and so to the reference tokenizer, but not to JavaScript's \s.
  return (text) => normalize(text).replaceAll('\u0085', ' ');
}

/** @throws GenerateError `invalid-request` */
export function bounded(text: string, before = 0): string {
  if (before + text.length <= LONGEST_NORMALIZED) return text;
  throw new GenerateError(
    'invalid-request',
    `The prompt grows beyond ${LONGEST_NORMALIZED} characters where this model's tokenizer rewrites it. Use a shorter one.`,
  );
}

function createStep(step: Step): (text: string) => string {
  switch (step.type) {
    case 'Sequence': {
      const steps = step.normalizers.map(createStep);
      return (text) => steps.reduce((result, apply) => apply(result), text);
    }
    case 'Precompiled':
      return createCharsmap(step.precompiled_charsmap, bounded);
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return (text) => bounded(text.normalize(step.type));
    case 'Lowercase':
      return (text) => bounded(text.toLowerCase());
    case 'Strip':
      return (text) => {
        const left = step.strip_left ? text.replace(/^\p{White_Space}+/u, '') : text;
        return step.strip_right ? left.slice(0, endOfText(left)) : left;
      };
    case 'Prepend':
      return (text) => (text === '' ? text : bounded(step.prepend + text));
    case 'Replace': {
      const { pattern } = step;
      const sought = 'String' in pattern ? pattern.String : readPattern(pattern.Regex);
      return (text) => bounded(text.replaceAll(sought, () => step.content));
    }
    default:
      return step satisfies never;
  }
}

/** Searching for `\s+$` would take time that grows with the square of a run of spaces in the middle. */
function endOfText(text: string): number {
  let end = text.length;
  while (end > 0 && /\p{White_Space}/u.test(text[end - 1] as string)) end--;
  return end;
}

/** ` {2,}`, `[...]` or `[...]+` with plain or escaped characters, no ranges and no negation, as a pattern of our own. */
function readPattern(source: string): RegExp {
  if (source === ' {2,}') return / {2,}/g;
  const refuse = (why: string) =>
    new Error(`tokenizer.json replaces ${JSON.stringify(source)}, which is not read: ${why}`);
  const body = /^\[(.*)\](\+?)$/su.exec(source);
  if (!body) throw refuse('only a class of characters is');
  const [, inside = '', repeat = ''] = body;
  const characters: string[] = [];
  const letters = Array.from(inside);
  for (let at = 0; at < letters.length; at++) {
    let letter = letters[at] as string;
    if (letter === '\\') {
      letter = letters[++at] ?? '';
      if (letter === '' || /[A-Za-z0-9]/.test(letter)) throw refuse(`"\\${letter}" has a meaning of its own`);
    } else if (letter === '[' || letter === ']' || letter === '^' || letter === '-' || letter === '&')
      if (letter !== '&' || letters[at + 1] === '&') throw refuse(`"${letter}" must be escaped`);
    characters.push(letter);
  }
  if (characters.length === 0) throw refuse('the class is empty');
  const escaped = characters.map((character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`);
  return new RegExp(`[${escaped.join('')}]${repeat}`, 'gu');
}
