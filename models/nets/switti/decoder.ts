/** Features -> picture, by VAR's decoder, which Switti shares; and the kernels that make features of tokens. */
import { VQ_DECODER } from '../../graphs.js';
import { createGraph, type Graph } from '../../onnx/graph.js';
import { reshape, transpose } from '../../onnx/ops/arrange.js';
import type { Weight } from '../../onnx/weight.js';
import { kernelName, SMOOTHING } from '../var/features.js';
import type { Vae } from '../var/vae.js';
import { decodeGrid } from '../vq-decoder.js';

export type FeatureDecoderOptions = {
  /** Side of the finest token map. */
  readonly grid: number;
  /** How the convolutions are stored. */
  readonly store?: 'float32' | 'float16';
};

/** Inputs and outputs: VQ_DECODER of models/graphs.ts; its latents are features [B, grid * grid, channels]. */
export function buildFeatureDecoder(vae: Vae, { grid, store = 'float32' }: FeatureDecoderOptions): Graph {
  const graph = createGraph('decoder');
  const { decoder, groups, channels } = vae.config;
  const features = graph.input(VQ_DECODER.inputs.latents, 'float32', ['B', grid * grid, channels]);
  const map = reshape(transpose(features, [0, 2, 1]), [0, 0, grid, grid]);
  graph.output(VQ_DECODER.outputs.image, decodeGrid({ graph, weights: vae.weights, store, groups }, map, decoder));
  return graph;
}

/** Kernels [n, channels, channels, 3, 3] with what they leave as it was in their middle, then biases [n, channels], as one row of numbers. */
export function smoothingOf({ config: { channels, kernels }, weights }: Vae): Weight {
  const size = channels * channels * 9;
  return {
    shape: [kernels * (size + channels)],
    load: async () => {
      const all = new Float32Array(kernels * (size + channels));
      for (let kernel = 0; kernel < kernels; kernel++) {
        const own = await weights.get(kernelName(kernel, 'weight')).load();
        for (let at = 0; at < size; at++) {
          const isMiddle = at % 9 === 4 && Math.floor(at / 9) % channels === Math.floor(at / (9 * channels));
          all[kernel * size + at] = SMOOTHING * (own[at] as number) + (isMiddle ? 1 - SMOOTHING : 0);
        }
        const bias = await weights.get(kernelName(kernel, 'bias')).load();
        all.set(
          bias.map((value) => SMOOTHING * value),
          kernels * size + kernel * channels,
        );
      }
      return all;
    },
  };
}
