import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../models/checkpoint/open.js';
import { readAllOf, withFolder } from './fixtures/files.js';
import { safetensorsFile } from './fixtures/safetensors.js';
import { countUp, stateDict, tensor, torchFile } from './fixtures/torch.js';

/** A safetensors file of one-byte tensors with these values. */
function shard(values: Readonly<Record<string, number>>): Uint8Array {
  const names = Object.keys(values);
  const header = names.map((name, at) => [name, { dtype: 'U8', shape: [1], data_offsets: [at, at + 1] }]);
  return safetensorsFile(Object.fromEntries(header), Uint8Array.from(Object.values(values)));
}

type Files = Readonly<Record<string, Uint8Array | string>>;

/** Opens a folder of these files and reads all there is. */
async function readFolder(files: Files, path = ''): ReturnType<typeof readAllOf> {
  return withFolder(async (folder) => {
    await mkdir(join(folder, 'model'));
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, 'model', name), content);
    return readAllOf(join(folder, 'model', path));
  });
}

const index = (weightMap: unknown) => JSON.stringify({ metadata: { total_size: 2 }, weight_map: weightMap });
const A = { shape: [1], values: [10] };
const B = { shape: [1], values: [20] };
const SHARDS: Files = { 'a-1.safetensors': shard({ a: 10 }), 'a-2.safetensors': shard({ b: 20 }) };
const INDEX = 'model.safetensors.index.json';

describe('several files with an index', () => {
  test('of safetensors, by folder and by index', async () => {
    const files = { ...SHARDS, [INDEX]: index({ a: 'a-1.safetensors', b: 'a-2.safetensors' }) };
    expect(await readFolder(files)).toEqual({ a: A, b: B });
    expect(await readFolder(files, INDEX)).toEqual({ a: A, b: B });
  });

  test('of torch files', async () => {
    const torch = (name: string) =>
      torchFile(stateDict({ [name]: tensor({ key: '0', length: 3, shape: [3] }) }), { 0: countUp(3) });
    const files = {
      'pytorch_model-1.bin': torch('a'),
      'pytorch_model-2.bin': torch('b'),
      'pytorch_model.bin.index.json': index({ b: 'pytorch_model-2.bin', a: 'pytorch_model-1.bin' }),
    };
    const counted = { shape: [3], values: [0, 1, 2] };
    expect(await readFolder(files)).toEqual({ a: counted, b: counted });
  });

  test('whose tensor is of an unknown kind, which is an error only when it is wanted', async () => {
    await withFolder(async (folder) => {
      const odd = safetensorsFile({ odd: { dtype: 'U64', shape: [], data_offsets: [0, 8] } }, new Uint8Array(8));
      await writeFile(join(folder, 'a-1.safetensors'), shard({ a: 10 }));
      await writeFile(join(folder, 'a-2.safetensors'), odd);
      await writeFile(join(folder, INDEX), index({ a: 'a-1.safetensors', odd: 'a-2.safetensors' }));
      const { tensors, close } = await openCheckpoint(folder);
      expect([...tensors.keys()]).toEqual(['a']);
      expect(() => tensors.get('odd')).toThrow(/a-2\.safetensors: tensor "odd" has elements of type "U64"/);
      await close();
    });
  });

  const map = (weightMap: unknown): Files => ({ ...SHARDS, [INDEX]: index(weightMap) });
  test.each<[string, Files, RegExp]>([
    [
      'outside of the folder',
      map({ a: '../secret.safetensors' }),
      /index\.json: says that tensor "a" is in .*\.\.\/secret.*not the plain name/,
    ],
    ['at an absolute path', map({ a: '/etc/passwd' }), /not the plain name/],
    ['in a folder below', map({ a: 'sub/a.safetensors' }), /not the plain name/],
    ['behind a backslash', map({ a: '..\\a.safetensors' }), /not the plain name/],
    ['of another kind', map({ a: 'config.json' }), /not the plain name/],
    ['of a name of megabytes', map({ a: 'a'.repeat(20_000_000) }), /not the plain name/],
    ['that is the index itself', map({ a: INDEX }), /not the plain name/],
    ['that is no text', map({ a: 5 }), /not the plain name/],
    ['that is not there', map({ a: 'a-3.safetensors' }), /a-3\.safetensors: can't be opened \(ENOENT\)/],
    [
      'without the tensor',
      map({ a: 'a-1.safetensors', b: 'a-2.safetensors', c: 'a-2.safetensors' }),
      /index\.json: says that tensor "c" is in a-2\.safetensors, but it is not\. Fetch a-2/,
    ],
    [
      'with another tensor',
      map({ a: 'a-2.safetensors', b: 'a-1.safetensors' }),
      /says that tensor "a" is in a-2\.safetensors, but it is in a-1/,
    ],
    [
      'with a tensor that another has',
      { ...map({ a: 'a-1.safetensors', b: 'a-2.safetensors' }), 'a-2.safetensors': shard({ b: 20, a: 30 }) },
      /tensor "a" is in a-1\.safetensors and again in a-2\.safetensors/,
    ],
    [
      'that is damaged',
      { ...map({ a: 'a-1.safetensors' }), 'a-1.safetensors': shard({ a: 1 }).subarray(0, 20) },
      /a-1\.safetensors: claims a header/,
    ],
  ])('is refused with a file %s', async (_, files, message) => {
    await expect(readFolder(files)).rejects.toThrow(message);
  });

  const text = (content: string): Files => ({ ...SHARDS, [INDEX]: content });
  test.each<[string, Files, RegExp]>([
    [
      'has a name twice',
      text('{"weight_map":{"a":"a-1.safetensors","a":"a-2.safetensors"}}'),
      /the index has the name "a" twice/,
    ],
    ['is nested deeply', text(`{"weight_map":${'{"a":'.repeat(50_000)}`), /nested deeper than 4/],
    ['is no JSON', text('{"weight_map":'), /the index is not JSON/],
    ['is an array', text('[]'), /has no "weight_map"/],
    ['is null', text('null'), /has no "weight_map"/],
    ['has an array of files', text('{"weight_map":["a-1.safetensors"]}'), /has no "weight_map"/],
    ['lists nothing', text('{"weight_map":{}}'), /lists no tensors/],
    ['is empty', text(''), /the index is not JSON/],
    [
      'lists too many files',
      map(Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`t${at}`, `s${at}.safetensors`]))),
      /lists 600 tensors in 600 files/,
    ],
    ['has a long name', map({ ['n'.repeat(5000)]: 'a-1.safetensors' }), /name has 5000 characters/],
  ])('is refused when the index %s', async (_, files, message) => {
    await expect(readFolder(files)).rejects.toThrow(message);
  });

  test('takes a tensor called __proto__ for what it is', async () => {
    const proto = safetensorsFile('{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', Uint8Array.of(10));
    const files = { 'a.safetensors': proto, [INDEX]: '{"weight_map":{"__proto__":"a.safetensors"}}' };
    expect(Object.entries(await readFolder(files))).toEqual([]);
    await withFolder(async (folder) => {
      for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
      const { tensors, close } = await openCheckpoint(folder);
      expect([...tensors.keys()]).toEqual(['__proto__']);
      await close();
    });
  });
});

