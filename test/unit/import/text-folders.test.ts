import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../models/checkpoint/open.js';
import { withoutPrefix } from '../../../models/checkpoint/prefix.js';
import { writeSafetensors } from '../../../models/checkpoint/write-safetensors.js';
import { Pack } from '../../../models/families/packs.js';
import { importPack } from '../../../models/import/import-pack.js';
import { readT5 } from '../../../models/nets/t5.js';

import { createTokenizer } from '../../../models/run/text/tokenize.js';
import { renameTensors } from '../../support/fake-checkpoint.js';
import { LLAMAGEN_A, T5_A, TEXT_RECIPE, temporaryFolder, writeTextSources } from '../../support/random-packs.js';
import { bareFolder, hubCache, readWeights, TEXT_FOLDERS, type Weights } from '../../support/text-folders.js';
import { concat } from '../checkpoint/fixtures/bytes.js';

let weights: Weights;
let student: string;
/** What the folder becomes as it lies in the reference. */
let expected: Pack;
beforeAll(async () => {
  weights = await readWeights();
  ({ student } = await writeTextSources());
  expected = (await importText(T5_A)).pack;
});

async function importText(text: string, changes: Record<string, string> = {}): Promise<{ folder: string; pack: Pack }> {
  const folder = join(temporaryFolder(), 'pack');
  const files = { vq: `${LLAMAGEN_A}vq.pt`, student, text, ...changes };
  for await (const _ of importPack(
    { recipe: TEXT_RECIPE, files, out: folder, storage: 'exact' },
    new AbortController().signal,
  ));
  return { folder, pack: Pack.parse(JSON.parse(readFileSync(join(folder, 'pack.json'), 'utf8'))) };
}

const hashOf = (pack: Pack, pattern: RegExp) => pack.files.find(({ path }) => pattern.test(path))?.sha256;

describe('D19: the text encoder’s folder as people have it', () => {
  it.each(Object.entries(TEXT_FOLDERS))('%s becomes the same encoder', async (_, make) => {
    const bare = bareFolder(temporaryFolder());
    const { folder, pack } = await importText((await make(bare, weights)) ?? bare);
    expect(hashOf(pack, /text.*\.onnx$/)).toBeDefined();
    expect(hashOf(pack, /text.*\.onnx$/)).toBe(hashOf(expected, /text.*\.onnx$/));
    // What its file says of lengths is not heeded: the pack says how many tokens there are.
    const words = 'a red circle on a blue background beside a green square, and more of the same';
    const read = (path: string) =>
      createTokenizer(JSON.parse(readFileSync(path, 'utf8').replace(/^\ufeff/, '')), { maximum: 120 }).encode(words)
        .ids;
    expect(read(join(folder, 'tokenizer.json'))).toEqual(read(join(T5_A, 'tokenizer.json')));
    // Only what was read is named as a source.
    const named = pack.provenance.sources.filter(({ role }) => role === 'text').map(({ file }) => file.split('/')[1]);
    expect(named.filter((name) => /fp16|h5|msgpack/.test(name ?? ''))).toEqual([]);
    expect(named.length).toBeLessThanOrEqual(5);
  });

  it('without tokenizer.json is refused with what to do', async () => {
    const folder = bareFolder(temporaryFolder());
    await TEXT_FOLDERS['model.safetensors']!(folder, weights);
    rmSync(join(folder, 'tokenizer.json'));
    await expect(importText(folder)).rejects.toThrow(/^There is no tokenizer\.json in .* lies beside its weights/);
    writeFileSync(join(folder, 'spiece.model'), '\n\x0e\n\x05<pad>');
    await expect(importText(folder)).rejects.toThrow(
      /only "spiece\.model", which is not read\. Fetch tokenizer\.json .* or make it: python -c .*save_pretrained/,
    );
  });

  it('in the format of PyTorch before 1.6 is refused with what to do', async () => {
    const folder = bareFolder(temporaryFolder());
    const legacy = new URL('../checkpoint/fixtures/torch-2.15-legacy.pt', import.meta.url).pathname;
    copyFileSync(legacy, join(folder, 'pytorch_model.bin'));
    await expect(importText(folder)).rejects.toThrow(/old format of PyTorch before 1\.6/);
  });

  it("of Hugging Face's cache with several versions, or none, is refused by their names", async () => {
    const root = await hubCache(temporaryFolder(), weights, ['abc', 'def']);
    await expect(importText(root)).rejects.toThrow(
      /has 2 versions of the model\. Give the folder of one: ".*abc", ".*def"/,
    );
    rmSync(join(root, 'snapshots', 'abc'), { recursive: true });
    rmSync(join(root, 'snapshots', 'def'), { recursive: true });
    await expect(importText(root)).rejects.toThrow('there is no version of the model in it');
  });

  it('with more tokens than its table has rows is refused', async () => {
    const folder = bareFolder(temporaryFolder());
    await TEXT_FOLDERS['model.safetensors']!(folder, weights);
    const file = JSON.parse(readFileSync(join(folder, 'tokenizer.json'), 'utf8'));
    file.added_tokens.push({ ...file.added_tokens[0], id: 384, content: '<beyond>' });
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(file));
    await expect(importText(folder)).rejects.toThrow(
      /it has 385 tokens, and the encoder's table of words only 384 rows/,
    );
  });
});

