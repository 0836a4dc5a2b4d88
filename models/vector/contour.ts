/**
 * The edges of a layer, finer than its pixels: a pixel on the edge is a mixture of two colours, and says by it where in the pixel the
 * edge runs. Lines of equal coverage come from d3-contour (marching squares with interpolation).
 */
import { contours } from 'd3-contour';
import { colourAt } from './fill.js';
import type { Labels } from './labels.js';
import { BENEATH_OTHERS, type Box, HIDDEN_OUTSIDE, OUTSIDE, SHOWN, type Stacked } from './stack.js';
import type { Fill, Point } from './vectors.js';

/** Coverage of a pixel that was counted to the region, or not, stays on its side of a half by this. */
const SIDE = 0.02;

/** Pixels around one that count for a hidden edge; less than a layer goes on beneath others. */
const BLUR = 3;

/**
 * Closed rings, the last point is not the first again.
 * @param rgb [height, width, 3]
 * @param fills of all regions
 */
export function traceRings(
  { region, box, mask }: Stacked,
  rgb: Uint8Array,
  labels: Labels,
  width: number,
  height: number,
  fills: readonly Fill[],
): Point[][] {
  const [columns, rows] = [box.right - box.left, box.bottom - box.top];
  // A frame of one pixel around it: beyond the picture it mirrors the edge, so that the line between runs on the picture's border.
  const [wide, high] = [columns + 2, rows + 2];
  const field = new Float64Array(wide * high);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) field[(y + 1) * wide + x + 1] = coverageAt(x + box.left, y + box.top);
  mirrorBorders(field, box, wide, high, width, height);

  /** Share of a pixel that belongs to the layer. */
  function coverageAt(x: number, y: number): number {
    const pixel = y * width + x;
    const own = labels.of[pixel] as number;
    const state = mask[(y - box.top) * columns + x - box.left];
    if (state === BENEATH_OTHERS || state === HIDDEN_OUTSIDE) return blurred(x - box.left, y - box.top);
    if (state === OUTSIDE) {
      const near = neighbour(x, y, (other) => (labels.of[other] as number) === region);
      return near === null ? 0 : Math.min(0.5 - SIDE, shareOf(pixel, x, y, region, own));
    }
    const near = neighbour(x, y, (_, outside) => outside);
    return near === null ? 1 : Math.max(0.5 + SIDE, shareOf(pixel, x, y, region, labels.of[near] as number));
  }

  /** The part of the neighbourhood that is in the layer: nobody sees where exactly a hidden edge runs, so it may be smooth. */
  function blurred(column: number, row: number): number {
    let [inside, all] = [0, 0];
    for (let j = Math.max(0, row - BLUR); j <= Math.min(rows - 1, row + BLUR); j++)
      for (let i = Math.max(0, column - BLUR); i <= Math.min(columns - 1, column + BLUR); i++) {
        const state = mask[j * columns + i];
        if (state === SHOWN || state === BENEATH_OTHERS) inside += 1;
        all += 1;
      }
    return inside / all;
  }

  /** A pixel beside this one for which that holds, or null. */
  function neighbour(x: number, y: number, holds: (pixel: number, outside: boolean) => boolean): number | null {
    for (const [right, down] of AROUND) {
      const [i, j] = [x + right, y + down];
      if (i < 0 || j < 0 || i >= width || j >= height) continue;
      const inBox = i >= box.left && j >= box.top && i < box.right && j < box.bottom;
      const outside = !inBox || mask[(j - box.top) * columns + i - box.left] === OUTSIDE;
      if (holds(j * width + i, outside)) return j * width + i;
    }
    return null;
  }

  /** How much of `one` is in the mixture of `one` and `other` that a pixel shows. */
  function shareOf(pixel: number, x: number, y: number, one: number, other: number): number {
    const a = colourAt(fills[one] as Fill, x + 0.5, y + 0.5);
    const b = colourAt(fills[other] as Fill, x + 0.5, y + 0.5);
    let [along, length] = [0, 0];
    for (let channel = 0; channel < 3; channel++) {
      const step = (a[channel] as number) - (b[channel] as number);
      along += ((rgb[pixel * 3 + channel] as number) - (b[channel] as number)) * step;
      length += step * step;
    }
    return length === 0 ? 0.5 : Math.min(1, Math.max(0, along / length));
  }

  const [shape] = contours().size([wide, high]).smooth(true).thresholds([0.5])(Array.from(field));
  const inPicture = ([x = 0, y = 0]: number[]): Point => [
    Math.min(width, Math.max(0, x - 1 + box.left)),
    Math.min(height, Math.max(0, y - 1 + box.top)),
  ];
  return (shape?.coordinates ?? [])
    .flat()
    .map((ring) => withPictureCorners(ring.slice(0, -1).map(inPicture), width, height));
}

const AROUND = [
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1],
  [-1, -1],
  [1, -1],
  [-1, 1],
  [1, 1],
] as const;

function mirrorBorders(field: Float64Array, box: Box, wide: number, high: number, width: number, height: number): void {
  const mirrored = (value: number) => (value > 0.5 ? 1 - value : 0);
  for (let y = 1; y < high - 1; y++) {
    if (box.left === 0) field[y * wide] = mirrored(field[y * wide + 1] as number);
    if (box.right === width) field[y * wide + wide - 1] = mirrored(field[y * wide + wide - 2] as number);
  }
  for (let x = 1; x < wide - 1; x++) {
    if (box.top === 0) field[x] = mirrored(field[wide + x] as number);
    if (box.bottom === height) field[(high - 1) * wide + x] = mirrored(field[(high - 2) * wide + x] as number);
  }
}

/** Marching squares cuts corners; where a line goes from one border of the picture to the next, the corner is known. */
function withPictureCorners(ring: readonly Point[], width: number, height: number): Point[] {
  const level = ({ 1: y }: Point) => y === 0 || y === height;
  const upright = ({ 0: x }: Point) => x === 0 || x === width;
  return ring.flatMap((point, index): Point[] => {
    const next = ring[(index + 1) % ring.length] as Point;
    if (upright(point) && level(next) && !level(point)) return [point, [point[0], next[1]]];
    if (level(point) && upright(next) && !upright(point)) return [point, [next[0], point[1]]];
    return [point];
  });
}
