/** The parts that both halves of the VQ tokenizer are made of. Values are [B, channels, rows, columns]. */
import type { Graph, Value } from '../onnx/graph.js';
import { add, silu } from '../onnx/ops/arithmetic.js';
import { reshape, split, transpose } from '../onnx/ops/arrange.js';
import { fixedLength } from '../onnx/ops/check.js';
import { type KernelStorage, kernel } from '../onnx/ops/kernel.js';
import { conv, interleave, matMul } from '../onnx/ops/network.js';
import { groupNormalization, softmax } from '../onnx/ops/normalize.js';
import { concatWeights, mapWeight, type Weight } from '../onnx/weight.js';
import { GROUP_EPSILON, type Half, type VqLevel } from './vq-tokenizer.js';
import type { Weights } from './weights.js';

export interface VqLayers {
  graph: Graph;
  weights: Weights;
  store: KernelStorage;
  /** Groups of every norm. */
  groups: number;
}

/** Convolution with the weight and bias of this name; the picture keeps its size unless `stride` or `padding` say otherwise. */
export function convolve(
  { graph, weights, store }: VqLayers,
  x: Value,
  name: string,
  options: { stride?: number; padding?: readonly [number, number, number, number] } = {},
): Value {
  const weight = weights.get(`${name}.weight`);
  const padding = Math.floor((weight.shape[2] as number) / 2);
  return conv(x, kernel(graph, `${name}.weight`, weight, store), {
    padding,
    ...options,
    bias: graph.weight(`${name}.bias`, weights.get(`${name}.bias`)),
  });
}

/**
 * Every pixel becomes 2 x 2 equal ones, and then a 3x3 convolution. Among equal pixels its nine products are four: an output pixel
 * in an even row sees the row above once and its own row twice, in an odd row its own twice and the row below once, and so with
 * the columns. So each of the four kinds of output pixel is a 2x2 convolution of the small picture whose weights are
 * sums of the 3x3's: the same function, 4/9 of the multiplications, and the large picture is never stored before it is convolved.
 */
export function convolveDoubled({ graph, weights, store }: VqLayers, x: Value, name: string): Value {
  const weight = weights.get(`${name}.weight`);
  const bias = graph.weight(`${name}.bias`, weights.get(`${name}.bias`));
  const phase = (row: 0 | 1, column: 0 | 1) => {
    const summed = graph.once(`${name} ${row} ${column}`, [weight], () => phaseWeight(weight, row, column));
    return conv(x, kernel(graph, `${name}.weight.${row}${column}`, summed, store), {
      padding: [1 - row, 1 - column, row, column],
      bias,
    });
  };
  return interleave([phase(0, 0), phase(0, 1), phase(1, 0), phase(1, 1)]);
}

/** [out, in, 3, 3] -> [out, in, 2, 2] for the output pixels of even (0) or odd (1) rows and columns. */
function phaseWeight(weight: Weight, row: 0 | 1, column: 0 | 1): Weight {
  const [out, input, rows, columns] = weight.shape as [number, number, number, number];
  if (rows !== 3 || columns !== 3) throw new RangeError(`phaseWeight takes 3x3 kernels, not ${rows}x${columns}`);
  /** Which of the two small pixels the tap of the large kernel falls on. */
  const place = (tap: number, odd: 0 | 1) => (tap > odd ? 1 : 0);
  return {
    shape: [out, input, 2, 2],
    load: async () => {
      const from = await weight.load();
      const to = new Float32Array(out * input * 4);
      for (let kernel = 0; kernel < out * input; kernel += 1)
        for (let tap = 0; tap < 9; tap += 1) {
          const at = kernel * 4 + place(Math.floor(tap / 3), row) * 2 + place(tap % 3, column);
          to[at] = (to[at] as number) + (from[kernel * 9 + tap] as number);
        }
      return to;
    },
  };
}

export function normalize({ graph, weights, groups }: VqLayers, x: Value, name: string): Value {
  return groupNormalization(x, {
    groups,
    epsilon: GROUP_EPSILON,
    scale: graph.weight(`${name}.weight`, weights.get(`${name}.weight`)),
    bias: graph.weight(`${name}.bias`, weights.get(`${name}.bias`)),
  });
}

/** x + conv(silu(norm(conv(silu(norm(x)))))), with a 1x1 convolution beside it where the channels change. */
export function residualBlock(layers: VqLayers, x: Value, name: string, width: number): Value {
  const first = convolve(layers, silu(normalize(layers, x, `${name}.norm1`)), `${name}.conv1`);
  const second = convolve(layers, silu(normalize(layers, first, `${name}.norm2`)), `${name}.conv2`);
  return add(x.shape[1] === width ? x : convolve(layers, x, `${name}.nin_shortcut`), second);
}

/** Every place attends to every other; one head as wide as the channels. */
export function attentionBlock(layers: VqLayers, x: Value, name: string): Value {
  const { graph, weights, store } = layers;
  const [width, rows, columns] = [1, 2, 3].map((axis) => fixedLength('attentionBlock', x, axis)) as [
    number,
    number,
    number,
  ];
  // The 1x1 convolutions of q, k and v are one; the scores' scale, width^-1/2, is in q's.
  const scale = width ** -0.5;
  const fused = (kind: 'weight' | 'bias') => {
    const part = (letter: string) => weights.get(`${name}.${letter}.${kind}`);
    return concatWeights([mapWeight(part('q'), (value) => value * scale), part('k'), part('v')]);
  };
  const weight = kernel(graph, `${name}.qkv.weight`, fused('weight'), store);
  const bias = graph.weight(`${name}.qkv.bias`, fused('bias'));
  const qkv = reshape(conv(normalize(layers, x, `${name}.norm`), weight, { bias }), [0, 3 * width, rows * columns]);
  const [q, k, v] = split(qkv, [width, width, width], 1) as [Value, Value, Value];
  const scores = softmax(matMul(transpose(q, [0, 2, 1]), k)); // [B, places, places]
  const seen = transpose(matMul(scores, transpose(v, [0, 2, 1])), [0, 2, 1]);
  return add(x, convolve(layers, reshape(seen, [0, width, rows, columns]), `${name}.proj_out`));
}

/** The residual blocks and attention of a level, without its change of resolution. */
export function levelBlocks(layers: VqLayers, x: Value, half: Half, index: number, level: VqLevel): Value {
  let result = x;
  for (let block = 0; block < level.blocks; block += 1) {
    result = residualBlock(layers, result, `${half}.conv_blocks.${index}.res.${block}`, level.width);
    if (level.attention) result = attentionBlock(layers, result, `${half}.conv_blocks.${index}.attn.${block}`);
  }
  return result;
}

export function middleBlocks(layers: VqLayers, x: Value, half: Half, width: number): Value {
  const first = residualBlock(layers, x, `${half}.mid.0`, width);
  return residualBlock(layers, attentionBlock(layers, first, `${half}.mid.1`), `${half}.mid.2`, width);
}

/** norm, SiLU, convolution: how both halves end. */
export function finish(layers: VqLayers, x: Value, half: Half): Value {
  return convolve(layers, silu(normalize(layers, x, `${half}.norm_out`)), `${half}.conv_out`);
}