describe('D19: a safetensors entry with a further key', () => {
  it('is read, whatever the key holds', async () => {
    const file = join(temporaryFolder(), 'x.safetensors');
    const entry = { dtype: 'F32', shape: [1], data_offsets: [0, 4], quant: { scale: [1] }, note: 'x' };
    const json = new TextEncoder().encode(JSON.stringify({ w: entry }));
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
    writeFileSync(file, concat(length, json, new Uint8Array(Float32Array.of(7).buffer)));
    const { tensors, close } = await openCheckpoint(file);
    expect([...(await tensors.get('w')!.readFloat32())]).toEqual([7]);
    await close();
  });
});

describe('D18: a prefix that all names share', () => {
  it.each(['module.', 'module._orig_mod.'])('is taken off: %s', async (prefix) => {
    const folder = bareFolder(temporaryFolder());
    const prefixed = async (source: string, file: string) => {
      const checkpoint = await openCheckpoint(source);
      const { tensors } = renameTensors(checkpoint, (name) => prefix + name);
      await writeSafetensors(
        file,
        [...tensors.values()].map(({ name, shape, readFloat32 }) => ({
          name,
          type: 'f32' as const,
          shape,
          chunks: async function* () {
            yield new Uint8Array((await readFloat32()).buffer);
          },
        })),
      );
      await checkpoint.close();
      return file;
    };
    await prefixed(T5_A, join(folder, 'model.safetensors'));
    const { pack } = await importText(folder, {
      vq: await prefixed(`${LLAMAGEN_A}vq.pt`, join(folder, 'vq.safetensors-of-ours')),
      student: await prefixed(student, join(temporaryFolder(), 'student.safetensors')),
    });
    expect(pack.files).toEqual(expected.files);
  });

  it('is taken off whichever it is, and whatever its network', async () => {
    const checkpoint = await openCheckpoint(T5_A);
    for (const prefix of ['_orig_mod.', 'model.', 'net.0.whatever.', 'encoder.']) {
      const prefixed = renameTensors(checkpoint, (name) => prefix + name);
      const found = withoutPrefix(prefixed, ['encoder.block.0.layer.0.SelfAttention.q.weight']);
      expect([...found.tensors.keys()]).toEqual([...checkpoint.tensors.keys()]);
      expect(found.tensors.get('shared.weight')?.shape).toEqual(checkpoint.tensors.get('shared.weight')?.shape);
    }
    await checkpoint.close();
  });

  it('is left where only some have it, and where the network itself begins so', async () => {
    const checkpoint = await openCheckpoint(T5_A);
    const anchors = ['encoder.block.0.layer.0.SelfAttention.q.weight'];
    const partly = renameTensors(checkpoint, (name) => (name === 'shared.weight' ? name : `module.${name}`));
    expect(withoutPrefix(partly, anchors)).toBe(partly);
    expect(() => readT5(withoutPrefix(partly, anchors), {})).toThrow();
    const encoder = renameTensors(checkpoint, (name) => (name.startsWith('encoder.') ? name : undefined));
    expect(withoutPrefix(encoder, anchors)).toBe(encoder);
    await checkpoint.close();
  });
});
