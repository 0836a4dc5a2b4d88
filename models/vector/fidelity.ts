/** How much of a picture its tracing reproduces. */
import type { RgbImage } from '../run/png.js';
import { toOklab } from './oklab.js';
import type { Colour } from './vectors.js';

/** Two colours this near are the same to somebody who does not lay them side by side. OKLab; a just noticeable difference is about 0.02. */
const SAME = 0.06;

/** So many pixels in each direction are enough to tell a share to a percent. */
const SAMPLES = 384;

/**
 * @param traced the tracing as pixels, of the picture's aspect and any size
 * @returns share of the picture's pixels whose colour it has, 0..1
 */
export function measureFidelity(image: RgbImage, traced: RgbImage): number {
  const columns = Math.min(image.width, SAMPLES);
  const rows = Math.min(image.height, SAMPLES);
  let same = 0;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      // Of each cell of the samples' grid the pixel in its middle.
      const [right, down] = [(column + 0.5) / columns, (row + 0.5) / rows];
      const wanted = toOklab(pixelAt(image, right, down));
      const got = toOklab(pixelAt(traced, right, down));
      if (Math.hypot(wanted[0] - got[0], wanted[1] - got[1], wanted[2] - got[2]) <= SAME) same += 1;
    }
  return same / (columns * rows);
}

/** @param right, down parts of the picture's width and height, 0..1 */
function pixelAt({ width, height, rgb }: RgbImage, right: number, down: number): Colour {
  const at = (Math.floor(down * height) * width + Math.floor(right * width)) * 3;
  return [rgb[at] as number, rgb[at + 1] as number, rgb[at + 2] as number];
}
