/**
 * Where regions end. A soft edge is a region of its own to whoever only looks at colours; here such fringes are given to the regions
 * between which they lie, and every pixel near a border goes to the region whose colour it is nearest to.
 */
import { colourAt } from './fill.js';
import { compact, type Labels } from './labels.js';
import type { Fill } from './vectors.js';

/** A fringe is not deeper than this many widths of an edge, and a pixel more. */
const FRINGE_DEPTH = 0.75;

/** Its colours run from one side to the other, where a stripe has one colour: their deviation, as a part of the way. */
const RUNNING = 0.1;

/** Edges between colours that are nearer than this say nothing about how soft edges are. sRGB. */
const FAINT = 30;

/** How far from the line between two colours a mixture of them may lie, as a part of that line. */
const BESIDE = 0.25;

/** A neighbour along less than this of a fringe's border is not what it lies between. */
const SIDE = 0.12;

/** What a neighbour of another region costs, in squared sRGB 0..1: borders without it would follow noise. */
const NEIGHBOUR = 0.004;

const SWEEPS = 3;
/** Fringes are eaten up from their edges, one pixel a sweep. */
const MOST_SWEEPS = 40;

/** @returns [height, width]: steps to the nearest pixel of another region, 1 at a border */
export function depths({ of }: Labels, width: number, height: number): Uint16Array {
  const depth = new Uint16Array(of.length).fill(65_535);
  const sweep = (pixel: number, x: number, y: number) => {
    let least = depth[pixel] as number;
    if (x > 0) least = Math.min(least, beside(pixel, pixel - 1));
    if (x < width - 1) least = Math.min(least, beside(pixel, pixel + 1));
    if (y > 0) least = Math.min(least, beside(pixel, pixel - width));
    if (y < height - 1) least = Math.min(least, beside(pixel, pixel + width));
    depth[pixel] = least;
  };
  const beside = (pixel: number, other: number) => (of[other] === of[pixel] ? (depth[other] as number) + 1 : 1);
  for (let y = 0, pixel = 0; y < height; y++) for (let x = 0; x < width; x++, pixel++) sweep(pixel, x, y);
  for (let y = height - 1, pixel = of.length - 1; y >= 0; y--)
    for (let x = width - 1; x >= 0; x--, pixel--) sweep(pixel, x, y);
  return depth;
}

/**
 * Regions that are only the soft edge between two others.
 * @param soft how wide edges are, in pixels
 */
export function findFringes(
  labels: Labels,
  rgb: Uint8Array,
  width: number,
  depth: Uint16Array,
  fills: readonly Fill[],
  soft: number,
): ReadonlySet<number> {
  const { of, count } = labels;
  const deepest = new Uint16Array(count);
  const pixels: number[][] = Array.from({ length: count }, () => []);
  const borders: Map<number, number>[] = Array.from({ length: count }, () => new Map());
  const meet = (a: number, b: number) => {
    if (a === b) return;
    borders[a]?.set(b, (borders[a].get(b) ?? 0) + 1);
    borders[b]?.set(a, (borders[b].get(a) ?? 0) + 1);
  };
  for (let pixel = 0; pixel < of.length; pixel++) {
    const region = of[pixel] as number;
    pixels[region]?.push(pixel);
    deepest[region] = Math.max(deepest[region] as number, depth[pixel] as number);
    if ((pixel + 1) % width !== 0) meet(region, of[pixel + 1] as number);
    if (pixel + width < of.length) meet(region, of[pixel + width] as number);
  }
  const fringes = new Set<number>();
  for (let region = 0; region < count; region++) {
    if ((deepest[region] as number) > FRINGE_DEPTH * soft + 1) continue;
    const around = [...(borders[region] as Map<number, number>)].filter(([other]) => !fringes.has(other));
    const whole = around.reduce((sum, [, border]) => sum + border, 0);
    const sides = around.filter(([, border]) => border > SIDE * whole).map(([other]) => fills[other] as Fill);
    const own = pixels[region] as number[];
    // One pixel wide it is a smoothed edge also where it has one colour: a level edge, or the top of an arc.
    const running = (deepest[region] as number) > 1 ? RUNNING : 0;
    if (sides.some((a, at) => sides.slice(at + 1).some((b) => isBetween(own, rgb, width, a, b, running))))
      fringes.add(region);
  }
  return fringes;
}

