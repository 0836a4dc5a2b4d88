/** Layers back to pixels, so that what the tracing reproduces can be measured where there is no browser. */
import type { RgbImage } from '../run/png.js';
import { colourAt } from './fill.js';
import { outlinesOf } from './outlines.js';
import type { Layer, Outline, Point } from './vectors.js';

/** Straight pieces of a curve: so many, or one for this many pixels of it. */
const PIECES = 16;
const PIECE = 4;

type Painted = Omit<Layer, 'name'>;

/** @returns [height, width, 3] */
export function render(layers: readonly Painted[], width: number, height: number): Uint8Array {
  // A clamped array rounds to nearest.
  return new Uint8Array(new Uint8ClampedArray(paint(layers, width, height, null)).buffer);
}

/** The same where there is nothing behind the layers. */
export function renderTransparent(layers: readonly Painted[], width: number, height: number): Required<RgbImage> {
  const opacity = new Float32Array(width * height);
  const rgb = paint(layers, width, height, opacity);
  const plain = new Uint8ClampedArray(rgb.length);
  // Painted on black, colours are multiplied by their opacity.
  for (let at = 0; at < rgb.length; at++)
    plain[at] = (rgb[at] as number) / ((opacity[Math.floor(at / 3)] as number) || 1);
  const alpha = new Uint8ClampedArray(opacity.map((share) => 255 * share));
  return { width, height, rgb: new Uint8Array(plain.buffer), alpha: new Uint8Array(alpha.buffer) };
}

/** On black; `opacity` [height, width] becomes what the layers cover. */
function paint(
  layers: readonly Painted[],
  width: number,
  height: number,
  opacity: Float32Array | null,
): Float32Array<ArrayBuffer> {
  const rgb = new Float32Array(width * height * 3);
  for (const { shape, fill, box } of layers) {
    const left = Math.max(0, Math.floor(box.x));
    const top = Math.max(0, Math.floor(box.y));
    const right = Math.min(width, Math.ceil(box.x + box.width));
    const bottom = Math.min(height, Math.ceil(box.y + box.height));
    if (right <= left || bottom <= top) continue;
    const coverage = cover(outlinesOf(shape), left, top, right - left, bottom - top);
    for (let y = top, at = 0; y < bottom; y++)
      for (let x = left; x < right; x++, at++) {
        const share = coverage[at] as number;
        if (share < 1 / 512) continue;
        const colour = fill.kind === 'solid' ? fill.colour : colourAt(fill, x + 0.5, y + 0.5);
        const pixel = y * width + x;
        for (let channel = 0; channel < 3; channel++)
          rgb[3 * pixel + channel]! += share * ((colour[channel] as number) - (rgb[3 * pixel + channel] as number));
        if (opacity) opacity[pixel]! += share * (1 - (opacity[pixel] as number));
      }
  }
  return rgb;
}

/**
 * Which share of each pixel lies within the outlines, exactly: every edge adds to the cells that it crosses the area to its right, and a running sum
 * along the row makes coverage of it. Outlines do not cross themselves here, so the even-odd rule is a sum folded into 0..1.
 * @returns [height, width], 0..1, of the window at (left, top)
 */
export function cover(
  outlines: readonly Outline[],
  left: number,
  top: number,
  width: number,
  height: number,
): Float32Array {
  const sums = new Float32Array((width + 2) * height);
  for (const outline of outlines) {
    const points = flatten(outline);
    for (let index = 0; index < points.length; index++) {
      const [a, b] = [points[index] as Point, points[(index + 1) % points.length] as Point];
      addEdge(sums, width, height, a[0] - left, a[1] - top, b[0] - left, b[1] - top);
    }
  }
  const coverage = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    let sum = 0;
    for (let x = 0; x < width; x++) {
      sum += sums[y * (width + 2) + x] as number;
      const folded = Math.abs(sum) % 2;
      coverage[y * width + x] = folded > 1 ? 2 - folded : folded;
    }
  }
  return coverage;
}

function addEdge(
  sums: Float32Array,
  width: number,
  height: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): void {
  if (y0 === y1) return;
  const sign = y0 < y1 ? 1 : -1;
  const [upX, upY, downX, downY] = y0 < y1 ? [x0, y0, x1, y1] : [x1, y1, x0, y0];
  const slope = (downX - upX) / (downY - upY);
  const last = Math.min(height, Math.ceil(downY));
  for (let row = Math.max(0, Math.floor(upY)); row < last; row++) {
    const from = Math.max(upY, row);
    const to = Math.min(downY, row + 1);
    const part = to - from;
    if (part <= 0) continue;
    const xFrom = upX + (from - upY) * slope;
    const xTo = upX + (to - upY) * slope;
    const [near, far] = xFrom < xTo ? [xFrom, xTo] : [xTo, xFrom];
    const base = row * (width + 2);
    // Each cell that the edge crosses in this row gets its share of the height, split by where in the cell it lies.
    const share = (a: number, b: number) => (far > near ? Math.max(0, b - a) / (far - near) : 1) * part * sign;
    // What lies to the left of the window covers whole rows of it; what lies to the right covers nothing.
    if (near < 0) sums[base]! += far > near ? share(near, Math.min(far, 0)) : part * sign;
    const end = Math.min(width, Math.floor(far));
    for (let cell = Math.max(0, Math.floor(near)); cell <= end; cell++) {
      const [a, b] = [Math.max(near, cell), Math.min(far, cell + 1)];
      const middle = (a + b) / 2 - cell;
      sums[base + cell]! += share(a, b) * (1 - middle);
      sums[base + cell + 1]! += share(a, b) * middle;
    }
  }
}

/** Corners of the polygon that an outline is nearly. */
export function flatten({ from, segments }: Outline): Point[] {
  const points: Point[] = [from];
  let at = from;
  for (const segment of segments) {
    if (segment.kind === 'curve') {
      const pieces = Math.max(PIECES, Math.ceil(reachOf(at, segment.out, segment.into, segment.to) / PIECE));
      for (let piece = 1; piece < pieces; piece++) {
        const t = piece / pieces;
        const [a, b, c, d] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
        points.push([
          a * at[0] + b * segment.out[0] + c * segment.into[0] + d * segment.to[0],
          a * at[1] + b * segment.out[1] + c * segment.into[1] + d * segment.to[1],
        ]);
      }
    }
    points.push(segment.to);
    at = segment.to;
  }
  return points;
}

/** Length of the way from point to point. */
function reachOf(...points: readonly Point[]): number {
  return points.slice(1).reduce((sum, [x, y], index) => {
    const [fromX, fromY] = points[index] as Point;
    return sum + Math.hypot(x - fromX, y - fromY);
  }, 0);
}
