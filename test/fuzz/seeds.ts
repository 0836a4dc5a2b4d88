/** Sound checkpoints of every kind, each small but for the reference one, and how a damaged one is made of them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memorySource, readBytes } from '../../models/checkpoint/source.js';
import { locateEntry, readZip } from '../../models/checkpoint/zip.js';
import { bytesOf, concat } from '../unit/checkpoint/fixtures/bytes.js';
import * as py from '../unit/checkpoint/fixtures/pickle.js';
import { safetensorsFile } from '../unit/checkpoint/fixtures/safetensors.js';
import { countUp, stateDict, tensor, torchFile } from '../unit/checkpoint/fixtures/torch.js';
import { makeZip, type ZipOptions } from '../unit/checkpoint/fixtures/zip.js';
import { mutate, pick, type Random } from './mutate.js';

/** Files by name; the checkpoint is opened by the first of them, or by the folder when there are several. */
export type Files = Readonly<Record<string, Uint8Array>>;

export interface Seed {
  readonly name: string;
  readonly files: Files;
  /**
   * Checksums cover what the tensors are read from, so that whatever is still read must be what was there before. Without, a changed number is
   * a different, but sound file.
   */
  readonly isChecked: boolean;
  readonly damage: (random: Random) => Files;
}

const TENSORS = stateDict({
  'layers.0.weight': tensor({ key: '0', length: 24, shape: [4, 6] }),
  'layers.0.transposed': tensor({ key: '0', length: 24, shape: [6, 4], strides: [1, 6] }),
  'layers.0.block': tensor({ key: '0', length: 24, offset: 7, shape: [2, 3], strides: [6, 1] }),
  'layers.0.expanded': tensor({ key: '1', length: 2, shape: [3, 2], strides: [0, 1], type: 'f16' }),
  'layers.0.counter': tensor({ key: '2', length: 1, shape: [], type: 'i64' }),
  'layers.0.unknown': py.call(py.global('mylib Packed'), py.tuple(py.integer(3))),
});
const VALUE = py.dict(
  [py.text('args'), py.withState(py.call(py.global('argparse Namespace')), py.dict([py.text('lr'), py.float(1e-4)]))],
  [py.text('model'), TENSORS],
  [py.text('ema'), stateDict({ w: tensor({ key: '0', length: 24, shape: [24] }) })],
  [py.text('sizes'), py.list(py.integer(1), py.integer(-70_000), py.integer(2n ** 40n), py.none, py.boolean(true))],
);
const STORAGES = { 0: countUp(24), 1: bytesOf(Uint16Array.of(0x3c00, 0xc000)), 2: bytesOf(BigInt64Array.of(5n)) };

const SAFETENSORS = safetensorsFile(
  {
    __metadata__: { format: 'pt' },
    'layers.0.weight': { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
    'layers.0.half': { dtype: 'BF16', shape: [4], data_offsets: [24, 32] },
    'layers.0.flags': { dtype: 'BOOL', shape: [2, 1], data_offsets: [32, 34] },
    'layers.0.odd': { dtype: 'F8_E5M2', shape: [2], data_offsets: [34, 36] },
  },
  concat(countUp(6), bytesOf(Uint16Array.of(0x3f80, 0, 0x7f80, 0xff80)), [1, 0, 3, 4]),
);
const SECOND = safetensorsFile({ last: { dtype: 'U8', shape: [3], data_offsets: [0, 3] } }, Uint8Array.of(1, 2, 3));
const INDEX = JSON.stringify({
  metadata: { total_size: 39 },
  weight_map: {
    'layers.0.weight': 'a-1.safetensors',
    'layers.0.half': 'a-1.safetensors',
    'layers.0.flags': 'a-1.safetensors',
    'layers.0.odd': 'a-1.safetensors',
    last: 'a-2.safetensors',
  },
});

export async function makeSeeds(reference: string): Promise<readonly Seed[]> {
  const published = await readFile(join(reference, 'llamagen-a/c2i.pt'));
  const shard = await readFile(join(reference, 't5-a/model-00001-of-00005.safetensors'));
  return [
    anywhere('torch', 'file.pt', torchFile(VALUE, STORAGES), true),
    anywhere('torch, zip64', 'file.pth', torchFile(VALUE, STORAGES, { zip: { zip64: true } }), true),
    anywhere('torch, without checksums', 'file.pt', torchFile(VALUE, STORAGES, { change: withoutChecksums }), false),
    await insidePickle('torch, in the pickle', torchFile(VALUE, STORAGES)),
    anywhere('llamagen-a/c2i.pt', 'c2i.pt', published, true),
    await insidePickle('llamagen-a/c2i.pt, in the pickle', published),
    anywhere('safetensors', 'file.safetensors', SAFETENSORS, false),
    anywhere('t5-a shard', 'file.safetensors', shard, false),
    folder('index and shards', {
      'model.safetensors.index.json': Buffer.from(INDEX),
      'a-1.safetensors': SAFETENSORS,
      'a-2.safetensors': SECOND,
    }),
  ];
}

/** Any byte of the file may change. */
function anywhere(name: string, file: string, bytes: Uint8Array, isChecked: boolean): Seed {
  return { name, files: { [file]: bytes }, isChecked, damage: (random) => ({ [file]: mutate(bytes, random) }) };
}

/** One file of a folder changes, mostly the index. */
function folder(name: string, files: Files): Seed {
  return {
    name,
    files,
    isChecked: false,
    damage(random) {
      const changed = random() < 0.7 ? Object.keys(files)[0]! : pick(random, Object.keys(files));
      return { ...files, [changed]: mutate(files[changed]!, random) };
    },
  };
}

/** The pickle changes, and everything else is made to agree with it, so that the damage gets past the archive's own checks. */
async function insidePickle(name: string, bytes: Uint8Array): Promise<Seed> {
  const source = memorySource(name, bytes);
  const items: { name: string; data: Uint8Array }[] = [];
  for (const entry of (await readZip(source)).values()) {
    items.push({ name: entry.name, data: await readBytes(source, await locateEntry(source, entry), entry.size) });
  }
  return {
    name,
    files: { 'file.pt': bytes },
    isChecked: false,
    damage(random) {
      const options: ZipOptions = { zip64: random() < 0.5 };
      const changed = items.map((item) =>
        item.name.endsWith('data.pkl') ? { ...item, data: mutate(item.data, random) } : item,
      );
      return { 'file.pt': makeZip(changed, options) };
    },
  };
}

function withoutChecksums<Item>(items: readonly Item[]): readonly (Item & { readonly checksum: number })[] {
  return items.map((item) => ({ ...item, checksum: 0 }));
}
