/**
 * Choices inside a prompt: `{red|blue}` is one of its parts, `{1-5}` one of the numbers, and of several lines each is a
 * prompt of its own. A request holds the words as they were typed; the seed decides which of them a picture draws, so a
 * picture of a batch can be drawn again alone.
 *
 * - Seeds in a row go through all lines, and within a line through all combinations, each once before any comes again.
 * - `\{`, `\}`, `\|`, `\\` and a backslash at the end of a line stand for the character itself. `|` outside of braces is
 *   no choice. Braces may stand inside braces.
 */

/** Limits are named, with the largest honest use that they must allow. */
const LIMITS = {
  /** A picture a line: as many as a request may have. */
  lines: 64,
  /** A sentence with a choice at every word. */
  groups: 32,
  /** Of one group: a list of animals, `{1-50}`. */
  choices: 200,
  /** `{a {b|c}|d}` has 2. */
  depth: 4,
  /** Seeds in which a prompt of so many combinations comes round are as good as none. */
  period: 2n ** 40n,
} as const;

/** The prompt can't be read; the message says where and what to write instead. */
export class WildcardError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WildcardError';
  }
}

type Part = string | readonly Sequence[];
type Sequence = readonly Part[];

const SYNTAX = /[{}\\\n]/;
const RANGE = /^\s*(\d{1,6})\s*-\s*(\d{1,6})\s*$/;

/** @returns what is wrong with the braces, or null */
export function faultOf(prompt: string): string | null {
  try {
    readLines(prompt);
    return null;
  } catch (error) {
    if (error instanceof WildcardError) return error.message;
    throw error;
  }
}

/**
 * The words that the picture of a seed draws.
 *
 * @throws WildcardError for braces that have no partner, and beyond the limits
 */
export function wordsFor(prompt: string, seed: number): string {
  if (!SYNTAX.test(prompt)) return prompt;
  const lines = readLines(prompt);
  const line = lines[seed % lines.length] ?? [];
  const count = countOf(line);
  const turn = BigInt(Math.floor(seed / lines.length));
  const words = pick(line, (turn * strideOf(count)) % count);
  return isPlain(line) ? words : words.replace(/[ \t]{2,}/g, ' ').trim();
}

/** The words of a request for one picture. */
export const wordsOf = (request: { readonly prompt: string; readonly seeds: readonly number[] }): string =>
  wordsFor(request.prompt, request.seeds[0] ?? 0);

/** The same picture, from words in which nothing is left to choose: what is drawn beside it draws them as well. */
export const settled = <T extends { readonly prompt: string; readonly seeds: readonly number[] }>(request: T): T =>
  hasChoices(request.prompt) ? { ...request, prompt: escapeWords(wordsOf(request)) } : request;

/** Whether pictures of a prompt may draw different words. */
export const hasChoices = (prompt: string): boolean => SYNTAX.test(prompt) && periodOf(prompt) !== 1;

/** Lines that are prompts of their own, 1 for most. @throws WildcardError */
export const countLines = (prompt: string): number => (SYNTAX.test(prompt) ? readLines(prompt).length : 1);

/**
 * Seeds so far apart draw the same words.
 *
 * @returns null where that is too far to look for one
 */
export function periodOf(prompt: string): number | null {
  if (!SYNTAX.test(prompt)) return 1;
  const lines = readLines(prompt);
  const period = lines.reduce((all, line) => leastCommonMultiple(all, countOf(line)), 1n) * BigInt(lines.length);
  return period > LIMITS.period ? null : Number(period);
}

/** The same words with nothing in them to choose from. */
export const escapeWords = (text: string): string => text.replace(/[\\{}\n]/g, '\\$&');

/** Paragraphs of other programs are one prompt and no batch. */
export const joinLines = (text: string): string => text.replace(/\s*\r?\n\s*/g, ' ');

/** What is no word is blank, so that all words of all choices stay where they stand. */
export const blankSyntax = (prompt: string): string =>
  SYNTAX.test(prompt)
    ? prompt.replace(/\\[{}|\\\n]|\{\s*\d+\s*-\s*\d+\s*\}|[{}|\n]/g, (part) =>
        part.length === 2 && /[{}|]/.test(part) ? ` ${part[1]}` : ' '.repeat(part.length),
      )
    : prompt;

/** Lines that say something, or the one that says nothing. */
function readLines(prompt: string): readonly Sequence[] {
  const reader = createReader(prompt.replace(/\r\n?/g, '\n'));
  const lines: Sequence[] = [];
  for (let more = true; more; ) {
    const line = reader.sequence('\n', 0);
    if (!isBlank(line)) lines.push(trimmed(line));
    more = reader.take('\n');
  }
  if (lines.length > LIMITS.lines)
    throw new WildcardError(`The prompt has ${lines.length} lines; a batch takes at most ${LIMITS.lines}.`);
  return lines.length > 0 ? lines : [['']];
}

