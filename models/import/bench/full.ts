/**
 * The published model at its full size, from checkpoint to picture: made of random numbers, imported, converted, run beside PyTorch
 * on the same weights, and told in tables (BENCHMARKS.md). What is large is loaded in turns, never all at once.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeCheckpoints } from './checkpoints.js';
import { type Context, type FullEvent, type FullOptions, progress } from './full-common.js';
import { makePacks } from './full-packs.js';
import { benchColdStart, benchTeacher, benchTextAndDecoder } from './full-rest.js';
import { benchTransformer } from './full-transformer.js';
import { estimateGpu } from './gpu-estimate.js';
import { loadProbes } from './rounds.js';
import { FULL_SIZES } from './sizes.js';

export async function* runFullBench(options: FullOptions, signal: AbortSignal): AsyncGenerator<FullEvent> {
  const { folder, runtime } = options;
  await mkdir(folder, { recursive: true });
  const writing = writeCheckpoints(FULL_SIZES[options.size], join(folder, 'checkpoints'));
  let step = await writing.next();
  for (; !step.done; step = await writing.next()) {
    signal.throwIfAborted();
    yield progress(step.value.label);
  }
  const files = step.value;
  const packs = yield* makePacks(options, files, signal);
  const probes = await loadProbes(runtime);
  const context: Context = { ...options, signal, probes, files, packs };
  const steps = yield* benchTransformer(context);
  yield* benchTextAndDecoder(context);
  yield* benchTeacher(context, steps);
  await probes.close();
  yield* benchColdStart(context);
  yield estimateGpu(FULL_SIZES[options.size]);
  yield { type: 'done' };
}
