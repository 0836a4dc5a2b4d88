/** Decoded pictures: from the decoder's floats to bytes, and to the size that was asked for. */
import { focusOf } from './focus.js';
import { type Ground, groundOf, likeness } from './ground.js';
import { isPattern } from './pattern.js';
import type { RgbImage } from './png.js';

const { fround } = Math;

/**
 * `[3, height, width]`, -1..1 -> 8-bit RGB. The arithmetic of torchvision's `save_image` with normalize and
 * value_range (-1, 1), with which the authors write their samples: clamped, to 0..1, times 255, plus a half, cut off,
 * each step rounded to float32.
 *
 * @throws RangeError when the array is not of that shape, Error when it holds NaN
 */
export function toRgb(image: Float32Array, width: number, height: number): RgbImage {
  const plane = width * height;
  if (image.length !== 3 * plane)
    throw new RangeError(`${image.length} numbers are not an image [3, ${height}, ${width}]`);
  const rgb = new Uint8Array(3 * plane);
  for (let channel = 0; channel < 3; channel++)
    for (let pixel = 0; pixel < plane; pixel++) {
      const value = image[channel * plane + pixel] as number;
      if (Number.isNaN(value)) throw new Error(`the decoder made a picture that is not a number at pixel ${pixel}`);
      const unit = fround(Math.min(Math.max(value, -1), 1) + 1) / 2;
      rgb[pixel * 3 + channel] = fround(fround(unit * 255) + 0.5);
    }
  return { width, height, rgb };
}

/** Shares of a side: a picture that loses no more when it is cropped is cropped, because nobody sees it. */
const UNSEEN = 0.02;
/** The part of its side over which a picture turns into its ground, where it is continued: no line shows where it ended. */
const FADE = 1 / 10;

/** All of a picture, drawn anew at about its aspect. */
export type Redraw = (width: number, height: number) => RgbImage;

/**
 * A picture in the wanted size and aspect: all of it, repeated where it is a seamless pattern and continued where its edges are of one colour; of any
 * other the part with most to be seen. A pattern's own edges fit to each other afterwards.
 *
 * @param redraw for a picture that needs no scaling
 */
export function fitTo(image: RgbImage, width: number, height: number, redraw?: Redraw): RgbImage {
  const pattern = isPattern(image);
  const shape = (width * image.height) / (height * image.width);
  const cover = (focus?: number) => {
    const scale = Math.max(width / image.width, height / image.height);
    const large = redraw?.(Math.ceil(image.width * scale), Math.ceil(image.height * scale)) ?? image;
    return coverCrop(large, width, height, focus);
  };
  if (Math.max(shape, 1 / shape) < 1 + UNSEEN) return pattern ? blended(cover()) : cover();
  const inner = sizeWithin(image, width, height);
  const whole = () => redraw?.(inner.width, inner.height) ?? coverCrop(image, inner.width, inner.height);
  if (pattern) return repeat(whole(), width, height);
  const ground = groundOf(image);
  return ground ? extend(whole(), width, height, ground) : cover(focusOf(image, width, height));
}

/** A pattern in the middle, and again to both sides of it. */
function repeat(image: RgbImage, width: number, height: number): RgbImage {
  const inner = blended(image);
  // So far to the left and above that a picture begins there.
  const [left, top] = [(width - inner.width) >> 1, (height - inner.height) >> 1];
  const [before, above] = [Math.ceil(left / inner.width) * inner.width, Math.ceil(top / inner.height) * inner.height];
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const row = (y - top + above) % inner.height;
      const from = 3 * (row * inner.width + ((x - left + before) % inner.width));
      rgb.set(inner.rgb.subarray(from, from + 3), 3 * (y * width + x));
    }
  return { width, height, rgb };
}

/**
 * A pattern whose edges fit to each other: what a decoder does along an edge shows where two meet. A pattern is there again half a side further, and there
 * it has no edge, so that is what its edges turn into.
 */
function blended(image: RgbImage): RgbImage {
  const { width, height } = image;
  let { rgb } = image;
  for (const sideways of [true, false]) {
    const side = sideways ? width : height;
    const mixed = rgb.slice();
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) {
        const inwards = sideways ? x : y;
        const share = (Math.min(inwards, side - 1 - inwards) + 0.5) / (FADE * side);
        if (share >= 1) continue;
        const there = (inwards + (side >> 1)) % side;
        const [to, from] = [3 * (y * width + x), 3 * (sideways ? y * width + there : there * width + x)];
        for (let part = 0; part < 3; part += 1) {
          const own = rgb[to + part] as number;
          mixed[to + part] = Math.round(own + (1 - share) * ((rgb[from + part] as number) - own));
        }
      }
    rgb = mixed;
  }
  return { width, height, rgb };
}

