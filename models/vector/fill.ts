/** The colour of a region: one, or a linear gradient where that is what it is. */
import { toOklab } from './oklab.js';
import type { Colour, Fill, Point } from './vectors.js';

/** A change across the region that is smaller than this is not seen. OKLab. */
const SEEN = 0.04;

/** A stop more is worth it where the gradient is farther than this from what it paints. sRGB, 0..255. */
const OFF = 5;
const MOST_STOPS = 6;

/** Slices across the gradient, of which each must hold enough pixels to be believed. */
const SLICES = 32;
const FEWEST_PIXELS = 12;

/** A gradient in a small region is the softness of its edges. Pixels. */
const FEWEST_OF_A_GRADIENT = 600;

/** The gradient must leave at most this part of the squared error of one colour. */
const LEFT_OVER = 0.5;

/**
 * @param rgb [height, width, 3]
 * @param pixels of the region, without its soft edge
 */
export function fitFill(rgb: Uint8Array, width: number, pixels: readonly number[]): Fill {
  const mean = meanOf(rgb, pixels);
  const solid: Fill = { kind: 'solid', colour: rounded(mean) };
  if (pixels.length < FEWEST_OF_A_GRADIENT) return solid;
  const axis = findAxis(rgb, width, pixels, mean);
  if (!axis) return solid;
  const profile = profileAlong(rgb, width, pixels, axis);
  if (!profile) return solid;
  const stops = fitStops(profile.slices);
  const [first, last] = [stops[0], stops.at(-1)];
  if (!first || !last || spreadOf(stops.map(({ colour }) => colour)) < SEEN) return solid;
  const at = (along: number): Point => [
    profile.from[0] + axis[0] * (along - profile.start),
    profile.from[1] + axis[1] * (along - profile.start),
  ];
  const gradient: Fill = {
    kind: 'gradient',
    from: at(profile.start),
    to: at(profile.end),
    stops: stops.map(({ at, colour }) => ({ at, colour: rounded(colour) })),
  };
  return errorOf(rgb, width, pixels, gradient) < LEFT_OVER * errorOf(rgb, width, pixels, solid) ? gradient : solid;
}

/** Squared error in sRGB, summed. */
export function errorOf(rgb: Uint8Array, width: number, pixels: readonly number[], fill: Fill): number {
  let error = 0;
  for (const pixel of pixels) {
    const colour = colourAt(fill, (pixel % width) + 0.5, Math.floor(pixel / width) + 0.5);
    for (let channel = 0; channel < 3; channel++)
      error += ((rgb[pixel * 3 + channel] as number) - (colour[channel] as number)) ** 2;
  }
  return error;
}

/** @returns the colour that a fill has at a point, sRGB 0..255, not rounded */
export function colourAt(fill: Fill, x: number, y: number): readonly [number, number, number] {
  if (fill.kind === 'solid') return fill.colour;
  const [right, down] = [fill.to[0] - fill.from[0], fill.to[1] - fill.from[1]];
  const length = right * right + down * down;
  const at = ((x - fill.from[0]) * right + (y - fill.from[1]) * down) / length;
  const { stops } = fill;
  const next = stops.findIndex((stop) => stop.at > at);
  const after = stops[next === -1 ? stops.length - 1 : next]!;
  const before = stops[next === -1 ? stops.length - 1 : Math.max(0, next - 1)]!;
  if (before === after) return after.colour;
  const part = Math.max(0, (at - before.at) / (after.at - before.at));
  return mix(before.colour, after.colour, part);
}

type Numbers = readonly [number, number, number];

const mix = (a: Numbers, b: Numbers, part: number): Numbers => [
  a[0] + (b[0] - a[0]) * part,
  a[1] + (b[1] - a[1]) * part,
  a[2] + (b[2] - a[2]) * part,
];
const rounded = ([red, green, blue]: Numbers): Colour => [clamp(red), clamp(green), clamp(blue)];
const clamp = (value: number) => Math.min(255, Math.max(0, Math.round(value)));

function meanOf(rgb: Uint8Array, pixels: readonly number[]): Numbers {
  const sum: [number, number, number] = [0, 0, 0];
  for (const pixel of pixels)
    for (let channel = 0; channel < 3; channel++) sum[channel as 0]! += rgb[pixel * 3 + channel] as number;
  return [sum[0] / pixels.length, sum[1] / pixels.length, sum[2] / pixels.length];
}

/** The direction in which the colours change most, by least squares; null for a region that is too small to tell. */
function findAxis(rgb: Uint8Array, width: number, pixels: readonly number[], mean: Numbers): Point | null {
  let [xMean, yMean] = [0, 0];
  for (const pixel of pixels) {
    xMean += pixel % width;
    yMean += Math.floor(pixel / width);
  }
  xMean /= pixels.length;
  yMean /= pixels.length;
  let [xx, xy, yy] = [1e-9, 0, 1e-9];
  const right = [0, 0, 0];
  const down = [0, 0, 0];
  for (const pixel of pixels) {
    const [x, y] = [(pixel % width) - xMean, Math.floor(pixel / width) - yMean];
    xx += x * x;
    xy += x * y;
    yy += y * y;
    for (let channel = 0; channel < 3; channel++) {
      const value = (rgb[pixel * 3 + channel] as number) - (mean[channel] as number);
      right[channel]! += value * x;
      down[channel]! += value * y;
    }
  }
  const determinant = xx * yy - xy * xy;
  if (determinant < 1) return null;
  // Slopes of the three channels, and the direction that holds most of them: the first eigenvector of their products.
  let [aa, ab, bb] = [0, 0, 0];
  for (let channel = 0; channel < 3; channel++) {
    const [u, v] = [right[channel] as number, down[channel] as number];
    const a = (u * yy - v * xy) / determinant;
    const b = (v * xx - u * xy) / determinant;
    aa += a * a;
    ab += a * b;
    bb += b * b;
  }
  if (aa + bb === 0) return null;
  const angle = Math.atan2(2 * ab, aa - bb) / 2;
  const axis: Point = [Math.cos(angle), Math.sin(angle)];
  return straightened(axis);
}

