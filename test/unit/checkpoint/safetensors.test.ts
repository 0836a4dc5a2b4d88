import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../models/checkpoint/open.js';
import type { ElementType } from '../../../models/checkpoint/tensor.js';
import { type TensorToWrite, writeSafetensors } from '../../../models/checkpoint/write-safetensors.js';
import { bytesOf, concat } from './fixtures/bytes.js';
import { readAll, withFolder } from './fixtures/files.js';
import { safetensorsFile } from './fixtures/safetensors.js';

function made(name: string, type: ElementType, shape: readonly number[], bytes: Uint8Array): TensorToWrite {
  return { name, type, shape, chunks: () => [bytes.subarray(0, 3), bytes.subarray(3)] };
}

describe('the writer', () => {
  const tensors = [
    made('f32', 'f32', [2, 2], bytesOf(Float32Array.of(1.5, -2, 3e38, 0))),
    made('f64', 'f64', [2], bytesOf(Float64Array.of(0.1, -1e300))),
    made('f16', 'f16', [3], bytesOf(Uint16Array.of(0x3c00, 0xc500, 0x0001))),
    made('bf16', 'bf16', [2], bytesOf(Uint16Array.of(0x3f80, 0xc0a0))),
    made('i64', 'i64', [2], bytesOf(BigInt64Array.of(16_777_216n, -5n))),
    made('i32', 'i32', [1], bytesOf(Int32Array.of(-16_777_216))),
    made('i16', 'i16', [1], bytesOf(Int16Array.of(-32_768))),
    made('i8', 'i8', [1], bytesOf(Int8Array.of(-128))),
    made('u8', 'u8', [1], bytesOf(Uint8Array.of(255))),
    made('bool', 'bool', [2], bytesOf(Uint8Array.of(1, 0))),
    made('scalar', 'f32', [], bytesOf(Float32Array.of(9))),
    made('empty', 'f32', [0, 7], new Uint8Array(0)),
    made('__proto__', 'u8', [1], Uint8Array.of(3)),
  ];

  test('is read back, every type, whatever the name', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'model.safetensors');
      const size = await writeSafetensors(file, tensors, { format: 'pt' });
      expect((await stat(file)).size).toBe(size);
      const { tensors: read, close } = await openCheckpoint(file);
      const values = async (name: string) => [...(await read.get(name)!.readFloat32())];
      expect([...read.keys()]).toEqual(tensors.map(({ name }) => name));
      expect(await values('f32')).toEqual([1.5, -2, Math.fround(3e38), 0]);
      expect(await values('f64')).toEqual([Math.fround(0.1), Number.NEGATIVE_INFINITY]);
      expect(await values('f16')).toEqual([1, -5, 2 ** -24]);
      expect(await values('bf16')).toEqual([1, -5]);
      expect(await values('i64')).toEqual([16_777_216, -5]);
      expect(await values('i32')).toEqual([-16_777_216]);
      expect(await values('i16')).toEqual([-32_768]);
      expect(await values('i8')).toEqual([-128]);
      expect(await values('u8')).toEqual([255]);
      expect(await values('bool')).toEqual([1, 0]);
      expect(await values('scalar')).toEqual([9]);
      expect(await values('empty')).toEqual([]);
      expect(await values('__proto__')).toEqual([3]);
      expect(read.get('empty')!.shape).toEqual([0, 7]);
      await close();
    });
  });

  test('pads its header, as the format wants it, and leaves no partial file', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'model.safetensors');
      await writeSafetensors(file, tensors);
      const bytes = await readFile(file);
      expect(Number(bytes.readBigUInt64LE(0)) % 8).toBe(0);
      const short = made('short', 'f32', [9], new Uint8Array(8));
      await expect(writeSafetensors(join(folder, 'bad.safetensors'), [short])).rejects.toThrow(
        'tensor short of shape [9] and type f32 has 36 bytes, but 8 came.',
      );
      await expect(stat(join(folder, 'bad.safetensors.partial'))).rejects.toThrow('ENOENT');
      await expect(writeSafetensors(file, [tensors[0]!, tensors[0]!])).rejects.toThrow('two tensors are called f32.');
      const shapeless = made('shapeless', 'f32', [-1], new Uint8Array(0));
      await expect(writeSafetensors(file, [shapeless])).rejects.toThrow('tensor shapeless has shape [-1]');
    });
  });
});

