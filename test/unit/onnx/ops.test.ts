/** What each operator computes in onnxruntime-node, against numbers worked out by hand or by the formula in its comment. */
import { expect, test } from 'vitest';
import { createGraph, type Graph, type Value } from '../../../models/onnx/graph.js';
import {
  add,
  cast,
  div,
  gelu,
  greater,
  identity,
  lessOrEqual,
  mul,
  pow,
  reciprocal,
  sigmoid,
  silu,
  sqrt,
  sub,
  where,
} from '../../../models/onnx/ops/arithmetic.js';
import {
  concat,
  gather,
  reshape,
  slice,
  split,
  squeeze,
  transpose,
  unsqueeze,
} from '../../../models/onnx/ops/arrange.js';
import { linear } from '../../../models/onnx/ops/linear.js';
import { argMax, conv, matMul, resizeNearest, rotaryEmbedding } from '../../../models/onnx/ops/network.js';
import {
  groupNormalization,
  instanceNormalization,
  layerNorm,
  reduceMean,
  simplifiedLayerNorm,
  skipSimplifiedLayerNorm,
  softmax,
} from '../../../models/onnx/ops/normalize.js';
import { weightOf } from '../../../models/onnx/weight.js';
import { runGraph } from '../../support/run-graph.js';

/** Runs operators over one float32 input; results by name, shape first. */
async function evaluate(
  shape: number[],
  values: number[],
  make: (x: Value, graph: Graph) => Record<string, Value>,
): Promise<Record<string, [readonly number[], number[]]>> {
  const graph = createGraph('operators');
  // The batch is symbolic, as in every network.
  const x = graph.input('x', 'float32', ['B', ...shape.slice(1)]);
  for (const [name, value] of Object.entries(make(x, graph))) graph.output(name, value);
  const results = await runGraph(graph, { x: { shape, values } });
  return Object.fromEntries(Object.entries(results).map(([name, { shape, values }]) => [name, [shape, values]]));
}

function near(found: readonly number[] | undefined, expected: readonly number[]) {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, index) => {
    expect(found?.[index]).toBeCloseTo(value, 5);
  });
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('arithmetic, comparison and choice', async () => {
  const values = [-2, -0.5, 0, 3];
  const results = await evaluate([1, 4], values, (x) => ({
    add: add(x, 1),
    sub: sub(1, x),
    mul: mul(x, x),
    div: div(x, 2),
    pow: pow(x, 2),
    sqrt: sqrt(mul(x, x)),
    reciprocal: reciprocal(add(x, 4)),
    sigmoid: sigmoid(x),
    silu: silu(x),
    gelu: gelu(x),
    greater: greater(x, 0),
    lessOrEqual: lessOrEqual(x, 0),
    where: where(greater(x, 0), x, -1e4),
    whole: cast(x, 'int32'),
    halves: cast(cast(x, 'float16'), 'float32'),
    identity: identity(x),
  }));
  const check = (name: string, formula: (x: number) => number) => near(results[name]?.[1], values.map(formula));
  check('add', (x) => x + 1);
  check('sub', (x) => 1 - x);
  check('mul', (x) => x * x);
  check('div', (x) => x / 2);
  check('pow', (x) => x * x);
  check('sqrt', Math.abs);
  check('reciprocal', (x) => 1 / (x + 4));
  check('sigmoid', (x) => 1 / (1 + Math.exp(-x)));
  check('silu', (x) => x / (1 + Math.exp(-x)));
  check('gelu', (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))));
  check('greater', (x) => (x > 0 ? 1 : 0));
  check('lessOrEqual', (x) => (x <= 0 ? 1 : 0));
  check('where', (x) => (x > 0 ? x : -1e4));
  check('whole', Math.trunc);
  check('halves', (x) => x);
  check('identity', (x) => x);
});

