/** Codes drawn by the teacher: by chance from the seed, or from the picture's noise through the flow map (METHOD 4). */
import type { GenerateEvent } from '../../protocol.js';
import { samplingOf } from '../../run/check.js';
import type { Batch } from '../../run/generate.js';
import { drawCode } from '../../sampling/draw.js';
import { createFlowMap } from '../../sampling/flow-map.js';
import { supportOf } from '../../sampling/logits.js';
import { STREAMS, uniform } from '../../sampling/philox.js';
import { nearestCodes } from './codebook.js';
import { range } from './schedule.js';
import { type ChooseCode, runTeacher } from './teacher.js';

export type Drawing = {
  /** [pictures, positions, channels] */
  readonly latents: Float32Array;
  /** The first `keep` positions are quantised and stay. */
  readonly keep: number;
  /** Positions from here on stay as they are. */
  readonly until: number;
  readonly draw: 'sample' | 'noise';
};

/** Yields progress after each code; returns the latents with codebook rows below `until`. */
export async function* drawCodes(
  batch: Batch,
  drawing: Drawing,
): AsyncGenerator<Extract<GenerateEvent, { type: 'progress' }>, Float32Array> {
  const { open, request, prompt, progress, signal } = batch;
  const { pack } = open;
  const { channels } = pack.codebook;
  const total = pack.grid.rows * pack.grid.columns;
  const codebook = await open.codebook();
  const sampling = samplingOf(pack, request);
  const run = runTeacher(await open.teacher(), pack, prompt, {
    pictures: batch.seeds.length,
    prefix: batch.seeds.map((_, picture) =>
      nearestCodes(
        codebook,
        drawing.latents.subarray(picture * total * channels, (picture * total + drawing.keep) * channels),
        channels,
      ),
    ),
    until: drawing.until,
    sampling,
    choose: drawing.draw === 'noise' ? chooseByNoise(batch, codebook) : chooseByChance(batch),
  });
  let codes: readonly (readonly number[])[] = [];
  for await (const soFar of run) {
    codes = soFar.codes;
    yield progress.advance();
    signal.throwIfAborted();
  }
  const latents = drawing.latents.slice();
  codes.forEach((row, picture) => {
    for (const position of range(0, drawing.until)) {
      const code = row[position] as number;
      latents.set(codebook.subarray(code * channels, (code + 1) * channels), (picture * total + position) * channels);
    }
  });
  return latents;
}

function chooseByChance({ open, request, seeds }: Batch): ChooseCode {
  const sampling = samplingOf(open.pack, request);
  return (logits, picture, position) =>
    drawCode(supportOf(logits, sampling), uniform(seeds[picture] as number, STREAMS.sampling, position));
}

function chooseByNoise({ open, request, noise }: Batch, codebook: Float32Array): ChooseCode {
  const sampling = samplingOf(open.pack, request);
  const { channels } = open.pack.codebook;
  const total = open.pack.grid.rows * open.pack.grid.columns;
  const flowMap = createFlowMap({ codebook, channels });
  return (logits, picture, position) =>
    flowMap(supportOf(logits, sampling), noise, (picture * total + position) * channels);
}
