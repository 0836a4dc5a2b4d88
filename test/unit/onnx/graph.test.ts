import { expect, test } from 'vitest';
import { createGraph, GraphError } from '../../../models/onnx/graph.js';
import { add, cast, gelu, mul, silu, where } from '../../../models/onnx/ops/arithmetic.js';
import {
  concat,
  gather,
  reshape,
  slice,
  split,
  squeeze,
  stateShape,
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
} from '../../../models/onnx/ops/normalize.js';
import { serializeModel } from '../../../models/onnx/serialize.js';
import { weightOf } from '../../../models/onnx/weight.js';
import { runGraph } from '../../support/run-graph.js';

function inputs() {
  const graph = createGraph('g');
  return {
    graph,
    x: graph.input('x', 'float32', ['B', 'S', 64]),
    y: graph.input('y', 'float32', ['B', 'S', 32]),
    ids: graph.input('ids', 'int64', ['n']),
    one: graph.input('one', 'int64', [1]),
    flags: graph.input('flags', 'bool', ['S', 1]),
    half: graph.input('half', 'float16', [64]),
    scale: graph.input('scale', 'float32', [64]),
    picture: graph.input('picture', 'float32', ['B', 8, 6, 4]),
    kernel: graph.input('kernel', 'float32', [5, 8, 3, 3]),
  };
}

test('shapes follow through the operators, over symbols', () => {
  const { graph, x, y, ids, one, flags, picture, kernel } = inputs();
  const column = graph.input('column', 'float32', ['S', 1]);
  const flat = graph.input('flat', 'float32', ['n+B*S', 64]);
  const table = graph.input('table', 'float32', [10, 8]);
  const shapes: [{ shape: readonly unknown[] }, unknown[]][] = [
    [add(x, 1), ['B', 'S', 64]],
    [mul(x, column), ['B', 'S', 64]],
    [where(flags, x, 0), ['B', 'S', 64]],
    [matMul(transpose(x, [0, 2, 1]), y), ['B', 64, 32]],
    [linear(x, 'w', weightOf([2, 64], new Array(128).fill(0))), ['B', 'S', 2]],
    [reshape(x, ['B*S', 64]), ['B*S', 64]],
    [reshape(x, [0, 0, 4, -1]), ['B', 'S', 4, 16]],
    [reshape(x, [-1]), ['64*B*S']],
    [reshape(flat, [-1, 4, 16]), ['B*S+n', 4, 16]],
    [reshape(x, ['S', 'B', 64], graph.constant('int64', [3], [3, 2, 64])), ['S', 'B', 64]],
    [concat([x, y], -1), ['B', 'S', 96]],
    [concat([flat, graph.input('more', 'float32', ['n', 64])], 0), ['B*S+2*n', 64]],
    [slice(x, { axes: [2], starts: [-16], ends: [Infinity] }), ['B', 'S', 16]],
    [slice(x, { axes: [1, 2], starts: [1, 0], ends: [Infinity, 8] }), ['B', 'S-1', 8]],
    [slice(flat, { axes: [0], starts: one, ends: one, shape: ['B*S', 64] }), ['B*S', 64]],
    [slice(flat, { axes: [0], starts: [0], ends: [4], shape: [4, 64] }), [4, 64]],
    [gather(table, ids), ['n', 8]],
    [gather(x, ids, 1), ['B', 'n', 64]],
    [unsqueeze(x, [1, -1]), ['B', 1, 'S', 64, 1]],
    [squeeze(flags, [1]), ['S']],
    [reduceMean(x, [1]), ['B', 64]],
    [reduceMean(x, [1], { keep: true }), ['B', 1, 64]],
    [argMax(x), ['B', 'S']],
    [argMax(x, 1, { keep: true }), ['B', 1, 64]],
    [conv(picture, kernel, { padding: 1 }), ['B', 5, 6, 4]],
    [conv(picture, kernel, { padding: [0, 0, 1, 1], stride: 2 }), ['B', 5, 3, 2]],
    [resizeNearest(picture, 2), ['B', 8, 12, 8]],
    [stateShape(x, [1, 'S', 64]), [1, 'S', 64]],
  ];
  for (const [value, shape] of shapes) expect(value.shape).toEqual(shape);
  const [left, right] = split(x, [16, 48], -1);
  expect([left?.shape, right?.shape]).toEqual([
    ['B', 'S', 16],
    ['B', 'S', 48],
  ]);
});