test('parts and order', async () => {
  const values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
  const results = await evaluate([2, 3, 2], values, (x, graph) => {
    const [first, rest] = split(x, [1, 2], 1) as [Value, Value];
    const bound = (...values: number[]) => graph.constant('int64', [values.length], values);
    return {
      transpose: transpose(x, [2, 0, 1]),
      first,
      rest,
      concat: concat([rest, first], 1),
      slice: slice(x, { axes: [1, 2], starts: [1, -1], ends: [Infinity, Infinity] }),
      bounds: slice(x, { axes: [0, 1], starts: bound(1, 0), ends: bound(2, 2), shape: [1, 2, 2] }),
      gather: gather(x, graph.constant('int64', [3], [2, 0, -1]), 1),
      reshape: reshape(x, ['3*B', 2]),
      by: reshape(x, [3, 'B', 2], bound(3, -1, 2)),
      squeeze: squeeze(unsqueeze(x, [0]), [0]),
    };
  });
  expect(results).toEqual({
    transpose: [
      [2, 2, 3],
      [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11],
    ],
    first: [
      [2, 1, 2],
      [0, 1, 6, 7],
    ],
    rest: [
      [2, 2, 2],
      [2, 3, 4, 5, 8, 9, 10, 11],
    ],
    concat: [
      [2, 3, 2],
      [2, 3, 4, 5, 0, 1, 8, 9, 10, 11, 6, 7],
    ],
    slice: [
      [2, 2, 1],
      [3, 5, 9, 11],
    ],
    bounds: [
      [1, 2, 2],
      [6, 7, 8, 9],
    ],
    gather: [
      [2, 3, 2],
      [4, 5, 0, 1, 4, 5, 10, 11, 6, 7, 10, 11],
    ],
    reshape: [[6, 2], values],
    by: [[3, 2, 2], values],
    squeeze: [[2, 3, 2], values],
  });
});

test('products of 2 to 4 axes, leading ones stretched', async () => {
  const results = await evaluate([2, 1, 2], [1, 2, 3, 4], (x, graph) => {
    const weight = weightOf([3, 2], [1, 2, 3, 4, 5, 6]); // torch's [out, in]
    const matrix = graph.constant('float32', [2, 2], [1, 10, 100, 1000]);
    const deep = reshape(x, [0, 1, 1, 2]);
    return {
      linear: linear(x, 'w', weight, { bias: graph.constant('float32', [3], [0.5, 0, -0.5]) }),
      half: linear(x, 'h', weight, { store: 'float16' }),
      left: matMul(matrix, transpose(x, [0, 2, 1])),
      four: matMul(deep, graph.constant('float32', [1, 3, 2, 1], [1, 1, 1, -1, 2, 0])),
    };
  });
  expect(results).toEqual({
    linear: [
      [2, 1, 3],
      [5.5, 11, 16.5, 11.5, 25, 38.5],
    ],
    half: [
      [2, 1, 3],
      [5, 11, 17, 11, 25, 39],
    ],
    left: [
      [2, 2, 1],
      [21, 2100, 43, 4300],
    ],
    four: [
      [2, 3, 1, 1],
      [3, -1, 2, 7, -1, 6],
    ],
  });
});

test('softmax, means and norms over the last axis', async () => {
  const rows = [
    [1, 2, 3, 6],
    [-1, 0, 0, 5],
  ];
  const scale = [1, 2, 0.5, -1];
  const epsilon = 1e-3;
  const results = await evaluate([2, 4], rows.flat(), (x, graph) => {
    const weight = graph.constant('float32', [4], scale);
    const skip = skipSimplifiedLayerNorm(x, add(x, 1), weight, epsilon);
    const deep = skipSimplifiedLayerNorm(unsqueeze(x, [0]), unsqueeze(add(x, 1), [0]), weight, epsilon);
    return {
      softmax: softmax(x),
      mean: reduceMean(x, [1], { keep: true }),
      simple: simplifiedLayerNorm(x, weight, epsilon),
      plain: layerNorm(x, { epsilon }),
      affine: layerNorm(x, { epsilon, scale: weight, bias: weight }),
      sum: skip.sum,
      output: skip.output,
      deep: deep.output,
    };
  });
  const check = (name: string, formula: (row: number[]) => number[]) => near(results[name]?.[1], rows.flatMap(formula));
  const root = (row: number[]) =>
    row.map((value, index) => (value * (scale[index] ?? 0)) / Math.sqrt(mean(row.map((v) => v * v)) + epsilon));
  const centred = (row: number[]) => {
    const variance = mean(row.map((value) => (value - mean(row)) ** 2));
    return row.map((value) => (value - mean(row)) / Math.sqrt(variance + epsilon));
  };
  check('softmax', (row) => row.map((value) => Math.exp(value) / row.reduce((sum, other) => sum + Math.exp(other), 0)));
  check('mean', (row) => [mean(row)]);
  check('simple', root);
  check('plain', centred);
  check('affine', (row) => centred(row).map((value, index) => value * (scale[index] ?? 0) + (scale[index] ?? 0)));
  check('sum', (row) => row.map((value) => 2 * value + 1));
  check('output', (row) => root(row.map((value) => 2 * value + 1)));
  check('deep', (row) => root(row.map((value) => 2 * value + 1)));
  expect(results['mean']?.[0]).toEqual([2, 1]);
});

