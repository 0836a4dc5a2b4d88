/**
 * What strangers write beside checkpoints: tokenizers, graphs, manifests and names, damaged or made to be bad. Each is refused by a sentence or used
 * within its limits. The same variables as in checkpoint.test.ts say how many and which.
 */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Pack } from '../../models/families/packs.js';

import { printable, printableJson, printableLines } from '../../models/printable.js';
import { GenerateError } from '../../models/protocol.js';
import { checkGraph } from '../../models/run/graph-check.js';
import { createTokenizer } from '../../models/run/text/tokenize.js';
import { EMBEDDED_PACK } from '../../scripts/embed.mjs';
import { inRoot } from '../../scripts/paths.mjs';
import { addedToken, tinyTokenizer } from '../support/tiny-tokenizer.js';
import { makeRandom } from '../unit/checkpoint/fixtures/bytes.js';
import { below, mutate, pick, type Random } from './mutate.js';

const FILES = Number(process.env['TWOSTEP_FUZZ_FILES'] ?? 400);
const FIRST_SEED = Number(process.env['TWOSTEP_FUZZ_SEED'] ?? 1);
/** Of this process: the longest a tokenizer may take for a prompt, and what is around it. */
const MAXIMUM_MS = 8000;
const MAXIMUM_TOKENS = 120;

/** Runs with each seed, which a failure names. */
function withSeeds(count: number, body: (random: Random) => void): void {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + count; seed++) {
    const start = process.cpuUsage();
    try {
      body(makeRandom(seed));
    } catch (error) {
      throw new Error(`seed ${seed} (TWOSTEP_FUZZ_SEED=${seed} TWOSTEP_FUZZ_FILES=1 makes it again)`, { cause: error });
    }
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000, `milliseconds of seed ${seed}`).toBeLessThan(MAXIMUM_MS);
  }
}

const text = (random: Random, alphabet: string, longest: number) =>
  Array.from({ length: below(random, longest + 1) }, () => pick(random, [...alphabet])).join('');

/** Steps that make a text longer, shorter, or do nothing, in sequences in each other. */
function makeStep(random: Random, depth: number): object {
  const kind =
    depth > 0 && random() < 0.4
      ? 'Sequence'
      : pick(random, ['Replace', 'Replace', 'String', 'NFKC', 'NFD', 'Lowercase', 'Strip', 'Prepend', 'Odd']);
  switch (kind) {
    case 'Sequence':
      return {
        type: 'Sequence',
        normalizers: Array.from({ length: below(random, 12) }, () => makeStep(random, depth - 1)),
      };
    case 'Replace':
      return {
        type: 'Replace',
        pattern: { Regex: pick(random, ['[ab]', '[a]+', ' {2,}', '[\\-_]', '(a+)+', '[^a]', '.*']) },
        content: text(random, 'ab ▁', 11),
      };
    case 'String':
      return { type: 'Replace', pattern: { String: text(random, 'ab', 2) }, content: text(random, 'ab', 10) };
    case 'Strip':
      return { type: 'Strip', strip_left: random() < 0.5, strip_right: random() < 0.5 };
    case 'Prepend':
      return { type: 'Prepend', prepend: text(random, 'a▁', 10) };
    case 'Odd':
      return { type: pick(random, ['Precompiled', 'BertNormalizer', '__proto__']), precompiled_charsmap: 'AAAA' };
    default:
      return { type: kind };
  }
}

function tryTokenizer(file: unknown, prompt: string): void {
  let tokenizer: ReturnType<typeof createTokenizer>;
  try {
    tokenizer = createTokenizer(file, { maximum: MAXIMUM_TOKENS });
  } catch (error) {
    // Found out before any prompt: what is wrong with the file, in words.
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(TypeError);
    expect(error).not.toBeInstanceOf(RangeError);
    return;
  }
  try {
    const { ids } = tokenizer.encode(prompt);
    expect(ids.length).toBeLessThanOrEqual(MAXIMUM_TOKENS);
  } catch (error) {
    if (!(error instanceof GenerateError)) throw error;
  }
}

test('tokenizers of any chain of steps and any tokens', () => {
  withSeeds(Math.ceil(FILES / 4), (random) => {
    const tokens = Array.from({ length: below(random, 60) }, () => text(random, 'aab▁x', 33)).filter(Boolean);
    const file = tinyTokenizer([...new Set(tokens)], random() < 0.9 ? makeStep(random, 4) : null);
    if (random() < 0.5)
      file.added_tokens.push(addedToken(3, text(random, 'ab', 5) || 'b', { normalized: random() < 0.5 }));
    tryTokenizer(file, text(random, 'aaab ▁\ufdfaé\u0301<unk>', random() < 0.1 ? 20_000 : 300));
  });
});

test('tokenizer.json that is damaged', () => {
  const whole = readFileSync(new URL('../unit/text/small-tokenizer.json', import.meta.url));
  withSeeds(FILES, (random) => {
    let file: unknown;
    try {
      file = JSON.parse(Buffer.from(mutate(whole, random)).toString('utf8'));
    } catch {
      return; // It is no JSON, which is told before.
    }
    tryTokenizer(file, 'a red circle, <unk> and ☃');
  });
});

test('graphs that are damaged', () => {
  const whole = new Uint8Array(readFileSync(inRoot(EMBEDDED_PACK, 'text-encoder.onnx')));
  withSeeds(FILES, (random) => {
    try {
      checkGraph(mutate(whole, random), 'text-encoder.onnx');
    } catch (error) {
      expect(error).toBeInstanceOf(GenerateError);
      expect((error as GenerateError).code).toBe('damaged-pack');
      expect((error as GenerateError).message).toMatch(/^The graph "text-encoder\.onnx" is refused: .*\.$/);
    }
  });
});

test('pack.json that is damaged', () => {
  const whole = readFileSync(inRoot(EMBEDDED_PACK, 'pack.json'));
  withSeeds(FILES, (random) => {
    let json: unknown;
    try {
      json = JSON.parse(Buffer.from(mutate(whole, random)).toString('utf8'));
    } catch {
      return;
    }
    const parsed = Pack.safeParse(json);
    if (!parsed.success) return;
    const shown = [parsed.data.name, parsed.data.description, ...parsed.data.ideas];
    expect(shown).toEqual(shown.map(printable));
    for (const { path } of parsed.data.files) expect(path).not.toMatch(/(^|\/)\.{1,2}(\/|$)|^\/|\\|import\.lock/);
  });
});

test('names with anything in them', () => {
  const FORBIDDEN =
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])/;
  const ALPHABET = '\x1b\x1b[]0;?25lhm\x07\\Pa é\r\n\t\x9b\x9d\x9c\u202e\u2066\u200f\u2028\x00\x85👩‍🚀\ud800';
  withSeeds(FILES, (random) => {
    const name = Array.from({ length: below(random, 60) }, () => ALPHABET[below(random, ALPHABET.length)]).join('');
    expect(printable(name)).not.toMatch(FORBIDDEN);
    expect(printable(name)).not.toMatch(/[\n\t]/);
    expect(printableLines(name)).not.toMatch(FORBIDDEN);
    expect(printable(printable(name))).toBe(printable(name));
    expect(JSON.parse(printableJson({ name }))).toEqual({ name });
  });
});