/** Nearly upright or level is meant to be. */
function straightened([x, y]: Point): Point {
  const near = 0.07;
  if (Math.abs(x) < near) return [0, Math.sign(y) || 1];
  if (Math.abs(y) < near) return [Math.sign(x) || 1, 0];
  return [x, y];
}

type Slice = { readonly at: number; readonly colour: Numbers; readonly weight: number };

function profileAlong(rgb: Uint8Array, width: number, pixels: readonly number[], axis: Point) {
  const along = (pixel: number) => ((pixel % width) + 0.5) * axis[0] + (Math.floor(pixel / width) + 0.5) * axis[1];
  let [start, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const pixel of pixels) {
    start = Math.min(start, along(pixel));
    end = Math.max(end, along(pixel));
  }
  if (end - start < 4) return null;
  const sums = Array.from({ length: SLICES }, () => ({ n: 0, at: 0, colour: [0, 0, 0] as [number, number, number] }));
  for (const pixel of pixels) {
    const at = (along(pixel) - start) / (end - start);
    const slice = sums[Math.min(SLICES - 1, Math.floor(at * SLICES))]!;
    slice.n += 1;
    slice.at += at;
    for (let channel = 0; channel < 3; channel++) slice.colour[channel as 0]! += rgb[pixel * 3 + channel] as number;
  }
  const slices = sums.flatMap(({ n, at, colour: [red, green, blue] }): Slice[] =>
    n < FEWEST_PIXELS ? [] : [{ at: at / n, colour: [red / n, green / n, blue / n], weight: n }],
  );
  if (slices.length < 3) return null;
  // A point of the picture whose place along the axis is `start`.
  const from: Point = [axis[0] * start, axis[1] * start];
  return { slices, start, end, from };
}

type Stop = { readonly at: number; readonly colour: Numbers };

/** Few stops, at slices; one more where the line between two is farthest off, while that is far. */
function fitStops(slices: readonly Slice[]): Stop[] {
  const chosen = [0, slices.length - 1];
  while (chosen.length < MOST_STOPS) {
    // Lines from slice to slice here: least squares would be worst near the ends, wherever the bend is.
    const stops = chosen.map((index) => slices[index] as Slice);
    let worst = -1;
    let most = OFF;
    for (const [index, slice] of slices.entries()) {
      if (chosen.includes(index)) continue;
      const off = distance(valueAt(stops, slice.at), slice.colour);
      if (off > most) [worst, most] = [index, off];
    }
    if (worst === -1) break;
    chosen.push(worst);
    chosen.sort((a, b) => a - b);
  }
  return solve(slices, chosen);
}

/** Colours of the stops by weighted least squares, so that no single slice decides. Ends are carried on to 0 and 1. */
function solve(slices: readonly Slice[], chosen: readonly number[]): Stop[] {
  const places = chosen.map((index, order) =>
    order === 0 ? 0 : order === chosen.length - 1 ? 1 : (slices[index]?.at ?? 0),
  );
  const n = places.length;
  // Hat functions: the normal equations are tridiagonal.
  const [main, side] = [new Array<number>(n).fill(1e-6), new Array<number>(n).fill(0)];
  const right = places.map((): [number, number, number] => [0, 0, 0]);
  for (const { at, colour, weight } of slices) {
    const next = Math.max(
      1,
      places.findIndex((place) => place >= at) === -1 ? n - 1 : places.findIndex((place) => place >= at),
    );
    const [a, b] = [places[next - 1] as number, places[next] as number];
    const part = (at - a) / (b - a || 1);
    main[next - 1]! += weight * (1 - part) ** 2;
    main[next]! += weight * part ** 2;
    side[next - 1]! += weight * part * (1 - part);
    for (let channel = 0; channel < 3; channel++) {
      right[next - 1]![channel as 0] += weight * (1 - part) * (colour[channel] as number);
      right[next]![channel as 0] += weight * part * (colour[channel] as number);
    }
  }
  for (let at = 1; at < n; at++) {
    const factor = (side[at - 1] as number) / (main[at - 1] as number);
    main[at]! -= factor * (side[at - 1] as number);
    for (let channel = 0; channel < 3; channel++) right[at]![channel as 0] -= factor * right[at - 1]![channel as 0];
  }
  for (let at = n - 1; at >= 0; at--)
    for (let channel = 0; channel < 3; channel++)
      right[at]![channel as 0] =
        (right[at]![channel as 0] - (at + 1 < n ? (side[at] as number) * right[at + 1]![channel as 0] : 0)) /
        (main[at] as number);
  return places.map((at, index) => ({ at, colour: right[index] as Numbers }));
}

function valueAt(stops: readonly Stop[], at: number): Numbers {
  const next = Math.max(
    1,
    stops.findIndex((stop) => stop.at >= at),
  );
  const [before, after] = [stops[next - 1] as Stop, stops[next] as Stop];
  return mix(before.colour, after.colour, (at - before.at) / (after.at - before.at));
}

const distance = (a: Numbers, b: Numbers) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

function spreadOf(colours: readonly Numbers[]): number {
  const labs = colours.map((colour) => toOklab(rounded(colour)));
  let most = 0;
  for (const a of labs) for (const b of labs) most = Math.max(most, Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]));
  return most;
}
