/** The traps of SWITTI 3 that need no weights: crop phases, rotary tables, features. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mixCodes } from '../../../models/families/switti/choose.js';
import { createFeatures } from '../../../models/families/switti/features.js';
import { numbersOf, readNpy } from '../../../models/import/parity/npy.js';
import { cropFeatures } from '../../../models/nets/switti/crop.js';
import { rotaryTables } from '../../../models/nets/switti/rotary.js';
import { kernelOfScales } from '../../../models/nets/var/features.js';
import { weightOf } from '../../../models/onnx/weight.js';
import { average, averageLine, enlarge, enlargeLine } from '../../../models/sampling/resample.js';
import { SWITTI_CONFIG, SWITTI_TEXT } from '../../support/switti-pack.js';

const numbers = (name: string) => numbersOf(readNpy(join(SWITTI_TEXT, `${name}.npy`)));

/** `crop_embed.weight` of switti-a. */
const CROP_FREQUENCIES = [
  -0.30797073245048523, -1.4253052473068237, 0.5792891383171082, -0.2622963488101959, -0.017307987436652184,
  -0.6380244493484497, 0.13954608142375946, -1.4233639240264893,
];

describe('what is computed when a pack is made', () => {
  it('has the rotary tables of the authors, coarse to fine', () => {
    const config = { ...SWITTI_CONFIG, scales: [1, 2, 3, 4, 6], width: 64, heads: 4 };
    const { cos, sin, shape } = rotaryTables(config);
    expect(shape).toEqual([66, 8]);
    for (const [ours, theirs] of [
      [cos, numbers('rope.cos')],
      [sin, numbers('rope.sin')],
    ] as const)
      expect(Math.max(...theirs.map((value, at) => Math.abs(value - (ours[at] as number))))).toBeLessThan(1e-5);
  });

  it('has crop phases in float32, in which 16 bits would be noise', async () => {
    const theirs = numbers('crop.fourier');
    const weights = { file: '', get: () => weightOf([8], CROP_FREQUENCIES) };
    const ours = await cropFeatures(weights);
    expect(Math.max(...theirs.map((value, at) => Math.abs(value - (ours[at] as number))))).toBeLessThan(1e-6);
    const half = CROP_FREQUENCIES.map((one) => Math.round(one * 1024) / 1024);
    const rounded = await cropFeatures({ file: '', get: () => weightOf([8], half) });
    expect(Math.max(...theirs.map((value, at) => Math.abs(value - (rounded[at] as number))))).toBeGreaterThan(0.3);
  });

  it('has the kernel of each scale, ties as float64 decides them', () => {
    expect(kernelOfScales(10, 4)).toEqual([0, 0, 1, 1, 1, 2, 2, 3, 3, 3]);
    expect(kernelOfScales(14, 4)).toEqual([0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3]);
    expect(kernelOfScales(5, 4)).toEqual([0, 1, 2, 2, 3]);
    expect(kernelOfScales(6, 4)).toEqual([0, 0, 1, 2, 3, 3]);
  });
});

describe('features', () => {
  const sizes = { scales: [1, 2, 5], channels: 2, kernels: [0, 1, 1] };
  const random = (length: number) => Float32Array.from({ length }, (_, at) => Math.sin(at * 12.9898 + length) * 2);
  const smoothing = random(2 * (2 * 2 * 9 + 2));

  it('are the sums that whole matrices give, with windows that overlap', () => {
    const features = createFeatures(sizes, smoothing);
    const expected = new Float64Array(25 * 2);
    for (const [scale, side] of sizes.scales.entries()) {
      const cells = 25;
      const wanted = features.next();
      const mean = average(5, side);
      for (let token = 0; token < side * side; token++)
        for (let channel = 0; channel < 2; channel++) {
          let sum = 0;
          for (let cell = 0; cell < cells; cell++)
            sum += (mean[token * cells + cell] as number) * (expected[cell * 2 + channel] as number);
          expect(wanted[token * 2 + channel]).toBeCloseTo(sum, 5);
        }
      const tokens = random(side * side * 2);
      features.add(tokens);
      const large = enlarge(side, 5);
      const at = (y: number, x: number, channel: number) => {
        if (y < 0 || y > 4 || x < 0 || x > 4) return 0;
        let sum = 0;
        for (let token = 0; token < side * side; token++)
          sum += (large[(y * 5 + x) * side * side + token] as number) * (tokens[token * 2 + channel] as number);
        return sum;
      };
      const kernel = sizes.kernels[scale] as number;
      for (let y = 0; y < 5; y++)
        for (let x = 0; x < 5; x++)
          for (let out = 0; out < 2; out++) {
            let sum = smoothing[72 + kernel * 2 + out] as number;
            for (let input = 0; input < 2; input++)
              for (let tap = 0; tap < 9; tap++)
                sum +=
                  (smoothing[kernel * 36 + (out * 2 + input) * 9 + tap] as number) *
                  at(y + Math.floor(tap / 3) - 1, x + (tap % 3) - 1, input);
            expected[(y * 5 + x) * 2 + out] = (expected[(y * 5 + x) * 2 + out] as number) + sum;
          }
    }
    features.values.forEach((value, at) => {
      expect(value).toBeCloseTo(expected[at] as number, 4);
    });
  });

  it('refuse tokens of another scale', () => {
    expect(() => createFeatures(sizes, smoothing).add(new Float32Array(8))).toThrow(
      'scale 0 has 1 tokens of 2 numbers, not 8 numbers',
    );
  });

  it.each([
    [2, 5],
    [5, 5],
    [3, 4],
  ])('are resampled from %i to %i without loss of what is even', (from, to) => {
    const big = enlargeLine(from, to);
    for (let row = 0; row < to; row++)
      expect(big.slice(row * from, (row + 1) * from).reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 12);
    const small = averageLine(to, from);
    for (let row = 0; row < from; row++)
      expect(small.slice(row * to, (row + 1) * to).reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 12);
  });
});

describe('a mixture of codes', () => {
  const codebook = Float32Array.of(1, 0, 0, 1, -1, -1);
  it('is the likeliest code where there is no doubt, and between them where there is', () => {
    const vector = new Float32Array(2);
    mixCodes(Float32Array.of(9, 0, 0), { codebook, share: 0.5 }, vector, () => 0);
    expect([...vector]).toEqual([1, 0]);
    mixCodes(Float32Array.of(2, 2, -50), { codebook, share: 0 }, vector, () => 0);
    expect([...vector]).toEqual([0.5, 0.5]);
  });
});
