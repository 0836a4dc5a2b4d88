/** What the parts of the full bench share: what they were given, how they load, take turns and tell. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pack } from '../../pack.js';
import type { OpenPack } from '../../run/open.js';
import type { Runtime } from '../../run/runtime.js';
import type { StorageName } from '../storage.js';
import type { BenchFiles } from './checkpoints.js';
import type { Weighed } from './phases.js';
import { gigabytes, milliseconds, percent, type Section } from './report.js';
import { type Item, type Machine, type Measured, measure, type Probes } from './rounds.js';
import type { LlamagenSize } from './sizes.js';

export type FullOptions = {
  readonly size: LlamagenSize;
  /** Where checkpoints and packs go: 35 GB at full size. What is there of an earlier run is used again. */
  readonly folder: string;
  readonly runtime: Runtime;
  /** An interpreter with torch, and bench.py; null where there is none. */
  readonly rival: { readonly python: string; readonly script: string } | null;
  /** Noises by which the precisions are compared. */
  readonly noises: number;
  readonly rounds: number;
  /** The program and its first arguments, to which those of a verb are added. */
  readonly command: readonly string[];
  open(folder: string, pack: Pack): OpenPack;
  readPack(folder: string): Promise<Pack>;
};

export type FullEvent =
  | { readonly type: 'progress'; readonly label: string; readonly fraction: number }
  | Section
  | { readonly type: 'done' };

export type Packs = Readonly<Record<Stored, { readonly folder: string; readonly pack: Pack }>>;

export type Context = FullOptions & {
  readonly signal: AbortSignal;
  readonly probes: Probes;
  readonly files: BenchFiles;
  readonly packs: Packs;
};

/** Precisions that are measured on a CPU, the imported one first. */
export const STORED = ['exact', 'small', 'fast'] as const satisfies readonly StorageName[];
export type Stored = (typeof STORED)[number];

export const progress = (label: string, fraction = 0): FullEvent => ({ type: 'progress', label, fraction });

/** Loads a graph of a pack, with the bytes of weights that a run reads. */
export async function load({ runtime, packs }: Context, storage: Stored, path: string): Promise<Weighed> {
  const { folder } = packs[storage];
  const graph = await runtime.load(join(folder, path));
  let weights = 0;
  for (const file of [path, `${path}.data`])
    weights += (await stat(join(folder, file)).catch(() => undefined))?.size ?? 0;
  return { graph, weights };
}

export async function* take(
  label: string,
  items: readonly Item[],
  { probes, signal, rounds }: Context,
): AsyncGenerator<FullEvent, { measured: readonly Measured[]; machine: Machine }> {
  const run = measure(items, { probes, rounds, warmUp: 1, signal });
  let step = await run.next();
  for (; !step.done; step = await run.next()) yield progress(label, step.value);
  return step.value;
}

export const phaseRow = ({
  item,
  milliseconds: ms,
  processor,
  share,
  processorShare,
  limit,
  once,
}: Measured): string[] => [
  item.name + (once ? ' (once)' : ''),
  milliseconds(ms),
  milliseconds(processor),
  percent(share),
  percent(processorShare),
  percent(limit),
  item.weights === null ? '-' : gigabytes(item.weights),
];
export const PHASE_COLUMNS = [
  'phase',
  'time',
  'processor time',
  'of the product rate',
  'of it by processor time',
  'of what the machine can',
  'weights read',
];
