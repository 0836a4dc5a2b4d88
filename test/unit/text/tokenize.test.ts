import { readFileSync } from 'node:fs';
import { AutoTokenizer, env } from '@huggingface/transformers';
import { describe, expect, it } from 'vitest';
import { readNpy } from '../../../models/import/parity/npy.js';
import { createTokenizer } from '../../../models/run/text/tokenize.js';
import { cpuOf } from '../../support/cpu.js';

const reference = new URL('../../reference/t5-a/', import.meta.url);
const readJson = <T>(url: URL): T => JSON.parse(readFileSync(url, 'utf8'));

const file = () => readJson<Record<string, unknown>>(new URL('tokenizer.json', reference));
const prompts = readJson<{ cleaned: string }[]>(new URL('prompts.json', reference)).map(({ cleaned }) => cleaned);
const tokenizer = createTokenizer(file(), { maximum: 120 });

describe('createTokenizer', () => {
  it('makes the ids of the reference tokenizer from every prompt', () => {
    const ids = [...readNpy(new URL('text.ids.npy', reference).pathname).values].map(Number);
    const mask = [...readNpy(new URL('text.mask.npy', reference).pathname).values].map(Number);
    prompts.forEach((prompt, row) => {
      const expected = ids.slice(row * 120, row * 120 + 120).filter((_, column) => mask[row * 120 + column] === 1);
      expect(tokenizer.encode(prompt).ids, prompt).toEqual(expected);
    });
  });

  it('is the code of @huggingface/transformers: the same ids offline', async () => {
    env.allowRemoteModels = false;
    env.localModelPath = new URL('..', reference).pathname;
    const theirs = await AutoTokenizer.from_pretrained('t5-a', { local_files_only: true });
    // Joined emoji apart, which that code cuts (see charsmap.ts).
    for (const prompt of prompts) {
      const { input_ids: ids } = theirs(prompt, { return_tensor: false, truncation: true, max_length: 120 }) as {
        input_ids: number[];
      };
      // It cuts the end token away with the rest.
      expect(tokenizer.encode(prompt).ids.slice(0, 119)).toEqual(ids.slice(0, 119));
    }
  });

  it('equals the Rust tokenizer on odd characters', () => {
    // tokens.json: [text, ids] by the Python package `tokenizers` 0.23.3 with this tokenizer.json, on random mixtures
    // of scripts, joiners, controls and special tokens. All 4,000 that were generated agree; these are 200 of them.
    const long = createTokenizer(file(), { maximum: 10_000 });
    for (const [text, ids] of readJson<[string, number[]][]>(new URL('./tokens.json', import.meta.url)))
      expect(long.encode(text).ids, JSON.stringify(text)).toEqual(ids);
  });

  it('makes one token of an empty prompt, the end token', () => {
    expect(tokenizer.encode('')).toEqual({ ids: [1], cut: null, unknown: [] });
    expect(tokenizer.encode(' \n ')).toEqual({ ids: [1], cut: null, unknown: [] });
  });

  it('cuts behind the last word that fits and says where', () => {
    const short = createTokenizer(file(), { maximum: 8 });
    const text = 'a red circle on a blue background';
    const { ids, cut } = short.encode(text);
    expect(ids).toEqual([...tokenizer.encode(text).ids.slice(0, 7), 1]);
    expect(cut).not.toBeNull();
    expect(cut!.keptText + cut!.droppedText).toBe(text);
    expect(text.startsWith(`${cut!.keptText} `)).toBe(true);
    const kept = tokenizer.encode(cut!.keptText).ids.length;
    const oneMore = tokenizer.encode(`${cut!.keptText} ${cut!.droppedText.trim().split(' ')[0]}`).ids.length;
    expect(kept).toBeLessThanOrEqual(8);
    expect(oneMore).toBeGreaterThan(8);
  });

  it('cuts within a word that alone is too long', () => {
    const { ids, cut } = tokenizer.encode('a'.repeat(500));
    expect(ids.length).toBe(120);
    expect(cut!.keptText.length).toBeGreaterThan(50);
    expect(cut!.keptText.length + cut!.droppedText.length).toBe(500);
  });

  it('reads the layout of early files, which T5 was published in', () => {
    const early = JSON.parse(JSON.stringify(file()));
    delete early.model.type;
    delete early.model.byte_fallback;
    early.pre_tokenizer.pretokenizers[1] = { type: 'Metaspace', replacement: '▁', add_prefix_space: true };
    const text = 'a red circle, naïve 😀';
    expect(createTokenizer(early, { maximum: 120 }).encode(text)).toEqual(tokenizer.encode(text));
  });

  it('does not cut what just fits', () => {
    const text = 'a red circle on a blue background';
    const exact = createTokenizer(file(), { maximum: tokenizer.encode(text).ids.length });
    expect(exact.encode(text).cut).toBeNull();
  });

  it('names the words it does not know', () => {
    const { ids, unknown } = tokenizer.encode('a cat 漢字 and 漢字 or ☃ on white');
    expect(ids).toContain(2);
    expect(unknown).toEqual(['漢字', '☃']);
  });

  it.each([
    ['one long word', 'a'.repeat(20_000)],
    ['accents on one letter', `a${'\u0301'.repeat(19_999)}`],
    ['joined emoji', '👨\u200d👩\u200d👧'.repeat(2_500)],
    ['letters that are looked up', 'é'.repeat(20_000)],
    ['special tokens', '<extra_id_1>'.repeat(1_600)],
    ['words', 'a '.repeat(10_000)],
  ])('reads 20,000 characters of %s in linear time', (_, text) => {
    const read = () => expect(tokenizer.encode(text).ids.length).toBeLessThanOrEqual(120);
    expect(cpuOf(read)).toBeLessThan(2_000);
  });
});

