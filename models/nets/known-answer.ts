/**
 * A small network with a known answer (models/run/self-test.ts): one transformer block over 64 positions and a bit of a
 * decoder, from the operators that our networks are made of. 64, because fused attention was seen to go wrong silently from
 * 32 positions on (RUNTIME). Weights and inputs are sines, so that a test can compute the answer without this program.
 */
import { createGraph, type Graph } from '../onnx/graph.js';
import { add, mul, silu } from '../onnx/ops/arithmetic.js';
import { reshape, transpose } from '../onnx/ops/arrange.js';
import { linear } from '../onnx/ops/linear.js';
import { conv, matMul, resizeNearest, rotaryEmbedding } from '../onnx/ops/network.js';
import { groupNormalization, simplifiedLayerNorm, skipSimplifiedLayerNorm, softmax } from '../onnx/ops/normalize.js';
import { weightOf } from '../onnx/weight.js';

export const KNOWN_ANSWER = {
  positions: 64,
  width: 32,
  heads: 2,
  hidden: 48,
  /** Of the picture that the positions become. */
  side: 8,
  channels: 8,
  groups: 4,
  epsilon: 1e-5,
} as const;

/** Value `index` of tensor number `tensor`, -1..1. */
export const sine = (tensor: number, index: number): number => Math.sin(tensor * 1.7 + index * 0.61803 + 0.3);

export const sines = (tensor: number, count: number, scale: number): number[] =>
  Array.from({ length: count }, (_, index) => sine(tensor, index) * scale);

/** Angle of rotary pair `pair` at a position. */
export const angleAt = (position: number, pair: number): number => position * 10_000 ** (-pair / 8);

/** Input `x` float32 [1, 64, 32], `bias` float32 [1, 1, 64, 64]; outputs `states` and `small` [1, 64, 32], `image` [1, 8, 16, 16]. */
export function buildKnownAnswer(): Graph {
  const { positions, width, heads, hidden, side, channels, groups, epsilon } = KNOWN_ANSWER;
  const graph = createGraph('known-answer');
  const head = width / heads;
  const x = graph.input('x', 'float32', [1, positions, width]);
  const bias = graph.input('bias', 'float32', [1, 1, positions, positions]);
  const scale = (tensor: number, count: number) =>
    graph.weight(
      `scale.${tensor}`,
      weightOf(
        [count],
        sines(tensor, count, 0.2).map((value) => 1 + value),
      ),
    );
  const project = (
    from: typeof x,
    tensor: number,
    out: number,
    into: number,
    store: 'float32' | 'int8-block' = 'float32',
  ) => linear(from, `weight.${tensor}`, weightOf([out, into], sines(tensor, out * into, 0.3)), { store });

  const normed = simplifiedLayerNorm(x, scale(1, width), epsilon);
  const table = (of: (angle: number) => number) =>
    Array.from({ length: positions * (head / 2) }, (_, at) =>
      of(angleAt(Math.floor(at / (head / 2)), at % (head / 2))),
    );
  const rotary = {
    start: graph.constant('int64', [1], [0]),
    cos: graph.weight('cos', weightOf([positions, head / 2], table(Math.cos))),
    sin: graph.weight('sin', weightOf([positions, head / 2], table(Math.sin))),
    heads,
  };
  const split = (from: typeof x) => transpose(reshape(from, [1, positions, heads, head]), [0, 2, 1, 3]);
  const queries = split(rotaryEmbedding(project(normed, 2, width, width), rotary));
  const keys = split(rotaryEmbedding(project(normed, 3, width, width), rotary));
  const values = split(project(normed, 4, width, width));
  const scores = add(mul(matMul(queries, transpose(keys, [0, 1, 3, 2])), head ** -0.5), bias);
  const seen = reshape(transpose(matMul(softmax(scores), values), [0, 2, 1, 3]), [1, positions, width]);
  const { output, sum } = skipSimplifiedLayerNorm(project(seen, 5, width, width), x, scale(6, width), epsilon);
  const gated = mul(silu(project(output, 7, hidden, width)), project(output, 8, hidden, width));
  const states = add(sum, project(gated, 9, width, hidden));
  graph.output('states', states);
  graph.output('small', project(normed, 10, width, width, 'int8-block'));

  const plane = reshape(transpose(states, [0, 2, 1]), [1, width, side, side]);
  const kernel = graph.weight('kernel', weightOf([channels, width, 3, 3], sines(11, channels * width * 9, 0.1)));
  const convolved = conv(plane, kernel, {
    padding: 1,
    bias: graph.weight('kernel.bias', weightOf([channels], sines(12, channels, 0.1))),
  });
  const level = groupNormalization(convolved, {
    groups,
    epsilon,
    scale: scale(13, channels),
    bias: graph.weight('level.bias', weightOf([channels], sines(14, channels, 0.1))),
  });
  graph.output('image', resizeNearest(silu(level), 2));
  return graph;
}

/** `x` and `bias` as the test feeds them: sines, and a causal mask. */
export function knownInputs(): { x: number[]; bias: number[] } {
  const { positions, width } = KNOWN_ANSWER;
  return {
    x: sines(0, positions * width, 1),
    bias: Array.from({ length: positions ** 2 }, (_, at) => (at % positions <= Math.floor(at / positions) ? 0 : -1e4)),
  };
}