function createReader(text: string) {
  let at = 0;
  let groups = 0;

  /** Up to one of `ends`, which is left to the caller. */
  function sequence(ends: string, depth: number): Sequence {
    const parts: Part[] = [];
    let words = '';
    while (at < text.length) {
      const letter = text[at] as string;
      const next = text[at + 1] ?? '';
      if (ends.includes(letter)) break;
      if (letter === '\\' && next !== '' && '{}|\\\n'.includes(next)) {
        words += next;
        at += 2;
      } else if (letter === '{') {
        parts.push(words, group(depth + 1));
        words = '';
      } else if (letter === '}') {
        throw new WildcardError(
          `"}" at ${place(at)} closes nothing. Write "{" before the choices, or "\\}" for a brace.`,
        );
      } else if (letter === '\n') break;
      else {
        words += letter;
        at += 1;
      }
    }
    return [...parts, words];
  }

  function group(depth: number): readonly Sequence[] {
    const start = at;
    groups += 1;
    if (depth > LIMITS.depth)
      throw new WildcardError(
        `"{" at ${place(start)} is ${depth} deep; braces stand in each other at most ${LIMITS.depth} deep.`,
      );
    if (groups > LIMITS.groups)
      throw new WildcardError(`"{" at ${place(start)} is one too many: a prompt has at most ${LIMITS.groups} choices.`);
    const choices: Sequence[] = [];
    do {
      at += 1;
      choices.push(sequence('|}', depth));
    } while (text[at] === '|');
    if (text[at] !== '}')
      throw new WildcardError(
        `"{" at ${place(start)} is not closed. Write "}" behind the choices, or "\\{" for a brace.`,
      );
    at += 1;
    const all = choices.length === 1 ? (numbersOf(choices[0] ?? [], place(start)) ?? choices) : choices;
    if (all.length > LIMITS.choices)
      throw new WildcardError(`"{" at ${place(start)} has ${all.length} choices; there may be ${LIMITS.choices}.`);
    return all;
  }

  return {
    sequence,
    take(letter: string): boolean {
      const isNext = text[at] === letter;
      if (isNext) at += 1;
      return isNext;
    },
  };
}

const place = (at: number): string => `character ${at + 1}`;

/** `1-5` is 1, 2, 3, 4, 5, and `5-1` the other way round. */
function numbersOf(choice: Sequence, where: string): readonly Sequence[] | null {
  const [words] = choice;
  if (choice.length !== 1 || typeof words !== 'string') return null;
  const [, first, last] = (RANGE.exec(words) ?? []).map(Number);
  if (first === undefined || last === undefined) return null;
  const count = Math.abs(last - first) + 1;
  if (count > LIMITS.choices)
    throw new WildcardError(`{${first}-${last}} at ${where} is ${count} numbers; there may be ${LIMITS.choices}.`);
  const step = Math.sign(last - first);
  return Array.from({ length: count }, (_, index) => [String(first + step * index)]);
}

const isPlain = (sequence: Sequence): boolean => sequence.every((part) => typeof part === 'string');
const isBlank = (sequence: Sequence): boolean =>
  sequence.every((part) => typeof part === 'string' && part.trim() === '');

function trimmed(line: Sequence): Sequence {
  const last = line.length - 1;
  return line.map((part, index) => {
    if (typeof part !== 'string') return part;
    const start = index === 0 ? part.trimStart() : part;
    return index === last ? start.trimEnd() : start;
  });
}

/** Combinations of a sequence: of its groups the product, of a group the sum of its choices. */
function countOf(sequence: Sequence): bigint {
  return sequence.reduce((all, part) => (typeof part === 'string' ? all : all * sizeOf(part)), 1n);
}

const sizeOf = (choices: readonly Sequence[]): bigint => choices.reduce((all, choice) => all + countOf(choice), 0n);

/** @param index of the combination, below `countOf` */
function pick(sequence: Sequence, index: bigint): string {
  let rest = index;
  let words = '';
  for (const part of sequence) {
    if (typeof part === 'string') {
      words += part;
      continue;
    }
    const size = sizeOf(part);
    let within = rest % size;
    rest /= size;
    for (const choice of part) {
      const count = countOf(choice);
      if (within < count) {
        words += pick(choice, within);
        break;
      }
      within -= count;
    }
  }
  return words;
}

/**
 * Steps of the golden ratio spread the first few over all combinations (a Weyl sequence); a step that has no divisor in
 * common with their number meets each once.
 */
function strideOf(count: bigint): bigint {
  let stride = (count * 618n) / 1000n || 1n;
  while (greatestCommonDivisor(stride, count) !== 1n) stride += 1n;
  return stride;
}

const greatestCommonDivisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : greatestCommonDivisor(b, a % b));
const leastCommonMultiple = (a: bigint, b: bigint): bigint => (a / greatestCommonDivisor(a, b)) * b;
