import { expect, test } from 'vitest';
import { createGraph } from '../../../models/onnx/graph.js';
import { linear } from '../../../models/onnx/ops/linear.js';
import { lookUp } from '../../../models/onnx/ops/look-up.js';
import { BLOCK, quantizeBlocks, quantizeColumns } from '../../../models/onnx/quantize.js';
import { weightOf } from '../../../models/onnx/weight.js';
import { runGraph } from '../../support/run-graph.js';

/** Numbers that look normal: the sum of four sines of a counter (sums of many would be slower and no better). */
function randomValues(size: number, seed: number): Float32Array {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return Float32Array.from({ length: size }, () => uniform() + uniform() + uniform() + uniform());
}

function relativeL2(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let size = 0;
  for (let index = 0; index < expected.length; index += 1) {
    difference += ((found[index] as number) - (expected[index] as number)) ** 2;
    size += (expected[index] as number) ** 2;
  }
  return Math.sqrt(difference / size);
}

test('a byte is the distance from 128 in steps of the scale of its block', () => {
  const { values, scales } = quantizeBlocks(Float32Array.from([127, -127, 0.4, 1.6, 0, 0, 0, -2]), 4);
  expect([...scales]).toEqual([1, Math.fround(2 / 127)]);
  expect([...values.subarray(0, 5)]).toEqual([255, 1, 128, 130, 128]);
  expect([...values.subarray(BLOCK, BLOCK + 5)]).toEqual([128, 128, 128, 1, 128]);
});

test('a row of zeros has the scale 0', () => {
  const { values, scales } = quantizeBlocks(new Float32Array(BLOCK), BLOCK);
  expect([...scales]).toEqual([0]);
  expect(new Set(values)).toEqual(new Set([128]));
});

test('weights that are no numbers are refused', () => {
  expect(() => quantizeBlocks(Float32Array.from([1, 2, Number.NaN, 0]), 2)).toThrow('row 1 holds NaN');
  expect(() => quantizeBlocks(Float32Array.from([1, Number.POSITIVE_INFINITY]), 2)).toThrow('row 0 holds Infinity');
});

test('each weight is off by at most half a step, all together by less than 0.6 %', () => {
  const width = 300;
  const weights = randomValues(20 * width, 1);
  const { values, scales } = quantizeBlocks(weights, width);
  const blocks = Math.ceil(width / BLOCK);
  const back = weights.map((weight, index) => {
    const [row, column] = [Math.floor(index / width), index % width];
    const block = row * blocks + Math.floor(column / BLOCK);
    const scale = scales[block] as number;
    const value = ((values[block * BLOCK + (column % BLOCK)] as number) - 128) * scale;
    expect(Math.abs(value - weight)).toBeLessThanOrEqual(scale * 0.5001);
    return value;
  });
  const error = relativeL2(back, weights);
  expect(error).toBeGreaterThan(1e-3);
  expect(error).toBeLessThan(6e-3);
});

test.each([256, 200])('a product over %i values differs by less than 1 %% from the exact one', async (width) => {
  const [rows, out] = [64, 96];
  const x = randomValues(rows * width, 2);
  const weight = weightOf([out, width], randomValues(out * width, 3));
  const graph = createGraph('products');
  const input = graph.input('x', 'float32', ['B', 'S', width]);
  graph.output('exact', linear(input, 'exact.weight', weight));
  graph.output('bytes', linear(input, 'bytes.weight', weight, { store: 'int8-block' }));
  const { exact, bytes } = await runGraph(graph, { x: { shape: [2, rows / 2, width], values: x } });
  expect(bytes?.shape).toEqual([2, rows / 2, out]);
  const error = relativeL2(bytes?.values ?? [], exact?.values ?? [0]);
  // 8-bit weights and, at accuracy level 4, 8-bit activations: models/RUNTIME.md measured 4.5e-3 on a real block.
  expect(error).toBeGreaterThan(1e-4);
  expect(error).toBeLessThan(1e-2);
});

test.each([256, 200])('rows of %i values that are looked up in bytes are off by at most half a step', async (width) => {
  const table = randomValues(9 * width, 4);
  const graph = createGraph('table');
  graph.output('y', lookUp(graph.input('rows', 'int64', ['n']), 'table', weightOf([9, width], table), 'int8-block'));
  const { y } = await runGraph(graph, { rows: { shape: [3], values: [8, 0, 8] } });
  expect(y?.shape).toEqual([3, width]);
  const wanted = [8, 0, 8].flatMap((row) => [...table.subarray(row * width, (row + 1) * width)]);
  for (const [index, value] of wanted.entries()) {
    const length = width % BLOCK === 0 ? BLOCK : width;
    const start = index - (index % length);
    const block = wanted.slice(start, start + length);
    const step = Math.max(...block.map(Math.abs)) / 127;
    expect(Math.abs((y?.values[index] as number) - value)).toBeLessThanOrEqual(step * 0.5001);
  }
});

test('a column is seven bits around a scale of its own, turned as the product wants it', () => {
  const { values, scales } = quantizeColumns(Float32Array.from([63, -63, 0.4, 0, 0, -2]), 3);
  expect([...scales]).toEqual([1, Math.fround(2 / 63)]);
  expect([...values]).toEqual([63, 0, -63, 0, 0, -63]);
  expect(() => quantizeColumns(Float32Array.from([1, Number.NaN]), 2)).toThrow('row 0 holds NaN');
});

test.each([
  ['int8-dynamic', 0.02],
  ['float16-product', 0.001],
] as const)('products stored as %s stay near, also at the largest activations and weights', async (store, bound) => {
  const [rows, width, out] = [5, 512, 96];
  for (const flat of [false, true]) {
    // All at the limit: pairs of products would saturate 16 bits on processors without VNNI.
    const x = flat ? new Float32Array(rows * width).fill(1) : randomValues(rows * width, 1);
    const weights = flat ? new Float32Array(out * width).fill(1) : randomValues(out * width, 2);
    const graph = createGraph('product');
    graph.output(
      'y',
      linear(graph.input('x', 'float32', ['n', width]), 'w', weightOf([out, width], weights), { store }),
    );
    const expected = new Float64Array(rows * out);
    for (let row = 0; row < rows; row += 1)
      for (let column = 0; column < out; column += 1)
        for (let index = 0; index < width; index += 1)
          expected[row * out + column] =
            (expected[row * out + column] as number) +
            (x[row * width + index] as number) * (weights[column * width + index] as number);
    const { y } = await runGraph(graph, { x: { shape: [rows, width], values: [...x] } });
    expect(relativeL2(y?.values ?? [], expected)).toBeLessThan(bound);
  }
});
