/** Layers without a background: what lies on them in its colour becomes a hole in what lies below. */
import type { RgbImage } from '../run/png.js';
import { toOklab } from './oklab.js';
import { outlinesOf } from './outlines.js';
import { cover } from './render.js';
import { type Told, vectorise } from './vectorise.js';
import type { Colour, Fill, Layer, Outline, Vectors } from './vectors.js';

/** A layer of a colour this near to the background's is a piece of it, seen through what lies above. OKLab. */
const SAME = 0.05;

/** Share of a hole that must lie within a layer to be cut out of it, and from which on it touches the layer at all. */
const WITHIN = 0.97;
const TOUCHES = 0.03;

/** Backgrounds on which to trace what has none: the one farthest from all colours of the picture leaves the clearest edges. */
const BACKDROPS = [
  [255, 255, 255],
  [0, 0, 0],
  [255, 0, 255],
  [0, 255, 0],
] as const satisfies readonly Colour[];

/** Pixels from what is more than half opaque to what is a part of its edge. */
const EDGE = 2;

/** What is less opaque than this, on average, is an edge and no layer. */
const THERE = 0.7;

/** A picture as layers; of one with `alpha`, as far as it is there. */
export function vectoriseAny(image: RgbImage, told?: Told): Vectors {
  const { alpha } = image;
  if (!alpha?.some((value) => value < 255)) return vectorise(image, told);
  const colours = coloursOf(image, alpha);
  const [backdrop] = BACKDROPS.map((rgb) => {
    const lab = toOklab(rgb);
    return { rgb, away: Math.min(...colours.map((colour) => distance(toOklab(colour), lab))) };
  }).sort((a, b) => b.away - a.away);
  const cut = withoutBackground(vectorise(flatten(image, alpha, backdrop?.rgb ?? BACKDROPS[0]), told));
  return { ...cut, layers: cut.layers.filter((layer) => opacityOf(layer, image, alpha) > THERE) };
}

/** Of the picture where a layer lies, on average, 0..1. */
function opacityOf({ shape, box }: Layer, { width, height }: RgbImage, alpha: Uint8Array): number {
  const [left, top] = [Math.max(0, Math.floor(box.x)), Math.max(0, Math.floor(box.y))];
  const columns = Math.min(width, Math.ceil(box.x + box.width)) - left;
  const rows = Math.min(height, Math.ceil(box.y + box.height)) - top;
  if (columns <= 0 || rows <= 0) return 0;
  const coverage = cover(outlinesOf(shape), left, top, columns, rows);
  let [there, all] = [0, 0];
  for (let at = 0; at < coverage.length; at++) {
    const pixel = (Math.floor(at / columns) + top) * width + left + (at % columns);
    there += ((coverage[at] as number) * (alpha[pixel] as number)) / 255;
    all += coverage[at] as number;
  }
  return all === 0 ? 0 : there / all;
}

/** A picture with `alpha` on a background, without what is hardly there and on no edge of anything. */
function flatten({ width, height, rgb }: RgbImage, alpha: Uint8Array, backdrop: Colour): RgbImage {
  const flat = new Uint8Array(rgb.length);
  for (let y = 0, pixel = 0; y < height; y++)
    for (let x = 0; x < width; x++, pixel++) {
      const share = isThere(x, y) ? (alpha[pixel] as number) / 255 : 0;
      for (let part = 0; part < 3; part++) {
        const behind = backdrop[part as 0];
        flat[3 * pixel + part] = Math.round(behind + share * ((rgb[3 * pixel + part] as number) - behind));
      }
    }
  return { width, height, rgb: flat };

  function isThere(x: number, y: number): boolean {
    for (let j = Math.max(0, y - EDGE); j <= Math.min(height - 1, y + EDGE); j++)
      for (let i = Math.max(0, x - EDGE); i <= Math.min(width - 1, x + EDGE); i++)
        if ((alpha[j * width + i] as number) > 127) return true;
    return false;
  }
}

/** Colours of what is there, those that are nearly alike once. */
function coloursOf({ rgb }: RgbImage, alpha: Uint8Array): Colour[] {
  const found = new Map<number, Colour>();
  for (let pixel = 0; pixel < alpha.length; pixel++) {
    if (alpha[pixel] !== 255) continue;
    const colour = [rgb[3 * pixel] as number, rgb[3 * pixel + 1] as number, rgb[3 * pixel + 2] as number] as const;
    found.set(((colour[0] >> 4) << 8) | ((colour[1] >> 4) << 4) | (colour[2] >> 4), colour);
  }
  return [...found.values()];
}

export function withoutBackground(vectors: Vectors): Vectors {
  const [background, ...above] = vectors.layers;
  if (!background) return vectors;
  let layers: Layer[] = [];
  for (const layer of above) {
    if (!isSame(layer.fill, background.fill)) layers.push(layer);
    else layers = cutOut(layer, layers, vectors) ?? [...layers, layer];
  }
  return { ...vectors, layers };
}

/** @returns the layers with a hole of that shape, or null where one of them lies only partly behind it */
function cutOut(hole: Layer, layers: readonly Layer[], { width, height }: Vectors): Layer[] | null {
  const cut: Layer[] = [];
  for (const layer of layers) {
    const share = shareWithin(hole, layer, width, height);
    if (share < TOUCHES) cut.push(layer);
    else if (share > WITHIN) {
      const outlines: Outline[] = [...outlinesOf(layer.shape), ...outlinesOf(hole.shape)];
      cut.push({ ...layer, shape: { kind: 'path', outlines } });
    } else return null;
  }
  return cut;
}

/** How much of one layer's area lies within another's. */
function shareWithin(one: Layer, other: Layer, width: number, height: number): number {
  const left = Math.max(0, Math.floor(one.box.x));
  const top = Math.max(0, Math.floor(one.box.y));
  const columns = Math.min(width, Math.ceil(one.box.x + one.box.width)) - left;
  const rows = Math.min(height, Math.ceil(one.box.y + one.box.height)) - top;
  if (columns <= 0 || rows <= 0) return 0;
  const own = cover(outlinesOf(one.shape), left, top, columns, rows);
  const theirs = cover(outlinesOf(other.shape), left, top, columns, rows);
  let [within, all] = [0, 0];
  for (let at = 0; at < own.length; at++) {
    within += Math.min(own[at] as number, theirs[at] as number);
    all += own[at] as number;
  }
  return all === 0 ? 0 : within / all;
}

function isSame(one: Fill, other: Fill): boolean {
  if (one.kind !== 'solid' || other.kind !== 'solid') return false;
  return distance(toOklab(one.colour), toOklab(other.colour)) < SAME;
}

const distance = (a: Colour, b: Colour) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
