/**
 * Tokens of all scales -> one map of features (METHOD 8): each scale is enlarged to the grid, smoothed by one of a few kernels,
 * and added. All of it is linear, so what shares a kernel is summed before it is smoothed, and enlarging is one matrix.
 */

import type { Graph, Value } from '../../onnx/graph.js';
import { add } from '../../onnx/ops/arithmetic.js';
import { reshape, transpose } from '../../onnx/ops/arrange.js';
import { conv, matMul } from '../../onnx/ops/network.js';
import type { Weight } from '../../onnx/weight.js';
import { enlarge } from '../../sampling/resample.js';
import { countTokens, tokensOfScale } from '../../sampling/scales.js';
import type { Vae } from './vae.js';

/** A kernel's part in what comes out; the rest is the map as it was. */
export const SMOOTHING = 0.5;

/**
 * The kernel of each scale: of evenly spread ticks the nearest. Where a scale lies half-way between two the published code lets
 * float64 decide, so this has its operations in its order.
 */
export function kernelOfScales(scales: number, kernels: number): number[] {
  const start = kernels === 4 ? 1 / 3 / kernels : 1 / 2 / kernels;
  const stop = 1 - start;
  const step = (stop - start) / (kernels - 1);
  const ticks = Array.from({ length: kernels }, (_, tick) =>
    tick > 0 && tick === kernels - 1 ? stop : tick * (kernels > 1 ? step : 0) + start,
  );
  return Array.from({ length: scales }, (_, scale) => {
    const at = scales > 1 ? scale / (scales - 1) : 0;
    const distances = ticks.map((tick) => Math.abs(tick - at));
    return distances.indexOf(Math.min(...distances));
  });
}

export type FeatureOptions = {
  readonly graph: Graph;
  readonly vae: Vae;
  readonly scales: readonly number[];
};

/**
 * @param tokens [B, L, channels], zeros where a scale is not there
 * @param known [1, scales], 1 for each scale that is there
 * @returns [B, channels, grid, grid]
 */
export function sumFeatures({ graph, vae, scales }: FeatureOptions, tokens: Value, known: Value): Value {
  const { channels, kernels } = vae.config;
  const grid = scales.at(-1) as number;
  const enlarged = matMul(graph.weight('enlarge', enlargeAll(scales, kernels)), tokens); // [B, kernels * grid^2, channels]
  const maps = transpose(reshape(enlarged, [0, kernels, grid * grid, channels]), [0, 1, 3, 2]);
  const stacked = reshape(maps, [0, kernels * channels, grid, grid]);
  const smooth = graph.weight('smooth.weight', smoothingKernels(vae));
  const bias = matMul(known, graph.weight('smooth.bias', biasOfScales(vae, scales)));
  return add(conv(stacked, smooth, { padding: 1 }), reshape(bias, [1, channels, 1, 1]));
}

/** [kernels * grid^2, L]: each token to the part of its kernel. */
function enlargeAll(scales: readonly number[], kernels: number): Weight {
  const grid = scales.at(-1) as number;
  const tokens = countTokens(scales);
  const kernelOf = kernelOfScales(scales.length, kernels);
  const shape = [kernels * grid * grid, tokens];
  return {
    shape,
    load: async () => {
      const all = new Float32Array(kernels * grid * grid * tokens);
      scales.forEach((side, scale) => {
        const matrix = enlarge(side, grid);
        const { from } = tokensOfScale(scales, scale);
        const first = (kernelOf[scale] as number) * grid * grid;
        for (let place = 0; place < grid * grid; place++)
          all.set(matrix.subarray(place * side * side, (place + 1) * side * side), (first + place) * tokens + from);
      });
      return all;
    },
  };
}

/** [channels, kernels * channels, 3, 3]: half the kernel, and half of what stands in its middle. */
function smoothingKernels({ config: { channels, kernels }, weights }: Vae): Weight {
  return {
    shape: [channels, kernels * channels, 3, 3],
    load: async () => {
      const all = new Float32Array(channels * kernels * channels * 9);
      for (let kernel = 0; kernel < kernels; kernel++) {
        const own = await weights.get(kernelName(kernel, 'weight')).load();
        for (let out = 0; out < channels; out++)
          for (let at = 0; at < channels * 9; at++) {
            const isMiddle = at === out * 9 + 4;
            all[(out * kernels + kernel) * channels * 9 + at] =
              SMOOTHING * (own[out * channels * 9 + at] as number) + (isMiddle ? 1 - SMOOTHING : 0);
          }
      }
      return all;
    },
  };
}

/** [scales, channels]: the bias comes once for each scale, however many share its kernel. */
function biasOfScales({ config: { channels, kernels }, weights }: Vae, scales: readonly number[]): Weight {
  return {
    shape: [scales.length, channels],
    load: async () => {
      const all = new Float32Array(scales.length * channels);
      for (const [scale, kernel] of kernelOfScales(scales.length, kernels).entries()) {
        const bias = await weights.get(kernelName(kernel, 'bias')).load();
        all.set(
          bias.map((value) => SMOOTHING * value),
          scale * channels,
        );
      }
      return all;
    },
  };
}

export const kernelName = (kernel: number, kind: 'weight' | 'bias') => `quantize.quant_resi.qresi_ls.${kernel}.${kind}`;
