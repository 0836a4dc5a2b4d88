import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../models/checkpoint/open.js';
import type { ByteSource } from '../../../models/checkpoint/source.js';
import type { ElementType } from '../../../models/checkpoint/tensor.js';
import { readView, type View } from '../../../models/checkpoint/view.js';
import { withFolder } from './fixtures/files.js';
import { safetensorsFile } from './fixtures/safetensors.js';

/** 300 MB, beside the largest tensor. */
const ALLOWED_BYTES = 300e6;

test('a file of half a gigabyte is read in the memory of its largest tensor', async () => {
  const size = 2 ** 25;
  const count = 16;
  const tensors = Array.from({ length: count }, (_, index) => [
    `t${index}`,
    { dtype: 'BF16', shape: [2 ** 12, 2 ** 12], data_offsets: [index * size, (index + 1) * size] },
  ]);
  await withFolder(async (folder) => {
    const file = join(folder, 'large.safetensors');
    const header = safetensorsFile(Object.fromEntries(tensors), new Uint8Array(0));
    const handle = await open(file, 'w');
    await handle.write(header);
    // Nothing is written in between, so that it takes no room on the disk.
    await handle.write(Uint8Array.of(0x80, 0x3f), 0, 2, header.length + count * size - 2);
    await handle.close();
    const before = process.memoryUsage().rss;
    let growth = 0;
    const checkpoint = await openCheckpoint(file);
    let sum = 0;
    for (const tensor of checkpoint.tensors.values()) {
      sum += (await tensor.readFloat32()).at(-1)!;
      growth = Math.max(growth, process.memoryUsage().rss - before);
    }
    await checkpoint.close();
    expect(sum).toBe(1);
    expect(growth).toBeLessThan(ALLOWED_BYTES + 2 ** 24 * 4);
  });
});

/** A storage in which element i is i modulo 251, and a count of what is read of it. */
function storageOf(type: ElementType, size: number, length: number) {
  const reads = { bytes: 0, largest: 0, last: 0 };
  const source: ByteSource = {
    name: 'made.bin',
    size: size * length,
    async readInto(offset, target) {
      // Bytes are read in one direction and once, so that a disk can keep up and no view takes long.
      expect(offset).toBeGreaterThanOrEqual(reads.last);
      reads.last = offset + target.length;
      reads.bytes += target.length;
      reads.largest = Math.max(reads.largest, target.length);
      const halves = new Int16Array(target.buffer, target.byteOffset, target.length / 2);
      for (let index = 0; index < halves.length; index++) halves[index] = (offset / 2 + index) % 251;
    },
  };
  return { reads, storage: { source, start: async () => 0, length, type, checksum: 0 } };
}

describe('a strided view is read in windows', () => {
  const LENGTH = 2 ** 24;
  const at = (view: View, indices: readonly number[]) =>
    indices.reduce((position, index, axis) => position + index * view.strides[axis]!, view.offset) % 251;

  test.each<[string, View]>([
    ['contiguous', { offset: 0, shape: [4096, 4096], strides: [4096, 1] }],
    ['transposed', { offset: 0, shape: [4096, 4096], strides: [1, 4096] }],
    ['permuted', { offset: 0, shape: [256, 64, 1024], strides: [64, 1, 16_384] }],
    ['a block of it', { offset: 4099, shape: [4000, 4000], strides: [4096, 1] }],
    ['every other column', { offset: 1, shape: [4096, 2048], strides: [4096, 2] }],
    ['one column', { offset: 7, shape: [4096], strides: [4096] }],
    ['far apart', { offset: 3, shape: [4], strides: [4_000_000] }],
    ['repeated', { offset: 5, shape: [3, 64, 7], strides: [0, 4096, 0] }],
    ['with axes of one element', { offset: 0, shape: [1, 64, 1, 64], strides: [9, 64, 9, 1] }],
  ])('%s', async (_, view) => {
    const { reads, storage } = storageOf('i16', 2, LENGTH);
    const values = await readView('w', view, storage);
    expect(values.length).toBe(view.shape.reduce((product, dimension) => product * dimension, 1));
    // Every 997th element, by the definition of strides.
    for (let index = 0; index < values.length; index += 997) {
      const indices: number[] = [];
      let rest = index;
      for (const dimension of view.shape.toReversed()) {
        indices.unshift(rest % dimension);
        rest = Math.floor(rest / dimension);
      }
      if (values[index] !== at(view, indices)) expect(values[index], `element [${indices}]`).toBe(at(view, indices));
    }
    expect(reads.largest).toBeLessThanOrEqual(2 ** 22);
    expect(reads.bytes).toBeLessThanOrEqual(LENGTH * 2);
  });

  test('reads only what is wanted of elements that are far apart', async () => {
    const { reads, storage } = storageOf('i16', 2, LENGTH);
    await readView('w', { offset: 3, shape: [4], strides: [4_000_000] }, storage);
    expect(reads.bytes).toBe(8);
  });

  test('refuses more elements than are read at once', async () => {
    const { storage } = storageOf('u8', 1, 2 ** 31);
    await expect(readView('w', { offset: 0, shape: [2 ** 31], strides: [1] }, storage)).rejects.toThrow(
      'made.bin: tensor "w" has 2147483648 elements; at most 1073741824 are read at once. Save it in parts.',
    );
  });
});
