/** Import and conversion, as the full bench measures them. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type LlamaGenPart, partOf } from '../../families/llamagen/part.js';
import type { Pack } from '../../pack.js';
import { convertPack } from '../convert/convert-pack.js';
import type { Quality } from '../convert/quality.js';
import { importPack } from '../import-pack.js';
import { STORAGE, type StorageName } from '../storage.js';
import type { BenchFiles } from './checkpoints.js';
import { recipeOf } from './checkpoints.js';
import { type FullEvent, type FullOptions, type Packs, STORED } from './full-common.js';
import { forgetPeak, peakBytes, residentBytes } from './memory.js';
import { gigabytes } from './report.js';
import { startClock } from './rounds.js';
import { FULL_SIZES } from './sizes.js';

/** Imports the exact pack, which is timed, and converts it, which measures what that costs. */
export async function* makePacks(
  options: FullOptions,
  files: BenchFiles,
  signal: AbortSignal,
): AsyncGenerator<FullEvent, Packs> {
  const { folder, size, noises, open, readPack } = options;
  const recipe = recipeOf(FULL_SIZES[size]);
  const exact = join(folder, 'pack-exact');
  await rm(exact, { recursive: true, force: true });
  forgetPeak();
  const before = residentBytes();
  const stop = startClock();
  let bytes = 0;
  for await (const event of importPack({ recipe, files, out: exact, storage: 'exact' }, signal))
    if (event.type === 'done') ({ bytes } = event);
    else yield event;
  const { milliseconds: clock, processor } = stop();
  const rate = (ms: number) => `${(bytes / ms / 1000).toFixed(0)} MB/s`;
  const peak = gigabytes(Math.max(0, peakBytes() - before));
  yield {
    type: 'section',
    title: 'Import',
    columns: ['storage', 'written', 'took', 'rate', 'rate by processor time', 'memory above the rest of the process'],
    rows: [['exact', gigabytes(bytes), `${(clock / 1000).toFixed(0)} s`, rate(clock), rate(processor), peak]],
    notes: [
      'Goals: under 1 GB above the largest tensor, and 200 MB/s. The rate counts what is written; as much is read, twice, since the origin of every checkpoint is noted by its SHA-256. A broken-off import goes on at the part in which it stopped (a test).',
    ],
  };
  const pack = withoutTeacher(await readPack(exact));
  const packs: Record<string, { folder: string; pack: Pack }> = { exact: { folder: exact, pack } };
  const qualities: [StorageName, Quality | null, number][] = [['exact', null, bytesOf(pack)]];
  for (const storage of STORED.slice(1) as ('small' | 'fast')[]) {
    const out = join(folder, `pack-${storage}`);
    await rm(out, { recursive: true, force: true });
    for await (const event of convertPack({ folder: exact, pack, storage, out, noises, open }, signal)) {
      if (event.type === 'progress') yield event;
      else qualities.push([storage, event.quality, event.bytes]);
    }
    packs[storage] = { folder: out, pack: await readPack(out) };
  }
  yield {
    type: 'section',
    title: 'Precisions',
    columns: ['storage', 'size', 'for', 'relative L2 of the logits', 'equal codes', 'pictures'],
    rows: qualities.map(([storage, quality, bytes]) => [
      storage,
      gigabytes(bytes),
      `${STORAGE[storage].providers.join(', ')}: ${STORAGE[storage].summary}`,
      quality?.logits?.toExponential(1) ?? '-',
      quality ? `${(quality.codes * 100).toFixed(1)} %` : '-',
      quality ? (quality.psnr === null ? 'the same' : `${quality.psnr.toFixed(1)} dB`) : '-',
    ]),
    notes: [
      `Measured by \`twostep pack convert\` on ${noises} noises with one prompt, one pass each; it writes them into the pack. With random weights logits are nearly level, so that more codes change than in a trained model: read them against each other.`,
    ],
  };
  return packs as Packs;
}

/** A teacher only draws training data and high qualities; its conversion would take as long as the student's and show nothing new. */
function withoutTeacher(pack: Pack): Pack {
  const part = partOf(pack);
  const graph = part.teacher?.graph;
  const family: LlamaGenPart = { ...part, teacher: null };
  return {
    ...pack,
    family,
    files: pack.files.filter(({ path }) => path !== graph && path !== `${graph}.data`),
  };
}

export const bytesOf = (pack: Pack) => pack.files.reduce((sum, { size }) => sum + size, 0);
