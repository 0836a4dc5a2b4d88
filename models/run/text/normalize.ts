/**
 * What a tokenizer.json does to a text before it is cut into tokens. T5's own files have `Precompiled`; small tokenizers of
 * one's own do with a chain of simple steps. Patterns of strangers are not run: of regular expressions only a class of
 * characters is read, which can not take longer than the text is long.
 */
import * as z from 'zod';
import { createCharsmap } from './charsmap.js';

const Precompiled = z.strictObject({ type: z.literal('Precompiled'), precompiled_charsmap: z.string() });

const Step = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('NFKC') }),
  z.strictObject({ type: z.literal('Lowercase') }),
  z.strictObject({
    type: z.literal('Replace'),
    pattern: z.strictObject({ Regex: z.string().max(500) }),
    content: z.string().max(10),
  }),
]);

export const Normalizer = z.discriminatedUnion('type', [
  Precompiled,
  z.strictObject({ type: z.literal('Sequence'), normalizers: z.array(Step).max(10) }),
]);
export type Normalizer = z.infer<typeof Normalizer>;

/** @throws Error when a pattern is not a class of characters, or the table of `Precompiled` is damaged */
export function createNormalizer(normalizer: Normalizer): (text: string) => string {
  const normalize =
    normalizer.type === 'Precompiled' ? createCharsmap(normalizer.precompiled_charsmap) : chain(normalizer.normalizers);
  // U+0085 (next line) is white space to Rust, and so to the reference tokenizer, but not to JavaScript's \s.
  return (text) => normalize(text).replaceAll('\u0085', ' ');
}

function chain(steps: readonly z.infer<typeof Step>[]): (text: string) => string {
  const functions = steps.map((step): ((text: string) => string) => {
    switch (step.type) {
      case 'NFKC':
        return (text) => text.normalize('NFKC');
      case 'Lowercase':
        return (text) => text.toLowerCase();
      case 'Replace': {
        const pattern = readClass(step.pattern.Regex);
        return (text) => text.replace(pattern, () => step.content);
      }
      default:
        return step satisfies never;
    }
  });
  return (text) => functions.reduce((result, apply) => apply(result), text);
}

/** `[...]` or `[...]+` with plain or escaped characters, no ranges and no negation, as a pattern of our own. */
function readClass(source: string): RegExp {
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
