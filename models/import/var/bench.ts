/**
 * A next-scale model at its full size, from checkpoint to picture: made of random numbers in the published layout, imported, stored otherwise, and
 * drawn with in one and two steps of the student beside the teacher's ten.
 */
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors } from '../../checkpoint/write-safetensors.js';
import { studentTable, teacherTable, type VarConfig } from '../../nets/var/config.js';
import { vaeTable } from '../../nets/var/vae.js';
import type { VqLevel } from '../../nets/vq-tokenizer.js';
import type { TensorTable } from '../../nets/weights.js';
import type { Pack } from '../../pack.js';
import { type GenerateRequest, REQUEST_DEFAULTS, type Schedule } from '../../protocol.js';
import { createEngine } from '../../run/generate.js';
import type { OpenPack } from '../../run/open.js';
import { type FullEvent, type FullOptions, progress, STORED } from '../bench/full-common.js';
import { gigabytes, milliseconds, times } from '../bench/report.js';
import { median, startClock } from '../bench/rounds.js';
import { convertPack } from '../convert/convert-pack.js';
import { importPack } from '../import-pack.js';
import { randomCheckpoint } from '../random-checkpoint.js';
import type { VarRecipe } from '../recipe.js';

export type VarBenchSize = {
  readonly recipe: VarRecipe;
  readonly transformer: VarConfig;
  /** Channels of the decoder at full resolution; published: 160. */
  readonly channels: number;
};

/** What is drawn with, the student in the imported precision first. */
const SCHEDULES: readonly (readonly [name: string, schedule: Schedule])[] = [
  ['1 step', { kind: 'student', steps: 1 }],
  ['2 steps', { kind: 'student', steps: 2 }],
];
const TEACHER: Schedule = { kind: 'teacher', draw: 'sample' };

export async function* runVarBench(
  size: VarBenchSize,
  options: Pick<FullOptions, 'folder' | 'open' | 'readPack' | 'noises' | 'rounds'>,
  signal: AbortSignal,
): AsyncGenerator<FullEvent> {
  const { folder, open, readPack, noises, rounds } = options;
  const { recipe } = size;
  const files = yield* writeFiles(size, join(folder, 'checkpoints'), signal);
  const exact = join(folder, 'pack-exact');
  await rm(exact, { recursive: true, force: true });
  const stop = startClock();
  for await (const event of importPack({ recipe, files, out: exact, storage: 'exact' }, signal))
    if (event.type === 'progress') yield event;
  const { milliseconds: took } = stop();
  const pack = await readPack(exact);
  yield {
    type: 'section',
    title: 'Import',
    columns: ['storage', 'written', 'took'],
    rows: [['exact', gigabytes(bytesOf(pack)), `${(took / 1000).toFixed(0)} s`]],
    notes: ['Student, teacher and decoder.'],
  };

  const drawn: { who: string; step: number; decode: number }[] = [];
  const conversions: string[][] = [['exact', gigabytes(bytesOf(pack)), '-', '-']];
  for (const storage of STORED) {
    const at = join(folder, `pack-${storage}`);
    if (storage !== 'exact') {
      await rm(at, { recursive: true, force: true });
      for await (const event of convertPack({ folder: exact, pack, storage, out: at, noises, open }, signal))
        if (event.type === 'progress') yield event;
        else {
          const { codes = 0, logits = null } = event.quality ?? {};
          conversions.push([
            storage,
            gigabytes(event.bytes),
            logits?.toExponential(1) ?? '-',
            `${(codes * 100).toFixed(1)} %`,
          ]);
        }
    }
    const opened = open(at, await readPack(at));
    try {
      // The teacher is drawn with as it was trained: converted it is no faster to compare with.
      const schedules = [...SCHEDULES, ...(storage === 'exact' ? [['teacher', TEACHER] as const] : [])];
      for (const [name, schedule] of schedules) {
        const who = `${storage}: ${name}`;
        yield progress(`drawing, ${who}`);
        drawn.push({ who, ...(await drawTimes(opened, schedule, rounds, signal)) });
      }
    } finally {
      await opened.close();
    }
  }
  yield {
    type: 'section',
    title: 'Precisions',
    columns: ['storage', 'size', 'relative L2 of the logits', 'equal codes'],
    rows: conversions,
    notes: ['With random weights logits are nearly level, so that more codes change than in a trained model.'],
  };
  const teacher = drawn.find(({ who }) => who === 'exact: teacher')?.step ?? 0;
  yield {
    type: 'section',
    title: 'One picture, steps and decoding',
    columns: ['who', 'steps', 'the teacher is to it', 'decoding'],
    rows: drawn.map(({ who, step, decode }) => [who, milliseconds(step), times(teacher / step), milliseconds(decode)]),
    notes: [
      `Medians of ${rounds} pictures after one that is not counted. The paper has 6.3 for one step of its smallest model, on a card. Not measured: the authors' arithmetic in PyTorch on the same weights.`,
    ],
  };
  yield { type: 'done' };
}