test('types that are not read are an error by name only when they are wanted', async () => {
  const bytes = safetensorsFile(
    {
      a: { dtype: 'F8_E4M3', shape: [2], data_offsets: [0, 2] },
      b: { dtype: 'U8', shape: [1], data_offsets: [2, 3] },
    },
    Uint8Array.of(1, 2, 3),
  );
  await withFolder(async (folder) => {
    const file = join(folder, 'x.safetensors');
    const { writeFile } = await import('node:fs/promises');
    await writeFile(file, bytes);
    const { tensors, close } = await openCheckpoint(file);
    expect([...tensors.keys()]).toEqual(['b']);
    expect(() => tensors.get('a')).toThrow(
      /x\.safetensors: tensor "a" has elements of type "F8_E4M3", which is not read/,
    );
    expect(tensors.get('none')).toBeUndefined();
    await close();
  });
});

describe('a header that lies is refused', () => {
  const F32 = (shape: readonly number[], from: number, to: number) => ({
    dtype: 'F32',
    shape,
    data_offsets: [from, to],
  });
  const data = (length: number) => new Uint8Array(length);
  const good = safetensorsFile({ a: F32([2], 0, 8) }, data(8));

  test.each<[string, Uint8Array, RegExp]>([
    [
      'overlapping tensors',
      safetensorsFile({ a: F32([2], 0, 8), b: F32([2], 4, 12) }, data(12)),
      /tensor "b" at bytes 4 to 12 overlaps/,
    ],
    [
      'equal places',
      safetensorsFile({ a: F32([2], 0, 8), b: F32([2], 0, 8) }, data(8)),
      /tensor "b" at bytes 0 to 8 overlaps/,
    ],
    [
      'a hole',
      safetensorsFile({ a: F32([1], 0, 4), b: F32([1], 8, 12) }, data(12)),
      /"b" at bytes 8 to 12 overlaps another, leaves a hole after byte 4/,
    ],
    [
      'bytes beyond the last tensor',
      safetensorsFile({ a: F32([1], 0, 4) }, data(5)),
      /tensors end at byte 4, but the file has 5 bytes/,
    ],
    ['a place beyond the file', safetensorsFile({ a: F32([4], 0, 16) }, data(8)), /reaches beyond the 8 bytes/],
    ['a place backwards', safetensorsFile({ a: F32([2], 8, 0) }, data(8)), /"a" at bytes 8 to 0/],
    [
      'a negative offset',
      safetensorsFile({ a: F32([2], -8, 0) }, data(8)),
      /wrong about tensor "a": data_offsets is not an array of \d+ to \d+ sizes/,
    ],
    [
      'a fractional offset',
      safetensorsFile({ a: F32([2], 0, 8.5) }, data(8)),
      /wrong about tensor "a": data_offsets is not an array of \d+ to \d+ sizes/,
    ],
    [
      'a shape that is too large',
      safetensorsFile({ a: F32([3], 0, 8) }, data(8)),
      /does not have the size of shape \[3\] of F32/,
    ],
    [
      'a shape whose product overflows',
      safetensorsFile({ a: F32([2 ** 32, 2 ** 32, 2 ** 32], 0, 8) }, data(8)),
      /size of shape/,
    ],
    [
      'a shape whose product wraps to the truth',
      safetensorsFile({ a: F32([2 ** 33, 2 ** 31, 2], 0, 8) }, data(8)),
      /size of shape/,
    ],
    [
      'a dimension beyond 2^53',
      safetensorsFile('{"a":{"dtype":"F32","shape":[1e30],"data_offsets":[0,8]}}', data(8)),
      /wrong about tensor "a": shape is not an array of \d+ to \d+ sizes/,
    ],
    [
      'too many dimensions',
      safetensorsFile({ a: F32(Array(65).fill(1), 0, 4) }, data(4)),
      /wrong about tensor "a": shape/,
    ],
    [
      'the same name twice',
      safetensorsFile(
        '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
        data(2),
      ),
      /header has the name "a" twice/,
    ],
    [
      'the same name twice, once escaped',
      safetensorsFile(
        '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
        data(2),
      ),
      /header has the name "a" twice/,
    ],
    [
      'the same field twice',
      safetensorsFile('{"a":{"dtype":"U8","shape":[1],"shape":[2],"data_offsets":[0,2]}}', data(2)),
      /name "shape" twice/,
    ],
    [
      'a missing field',
      safetensorsFile({ a: { dtype: 'F32', shape: [2] } }, data(8)),
      /wrong about tensor "a": data_offsets/,
    ],
    ['a tensor that is a number', safetensorsFile({ a: 1 }, data(0)), /wrong about tensor "a"/],
    ['metadata that is no text', safetensorsFile({ __metadata__: { a: [1] } }, data(0)), /__metadata__/],
    [
      'deep nesting',
      safetensorsFile(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, data(0)),
      /nested deeper than 8 levels/,
    ],
    ['millions of values', safetensorsFile(`{"a":[${'0,'.repeat(2_000_000)}0]}`, data(0)), /more than 1440000 values/],
    ['a long name', safetensorsFile({ ['n'.repeat(2000)]: F32([2], 0, 8) }, data(8)), /name has 2000 characters/],
    [
      'a string of millions of escapes',
      safetensorsFile(`{"a":"${'\\u4e2d'.repeat(3_000_000)}"}`, data(0)),
      /wrong about tensor "a"/,
    ],
    [
      'millions of wrong sizes',
      safetensorsFile(`{"a":{"dtype":"F32","shape":[${'-1,'.repeat(1_000_000)}0],"data_offsets":[0,0]}}`, data(0)),
      /shape is not an array of 0 to 64 sizes/,
    ],
    [
      'colons after a long name',
      safetensorsFile(`{"a${'\\u0061'.repeat(2_000_000)}\\"${':'.repeat(5_000_000)}`, data(0)),
      /is not JSON/,
    ],
    [
      'colons after a long name that is none',
      safetensorsFile(`{"${'a'.repeat(10_000_000)}\\x"${':'.repeat(10_000_000)}`, data(0)),
      /is not JSON/,
    ],
    ['a string without an end', safetensorsFile(`{"a":"${'\\'.repeat(20_000_001)}`, data(0)), /is not JSON/],
    ['millions of strings', safetensorsFile(`{"${'"'.repeat(20_000_000)}`, data(0)), /is not JSON/],
    [
      'a header that is too long',
      safetensorsFile(`{"a":"${'a'.repeat(26_000_000)}"}`, data(0)),
      /header of 26000008 bytes; at most 25165824 are read/,
    ],
    [
      'too many tensors',
      safetensorsFile(`{${Array.from({ length: 120_001 }, (_, at) => `"${at}":0`).join(',')}}`, data(0)),
      /has 120001 tensors; at most 120000/,
    ],
    ['no JSON', safetensorsFile('{"a":{"dtype":F32}}', data(0)), /is not JSON/],
    ['bytes that are not UTF-8', concat([3, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff, 0x7d]), /is not UTF-8/],
    [
      'a header longer than the file',
      safetensorsFile('{}', data(0), 1000),
      /claims a header of 1000 bytes, but has only 10/,
    ],
    [
      'a header longer than 2^53',
      safetensorsFile('{}', data(0), 2n ** 63n),
      /claims a header of more than 2\^53 bytes/,
    ],
    ['an empty file', data(0), /is empty/],
    ['a few bytes', data(5), /is neither a torch file \(zip\) nor safetensors/],
    ['a file cut in the header', good.subarray(0, 30), /claims a header of \d+ bytes, but has only 30/],
    ['a file cut in the data', good.subarray(0, good.length - 1), /reaches beyond the 7 bytes/],
  ])('%s', async (_, bytes, message) => {
    await expect(readAll(bytes, { name: 'file.safetensors' })).rejects.toThrow(message);
    await expect(readAll(bytes, { name: 'file.safetensors' })).rejects.toThrow(/^\S+file\.safetensors: /);
  });
});
