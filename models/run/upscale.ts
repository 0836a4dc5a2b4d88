/** A picture larger, tile by tile, by a network that makes a tile larger: memory stays that of a tile, and progress can be told. */
import * as z from 'zod/mini';
import { integer, text } from '../schema.js';
import { coverCrop } from './image.js';
import type { RgbImage } from './png.js';

/** Pixels of the larger picture. 8192 x 8192 are 200 MB of bytes. */
const MAXIMUM_ENLARGED = 8192 * 8192;

/** By how much a picture can be enlarged. A network of 4x was tried and draws a grid of its 4 x 4 pixels, so 4 is twice 2. */
export const SCALES = [2, 4] as const;
export type Scale = (typeof SCALES)[number];

/** What makes a picture larger: its layers, a network, or whichever suits. */
export const WAYS = ['auto', 'layers', 'network'] as const;
export type Way = (typeof WAYS)[number];

/** upscaler.json: what its network is, which enlarges by 2. */
export const UpscalerInfo = z.strictObject({
  version: z.literal(1),
  name: text(1, 200),
  licence: text(1, 200),
  source: text(0, 500),
  network: z.strictObject({
    file: z.string().check(z.regex(/^[\w-]+\.onnx$/)),
    /** Bytes. */
    size: z.int().check(z.positive()),
    sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
    /** Pixels of a side of what it is given, and of its edge that must not be shown because it sees what is not there. */
    tile: integer(16, 1024),
    margin: integer(0, 128),
  }),
});
export type UpscalerInfo = z.infer<typeof UpscalerInfo>;

/** Of a network. */
export const STEP = 2;

/** [3, tile, tile] -> [3, 2 * tile, 2 * tile], 0..255. */
export type EnlargeTile = (tile: Float32Array) => Promise<Float32Array>;

export type Network = { readonly tile: number; readonly margin: number; readonly enlarge: EnlargeTile };

export type UpscaleEvent =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'picture'; readonly image: RgbImage };

/**
 * Each tile sees `margin` pixels more than it shows, beyond the picture its edge pixels again, so tiles meet without a seam.
 *
 * @throws RangeError where the larger picture would be too large
 */
export async function* upscale(
  image: RgbImage,
  scale: Scale,
  { enlarge, ...network }: Network,
  signal: AbortSignal,
): AsyncGenerator<UpscaleEvent> {
  checkEnlarged(image, scale);
  const passes = Array.from({ length: Math.log2(scale) }, (_, pass) => STEP ** pass);
  const tilesOf = (times: number) => countTiles(image.width * times, image.height * times, network);
  const total = passes.reduce((sum, times) => sum + tilesOf(times), 0);
  let [large, done] = [image, 0];
  for (const _ of passes) {
    const rgb = new Uint8Array(3 * large.width * large.height * STEP * STEP);
    for (const place of placesOf(large, network)) {
      yield { type: 'progress', done, total };
      signal.throwIfAborted();
      const { left, top } = place;
      const tile = await enlarge(cut(large, left - network.margin, top - network.margin, network.tile));
      paste(rgb, large, tile, place, network);
      done += 1;
    }
    const { width, height, alpha } = large;
    const opacity = alpha ? { alpha: enlargeAlpha({ width, height, alpha }) } : {};
    large = { width: STEP * width, height: STEP * height, rgb, ...opacity };
  }
  yield { type: 'progress', done, total };
  yield { type: 'picture', image: large };
}

type Size = Pick<Network, 'tile' | 'margin'>;

function countTiles(width: number, height: number, { tile, margin }: Size): number {
  const core = tile - 2 * margin;
  return Math.ceil(width / core) * Math.ceil(height / core);
}

function* placesOf({ width, height }: RgbImage, { tile, margin }: Size): Generator<{ left: number; top: number }> {
  const core = tile - 2 * margin;
  for (let top = 0; top < height; top += core) for (let left = 0; left < width; left += core) yield { left, top };
}

/** @param large [3, 2 * tile, 2 * tile] of the picture from `margin` before (left, top) on */
function paste(
  rgb: Uint8Array,
  { width, height }: RgbImage,
  large: Float32Array,
  { left, top }: { readonly left: number; readonly top: number },
  { tile, margin }: Size,
): void {
  const [side, core] = [tile * STEP, tile - 2 * margin];
  const [right, bottom] = [Math.min(width, left + core) * STEP, Math.min(height, top + core) * STEP];
  for (let y = top * STEP; y < bottom; y += 1)
    for (let x = left * STEP; x < right; x += 1) {
      const from = (y - (top - margin) * STEP) * side + x - (left - margin) * STEP;
      const to = 3 * (y * width * STEP + x);
      for (let part = 0; part < 3; part += 1)
        rgb[to + part] = Math.min(255, Math.max(0, Math.round(large[part * side * side + from] as number)));
    }
}

/** @param most pixels of the larger picture */
export function checkEnlarged(
  { width, height }: Pick<RgbImage, 'width' | 'height'>,
  scale: number,
  most = MAXIMUM_ENLARGED,
): void {
  if (width * height * scale * scale > most)
    throw new RangeError(
      `${width} x ${height} pixels would become ${width * scale} x ${height * scale}; at most ${Math.floor(most / 1e6)} million pixels are made`,
    );
}

/** @returns [3, tile, tile] from (left, top) on; what lies outside is the nearest pixel of the edge */
function cut({ width, height, rgb }: RgbImage, left: number, top: number, tile: number): Float32Array {
  const part = new Float32Array(3 * tile * tile);
  const within = (value: number, length: number) => Math.min(length - 1, Math.max(0, value));
  for (let y = 0; y < tile; y += 1)
    for (let x = 0; x < tile; x += 1) {
      const from = 3 * (within(top + y, height) * width + within(left + x, width));
      for (let channel = 0; channel < 3; channel += 1)
        part[(channel * tile + y) * tile + x] = rgb[from + channel] as number;
    }
  return part;
}

/** By Lanczos: networks were trained on colours. */
function enlargeAlpha({ width, height, alpha }: Required<Omit<RgbImage, 'rgb'>>): Uint8Array {
  const grey = new Uint8Array(3 * alpha.length);
  for (let pixel = 0; pixel < alpha.length; pixel += 1) grey.fill(alpha[pixel] as number, 3 * pixel, 3 * pixel + 3);
  const large = coverCrop({ width, height, rgb: grey }, STEP * width, STEP * height);
  return large.rgb.filter((_, at) => at % 3 === 0);
}
