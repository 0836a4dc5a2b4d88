/**
 * Regions that are parts of one gradient. Joining regions by an evenly changing colour cuts a gradient where its slope changes; with
 * several stops it is one.
 */
import { colourAt, errorOf, fitFill } from './fill.js';
import { compact, type Labels } from './labels.js';
import type { Fill } from './vectors.js';

/** Smaller regions have no gradient. Pixels. */
const LARGE = 600;

/** Joined regions may be this much farther from the picture, as squared sRGB for each pixel and as a factor. */
const MORE = 15;
const TIMES = 1.3;

/** Where two regions meet their colours are nearer than this, or there is an edge. sRGB. */
const STEP = 14;

/** Regions of which less than this part of the shorter one's outline is common only touch. */
const COMMON = 0.15;

/**
 * @param cores pixels of each region by which its colour is told
 * @returns the same labels where nothing belongs together
 */
export function joinGradients(
  labels: Labels,
  rgb: Uint8Array,
  width: number,
  fills: readonly Fill[],
  cores: readonly (readonly number[])[],
): Labels {
  const parent = Array.from({ length: labels.count }, (_, region) => region);
  const find = (region: number): number => (parent[region] === region ? region : find(parent[region] as number));
  const parts = cores.map((pixels, region) => ({ pixels, error: errorOf(rgb, width, pixels, fills[region] as Fill) }));
  for (const [a, b] of neighbours(labels, width, fills)) {
    const [one, other] = [find(a), find(b)];
    if (one === other) continue;
    const [first, second] = [parts[one]!, parts[other]!];
    if (Math.min(first.pixels.length, second.pixels.length) < LARGE) continue;
    const pixels = [...first.pixels, ...second.pixels];
    const fill = fitFill(rgb, width, pixels);
    if (fill.kind !== 'gradient') continue;
    const error = errorOf(rgb, width, pixels, fill);
    if (error > TIMES * (first.error + second.error) + MORE * pixels.length) continue;
    parent[other] = one;
    parts[one] = { pixels, error };
  }
  return compact(labels.of.map(find));
}

/** Pairs with much common border, across which colours go on; most first. */
function neighbours({ of, count }: Labels, width: number, fills: readonly Fill[]): (readonly [number, number])[] {
  const outlines = new Float64Array(count);
  const common = new Map<number, { a: number; b: number; border: number; step: number }>();
  const meet = (pixel: number, other: number) => {
    const [a, b] = [of[pixel] as number, of[other] as number];
    if (a === b) return;
    outlines[a]! += 1;
    outlines[b]! += 1;
    const [x, y] = [(pixel % width) + 0.5, Math.floor(pixel / width) + 0.5];
    const [here, there] = [colourAt(fills[a] as Fill, x, y), colourAt(fills[b] as Fill, x, y)];
    const key = Math.min(a, b) * count + Math.max(a, b);
    const pair = common.get(key) ?? { a: Math.min(a, b), b: Math.max(a, b), border: 0, step: 0 };
    pair.border += 1;
    pair.step += Math.hypot(here[0] - there[0], here[1] - there[1], here[2] - there[2]);
    common.set(key, pair);
  };
  for (let pixel = 0; pixel < of.length; pixel++) {
    if ((pixel + 1) % width !== 0) meet(pixel, pixel + 1);
    if (pixel + width < of.length) meet(pixel, pixel + width);
  }
  return [...common.values()]
    .filter(({ step, border }) => step < STEP * border)
    .filter(({ a, b, border }) => border > COMMON * Math.min(outlines[a] as number, outlines[b] as number))
    .sort((one, other) => other.border - one.border || one.a - other.a || one.b - other.b)
    .map(({ a, b }) => [a, b] as const);
}