/** Whether the pixels are mixtures of two colours, in all parts. */
function isBetween(
  pixels: readonly number[],
  rgb: Uint8Array,
  width: number,
  one: Fill,
  other: Fill,
  running: number,
): boolean {
  let [sum, squares, beside, far] = [0, 0, 0, 0];
  for (const pixel of pixels) {
    const [x, y] = [(pixel % width) + 0.5, Math.floor(pixel / width) + 0.5];
    const [a, b] = [colourAt(one, x, y), colourAt(other, x, y)];
    let [length, along, whole] = [0, 0, 0];
    for (let channel = 0; channel < 3; channel++) {
      const step = (b[channel] as number) - (a[channel] as number);
      const from = (rgb[pixel * 3 + channel] as number) - (a[channel] as number);
      length += step * step;
      along += from * step;
      whole += from * from;
    }
    const part = length === 0 ? 0 : along / length;
    sum += part;
    squares += part * part;
    beside += Math.max(0, whole - part * part * length);
    far += length;
  }
  const mean = sum / pixels.length;
  if (mean < 0.1 || mean > 0.9 || beside > BESIDE * BESIDE * far) return false;
  return Math.sqrt(Math.max(0, squares / pixels.length - mean * mean)) >= running;
}

/**
 * Borders as they lie best for the colours of the regions; `fringes` are divided among their neighbours.
 * @param rgb [height, width, 3]
 */
export function settleBorders(
  labels: Labels,
  rgb: Uint8Array,
  width: number,
  height: number,
  fills: readonly Fill[],
  fringes: ReadonlySet<number>,
): Labels {
  let of = labels.of.map((region) => (fringes.has(region) ? -1 : region));
  const around = new Int32Array(8);
  // All pixels at once, so that a border moves by one pixel a sweep: one after the other, a region of a middle colour would run along every
  // soft edge that it touches.
  for (let sweep = 0, changed = 1; changed > 0 && sweep < MOST_SWEEPS; sweep++) {
    const settling = sweep < SWEEPS;
    changed = 0;
    const next = of.slice();
    for (let pixel = 0, y = 0; y < height; y++)
      for (let x = 0; x < width; x++, pixel++) {
        const own = of[pixel] as number;
        if (own !== -1 && !settling) continue;
        const neighbours = lookAround(x, y, own);
        if (neighbours === 0) continue;
        const best = cheapest(pixel, x, y, own, neighbours);
        if (best === own) continue;
        next[pixel] = best;
        changed += 1;
      }
    of = next;
  }
  return compact(of);

  /** Fills `around`. @returns how many they are, or 0 where all are of the same region */
  function lookAround(x: number, y: number, own: number): number {
    let [neighbours, others] = [0, 0];
    for (let j = Math.max(0, y - 1); j <= Math.min(height - 1, y + 1); j++)
      for (let i = Math.max(0, x - 1); i <= Math.min(width - 1, x + 1); i++) {
        if (i === x && j === y) continue;
        const region = of[j * width + i] as number;
        around[neighbours++] = region;
        if (region !== own) others += 1;
      }
    return others === 0 ? 0 : neighbours;
  }

  function cheapest(pixel: number, x: number, y: number, own: number, neighbours: number): number {
    let best = own;
    let least = own === -1 ? Number.POSITIVE_INFINITY : costOf(own, pixel, x, y, neighbours);
    for (let index = 0; index < neighbours; index++) {
      const region = around[index] as number;
      if (region === -1 || region === own || region === best) continue;
      const cost = costOf(region, pixel, x, y, neighbours);
      if (cost < least) {
        best = region;
        least = cost;
      }
    }
    return best;
  }

  function costOf(region: number, pixel: number, x: number, y: number, neighbours: number): number {
    const colour = colourAt(fills[region] as Fill, x + 0.5, y + 0.5);
    let cost = 0;
    for (let channel = 0; channel < 3; channel++)
      cost += (((rgb[pixel * 3 + channel] as number) - (colour[channel] as number)) / 255) ** 2;
    for (let index = 0; index < neighbours; index++) if (around[index] !== region) cost += NEIGHBOUR;
    return cost;
  }
}

/**
 * How wide edges are: from one side's colour to the other's, in pixels, as most of them are. About 1 for a clean picture with smoothed edges.
 */
export function edgeWidth(
  labels: Labels,
  rgb: Uint8Array,
  width: number,
  height: number,
  fills: readonly Fill[],
): number {
  const widths: number[] = [];
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const pixel = y * width + x;
      const own = labels.of[pixel] as number;
      if (labels.of[pixel + 1] !== own) measure(pixel, x, y, 1);
      if (labels.of[pixel + width] !== own) measure(pixel, x, y, width);
    }
  widths.sort((a, b) => a - b);
  return widths[widths.length >> 1] ?? 1;

  function measure(pixel: number, x: number, y: number, step: number): void {
    const a = colourAt(fills[labels.of[pixel] as number] as Fill, x + 0.5, y + 0.5);
    const b = colourAt(fills[labels.of[pixel + step] as number] as Fill, x + 0.5, y + 0.5);
    const contrast = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    if (contrast < FAINT) return;
    const [ahead, back] = [(pixel + step) * 3, (pixel - step) * 3];
    const slope = Math.hypot(
      (rgb[ahead] as number) - (rgb[back] as number),
      (rgb[ahead + 1] as number) - (rgb[back + 1] as number),
      (rgb[ahead + 2] as number) - (rgb[back + 2] as number),
    );
    widths.push((2 * contrast) / Math.max(1, slope));
  }
}
