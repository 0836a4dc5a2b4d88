/** CLIP's byte pairs against the authors' tokenizer, and what a stranger's file may ask. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { numbersOf, readNpy } from '../../../models/import/parity/npy.js';
import { cleanForClip } from '../../../models/run/text/clean-clip.js';
import { createClipTokenizer } from '../../../models/run/text/tokenize-clip.js';
import { SWITTI_TEXT } from '../../support/switti-pack.js';

const json = () => JSON.parse(readFileSync(join(SWITTI_TEXT, 'tokenizer.json'), 'utf8'));
const prompts: { prompt: string; clean: string }[] = JSON.parse(
  readFileSync(join(SWITTI_TEXT, 'prompts.json'), 'utf8'),
);
const [ids, mask] = ['text.ids', 'text.mask'].map((name) => numbersOf(readNpy(join(SWITTI_TEXT, `${name}.npy`)))) as [
  number[],
  number[],
];

describe('the tokenizer', () => {
  const authors = createClipTokenizer(json(), { maximum: 77, readsSpecials: true });
  const ours = createClipTokenizer(json(), { maximum: 77 });

  it.each(prompts.map((prompt, index) => ({ ...prompt, index })))('reads prompt $index as the authors do', (row) => {
    expect(cleanForClip(row.prompt)).toBe(row.clean);
    const length = mask.slice(row.index * 77, (row.index + 1) * 77).filter((one) => one === 1).length;
    expect(authors.encode(row.clean).ids).toEqual(ids.slice(row.index * 77, row.index * 77 + length));
  });

  it('reads the end token that somebody writes as words', () => {
    const spelled = ours.encode('the end <|endoftext|> is not the end').ids;
    expect(spelled.indexOf(843)).toBe(spelled.length - 1);
    expect(authors.encode('the end <|endoftext|> is not the end').ids.indexOf(843)).toBeLessThan(spelled.length - 1);
  });

  it('says where it cut', () => {
    const { ids: read, cut } = ours.encode('one two three '.repeat(60));
    expect([read.length, read[0], read.at(-1)]).toEqual([77, 842, 843]);
    expect(cut?.keptText.endsWith('three') || cut?.keptText.endsWith('two') || cut?.keptText.endsWith('one')).toBe(
      true,
    );
  });

  it('is quick with a word that never ends', () => {
    const before = process.cpuUsage().user;
    ours.encode('ab'.repeat(10_000));
    expect((process.cpuUsage().user - before) / 1e6).toBeLessThan(5);
  });
});

describe("a stranger's file", () => {
  it.each([
    [
      'another pattern',
      (file: ReturnType<typeof json>) => {
        file.pre_tokenizer.pretokenizers[0].pattern.Regex = '(a+)+$';
      },
      /pattern/,
    ],
    [
      'a pair of one',
      (file: ReturnType<typeof json>) => {
        file.model.merges[0] = 'in';
      },
      /is not a pair of tokens/,
    ],
    [
      'another end of words',
      (file: ReturnType<typeof json>) => {
        file.model.end_of_word_suffix = '_';
      },
      /end_of_word_suffix/,
    ],
    [
      'a token without end',
      (file: ReturnType<typeof json>) => {
        file.model.vocab['x'.repeat(10_000)] = 3;
      },
      /model.vocab/,
    ],
  ])('is refused with %s', (_, change, words) => {
    const file = json();
    change(file);
    expect(() => createClipTokenizer(file, { maximum: 77 })).toThrow(words);
  });
});