test('norms over channels and over groups of them', async () => {
  const values = Array.from({ length: 16 }, (_, index) => (index * index) % 7);
  const [scale, bias] = [
    [1, 2, 3, 4],
    [0, 0.5, 0, -1],
  ];
  const epsilon = 1e-2;
  const results = await evaluate([1, 4, 2, 2], values, (x, graph) => {
    const parameters = { scale: graph.constant('float32', [4], scale), bias: graph.constant('float32', [4], bias) };
    return {
      instance: instanceNormalization(x, parameters.scale, parameters.bias, epsilon),
      groups: groupNormalization(x, { groups: 2, epsilon, ...parameters }),
    };
  });
  const formula = (size: number) =>
    values.map((value, index) => {
      const start = Math.floor(index / size) * size;
      const group = values.slice(start, start + size);
      const variance = mean(group.map((other) => (other - mean(group)) ** 2));
      const channel = Math.floor(index / 4);
      return ((value - mean(group)) / Math.sqrt(variance + epsilon)) * (scale[channel] ?? 0) + (bias[channel] ?? 0);
    });
  near(results['instance']?.[1], formula(4));
  near(results['groups']?.[1], formula(8));
});

test('convolution with padding on any side and stride, and enlargement', async () => {
  const picture = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const results = await evaluate([1, 1, 3, 3], picture, (x, graph) => {
    const ones = graph.constant('float32', [1, 1, 3, 3], new Array(9).fill(1));
    const corner = graph.constant('float32', [2, 1, 2, 2], [1, 0, 0, 0, 0, 0, 0, 1]);
    return {
      same: conv(x, ones, { padding: 1, bias: graph.constant('float32', [1], [0.5]) }),
      halved: conv(x, corner, { padding: [0, 0, 1, 1], stride: 2 }),
      twice: resizeNearest(slice(x, { axes: [2, 3], starts: [0, 0], ends: [2, 2] }), 2),
    };
  });
  expect(results['same']).toEqual([[1, 1, 3, 3], [12, 21, 16, 27, 45, 33, 24, 39, 28].map((value) => value + 0.5)]);
  // First channel: upper left of each 2 x 2; second: lower right, where the padding is 0.
  expect(results['halved']).toEqual([
    [1, 2, 2, 2],
    [1, 3, 7, 9, 5, 0, 0, 0],
  ]);
  expect(results['twice']).toEqual([
    [1, 1, 4, 4],
    [1, 1, 2, 2, 1, 1, 2, 2, 4, 4, 5, 5, 4, 4, 5, 5],
  ]);
});

test('neighbouring pairs turn by the angle of their position; a table of zeros gives zeros', async () => {
  const angles = [0, 0.5, 1.5]; // of positions 0, 1, 2; the last row of the table is zeros
  const [cos, sin] = [angles.map(Math.cos), angles.map(Math.sin)];
  // Two heads of two channels, three rows: a pair is (channel 0, channel 1).
  const values = [1, 0, 3, 4, 0, 1, 1, 1, 5, 6, 7, 8];
  const results = await evaluate([1, 3, 4], values, (x, graph) => {
    const start = graph.constant('int64', [1], [1]);
    const table = (part: number[]) => graph.constant('float32', [4, 1], [...part, 0]);
    const tables = { start, cos: table(cos), sin: table(sin) };
    const four = transpose(reshape(x, [0, 0, 2, 2]), [0, 2, 1, 3]);
    return {
      three: rotaryEmbedding(x, { ...tables, heads: 2 }),
      four: transpose(rotaryEmbedding(four, tables), [0, 2, 1, 3]),
    };
  });
  const turn = (a: number, b: number, position: number) => {
    const [c, s] = [cos[position] ?? 0, sin[position] ?? 0];
    return [a * c - b * s, a * s + b * c];
  };
  const expected = [0, 1, 2].flatMap((row) => {
    const [a = 0, b = 0, c = 0, d = 0] = values.slice(4 * row);
    return [...turn(a, b, row + 1), ...turn(c, d, row + 1)];
  });
  near(results['three']?.[1], expected);
  near(results['four']?.[1], expected);
  expect(expected.slice(8)).toEqual([0, 0, 0, 0]);
});

test('the first of several largest', async () => {
  const results = await evaluate([2, 3], [1, 5, 5, 7, 2, 7], (x) => ({
    rows: argMax(x),
    columns: argMax(x, 0, { keep: true }),
  }));
  expect(results).toEqual({
    rows: [[2], [1, 0]],
    columns: [
      [1, 3],
      [1, 0, 1],
    ],
  });
});
