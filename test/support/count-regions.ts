/**
 * Regions of a picture counted without the tracer's own means: colours are put into few classes, neighbours of one class are a region, and a region counts where it
 * is large enough, thicker than an edge and of another colour than what is around it.
 */
import type { RgbImage } from '../../models/run/png.js';
import { pixelsToOklab } from '../../models/vector/oklab.js';

/** Share of the picture's area; the largest distance within a class, and the least contrast, in OKLab; pixels of thickness. */
const LEAST = { area: 0.002, contrast: 0.06, thickness: 5 };
const CLASS = 0.045;

export type Lost = { readonly x: number; readonly y: number; readonly area: number; readonly contrast: number };

/** @param traced of the picture's size @returns how many regions it has, and those that the tracing shows in the colour of what is around them */
export function lostRegions(picture: RgbImage, traced: RgbImage): { regions: number; lost: Lost[] } {
  const { width, height } = picture;
  const lab = pixelsToOklab(picture.rgb);
  const shown = pixelsToOklab(traced.rgb);
  const classes = classesOf(lab);
  const seen = new Uint8Array(classes.length);
  const lost: Lost[] = [];
  let regions = 0;
  for (let start = 0; start < classes.length; start++) {
    if (seen[start]) continue;
    const pixels = flood(start, classes, width, seen);
    if (pixels.length < LEAST.area * classes.length) continue;
    const inside = new Set(pixels);
    const half = (LEAST.thickness - 1) / 2;
    const core = pixels.filter((pixel) => squareAround(pixel, half, width, height).every((other) => inside.has(other)));
    if (core.length === 0) continue;
    const ring = ringOf(pixels, inside, width, height);
    if (ring.length === 0) continue;
    const [own, around] = [meanOf(lab, core), meanOf(lab, ring)];
    const contrast = distance(own, around);
    if (contrast < LEAST.contrast) continue;
    regions += 1;
    const kept = core.filter((pixel) => distance(at(shown, pixel), own) < distance(at(shown, pixel), around));
    const [middle = start] = core;
    if (kept.length < core.length / 2)
      lost.push({
        x: middle % width,
        y: Math.floor(middle / width),
        area: pixels.length,
        contrast: Math.round(contrast * 1000) / 1000,
      });
  }
  return { regions, lost };
}

/** The most frequent colours first, each the middle of a class of what is near it. */
function classesOf(lab: Float32Array): Int32Array {
  const key = (pixel: number) => {
    const part = (index: number) => Math.round(((lab[3 * pixel + index] as number) + 0.5) * 60);
    return (part(0) * 200 + part(1)) * 200 + part(2);
  };
  const bins = new Map<number, { count: number; pixel: number }>();
  for (let pixel = 0; pixel < lab.length / 3; pixel++) {
    const bin = bins.get(key(pixel)) ?? { count: 0, pixel };
    bin.count += 1;
    bins.set(key(pixel), bin);
  }
  const middles: (readonly number[])[] = [];
  const classOf = new Map<number, number>();
  for (const [bin, { pixel }] of [...bins].sort((a, b) => b[1].count - a[1].count)) {
    const colour = at(lab, pixel);
    let nearest = middles.findIndex((middle) => distance(middle, colour) < CLASS);
    for (const [index, middle] of middles.entries())
      if (nearest >= 0 && distance(middle, colour) < distance(middles[nearest] as readonly number[], colour))
        nearest = index;
    if (nearest < 0) nearest = middles.push(colour) - 1;
    classOf.set(bin, nearest);
  }
  return Int32Array.from({ length: lab.length / 3 }, (_, pixel) => classOf.get(key(pixel)) ?? 0);
}

function flood(start: number, classes: Int32Array, width: number, seen: Uint8Array): number[] {
  const pixels = [start];
  seen[start] = 1;
  for (let index = 0; index < pixels.length; index++) {
    const pixel = pixels[index] as number;
    const x = pixel % width;
    for (const other of [
      ...(x > 0 ? [pixel - 1] : []),
      ...(x < width - 1 ? [pixel + 1] : []),
      pixel - width,
      pixel + width,
    ]) {
      if (other < 0 || other >= classes.length || seen[other] || classes[other] !== classes[start]) continue;
      seen[other] = 1;
      pixels.push(other);
    }
  }
  return pixels;
}

function squareAround(pixel: number, reach: number, width: number, height: number): number[] {
  const [x, y] = [pixel % width, Math.floor(pixel / width)];
  const found: number[] = [];
  for (let j = Math.max(0, y - reach); j <= Math.min(height - 1, y + reach); j++)
    for (let i = Math.max(0, x - reach); i <= Math.min(width - 1, x + reach); i++) found.push(j * width + i);
  return found;
}

/** From three to five pixels away: beyond the soft edge. */
function ringOf(pixels: readonly number[], inside: ReadonlySet<number>, width: number, height: number): number[] {
  const near = new Set<number>();
  const ring = new Set<number>();
  const border = pixels.filter((pixel) => squareAround(pixel, 1, width, height).some((other) => !inside.has(other)));
  for (const pixel of border) {
    for (const other of squareAround(pixel, 5, width, height)) if (!inside.has(other)) ring.add(other);
    for (const other of squareAround(pixel, 2, width, height)) near.add(other);
  }
  return [...ring].filter((pixel) => !near.has(pixel));
}

const at = (lab: Float32Array, pixel: number) => [lab[3 * pixel], lab[3 * pixel + 1], lab[3 * pixel + 2]] as number[];

const meanOf = (lab: Float32Array, pixels: readonly number[]) =>
  [0, 1, 2].map((part) => pixels.reduce((sum, pixel) => sum + (lab[3 * pixel + part] as number), 0) / pixels.length);

const distance = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...a.map((value, part) => value - (b[part] as number)));
