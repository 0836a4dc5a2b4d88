import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { naturalLogarithm, noiseFor, normalQuantile } from '../../../models/sampling/noise.js';

const golden: {
  noise: { seed: number; position: number; channel: number; value: number }[];
  quantiles: { probability: number; value: number }[];
} = JSON.parse(readFileSync(new URL('./golden.json', import.meta.url), 'utf8'));

/** Values of golden.json: mpmath at 50 digits on an independent Philox in Python's whole numbers. */
describe('noiseFor', () => {
  it('equals the exact values, to the last bit of a float32', () => {
    for (const { seed, position, channel, value } of golden.noise)
      expect(noiseFor(seed, position + 1, 8)[position * 8 + channel]).toBe(value);
  });

  it('depends on seed, position and channel alone, not on the size of the grid or the number of channels', () => {
    const large = noiseFor(123, 256, 8);
    expect(noiseFor(123, 16, 8)).toEqual(large.slice(0, 128));
    const odd = noiseFor(123, 4, 5);
    for (let position = 0; position < 4; position++)
      expect([...odd.subarray(position * 5, position * 5 + 5)]).toEqual([
        ...large.subarray(position * 8, position * 8 + 5),
      ]);
    expect(noiseFor(124, 16, 8)).not.toEqual(large.slice(0, 128));
  });

  it('is standard normal: moments, Kolmogorov-Smirnov, no correlation between channels', () => {
    const count = 200_000;
    const values = Float64Array.from(noiseFor(2026, count / 8, 8));
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / count;
    // Four standard errors of each moment.
    expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / count));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / count));
    for (let channel = 1; channel < 8; channel++) {
      let product = 0;
      for (let at = 0; at < count; at += 8) product += values[at]! * values[at + channel]!;
      expect(Math.abs(product / (count / 8))).toBeLessThan(4 / Math.sqrt(count / 8));
    }
    values.sort();
    let distance = 0;
    for (let rank = 0; rank < count; rank += 10)
      distance = Math.max(distance, Math.abs(rank / count - cumulative(values[rank]!)));
    // 1.95 / sqrt(n) is the 0.1 % point.
    expect(distance).toBeLessThan(1.95 / Math.sqrt(count) + 1e-4);
  });
});

describe('normalQuantile', () => {
  it('is exact to 1e-15 from 2^-53 to 1 - 2^-53', () => {
    for (const { probability, value } of golden.quantiles)
      expect(Math.abs(normalQuantile(probability) - value)).toBeLessThanOrEqual(
        1e-15 * Math.max(Math.abs(value), 1e-1),
      );
  });
});

describe('naturalLogarithm', () => {
  it('agrees with the engine to 2 units in the last place', () => {
    for (let x = 1e-16; x < 0.1; x *= 1.0007) {
      const expected = Math.log(x);
      expect(Math.abs(naturalLogarithm(x) - expected)).toBeLessThanOrEqual(2 * 2 ** -52 * Math.abs(expected));
    }
  });
});

/** Distribution function of the standard normal law by its series; enough for a test at 1e-4. */
function cumulative(x: number): number {
  if (Math.abs(x) > 6) return x < 0 ? 0 : 1;
  let term = x;
  let sum = x;
  for (let n = 1; n < 120; n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + sum * Math.exp((-x * x) / 2) * 0.3989422804014327;
}
