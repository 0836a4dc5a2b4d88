/** Icons that were drawn in ink on paper get their colour, size and place, over what is behind them. */
import { coverCrop } from './image.js';
import type { RgbImage } from './png.js';
import type { Mark, Rgb, Separated, Square } from './scene/ink.js';

/**
 * Shares of ink below which a pixel is paper and above which it is ink. A decoder leaves paper uneven and lines a little grey; the
 * edge in between is as wide as it was.
 */
const PAPER = 0.12;
const INK = 0.88;

/** A picture of one colour. */
export function plainImage(width: number, height: number, colour: Rgb): RgbImage {
  const rgb = new Uint8Array(3 * width * height);
  for (let at = 0; at < rgb.length; at += 3) rgb.set(colour, at);
  return { width, height, rgb };
}

/**
 * Lays an icon over a picture, wherever its marks are. Outside of them the picture stays as it is, to the bit.
 *
 * @param under what is behind it, [height, width, 3]
 * @param drawing the icon in ink on paper, in the box that `separated` names
 */
export function layIcon(
  under: RgbImage,
  drawing: RgbImage,
  marks: readonly Mark[],
  separated: Pick<Separated, 'box' | 'ink' | 'paper'>,
): RgbImage {
  const rgb = under.rgb.slice();
  const icon = cut(drawing, separated.box);
  const shareOf = inkShare(separated.ink, separated.paper);
  for (const mark of marks) {
    const { left, top, width, height } = pixelsOf(mark, under);
    const sized = coverCrop(icon, width, height);
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) {
        const share = shareOf(sized.rgb, 3 * (y * width + x));
        if (share === 0) continue;
        const at = 3 * ((y + top) * under.width + x + left);
        for (let part = 0; part < 3; part += 1) {
          const behind = rgb[at + part] as number;
          rgb[at + part] = Math.round(behind + share * ((mark.rgb[part] as number) - behind));
        }
      }
  }
  return { width: under.width, height: under.height, rgb };
}

function cut(image: RgbImage, square: Square): RgbImage {
  const { left, top, width, height } = pixelsOf(square, image);
  const rgb = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y += 1) {
    const from = 3 * ((y + top) * image.width + left);
    rgb.set(image.rgb.subarray(from, from + 3 * width), 3 * y * width);
  }
  return { width, height, rgb };
}

/** The part of a square that is on a picture, at least one pixel. */
function pixelsOf({ left, top, side }: Square, { width, height }: RgbImage) {
  const within = (share: number, length: number) => Math.min(length, Math.max(0, Math.round(share * length)));
  const [x, y] = [Math.min(within(left, width), width - 1), Math.min(within(top, height), height - 1)];
  return {
    left: x,
    top: y,
    width: Math.max(1, within(left + side, width) - x),
    height: Math.max(1, within(top + side, height) - y),
  };
}

/** How much ink a pixel shows, 0..1: how far it is from paper to ink, along the line between the two colours. */
function inkShare(ink: Rgb, paper: Rgb): (rgb: Uint8Array, at: number) => number {
  const way = ink.map((value, part) => value - (paper[part] as number));
  const length = way.reduce((sum, step) => sum + step * step, 0);
  return (rgb, at) => {
    let along = 0;
    for (let part = 0; part < 3; part += 1)
      along += ((rgb[at + part] as number) - (paper[part] as number)) * (way[part] as number);
    const share = length === 0 ? 0 : along / length;
    return Math.min(1, Math.max(0, (share - PAPER) / (INK - PAPER)));
  };
}
