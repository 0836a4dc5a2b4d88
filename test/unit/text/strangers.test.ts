import { describe, expect, it, vi } from 'vitest';
import { createNormalizer, LONGEST_NORMALIZED, Normalizer } from '../../../models/run/text/normalize.js';
import { createTokenizer } from '../../../models/run/text/tokenize.js';
import { cpuOf } from '../../support/cpu.js';
import { addedToken, tinyTokenizer } from '../../support/tiny-tokenizer.js';

const replace = (pattern: object, content: string) => ({ type: 'Replace', pattern, content });
const sequence = (...normalizers: unknown[]) => ({ type: 'Sequence', normalizers });
/** Levels of Sequence around one step. */
const nested = (levels: number): unknown => (levels === 0 ? { type: 'NFC' } : sequence(nested(levels - 1)));
const tokenizer = (normalizer: unknown) => createTokenizer(tinyTokenizer(['a', 'b'], normalizer), { maximum: 120 });

/** A table of `Precompiled` in which the byte of "é" leads to a replacement of this many letters. */
function charsmapOf(letters: number): string {
  const [first, second] = new TextEncoder().encode('é') as unknown as [number, number];
  const trie = new Uint32Array(1024);
  // Children of the root begin at 256, those of the first byte at 512; the leaf is where its last offset leads.
  trie[0] = 256 << 10;
  trie[256 ^ first] = (512 << 10) | first;
  const last = 256 ^ first ^ 512 ^ second;
  trie[last] = (1 << 10) | (1 << 8) | second;
  trie[last ^ 1] = 0x80000000;
  const text = Buffer.from(`${'x'.repeat(letters)}\0`);
  const table = Buffer.alloc(4 + trie.byteLength + text.length);
  table.writeUInt32LE(trie.byteLength, 0);
  Buffer.from(trie.buffer).copy(table, 4);
  text.copy(table, 4 + trie.byteLength);
  return table.toString('base64');
}

describe('D6: a tokenizer.json of a stranger', () => {
  it.each([
    ['Replace of a class, ten times', sequence(...Array(10).fill(replace({ Regex: '[ab]' }, 'aaaaaaaaaa')))],
    ['Replace of a string', sequence(...Array(10).fill(replace({ String: 'a' }, 'aaaaaaaaaa')))],
    ['Replace in nested sequences', sequence(sequence(...Array(5).fill(replace({ Regex: '[a]' }, 'aaaaa'))))],
    ['NFKC before Replace', sequence({ type: 'NFKC' }, ...Array(6).fill(replace({ Regex: '[a]' }, 'aaaaaaaaaa')))],
    [
      'Prepend and Replace',
      sequence({ type: 'Prepend', prepend: 'aaaaaaaaaa' }, ...Array(6).fill(replace({ String: 'a' }, 'aaaaaaaaaa'))),
    ],
  ])('that makes a text grow is stopped: %s', (_, normalizer) => {
    const refuse = () =>
      expect(() => tokenizer(normalizer).encode('a'.repeat(2_000))).toThrow(
        `The prompt grows beyond ${LONGEST_NORMALIZED} characters`,
      );
    expect(cpuOf(refuse)).toBeLessThan(2_000);
  });

  it('is stopped when the sections between added tokens grow, each by itself a little', () => {
    const file = tinyTokenizer(['a'], replace({ String: 'a' }, 'aaaaaaaaaa'));
    file.added_tokens.push(addedToken(3, 'b'));
    expect(() => createTokenizer(file, { maximum: 120 }).encode('ab'.repeat(5_000))).toThrow('grows beyond');
  });

  it('is stopped when it grows an added token, before any prompt is read', () => {
    const file = tinyTokenizer(['a'], sequence(...Array(9).fill(replace({ Regex: '[a]' }, 'aaaaaaaaaa'))));
    file.added_tokens.push(addedToken(3, 'aaa', { normalized: true }));
    expect(() => createTokenizer(file, { maximum: 120 })).toThrow('grows beyond');
  });

  it('may replace a character by what real tables have, and no more', () => {
    const precompiled = (letters: number) =>
      createNormalizer({ type: 'Precompiled', precompiled_charsmap: charsmapOf(letters) });
    expect(precompiled(33)('café')).toBe(`caf${'x'.repeat(33)}`);
    expect(() => precompiled(501)('café')).toThrow('replaces a character by more than 500 bytes');
    expect(() => precompiled(100)('é'.repeat(20_000))).toThrow('grows beyond');
  });

  it('nests no deeper than three sequences, and no depth takes the stack', () => {
    expect(Normalizer.safeParse(nested(3)).success).toBe(true);
    expect(Normalizer.safeParse(nested(4)).success).toBe(false);
    expect(() =>
      tokenizer(JSON.parse(`${'{"type":"Sequence","normalizers":['.repeat(5_000)}${']}'.repeat(5_000)}`)),
    ).toThrow('normalizer.');
  });

  it.each(['(a+)+$', '(a|a)*b', '^(\\s*)*$', '(?=a)', '.*'])('brings no pattern that can run away: %s', (Regex) => {
    expect(() => tokenizer(replace({ Regex }, 'x'))).toThrow('only a class of characters is');
  });

  it('has tokens of bounded number, length and sum', () => {
    expect(() => createTokenizer(tinyTokenizer(['a'.repeat(33)]), { maximum: 120 })).toThrow('model.vocab.3.0');
    const many = Array.from({ length: 100_000 }, (_, index) => index.toString(36).padStart(32, 'x'));
    expect(() => createTokenizer(tinyTokenizer(many), { maximum: 120 })).toThrow('more than 2500000');
  });

  it('ends also where every character begins as many tokens as may be', () => {
    const tokens = Array.from({ length: 32 }, (_, index) => 'a'.repeat(index + 1));
    const slow = createTokenizer(tinyTokenizer(tokens), { maximum: 120 });
    expect(slow.encode('a'.repeat(4_000)).cut).not.toBeNull();
    // A clock by which each look at the text takes 9 s.
    let time = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (time += 9_000));
    expect(() => slow.encode('a'.repeat(4_000))).toThrow('The tokenizer needs more than 20 s for this prompt.');
    clock.mockRestore();
  }, 60_000);
});

describe('D20: NFKC of U+FDFA', () => {
  const read = (count: number) => tokenizer({ type: 'NFKC' }).encode('\ufdfa'.repeat(count));

  it('is read as long as it stays bounded, and said where it does not', () => {
    expect(read(2_000).cut?.droppedText).toMatch(/^\ufdfa+$/);
    expect(() => read(20_000)).toThrow('Use a shorter one.');
  });
});

describe('what newer versions of transformers write of a T5 tokenizer', () => {
  it('is read: Precompiled, Strip, runs of spaces', () => {
    const normalize = createNormalizer({
      type: 'Sequence',
      normalizers: [
        { type: 'Precompiled', precompiled_charsmap: charsmapOf(1) },
        { type: 'Strip', strip_left: false, strip_right: true },
        { type: 'Replace', pattern: { Regex: ' {2,}' }, content: '▁' },
      ],
    });
    expect(normalize(' é  and b \u3000')).toBe(' x▁and b');
  });
});