type Inputs = ReturnType<typeof inputs>;

const mistakes: [string, (values: Inputs) => unknown][] = [
  [
    'Add("x" float32 [B, S, 64], "y" float32 [B, S, 32]): the lengths 64 and 32 do not broadcast',
    ({ x, y }) => add(x, y),
  ],
  [
    'Mul("x" float32 [B, S, 64], "half" float16 [64]): the types float32 and float16 differ',
    ({ x, half }) => mul(x, half),
  ],
  [
    'Add("flags" bool [S, 1], "x" float32 [B, S, 64]): it takes float32 or float16 or int64 or int32, not bool',
    ({ x, flags }) => add(flags, x),
  ],
  ['Add(1, 2): one operand must be a value', () => add(1, 2)],
  ['gelu("ids" int64 [n]): it takes float32 or float16, not int64', ({ ids }) => gelu(ids)],
  ['Sigmoid("ids" int64 [n]): it takes float32 or float16, not int64', ({ ids }) => silu(ids)],
  ['where("flags", 1, 2): one of the choices must be a value', ({ flags }) => where(flags, 1, 2)],
  ['the condition must be bool, not int64', ({ ids, x }) => where(ids, x, 0)],
  [
    'matMul("x" float32 [B, S, 64], "y" float32 [B, S, 32]): the inner lengths 64 and S differ',
    ({ x, y }) => matMul(x, y),
  ],
  ['matMul("scale" float32 [64]): it takes 2 to 4 axes, not 1', ({ x, scale }) => matMul(x, scale)],
  [
    'linear("x" [B, S, 64]): weight "w" [3, 2] is not [out, 64]',
    ({ x }) => linear(x, 'w', weightOf([3, 2], [1, 2, 3, 4, 5, 6])),
  ],
  [
    'linear("scale" float32 [64]): the bias must have the shape [1]',
    ({ x, scale }) => linear(x, 'w', weightOf([1, 64], new Array(64).fill(0)), { bias: scale }),
  ],
  [
    'reshape("x" float32 [B, S, 64]): [B, S, 3, 20] holds 60*B*S elements, not 64*B*S',
    ({ x }) => reshape(x, [0, 0, 3, 20]),
  ],
  ['64*B*S elements can not be divided by the other lengths of [-1, 48]', ({ x }) => reshape(x, [-1, 48])],
  ['reshape("ids" int64 [n]): there is no axis 1 to copy', ({ ids }) => reshape(ids, [1, 0])],
  ['more than one length of [S, B, 64] is known only at run time', ({ x }) => reshape(x, ['S', 'B', 64])],
  [
    'reshape("one" int64 [1]): the shape that is computed must have the shape [2]',
    ({ x, one }) => reshape(x, ['B*S', 64], one),
  ],
  [
    'stateShape("x" float32 [B, S, 64]): it can not have the shape [B, S, 65]',
    ({ x }) => stateShape(x, ['B', 'S', 65]),
  ],
  ['transpose("x" float32 [B, S, 64]): [0, 1, 1] is not an order of its 3 axes', ({ x }) => transpose(x, [0, 1, 1])],
  [
    'concat("x" float32 [B, S, 64], "y" float32 [B, S, 32]): the shapes differ beyond axis 1',
    ({ x, y }) => concat([x, y], 1),
  ],
  ['concat(): it takes at least one value', () => concat([], 0)],
  ['split("x" float32 [B, S, 64]): the parts 32 + 31 are not the 64 of axis 2', ({ x }) => split(x, [32, 31], 2)],
  ['split("x" float32 [B, S, 64]): axis 1 must have a fixed length, not S', ({ x }) => split(x, [1, 1], 1)],
  [
    'slice("x" float32 [B, S, 64]): there is no axis 3 among 3',
    ({ x }) => slice(x, { axes: [3], starts: [0], ends: [1] }),
  ],
  ['0 to 65 is not within the 64 of axis 2', ({ x }) => slice(x, { axes: [2], starts: [0], ends: [65] })],
  [
    'the length of 0 to 4 on axis 1 of length S must be stated',
    ({ x }) => slice(x, { axes: [1], starts: [0], ends: [4] }),
  ],
  ['1 axes need as many starts and ends, not 2 and 1', ({ x }) => slice(x, { axes: [2], starts: [0, 1], ends: [1] })],
  [
    'bounds that are computed need the shape of the result',
    ({ x, one }) => slice(x, { axes: [1], starts: one, ends: one }),
  ],
  [
    'the result has the shape [B, S, 8], not [B, S, 9]',
    ({ x }) => slice(x, { axes: [2], starts: [0], ends: [8], shape: ['B', 'S', 9] }),
  ],
  [
    'slice("one" int64 [1]): the bounds must have the shape [2]',
    ({ x, one }) => slice(x, { axes: [0, 1], starts: one, ends: one, shape: ['B', 'S', 64] }),
  ],
  ['gather("scale" float32 [64]): it takes int64 or int32, not float32', ({ x, scale }) => gather(x, scale)],
  ['unsqueeze("ids" int64 [n]): the axes 0, 0 repeat', ({ ids }) => unsqueeze(ids, [0, 0])],
  ['squeeze("x" float32 [B, S, 64]): axis 2 has the length 64, not 1', ({ x }) => squeeze(x, [2])],
  [
    'simplifiedLayerNorm("scale" float32 [64]): the scale must have the shape [32]',
    ({ y, scale }) => simplifiedLayerNorm(y, scale, 1e-5),
  ],
  ['what is added must have the same shape', ({ x, y, scale }) => skipSimplifiedLayerNorm(x, y, scale, 1e-5)],
  [
    'layerNorm("scale" float32 [64]): the scale or bias must have the shape [32]',
    ({ y, scale }) => layerNorm(y, { epsilon: 1, scale }),
  ],
  [
    'instanceNormalization("scale" float32 [64]): the scale or bias must have the shape [8]',
    ({ picture, scale }) => instanceNormalization(picture, scale, scale, 1),
  ],
  [
    'groupNormalization("picture" float32 [B, 8, 6, 4]): 8 channels are not 3 groups',
    ({ picture, scale }) => groupNormalization(picture, { groups: 3, epsilon: 1, scale, bias: scale }),
  ],
  [
    'conv("picture" float32 [B, 8, 6, 4], "wrong" float32 [5, 7, 3, 3]): the input has 8 channels, the weight 7',
    ({ graph, picture }) => conv(picture, graph.input('wrong', 'float32', [5, 7, 3, 3])),
  ],
  [
    'conv("scale" float32 [64]): the bias must have the shape [5]',
    ({ picture, kernel, scale }) => conv(picture, kernel, { bias: scale }),
  ],
  [
    'axis 2 with its padding is shorter than the kernel',
    ({ graph, picture }) => conv(picture, graph.input('tall', 'float32', [5, 8, 9, 1])),
  ],
  ['resizeNearest("x" float32 [B, S, 64]): it takes 4 axes, not 3', ({ x }) => resizeNearest(x, 2)],
  [
    'three axes need the number of heads',
    ({ graph, x, one }) => rotaryEmbedding(x, { start: one, ...tables(graph, 8) }),
  ],
  [
    'a head is 16 wide, the tables are for 8',
    ({ graph, x, one }) => rotaryEmbedding(x, { start: one, ...tables(graph, 4), heads: 4 }),
  ],
  [
    'rotaryEmbedding("ids" int64 [n]): the position of the first row must have the shape [1]',
    ({ graph, x, ids }) => rotaryEmbedding(x, { start: ids, ...tables(graph, 8), heads: 4 }),
  ],
  ['constant: the shape [2] does not hold 3 values', ({ graph }) => graph.constant('int64', [2], [1, 2, 3])],
  ['1.5 is not a value of type int64', ({ graph }) => graph.constant('int64', [], [1.5])],
  ['Graph "g" has a value named "x" already', ({ graph }) => graph.input('x', 'float32', [])],
  ['Graph "g" has a value named "y" already', ({ graph, x }) => graph.output('y', add(x, 1))],
  ['Value "x" float32 [B, S, 64] belongs to graph "g", not to "other"', ({ x }) => createGraph('other').output('z', x)],
  ['"B/2" is not a sum of products of symbols and whole numbers', ({ graph }) => graph.input('z', 'float32', ['B/2'])],
  [
    'Graph "g" has another weight, or the same stored otherwise, named "w" already',
    ({ graph }) => {
      graph.weight('w', weightOf([1], [1]));
      graph.weight('w', weightOf([1], [2]));
    },
  ],
];

