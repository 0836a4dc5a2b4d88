import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readAll } from './fixtures/files.js';
import * as py from './fixtures/pickle.js';
import { countUp, smallTorchFile, stateDict, type TorchOptions, tensor, torchFile } from './fixtures/torch.js';
import { makeZip, type ZipItem } from './fixtures/zip.js';

/** Changes one entry of the small file. */
function lie(name: string, change: (item: ZipItem) => Partial<ZipItem>): TorchOptions {
  return {
    change: (items) => items.map((item) => (item.name === `archive/${name}` ? { ...item, ...change(item) } : item)),
  };
}

const add = (...more: readonly ZipItem[]): TorchOptions => ({ change: (items) => [...items, ...more] });
const empty = new Uint8Array(0);

describe('a zip archive that lies is refused', () => {
  test.each<[string, TorchOptions, RegExp]>([
    [
      'entry that reaches over the next',
      lie('data/0', () => ({ size: 500 })),
      /zip entry "archive\/data\/0" claims 500 bytes after its header at \d+, but what follows it starts at \d+/,
    ],
    [
      'entry that reaches beyond the file',
      lie('version', () => ({ size: 1e9 })),
      /zip entry "archive\/version" claims 1000000000 bytes/,
    ],
    ['entry that lies over another', lie('byteorder', () => ({ header: 0 })), /Overlapping entries are refused/],
    ['entry beyond the file', lie('data/0', () => ({ header: 3e9 })), /claims 24 bytes after its header at 3000000000/],
    [
      'entry whose header is not there',
      lie('data/0', ({ data }) => ({ header: 4, size: data.length })),
      /claims 24 bytes|Overlapping/,
    ],
    [
      'entry of more bytes than are stored',
      lie('data/0', () => ({ unpackedSize: 1e9 })),
      /"archive\/data\/0" is stored with 24 bytes, but claims 1000000000/,
    ],
    [
      'size beyond 2^53',
      { ...lie('data/0', () => ({ size: 2n ** 63n })), zip: { zip64: true } },
      /"archive\/data\/0" has no valid size and offset/,
    ],
    [
      'offset beyond 2^53',
      { ...lie('data/0', () => ({ header: 2n ** 60n })), zip: { zip64: true } },
      /"archive\/data\/0" has no valid size and offset/,
    ],
    [
      'local header of another name',
      lie('data/0', () => ({ localName: 'archive/data/1' })),
      /local header of zip entry "archive\/data\/0" at byte \d+ has another name/,
    ],
    ['local header of another method', lie('data/0', () => ({ localMethod: 8 })), /has another compression method/],
    [
      'local header that pushes the data over the next entry',
      lie('data/0', () => ({ localExtraLength: 400 })),
      /puts its 24 bytes over what starts at byte \d+/,
    ],
    [
      'compressed storage',
      lie('data/0', ({ data }) => ({ method: 8, data: deflateRawSync(data), unpackedSize: data.length })),
      /"archive\/data\/0" is compressed \(method 8\), which torch.save never does/,
    ],
    [
      'zip bomb in place of the pickle',
      lie('data.pkl', () => ({
        method: 8,
        data: deflateRawSync(new Uint8Array(50_000_000)),
        unpackedSize: 4e9,
      })),
      /"archive\/data\.pkl" is compressed \(method 8\)/,
    ],
    ['encrypted entry', lie('data.pkl', () => ({ flags: 0x801 })), /"archive\/data\.pkl" is encrypted/],
    [
      'two entries of one name',
      add({ name: 'archive/data/0', data: countUp(6) }),
      /two zip entries have the name "archive\/data\/0"/,
    ],
    [
      'two pickles',
      add({ name: 'other/data.pkl', data: py.pickle(py.none) }),
      /has several pickles \("archive\/data\.pkl", "other\/data\.pkl"\)/,
    ],
    ['entry without a name', add({ name: '', data: empty }), /name of 0 bytes/],
    ['entry with a long name', add({ name: 'n'.repeat(2000), data: empty }), /name of 2000 bytes/],
    [
      'no storage for a tensor',
      { change: (items) => items.filter(({ name }) => name !== 'archive/data/0') },
      /tensor "w" is in "archive\/data\/0", which is not in the archive/,
    ],
    [
      'no pickle',
      { change: (items) => items.filter(({ name }) => name !== 'archive/data.pkl') },
      /is a zip archive without a data\.pkl/,
    ],
    ['TorchScript program', add({ name: 'archive/constants.pkl', data: empty }), /is a TorchScript program/],
    [
      'storage of another size',
      lie('data/0', () => ({ data: countUp(5) })),
      /tensor "w" has a storage of 6 f32 elements, but "archive\/data\/0" has 20 bytes/,
    ],
    ['big-endian file', { byteOrder: 'big' }, /has byte order "big"; only "little" is read/],
    ['unknown byte order', { byteOrder: 'middle' }, /has byte order "middle"/],
    ['long byte order', { byteOrder: 'little'.repeat(9) }, /"archive\/byteorder" has 54 bytes; at most 16/],
    [
      'wrong checksum of the pickle',
      lie('data.pkl', () => ({ checksum: 1 })),
      /"archive\/data\.pkl" does not match its checksum/,
    ],
    [
      'wrong checksum of a storage',
      lie('data/0', () => ({ checksum: 1 })),
      /bytes of tensor "w" do not match their checksum/,
    ],
    ['directory of fewer entries', { zip: { entries: 3 } }, /directory has \d+ bytes beyond its 3 entries/],
    ['directory of more entries', { zip: { entries: 5 } }, /directory breaks off at entry 4 of 5/],
    ['directory of far too many entries', { zip: { zip64: true, entries: 1e9 } }, /lists 1000000000 entries/],
    ['directory that is too large', { zip: { zip64: true, directorySize: 1e12 } }, /directory should lie at/],
    ['directory somewhere else', { zip: { directoryOffset: 7 } }, /directory should lie at 7/],
    ['directory beyond 2^53', { zip: { zip64: true, directoryOffset: 2n ** 63n } }, /zip64 directory end is damaged/],
    ['directory cut at its start', { zip: { gap: Uint8Array.of(1), directoryOffset: 0 } }, /directory should lie at 0/],
  ])('%s', async (_, options, message) => {
    await expect(readAll(smallTorchFile(options))).rejects.toThrow(message);
    await expect(readAll(smallTorchFile(options))).rejects.toThrow(/^\S+file\.pt: /);
  });

  test('cut anywhere', async () => {
    for (const whole of [smallTorchFile(), smallTorchFile({ zip: { zip64: true } })]) {
      for (let length = 0; length < whole.length; length += 3) {
        await expect(readAll(whole.slice(0, length)), `${length} bytes`).rejects.toThrow(/^\S+file\.pt: \w+/);
      }
    }
  });

  test('bytes before or after it', async () => {
    const whole = smallTorchFile();
    const after = new Uint8Array(whole.length + 1);
    after.set(whole);
    await expect(readAll(after)).rejects.toThrow(/no zip directory at its end/);
    const before = new Uint8Array(whole.length + 4);
    before.set(whole.subarray(0, 4));
    before.set(whole, 4);
    await expect(readAll(before)).rejects.toThrow(/Bytes are missing or were added/);
  });

  test('a zip in which every entry is the same bytes (a bomb of overlaps)', async () => {
    const items = Array.from({ length: 100 }, (_, at) => ({
      name: `archive/data/${at}`,
      data: empty,
      header: 0,
      size: 1000,
    }));
    const kernel = { name: 'archive/data.pkl', data: new Uint8Array(1000) };
    await expect(readAll(makeZip([kernel, ...items]))).rejects.toThrow(/Overlapping entries are refused/);
  });
});

