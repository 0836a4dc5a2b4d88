/**
 * Damaged checkpoints: each is refused by an error that names a file of it, or read as what it says, within 2 s and the memory bound.
 *
 * TWOSTEP_FUZZ_FILES is how many (default some hundreds; `npm run fuzz` makes 10,000); TWOSTEP_FUZZ_SEED is the first seed, which a failure
 * prints, so that one file can be made again.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { CheckpointError } from '../../models/checkpoint/error.js';
import { openCheckpoint } from '../../models/checkpoint/open.js';
import { ELEMENT_BYTES } from '../../models/checkpoint/tensor.js';
import { makeRandom } from '../unit/checkpoint/fixtures/bytes.js';
import { withFolder } from '../unit/checkpoint/fixtures/files.js';
import { type Files, makeSeeds, type Seed } from './seeds.js';

const FILES = Number(process.env['TWOSTEP_FUZZ_FILES'] ?? 400);
const FIRST_SEED = Number(process.env['TWOSTEP_FUZZ_SEED'] ?? 1);

/** Of this process, so that a busy machine does not count. */
const MAXIMUM_MS = 2000;
/** 300 MB and the largest tensor; these have none worth speaking of. */
const MAXIMUM_GROWTH_BYTES = 300e6;

interface TensorValue {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

type Read = ReadonlyMap<string, TensorValue | CheckpointError>;

/** Every tensor of a checkpoint, or why it can't be read. */
async function readEverything(path: string): Promise<Read> {
  const checkpoint = await openCheckpoint(path);
  const read = new Map<string, TensorValue | CheckpointError>();
  try {
    for (const [name, { shape, type, readFloat32 }] of checkpoint.tensors) {
      expect(Object.keys(ELEMENT_BYTES)).toContain(type);
      try {
        const values = await readFloat32();
        expect(values.length).toBe(shape.reduce((product, dimension) => product * dimension, 1));
        read.set(name, { shape, values });
      } catch (error) {
        if (!(error instanceof CheckpointError)) throw error;
        read.set(name, error);
      }
    }
  } finally {
    await checkpoint.close();
  }
  return read;
}

async function writeFiles(folder: string, files: Files): Promise<string> {
  await mkdir(folder);
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  const names = Object.keys(files);
  return names.length === 1 ? join(folder, names[0]!) : folder;
}

/** What the error must say: the path of one of the files, and then a sentence. */
function checkError(error: unknown, folder: string): void {
  if (!(error instanceof CheckpointError)) throw error;
  expect(error.message.startsWith(folder)).toBe(true);
  expect(error.message).toMatch(/: .{10,}\.$/s);
  expect(error.message.length).toBeLessThan(2000);
}

let seeds: readonly Seed[];
const originals = new Map<string, Read>();

beforeAll(async () => {
  seeds = await makeSeeds(join(import.meta.dirname, '../reference'));
  await withFolder(async (folder) => {
    for (const [index, seed] of seeds.entries()) {
      originals.set(seed.name, await readEverything(await writeFiles(join(folder, String(index)), seed.files)));
    }
  });
});

test('the seeds are sound', () => {
  for (const [name, original] of originals) {
    expect(original.size, name).toBeGreaterThan(0);
    expect(
      [...original.values()].filter((value) => value instanceof CheckpointError),
      name,
    ).toEqual([]);
  }
});

test(`${FILES} damaged checkpoints from seed ${FIRST_SEED} on`, async () => {
  const memory = process.memoryUsage().rss;
  const outcomes = new Map(seeds.map(({ name }) => [name, { refused: 0, read: 0 }]));
  await withFolder(async (folder) => {
    for (let number = FIRST_SEED; number < FIRST_SEED + FILES; number++) {
      const seed = seeds[number % seeds.length]!;
      const where = join(folder, String(number));
      const files = seed.damage(makeRandom(number));
      const path = await writeFiles(where, files);
      const start = process.cpuUsage();
      try {
        const read = await readEverything(path).catch((error: unknown) => {
          checkError(error, where);
          return undefined;
        });
        outcomes.get(seed.name)![read === undefined ? 'refused' : 'read']++;
        for (const [name, value] of read ?? []) {
          if (value instanceof CheckpointError) checkError(value, where);
          else if (seed.isChecked) expectUnchanged(name, value, originals.get(seed.name)!);
          else if (path.endsWith('.safetensors')) expectAsWritten(name, value, Object.values(files)[0]!);
        }
        const { user, system } = process.cpuUsage(start);
        expect((user + system) / 1000).toBeLessThan(MAXIMUM_MS);
        expect(process.memoryUsage().rss - memory).toBeLessThan(MAXIMUM_GROWTH_BYTES);
      } catch (error) {
        throw new Error(`seed ${number} (${seed.name}); again with TWOSTEP_FUZZ_SEED=${number} TWOSTEP_FUZZ_FILES=1`, {
          cause: error,
        });
      }
      await rm(where, { recursive: true });
    }
  });
  // A seed of which everything is refused, or everything read, has not tested much.
  for (const [name, { refused, read }] of outcomes) {
    if (refused + read >= 50)
      expect(Math.min(refused, read), `${name}: ${refused} refused, ${read} read`).toBeGreaterThan(0);
  }
});

/** The same tensor by the shortest way there is, without any check. */
function expectAsWritten(name: string, value: TensorValue, file: Uint8Array): void {
  const view = new DataView(file.buffer, file.byteOffset);
  const headerLength = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerLength)));
  const { dtype, shape, data_offsets } = header[name];
  expect(value.shape).toEqual(shape);
  const start = 8 + headerLength + data_offsets[0];
  const number: Record<string, (index: number) => number> = {
    F32: (index) => view.getFloat32(start + 4 * index, true),
    BF16: (index) => new Float32Array(Uint32Array.of(view.getUint16(start + 2 * index, true) << 16).buffer)[0]!,
    BOOL: (index) => (file[start + index] === 0 ? 0 : 1),
  };
  const read = number[dtype];
  if (read !== undefined) expect(value.values).toEqual(Float32Array.from(value.values, (_, index) => read(index)));
}

/** A tensor that is a part of its storage is read without the storage's checksum, so that only its shape is certain. */
function expectUnchanged(name: string, value: TensorValue, original: Read): void {
  const before = original.get(name);
  if (before === undefined || before instanceof CheckpointError) throw new Error(`there was no tensor ${name}`);
  expect(value.shape).toEqual(before.shape);
  if (!/transposed|block|expanded/.test(name))
    expect(Buffer.from(value.values.buffer).equals(Buffer.from(before.values.buffer))).toBe(true);
}
