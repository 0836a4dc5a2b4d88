/** The decoder of LlamaGen's VQ tokenizer: latents, codebook rows or any other vectors -> picture (METHOD 3). */
import { VQ_DECODER } from '../graphs.js';
import { createGraph, type Graph, type Value } from '../onnx/graph.js';
import { reshape, transpose } from '../onnx/ops/arrange.js';
import type { KernelStorage } from '../onnx/ops/kernel.js';
import { convolve, convolveDoubled, finish, levelBlocks, middleBlocks, type VqLayers } from './vq-layers.js';
import type { VqHalf, VqTokenizer } from './vq-tokenizer.js';

export interface VqGraphOptions {
  /** Codes of the picture; they need not be as many in both directions. */
  rows: number;
  columns: number;
  /** How the convolutions are stored. */
  store?: KernelStorage;
}

/** Inputs and outputs: VQ_DECODER of models/graphs.ts. */
export function buildVqDecoder(
  { config, weights }: VqTokenizer,
  { rows, columns, store = 'float32' }: VqGraphOptions,
): Graph {
  const graph = createGraph('vq-decoder');
  const layers = { graph, weights, store, groups: config.groups };
  const latents = graph.input(VQ_DECODER.inputs.latents, 'float32', ['B', rows * columns, config.channels]);
  const grid = reshape(transpose(latents, [0, 2, 1]), [0, 0, rows, columns]);
  graph.output(VQ_DECODER.outputs.image, decodeGrid(layers, grid, config.decoder));
  return graph;
}

/** Features [B, channels, rows, columns] -> picture [B, 3, height, width]. */
export function decodeGrid(layers: VqLayers, grid: Value, { levels, middle }: VqHalf): Value {
  let x = convolve(layers, convolve(layers, grid, 'post_quant_conv'), 'decoder.conv_in');
  x = middleBlocks(layers, x, 'decoder', middle);
  levels.forEach((level, index) => {
    x = levelBlocks(layers, x, 'decoder', index, level);
    if (level.resample) x = convolveDoubled(layers, x, `decoder.conv_blocks.${index}.upsample.conv`);
  });
  return finish(layers, x, 'decoder');
}
