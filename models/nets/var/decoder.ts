/** What stands between a next-scale picture's tokens and its pixels or its next scale (METHOD 8). */
import { VAR_LEVELS } from '../../families/var/graphs.js';
import { VQ_DECODER } from '../../graphs.js';
import { createGraph, type Graph } from '../../onnx/graph.js';
import { gather, reshape, transpose } from '../../onnx/ops/arrange.js';
import { matMul } from '../../onnx/ops/network.js';
import type { Weight } from '../../onnx/weight.js';
import { average } from '../../sampling/resample.js';
import { countTokens } from '../../sampling/scales.js';
import { decodeGrid } from '../vq-decoder.js';
import { sumFeatures } from './features.js';
import type { Vae } from './vae.js';

export type VaeGraphOptions = {
  readonly scales: readonly number[];
  /** How the convolutions are stored. */
  readonly store?: 'float32' | 'float16';
};

/** Latents of all scales, code vectors or any others -> picture. Inputs and outputs: VQ_DECODER of models/graphs.ts. */
export function buildVarDecoder(vae: Vae, { scales, store = 'float32' }: VaeGraphOptions): Graph {
  const graph = createGraph('vae-decoder');
  const { decoder, groups, channels } = vae.config;
  const latents = graph.input(VQ_DECODER.inputs.latents, 'float32', ['B', countTokens(scales), channels]);
  const all = graph.constant('float32', [1, scales.length], new Array<number>(scales.length).fill(1));
  const features = sumFeatures({ graph, vae, scales }, latents, all);
  const layers = { graph, weights: vae.weights, store, groups };
  graph.output(VQ_DECODER.outputs.image, decodeGrid(layers, features, decoder));
  return graph;
}

/** Tokens of the scales so far -> the teacher's input for the next: VAR_LEVELS. */
export function buildLevels(vae: Vae, scales: readonly number[]): Graph {
  const graph = createGraph('levels');
  const { channels } = vae.config;
  const grid = scales.at(-1) as number;
  const { inputs, outputs } = VAR_LEVELS;
  const tokens = graph.input(inputs.tokens, 'float32', ['B', countTokens(scales), channels]);
  const known = graph.input(inputs.known, 'float32', [1, scales.length]);
  const rows = graph.input(inputs.rows, 'int64', ['S']);
  const features = sumFeatures({ graph, vae, scales }, tokens, known);
  const cells = transpose(reshape(features, [0, channels, grid * grid]), [0, 2, 1]);
  const wanted = gather(graph.weight('average', averageAll(scales)), rows, 0); // [S, grid^2]
  graph.output(outputs.vectors, matMul(wanted, cells));
  return graph;
}

/** [L, grid^2]: each token's share of the grid. */
function averageAll(scales: readonly number[]): Weight {
  const grid = scales.at(-1) as number;
  return {
    shape: [countTokens(scales), grid * grid],
    load: async () => Float32Array.from(scales.flatMap((side) => [...average(grid, side)])),
  };
}
