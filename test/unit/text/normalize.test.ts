import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createNormalizer } from '../../../models/run/text/normalize.js';
import { createTokenizer } from '../../../models/run/text/tokenize.js';
import { cpuOf } from '../../support/cpu.js';

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));

const replace = (Regex: string) =>
  createNormalizer({
    type: 'Sequence',
    normalizers: [{ type: 'Replace', pattern: { Regex }, content: ' ' }],
  });

describe("a small tokenizer of one's own", () => {
  it('gives the tokens that the Rust tokenizers give (small-tokens.json, made with version 0.23)', () => {
    const tokenizer = createTokenizer(read('small-tokenizer.json'), { maximum: 40 });
    for (const { text, ids } of read('small-tokens.json') as { text: string; ids: number[] }[])
      expect(tokenizer.encode(text).ids, JSON.stringify(text)).toEqual(ids);
  });
});

describe('createNormalizer', () => {
  it('applies its steps in order', () => {
    const normalize = createNormalizer({
      type: 'Sequence',
      normalizers: [
        { type: 'NFKC' },
        { type: 'Lowercase' },
        { type: 'Replace', pattern: { Regex: '[\\-,.]+' }, content: ' ' },
      ],
    });
    expect(normalize('ＦＵＬＬ-Width, $& ½.')).toBe('full width  $& 1⁄2 ');
  });

  it('reads a class of characters, escaped or not, and replaces one by one without a plus', () => {
    expect(replace('[\\[\\]"“🙂]')('[a]""“🙂')).toBe(' a     ');
    expect(replace('[*#]+')('a**##b*')).toBe('a b ');
  });

  it.each([
    ['(a+)+$', 'only a class of characters'],
    ['[a-z]', '"-" must be escaped'],
    ['[^a]', '"^" must be escaped'],
    ['[\\w]', '"\\w" has a meaning of its own'],
    ['[a&&b]', '"&" must be escaped'],
    ['[[a]]', '"[" must be escaped'],
    ['[]', 'the class is empty'],
  ])('refuses the pattern %s of a stranger', (pattern, why) => {
    expect(() => replace(pattern)).toThrow(why);
  });

  it('takes time in proportion to the text', () => {
    const normalize = replace('[\\-_]+');
    expect(cpuOf(() => normalize(`${'-'.repeat(200_000)}x`))).toBeLessThan(1000);
  });
});
