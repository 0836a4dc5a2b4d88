/**
 * Tokens of the scales so far -> a map of features, and that -> input of the next scale (SWITTI 1.6): each scale is enlarged to the grid,
 * smoothed by one of a few kernels, and added; the sum is averaged over the cells of the next. At most 64 x 64 x 32 numbers, so this
 * is plain arithmetic and no graph.
 */
import { averageLine, enlargeLine } from '../../sampling/resample.js';

export type FeatureSizes = {
  readonly scales: readonly number[];
  readonly channels: number;
  /** The kernel of each scale. */
  readonly kernels: readonly number[];
};

/** Half a convolution and half of what it convolves, in one: kernels [n, channels, channels, 3, 3], then biases [n, channels]. */
export type Smoothing = Float32Array;

export type Features = {
  /** Adds the tokens [side * side, channels] of the next scale. */
  add(tokens: Float32Array): void;
  /** Input of the next scale, [side * side, channels]; zeros before the first. */
  next(): Float32Array;
  /** What was added so far, [grid * grid, channels]. */
  readonly values: Float32Array;
};

export function createFeatures({ scales, channels, kernels }: FeatureSizes, smoothing: Smoothing): Features {
  const grid = scales.at(-1) ?? 0;
  const values = new Float32Array(grid * grid * channels);
  const count = smoothing.length / (channels * channels * 9 + channels);
  let scale = 0;
  return {
    values,
    add(tokens) {
      const side = scales[scale] ?? 0;
      if (tokens.length !== side * side * channels)
        throw new RangeError(
          `scale ${scale} has ${side * side} tokens of ${channels} numbers, not ${tokens.length} numbers`,
        );
      const enlarged = side === grid ? tokens : resample(tokens, enlargeLine(side, grid), side, grid, channels);
      const kernel = kernels[scale] ?? 0;
      const size = channels * channels * 9;
      const bias = smoothing.subarray(count * size + kernel * channels, count * size + (kernel + 1) * channels);
      convolve(enlarged, smoothing.subarray(kernel * size, (kernel + 1) * size), bias, values, grid);
      scale++;
    },
    next() {
      const side = scales[scale] ?? 0;
      return resample(values, averageLine(grid, side), grid, side, channels);
    },
  };
}

/** A map [from * from, channels] -> [to * to, channels], by the matrix [to, from] of a line, first down and then across. */
function resample(map: Float32Array, line: Float64Array, from: number, to: number, channels: number): Float32Array {
  const tall = new Float64Array(to * from * channels);
  const row = from * channels;
  for (let out = 0; out < to; out++)
    for (let input = 0; input < from; input++) {
      const share = line[out * from + input] as number;
      if (share === 0) continue;
      for (let at = 0; at < row; at++)
        tall[out * row + at] = (tall[out * row + at] as number) + share * (map[input * row + at] as number);
    }
  const result = new Float32Array(to * to * channels);
  const sums = new Float64Array(channels);
  for (let y = 0; y < to; y++)
    for (let x = 0; x < to; x++) {
      sums.fill(0);
      for (let input = 0; input < from; input++) {
        const share = line[x * from + input] as number;
        if (share === 0) continue;
        const at = (y * from + input) * channels;
        for (let channel = 0; channel < channels; channel++)
          sums[channel] = (sums[channel] as number) + share * (tall[at + channel] as number);
      }
      result.set(sums, (y * to + x) * channels);
    }
  return result;
}

/** Adds a 3 x 3 convolution of a map [side * side, channels], zeros around it, to `sum`. */
function convolve(map: Float32Array, kernel: Float32Array, bias: Float32Array, sum: Float32Array, side: number): void {
  const channels = bias.length;
  // [tap][in][out], so that the innermost loop runs along memory.
  const turned = new Float32Array(kernel.length);
  for (let out = 0; out < channels; out++)
    for (let input = 0; input < channels; input++)
      for (let tap = 0; tap < 9; tap++)
        turned[(tap * channels + input) * channels + out] = kernel[(out * channels + input) * 9 + tap] as number;
  const cell = new Float64Array(channels);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      cell.set(bias);
      for (let tap = 0; tap < 9; tap++) {
        const [row, column] = [y + Math.floor(tap / 3) - 1, x + (tap % 3) - 1];
        if (row < 0 || row >= side || column < 0 || column >= side) continue;
        for (let input = 0; input < channels; input++) {
          const value = map[(row * side + column) * channels + input] as number;
          const from = (tap * channels + input) * channels;
          for (let out = 0; out < channels; out++)
            cell[out] = (cell[out] as number) + value * (turned[from + out] as number);
        }
      }
      const at = (y * side + x) * channels;
      for (let out = 0; out < channels; out++) sum[at + out] = (sum[at + out] as number) + (cell[out] as number);
    }
}