test('a checksum of 0 is one that the writer left out', async () => {
  const options = { change: (items: readonly ZipItem[]) => items.map((item) => ({ ...item, checksum: 0 })) };
  expect((await readAll(smallTorchFile(options)))['w']!.values).toEqual([0, 1, 2, 3, 4, 5]);
});

test('compressed entries that nothing needs are no fault', async () => {
  const extra = { name: 'archive/readme', data: deflateRawSync(new Uint8Array(100)), method: 8, unpackedSize: 100 };
  expect((await readAll(smallTorchFile(add(extra))))['w']!.shape).toEqual([2, 3]);
});

describe('a view that lies is refused', () => {
  const view = (change: object) => {
    const made = tensor({ key: '0', length: 6, shape: [2, 3], ...change });
    return torchFile(stateDict({ w: made }), { 0: countUp(6) });
  };
  test.each<[string, object, RegExp]>([
    [
      'offset beyond the storage',
      { offset: 1 },
      /tensor "w" of shape \[2,3\], strides \[3,1\], offset 1 reaches beyond its storage of 6 elements/,
    ],
    ['shape beyond the storage', { shape: [2, 4] }, /reaches beyond its storage of 6/],
    ['stride beyond the storage', { strides: [4, 1] }, /reaches beyond its storage/],
    ['negative offset', { offset: -1 }, /starts at -1 with strides \[3,1\]; negative/],
    ['negative stride', { offset: 5, strides: [-3, -1] }, /negative and fractional ones are not possible/],
    ['negative dimension', { shape: [-2, -3], strides: [3, 1] }, /dimension that is no size/],
    [
      'shape whose product overflows',
      { shape: [2 ** 31, 2 ** 31, 2 ** 31, 6], strides: [0, 0, 0, 1] },
      /reaches beyond its storage/,
    ],
    ['shape whose reach overflows', { shape: [2 ** 40, 2 ** 40], strides: [2 ** 40, 1] }, /reaches beyond its storage/],
    [
      'shape beyond 2^53',
      { shape: [2n ** 60n], strides: [1] },
      /tensor "w" has an offset, a shape or strides that are no numbers/,
    ],
    [
      'expanded to a huge size',
      { shape: [2 ** 30], strides: [0] },
      /repeats a storage of 6 elements 1073741824 times over/,
    ],
    ['fewer strides than dimensions', { strides: [1] }, /has 1 strides, not one for each dimension/],
    ['too many dimensions', { shape: Array(65).fill(1) }, /has 65 dimensions/],
    ['overlapping rows', { shape: [2, 3], strides: [1, 1] }, /its elements overlap/],
    ['storage longer than its entry', { length: 7 }, /storage of 7 f32 elements, but "archive\/data\/0" has 24 bytes/],
    ['storage of 2^60 elements', { length: 2n ** 60n }, /has no storage of the kind torch\.save writes/],
    ['storage of a negative length', { length: -6 }, /storage of -6 f32 elements/],
    [
      'storage whose key leads out',
      { key: '../data.pkl' },
      /is in "archive\/data\/\.\.\/data\.pkl", which is not in the archive/,
    ],
  ])('%s', async (_, change, message) => {
    await expect(readWanted(view(change))).rejects.toThrow(message);
  });

  test('a tensor of no elements needs no storage of its size', async () => {
    const bytes = torchFile(stateDict({ w: tensor({ key: '0', length: 0, shape: [3, 0], strides: [9, 9] }) }), {
      0: empty,
    });
    expect(await readAll(bytes)).toEqual({ w: { shape: [3, 0], values: [] } });
  });
});

/** Opens the bytes and reads `w`. */
async function readWanted(bytes: Uint8Array): Promise<unknown> {
  const { openTorch } = await import('../../../models/checkpoint/torch.js');
  const { memorySource } = await import('../../../models/checkpoint/source.js');
  return (await openTorch(memorySource('file.pt', bytes), 'model')).get('w')!.readFloat32();
}
