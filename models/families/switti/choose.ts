/** Logits -> a token's vector: a code drawn by chance or by the picture's noise, or a mixture of codes (SWITTI 1.6). */
import type { Sampling } from '../../protocol.js';
import { joinNoise } from '../../sampling/batch.js';
import { drawCode } from '../../sampling/draw.js';
import { createFlowMap } from '../../sampling/flow-map.js';
import { supportOf } from '../../sampling/logits.js';
import { naturalLogarithm } from '../../sampling/noise.js';
import { STREAMS, uniform } from '../../sampling/philox.js';
import { countTokens } from '../../sampling/scales.js';
import type { Place, ScaleRun } from './draw-scales.js';
import type { SwittiModel, SwittiSampling } from './part.js';

export type Chooser = ScaleRun['choose'];

/** DPM-Solver++ steps of the map from noise to codes, as for VAR, whose codes these are. */
const FLOW_STEPS = 100;

export type Choice = {
  readonly model: SwittiModel;
  /** [codes, channels] */
  readonly codebook: Float32Array;
  readonly sampling: SwittiSampling;
  readonly seeds: readonly number[];
  readonly draw: 'sample' | 'noise';
};

export function createChooser({ model, codebook, sampling, seeds, draw }: Choice): Chooser {
  const { channels } = model.codebook;
  const total = countTokens(model.scales);
  const noise = draw === 'noise' ? joinNoise(seeds, total, channels) : null;
  const flowMap = noise ? createFlowMap({ codebook, channels, steps: FLOW_STEPS }) : null;
  return (logits, place, vector) => {
    const seed = seeds[place.picture] as number;
    if (!noise && isMixed(sampling, place)) {
      const first = place.token * logits.length;
      mixCodes(logits, { codebook, share: place.scale / (model.scales.length - 1) }, vector, (code) =>
        gumbel(uniform(seed, STREAMS.sampling, total + first + code)),
      );
      return;
    }
    const support = supportOf(logits, cutoffsAt(sampling, place));
    const code =
      noise && flowMap
        ? flowMap(support, noise, (place.picture * total + place.token) * channels)
        : drawCode(support, uniform(seed, STREAMS.sampling, place.token));
    vector.set(codebook.subarray(code * channels, (code + 1) * channels));
  };
}

export const isMixed = ({ mixedFrom, guided }: SwittiSampling, { scale }: Pick<Place, 'scale'>): boolean =>
  mixedFrom !== null && scale >= mixedFrom && scale < guided.until;

/** Where guidance has ended, a temperature of its own comes in. */
export function cutoffsAt(sampling: SwittiSampling, { scale }: Pick<Place, 'scale'>): Sampling {
  const { guidance, topK, topP, temperature, lateTemperature, guided } = sampling;
  return { guidance, topK, topP, temperature: scale >= guided.until ? temperature * lateTemperature : temperature };
}

/** Of a mixture of codes: the first and last number decide how even it is where along the scales. */
const MIXING = { temperature: 0.27, fall: 0.95, least: 0.005 } as const;

/**
 * A softmax over all codes of (1 + r) logits + Gumbel noise, r from 0 at the first scale to 1 at the last, and the mean of the codebook by it.
 *
 * @param noise of a code, standard Gumbel
 */
export function mixCodes(
  logits: Float32Array,
  { codebook, share }: { readonly codebook: Float32Array; readonly share: number },
  vector: Float32Array,
  noise: (code: number) => number,
): void {
  const temperature = Math.max(MIXING.temperature * (1 - MIXING.fall * share), MIXING.least);
  const weights = Float64Array.from(logits, (logit, code) => (logit * (1 + share) + noise(code)) / temperature);
  let largest = Number.NEGATIVE_INFINITY;
  for (const weight of weights) largest = Math.max(largest, weight);
  const channels = vector.length;
  const sums = new Float64Array(channels);
  let total = 0;
  weights.forEach((weight, code) => {
    const part = Math.exp(weight - largest);
    total += part;
    // Most codes have no part that a sum in float64 would notice.
    if (part < 1e-18) return;
    for (let channel = 0; channel < channels; channel++)
      sums[channel] = (sums[channel] as number) + part * (codebook[code * channels + channel] as number);
  });
  vector.set(sums.map((sum) => sum / total));
}

/** A standard Gumbel number of one that is even on [0, 1). */
const gumbel = (even: number): number => -naturalLogarithm(-naturalLogarithm(Math.max(even, 2 ** -54)));