/** Loose enough to break things. */
interface Editable {
  model: Record<string, unknown> & { vocab: [string, number][] };
  normalizer: Record<string, unknown>;
  post_processor: { single: [unknown, { SpecialToken: { id: string } }] };
}

describe('a hostile tokenizer.json', () => {
  const changed = (change: (file: Editable) => void) => {
    const copy = file() as unknown as Editable;
    change(copy);
    return () => createTokenizer(copy, { maximum: 120 });
  };

  it('is refused with what is wrong', () => {
    expect(() => createTokenizer(null, { maximum: 120 })).toThrow(
      'tokenizer.json is not a Unigram tokenizer as T5 has it: file: ',
    );
    expect(changed((f) => (f.model['type'] = 'BPE'))).toThrow('model.type: ');
    expect(changed((f) => (f.model['surprise'] = 1))).toThrow('model: Unrecognized key: "surprise"');
    expect(changed((f) => (f.normalizer['type'] = 'BertNormalizer'))).toThrow('normalizer.type: ');
    expect(changed((f) => (f.model['unk_id'] = 327))).toThrow('the unknown token is number 327 of 327');
    expect(changed((f) => (f.post_processor.single[1].SpecialToken.id = '<end>'))).toThrow(
      'its end token "<end>" is not among its tokens',
    );
    expect(changed((f) => (f.model.vocab = f.model.vocab.filter(([t]) => t !== '▁')))).toThrow(
      'has no token for the space',
    );
    expect(changed((f) => (f.model.vocab = Array(300_001).fill(['a', 0])))).toThrow('model.vocab: ');
  });

  it('with a broken table of characters is refused, and one that lies within its trie only maps wrongly', () => {
    const table = file()['normalizer'] as { precompiled_charsmap: string };
    const bytes = Buffer.from(table.precompiled_charsmap, 'base64');
    const withTable = (content: Buffer | string) =>
      changed(
        (f) =>
          (f.normalizer['precompiled_charsmap'] = typeof content === 'string' ? content : content.toString('base64')),
      );
    expect(withTable('@@@')).toThrow("the table of the tokenizer's normaliser is not base64");
    expect(withTable(Buffer.alloc(3))).toThrow('says that its trie has 0 bytes, and 3 are all there is');
    expect(withTable(bytes.subarray(0, 1000))).toThrow(/says that its trie has \d+ bytes, and 1000 are all there is/);
    expect(withTable('A'.repeat(12_000_000))).toThrow('is larger than 8000000 bytes');
    for (let seed = 1; seed <= 40; seed++) {
      const damaged = Buffer.from(bytes);
      for (let change = 0; change < 2000; change++)
        damaged[4 + ((seed * 7919 + change * 104_729) % (bytes.length - 4))]! ^= seed;
      const broken = withTable(damaged)();
      expect(broken.encode('é ﬁ 漢 ½ 👨\u200d👩 ＦＵＬＬ').ids.at(-1)).toBe(1);
    }
  });
});