/** A picture's size where it is as large as it can be without being cropped. */
export function sizeWithin(image: RgbImage, width: number, height: number): { width: number; height: number } {
  const scale = Math.min(width / image.width, height / image.height);
  return { width: Math.round(image.width * scale) || 1, height: Math.round(image.height * scale) || 1 };
}

function extend(inner: RgbImage, width: number, height: number, ground: Ground): RgbImage {
  const [left, top] = [(width - inner.width) >> 1, (height - inner.height) >> 1];
  const sideways = left > 0;
  const length = sideways ? inner.width : inner.height;
  const rgb = new Uint8Array(width * height * 3);
  for (let at = 0; at < rgb.length; at += 1) rgb[at] = ground[at % 3] as number;
  for (let y = 0; y < inner.height; y += 1)
    for (let x = 0; x < inner.width; x += 1) {
      const from = (y * inner.width + x) * 3;
      const to = ((y + top) * width + x + left) * 3;
      const inwards = sideways ? x : y;
      const share = (Math.min(inwards, length - 1 - inwards) + 0.5) / (FADE * length);
      // What differs from the ground is a thing that stands near the edge, and stays.
      const rest = share < 1 ? (1 - share) * likeness(inner.rgb, from, ground) : 0;
      for (let part = 0; part < 3; part += 1) {
        const own = inner.rgb[from + part] as number;
        rgb[to + part] = Math.round(own + rest * ((ground[part] as number) - own));
      }
    }
  return { width, height, rgb };
}

/**
 * The largest part of a picture that has the wanted aspect, scaled to the wanted size. The same picture,
 * not a copy, when it already has that size.
 *
 * @param focus how much of what is cropped lies before that part, 0..1
 */
export function coverCrop(image: RgbImage, width: number, height: number, focus = 0.5): RgbImage {
  if (image.width === width && image.height === height) return image;
  const scale = Math.max(width / image.width, height / image.height);
  const across = resampler(image.width, width, scale, focus);
  const down = resampler(image.height, height, scale, focus);

  // Only the source rows that the picture will need, each at its final width. [source rows, width, 3]
  const firstRow = Math.min(...down.map((tap) => tap.first));
  const lastRow = Math.max(...down.map((tap) => tap.first + tap.weights.length));
  const wide = new Float32Array((lastRow - firstRow) * width * 3);
  for (let row = firstRow; row < lastRow; row++)
    across.forEach(({ first, weights }, x) => {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let index = 0, at = (row * image.width + first) * 3; index < weights.length; index++, at += 3) {
        const weight = weights[index] as number;
        red += weight * (image.rgb[at] as number);
        green += weight * (image.rgb[at + 1] as number);
        blue += weight * (image.rgb[at + 2] as number);
      }
      wide.set([red, green, blue], ((row - firstRow) * width + x) * 3);
    });

  // A clamped array rounds to nearest and keeps Lanczos' overshoot within 0..255.
  const rgb = new Uint8ClampedArray(width * height * 3);
  const sums = new Float32Array(width * 3);
  down.forEach(({ first, weights }, y) => {
    sums.fill(0);
    weights.forEach((weight, index) => {
      const from = (first + index - firstRow) * width * 3;
      for (let at = 0; at < sums.length; at++) sums[at] = (sums[at] as number) + weight * (wide[from + at] as number);
    });
    rgb.set(sums, y * width * 3);
  });
  return { width, height, rgb: new Uint8Array(rgb.buffer) };
}

/** The source samples that make one target sample; weights sum to 1. */
interface Tap {
  readonly first: number;
  readonly weights: Float32Array;
}

/** Lobes of the Lanczos window. */
const LOBES = 3;

/**
 * Lanczos resampling of a part of a row, widened when shrinking so that every source sample counts
 * (Turkowski, "Filters for common resampling tasks", 1990; what Pillow does).
 */
function resampler(source: number, target: number, scale: number, focus: number): Tap[] {
  const left = (source - target / scale) * focus;
  const stretch = Math.max(1, 1 / scale);
  return Array.from({ length: target }, (_, index) => {
    const centre = left + (index + 0.5) / scale;
    const first = Math.max(0, Math.floor(centre - LOBES * stretch + 0.5));
    const end = Math.min(source, Math.floor(centre + LOBES * stretch + 0.5));
    const weights = Float32Array.from({ length: Math.max(1, end - first) }, (_, tap) =>
      lanczos((first + tap + 0.5 - centre) / stretch),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

function lanczos(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= LOBES) return 0;
  const angle = Math.PI * x;
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle);
}
