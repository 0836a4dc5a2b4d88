/**
 * How well one colour, or one colour that changes evenly across the plane, describes a set of pixels. Sums of two sets add up to the
 * sums of both, so that joining regions needs no second look at their pixels.
 */

/** n, x, y, xx, xy, yy, then for each of three channels: c, cx, cy, cc. */
export const SUMS = 18;

/**
 * How far a region must reach before a change of colour across it is believed: added to its spread in x and y. Pixels².
 * A square of 12 pixels spreads by 1,700.
 */
const RIDGE = 400;

export function addPixel(
  sums: Float64Array,
  region: number,
  x: number,
  y: number,
  lab: Float32Array,
  pixel: number,
): void {
  let at = region * SUMS;
  sums[at++]! += 1;
  sums[at++]! += x;
  sums[at++]! += y;
  sums[at++]! += x * x;
  sums[at++]! += x * y;
  sums[at++]! += y * y;
  for (let channel = 0; channel < 3; channel++) {
    const value = lab[pixel * 3 + channel] as number;
    sums[at++]! += value;
    sums[at++]! += value * x;
    sums[at++]! += value * y;
    sums[at++]! += value * value;
  }
}

const both = new Float64Array(SUMS);

/** Squared error of regions a and b together, as one. */
export function errorOfBoth(sums: Float64Array, a: number, b: number): number {
  for (let at = 0; at < SUMS; at++) both[at] = (sums[a * SUMS + at] as number) + (sums[b * SUMS + at] as number);
  return errorOf(both, 0);
}

/** Squared error that the best evenly changing colour leaves, summed over the pixels of a region. */
export function errorOf(sums: Float64Array, region: number): number {
  const at = region * SUMS;
  const n = sums[at] as number;
  const x = (sums[at + 1] as number) / n;
  const y = (sums[at + 2] as number) / n;
  const xx = (sums[at + 3] as number) - n * x * x + RIDGE;
  const xy = (sums[at + 4] as number) - n * x * y;
  const yy = (sums[at + 5] as number) - n * y * y + RIDGE;
  const determinant = xx * yy - xy * xy;
  let error = 0;
  for (let channel = at + 6; channel < at + SUMS; channel += 4) {
    const c = (sums[channel] as number) / n;
    const cx = (sums[channel + 1] as number) - n * c * x;
    const cy = (sums[channel + 2] as number) - n * c * y;
    const cc = (sums[channel + 3] as number) - n * c * c;
    error += Math.max(0, cc - (cx * cx * yy - 2 * cx * cy * xy + cy * cy * xx) / determinant);
  }
  return error;
}
