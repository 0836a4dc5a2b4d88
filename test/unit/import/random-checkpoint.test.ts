import { expect, it } from 'vitest';
import { randomCheckpoint } from '../../../models/import/random-checkpoint.js';

const TABLE = { weight: [600, 500], 'norm.weight': [8] };
const read = (name: string, seed: number) => randomCheckpoint('made-up', TABLE, seed).tensors.get(name)!.readFloat32();

it('gives numbers that keep the size of what goes in, equal for equal seeds, and norms of one', async () => {
  const values = await read('weight', 1);
  expect(await read('weight', 1)).toEqual(values);
  expect(await read('weight', 2)).not.toEqual(values);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.001);
  // A product with 500 of them has variance 1.
  expect(variance * 500).toBeCloseTo(1, 1);
  expect(await read('norm.weight', 1)).toEqual(new Float32Array(8).fill(1));
});