/** Milliseconds of a picture's steps and of its decoding. */
async function drawTimes(
  opened: OpenPack,
  schedule: Schedule,
  rounds: number,
  signal: AbortSignal,
): Promise<{ step: number; decode: number }> {
  const engine = createEngine(opened);
  const found: { step: number; decode: number }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const request: GenerateRequest = {
      ...REQUEST_DEFAULTS,
      ...{
        prompt: opened.pack.ideas[0] ?? '',
        pack: opened.pack.id,
        seeds: [round + 1],
        schedule,
        size: opened.pack.size,
      },
    };
    for await (const event of engine(request, signal)) {
      if (event.type === 'error') throw new Error(event.message);
      if (event.type === 'done' && round > 0)
        found.push({ step: event.milliseconds.step ?? 0, decode: event.milliseconds.decode ?? 0 });
    }
  }
  return { step: median(found.map(({ step }) => step)), decode: median(found.map(({ decode }) => decode)) };
}

/** Those that a stopped bench has finished are taken as they are. */
async function* writeFiles(
  { transformer, channels }: VarBenchSize,
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<FullEvent, { vq: string; student: string; teacher: string }> {
  await mkdir(folder, { recursive: true });
  const at = (name: string) => join(folder, `${name}.safetensors`);
  const decoder = { levels: levelsOf(channels), middle: 4 * channels, finest: channels };
  const vae = {
    decoder,
    codes: transformer.codes,
    channels: transformer.channels,
    kernels: 4,
    downsample: 16,
    groups: 32,
  };
  const tables: readonly (readonly [string, TensorTable])[] = [
    [at('vq'), vaeTable(vae)],
    [at('student'), studentTable(transformer)],
    [at('teacher'), teacherTable(transformer)],
  ];
  for (const [index, [file, table]] of tables.entries()) {
    signal.throwIfAborted();
    yield progress(`writing checkpoint ${index + 1} of ${tables.length}`);
    if (await stat(file).catch(() => undefined)) continue;
    const { tensors } = randomCheckpoint(file, table, index);
    const list = [...tensors.values()].map(({ name, shape, readFloat32 }) => ({
      ...{ name, shape, type: 'f32' as const },
      chunks: async function* () {
        yield new Uint8Array((await readFloat32()).buffer);
      },
    }));
    await writeSafetensors(file, list);
  }
  return { vq: at('vq'), student: at('student'), teacher: at('teacher') };
}

/** Coarsest first, as they run: 4, 2, 2, 1, 1 times the channels, three blocks each, attention at the first. */
function levelsOf(channels: number): VqLevel[] {
  let input = 4 * channels;
  return [4, 2, 2, 1, 1].map((multiplier, index, all) => {
    const width = multiplier * channels;
    const level = { input, width, blocks: 3, attention: index === 0, resample: index < all.length - 1 };
    input = width;
    return level;
  });
}

const bytesOf = (pack: Pack) => pack.files.reduce((sum, { size }) => sum + size, 0);