function tables(graph: Inputs['graph'], half: number) {
  return { cos: graph.input('cos', 'float32', [9, half]), sin: graph.input('sin', 'float32', [9, half]) };
}

test.each(mistakes)('%s', (message, mistake) => {
  let thrown: unknown;
  try {
    mistake(inputs());
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Error);
  expect((thrown as Error).message).toContain(message);
});

test('mistakes are GraphErrors', () => {
  const { x, y } = inputs();
  expect(() => add(x, y)).toThrow(GraphError);
});

test('equal constants and a weight given twice are one tensor', () => {
  const graph = createGraph('shared');
  const x = graph.input('x', 'float32', ['B', 2]);
  const weight = weightOf([2, 2], [1, 2, 3, 4]);
  const y = linear(add(linear(add(x, 1), 'w', weight), 1), 'w', weight);
  const row = weightOf([1, 2], [5, 6]);
  graph.output('y', add(y, graph.weight('half', row, { store: 'float16' })));
  graph.output('z', add(y, graph.weight('half', row, { store: 'float16' })));
  const names = graph.content.initializers.flatMap(({ initializers }) => initializers.map(({ name }) => name));
  expect(names).toEqual(['constant_0', 'w', 'half']);
  expect(graph.content.nodes.filter(({ operator }) => operator === 'Cast')).toHaveLength(1);
});

test('a value may leave under several names, and an input or a constant too', async () => {
  const graph = createGraph('names');
  const x = graph.input('x', 'int64', ['n']);
  const y = add(x, 1);
  graph.output('first', y);
  graph.output('second', y);
  graph.output('same', x);
  graph.output('constant', graph.constant('int64', [1], [7]));
  graph.output('later', mul(y, 2));
  graph.output('as-cast', cast(x, 'int64'));
  const results = await runGraph(graph, { x: { shape: [2], values: [3, 4] } });
  const values = Object.fromEntries(Object.entries(results).map(([name, result]) => [name, result.values]));
  expect(values).toEqual({
    first: [4, 5],
    second: [4, 5],
    same: [3, 4],
    constant: [7],
    later: [8, 10],
    'as-cast': [3, 4],
  });
});

test('a model says who made it and declares its inputs and outputs with their symbols', async () => {
  const graph = createGraph('described');
  graph.output('y', reshape(graph.input('x', 'float32', ['B', 'S', 4]), ['B*S', 4]));
  const text = Buffer.from(await serializeModel(graph)).toString('latin1');
  for (const part of ['twostep', 'described', 'Reshape', 'com.microsoft', 'B*S']) expect(text).toContain(part);
});