describe('a folder', () => {
  const torch = torchFile(stateDict({ a: tensor({ key: '0', length: 1, shape: [1] }) }), { 0: countUp(1) });

  test('with one checkpoint among other files', async () => {
    expect(await readFolder({ 'config.json': '{}', 'vq.pt': torch })).toEqual({ a: { shape: [1], values: [0] } });
    expect(
      await readFolder({ 'tf_model.h5': '', 'weights.safetensors': shard({ a: 10 }), 'other.bin': torch }),
    ).toEqual({ a: A });
    expect(
      await readFolder({ 'model.safetensors': shard({ a: 10 }), 'model.fp16.safetensors': shard({ a: 1 }) }),
    ).toEqual({ a: A });
  });

  test.each<[string, Files, RegExp]>([
    ['nothing', {}, /is a folder without a checkpoint/],
    ['two of a kind', { 'a.pt': torch, 'b.pth': torch }, /has several checkpoints \("a\.pt", "b\.pth"\)/],
  ])('with %s is refused', async (_, files, message) => {
    await expect(readFolder(files)).rejects.toThrow(message);
  });
});

test.each<[string, string | Uint8Array, RegExp]>([
  [
    'a Git LFS pointer',
    'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n',
    /is only a pointer of Git LFS/,
  ],
  ['a web page', '<!DOCTYPE html><html><title>Sign in</title></html>', /is a web page/],
  [
    'a tar archive',
    new Uint8Array(512).fill(0).map((_, at) => 'ustar'.charCodeAt(at - 257) || 0),
    /is a tar archive, the format of PyTorch before 0\.1\.10.*torch\.save\(torch\.load\(f\), f2\)/,
  ],
  ['a bare pickle', Uint8Array.of(0x80, 4, 0x7d, 0x2e), /is a bare pickle/],
  ['GGUF', 'GGUF\x03\0\0\0\0\0\0\0', /is a GGUF file/],
  ['HDF5', Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0), /is an HDF5 file/],
  ['an empty zip archive', 'PK\x05\x06', /is an empty or damaged zip archive/],
  ['text', 'hello, this is not a checkpoint', /is neither a torch file/],
])('%s is refused by name', async (_, content, message) => {
  await expect(readFolder({ 'file.pt': content })).rejects.toThrow(message);
});

test('what is not there or no file is refused', async () => {
  await expect(openCheckpoint('/nowhere/model.pt')).rejects.toThrow("/nowhere/model.pt: can't be opened (ENOENT)");
  await expect(openCheckpoint('/dev/null')).rejects.toThrow('/dev/null: is not a file');
});
