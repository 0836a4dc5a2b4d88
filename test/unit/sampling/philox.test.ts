import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keyOf, philox, STREAMS, uniform } from '../../../models/sampling/philox.js';

const golden: { uniforms: { seed: number; index: number; value: number }[] } = JSON.parse(
  readFileSync(new URL('./golden.json', import.meta.url), 'utf8'),
);

/** Random123's kat_vectors, the lines "philox4x32 10": counter, key, result. */
const KNOWN_ANSWERS = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
] as const;

describe('philox', () => {
  it.each(KNOWN_ANSWERS)('reproduces the published vector of counter %j', (counter, key, expected) => {
    const out = new Uint32Array(4);
    philox(Uint32Array.from(counter), Uint32Array.from(key), out);
    expect([...out]).toEqual([...expected]);
  });

  it('takes seeds up to 2^53 - 1 whole, and refuses what is not a seed', () => {
    expect([...keyOf(2 ** 53 - 1)]).toEqual([0xffffffff, 0x1fffff]);
    expect([...keyOf(2 ** 32)]).toEqual([0, 1]);
    for (const seed of [-1, 0.5, 2 ** 53, Number.NaN])
      expect(() => keyOf(seed)).toThrow(`seed ${seed} is not a whole number from 0 to 9007199254740991`);
  });
});

describe('uniform', () => {
  it('equals an independent computation in whole-number arithmetic', () => {
    for (const { seed, index, value } of golden.uniforms) expect(uniform(seed, STREAMS.sampling, index)).toBe(value);
  });

  it('is uniform', () => {
    const bins = new Float64Array(20);
    const draws = 40_000;
    for (let index = 0; index < draws; index++) {
      const value = uniform(7, STREAMS.sampling, index);
      expect(value >= 0 && value < 1).toBe(true);
      bins[Math.floor(value * 20)]! += 1;
    }
    // Chi-square with 19 degrees of freedom: 43.8 is the 0.1 % point.
    const chiSquare = bins.reduce((sum, count) => sum + (count - draws / 20) ** 2 / (draws / 20), 0);
    expect(chiSquare).toBeLessThan(43.8);
  });
});
