/** Codes drawn by the teacher: by chance from the seed, or from the picture's noise through the flow map (METHOD 4). */

import { nearestCodes } from '../../sampling/codebook.js';
import { drawCode } from '../../sampling/draw.js';
import { createFlowMap } from '../../sampling/flow-map.js';
import { supportOf } from '../../sampling/logits.js';
import { STREAMS, uniform } from '../../sampling/philox.js';
import { range } from '../../sampling/schedule.js';
import type { ProgressEvent } from '../family.js';
import { samplingOf } from './check-request.js';
import { positionsOf } from './part.js';
import { feedsOf } from './prompt-feeds.js';
import type { Drawing } from './sample.js';
import { type ChooseCode, runTeacher } from './teacher.js';

export type CodesWanted = {
  /** [pictures, positions, channels] */
  readonly latents: Float32Array;
  /** The first `keep` positions are quantised and stay. */
  readonly keep: number;
  /** Positions from here on stay as they are. */
  readonly until: number;
  readonly draw: 'sample' | 'noise';
};

/** Yields progress after each code; returns the latents with codebook rows below `until`. */
export async function* drawCodes(drawing: Drawing, wanted: CodesWanted): AsyncGenerator<ProgressEvent, Float32Array> {
  const { networks, request, prompt, progress, signal, seeds } = drawing;
  const { model } = networks;
  const { channels } = model.codebook;
  const total = positionsOf(model);
  const codebook = await networks.codebook();
  const sampling = samplingOf(model, request);
  const run = runTeacher(await networks.teacher(), model, feedsOf(prompt), {
    pictures: seeds.length,
    prefix: seeds.map((_, picture) =>
      nearestCodes(
        codebook,
        wanted.latents.subarray(picture * total * channels, (picture * total + wanted.keep) * channels),
        channels,
      ),
    ),
    until: wanted.until,
    sampling,
    choose: wanted.draw === 'noise' ? chooseByNoise(drawing, codebook) : chooseByChance(drawing),
  });
  let codes: readonly (readonly number[])[] = [];
  for await (const soFar of run) {
    codes = soFar.codes;
    yield progress.advance();
    signal.throwIfAborted();
  }
  const latents = wanted.latents.slice();
  codes.forEach((row, picture) => {
    for (const position of range(0, wanted.until)) {
      const code = row[position] as number;
      latents.set(codebook.subarray(code * channels, (code + 1) * channels), (picture * total + position) * channels);
    }
  });
  return latents;
}

function chooseByChance({ networks, request, seeds }: Drawing): ChooseCode {
  const sampling = samplingOf(networks.model, request);
  return (logits, picture, position) =>
    drawCode(supportOf(logits, sampling), uniform(seeds[picture] as number, STREAMS.sampling, position));
}

function chooseByNoise({ networks, request, noise }: Drawing, codebook: Float32Array): ChooseCode {
  const sampling = samplingOf(networks.model, request);
  const { channels } = networks.model.codebook;
  const total = positionsOf(networks.model);
  const flowMap = createFlowMap({ codebook, channels });
  return (logits, picture, position) =>
    flowMap(supportOf(logits, sampling), noise, (picture * total + position) * channels);
}
