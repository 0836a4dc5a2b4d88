/** The encoder of LlamaGen's VQ tokenizer: picture -> codes (METHOD 3). */
import { VQ_ENCODER } from '../graphs.js';
import { createGraph, type Graph } from '../onnx/graph.js';
import { reshape, transpose } from '../onnx/ops/arrange.js';
import { argMax, matMul } from '../onnx/ops/network.js';
import { transposeWeight } from '../onnx/weight.js';
import type { VqGraphOptions } from './vq-decoder.js';
import { convolve, finish, levelBlocks, middleBlocks } from './vq-layers.js';
import { normalizedCodebook, type VqTokenizer } from './vq-tokenizer.js';

/** Inputs and outputs: VQ_ENCODER of models/graphs.ts. */
export function buildVqEncoder(
  tokenizer: VqTokenizer,
  { rows, columns, store = 'float32', probes = false }: VqGraphOptions & { probes?: boolean },
): Graph {
  const { config, weights } = tokenizer;
  const graph = createGraph('vq-encoder');
  const layers = { graph, weights, store, groups: config.groups };
  const { channels, downsample } = config;
  const image = graph.input(VQ_ENCODER.inputs.image, 'float32', ['B', 3, rows * downsample, columns * downsample]);
  const { levels, middle } = config.encoder;
  let x = convolve(layers, image, 'encoder.conv_in');
  levels.forEach((level, index) => {
    x = levelBlocks(layers, x, 'encoder', index, level);
    // The original pads only on the right and below.
    const halve = { stride: 2, padding: [0, 0, 1, 1] } as const;
    if (level.resample) x = convolve(layers, x, `encoder.conv_blocks.${index}.downsample.conv`, halve);
  });
  x = finish(layers, middleBlocks(layers, x, 'encoder', middle), 'encoder');
  const latents = transpose(reshape(convolve(layers, x, 'quant_conv'), [0, channels, rows * columns]), [0, 2, 1]);
  // The original normalises the latent and takes the nearest row: of rows with length 1 it is the one with the largest
  // product, and the latent's own length does not change which.
  const codebook = graph.weight('codebook', transposeWeight(normalizedCodebook(tokenizer)));
  const similarity = matMul(latents, codebook);
  graph.output(VQ_ENCODER.outputs.codes, argMax(similarity));
  if (probes) graph.output(VQ_ENCODER.probes.similarity, similarity);
  return graph;
}
