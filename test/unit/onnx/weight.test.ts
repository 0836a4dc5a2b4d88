import { expect, test } from 'vitest';
import {
  concatWeights,
  mapWeight,
  normalizeRows,
  reshapeWeight,
  sliceWeight,
  splitWeight,
  transposeWeight,
  type Weight,
  weightOf,
} from '../../../models/onnx/weight.js';

const load = async (weight: Weight) => [...(await weight.load())];
const matrix = weightOf([2, 3], [1, 2, 3, 4, 5, 6]);

test('weights are rearranged when they are loaded', async () => {
  expect(transposeWeight(matrix).shape).toEqual([3, 2]);
  expect(await load(transposeWeight(matrix))).toEqual([1, 4, 2, 5, 3, 6]);
  expect(sliceWeight(matrix, 1, 2).shape).toEqual([1, 3]);
  expect(await load(sliceWeight(matrix, 1, 2))).toEqual([4, 5, 6]);
  expect(reshapeWeight(matrix, [6]).shape).toEqual([6]);
  expect(await load(mapWeight(matrix, (value, index) => value * index))).toEqual([0, 2, 6, 12, 20, 30]);
  const both = concatWeights([matrix, weightOf([1, 3], [7, 8, 9])]);
  expect(both.shape).toEqual([3, 3]);
  expect(await load(both)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a matrix larger than the tiles is transposed as one that is not', async () => {
  const [rows, columns] = [45, 70];
  const large = weightOf(
    [rows, columns],
    Array.from({ length: rows * columns }, (_, index) => index),
  );
  const turned = await transposeWeight(large).load();
  for (const [row, column] of [
    [0, 0],
    [44, 69],
    [31, 32],
    [32, 31],
    [40, 3],
  ] as const)
    expect(turned[column * rows + row]).toBe(row * columns + column);
});

test('a row is divided by its length, but by no less than epsilon', async () => {
  expect(await load(normalizeRows(weightOf([3, 2], [3, 4, 0, 0, 0, -2])))).toEqual([
    Math.fround(0.6),
    Math.fround(0.8),
    0,
    0,
    0,
    -1,
  ]);
});

test('shapes that do not fit are refused before anything is loaded', () => {
  expect(() => weightOf([2], [1, 2, 3])).toThrow('weightOf: the shape [2] does not hold 3 values');
  expect(() => reshapeWeight(matrix, [4])).toThrow('reshapeWeight: the shape [4] does not hold 6 values');
  expect(() => transposeWeight(weightOf([3], [1, 2, 3]))).toThrow('transposeWeight takes a matrix, not the shape [3]');
  expect(() => sliceWeight(matrix, 1, 3)).toThrow('sliceWeight: rows 1 to 3 are not within the shape [2, 3]');
  expect(() => concatWeights([matrix, weightOf([2], [1, 2])])).toThrow(
    'concatWeights: the shapes [2, 3] and [2] differ beyond the first axis',
  );
});

test('parts that are written one after the other read their weight once', async () => {
  let read = 0;
  const counted: Weight = {
    shape: [4, 2],
    load: async () => {
      read += 1;
      return Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
    },
  };
  const [first, second] = splitWeight(counted, 2) as [Weight, Weight];
  expect(second.shape).toEqual([2, 2]);
  const values = await second.load();
  expect([...values]).toEqual([5, 6, 7, 8]);
  // What was given away is the caller's to change.
  values.fill(0);
  expect(await load(first)).toEqual([1, 2, 3, 4]);
  expect(read).toBe(1);
  expect(await load(second)).toEqual([5, 6, 7, 8]);
  expect(read).toBe(2);
  expect(() => splitWeight(counted, 3)).toThrow('can not be cut into 3 equal parts');
});
