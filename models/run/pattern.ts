/** Whether a picture is a seamless pattern, which goes on by being repeated. */
import type { RgbImage } from './png.js';

/**
 * How much of a picture has to be there again half a side further, both ways, 0..1. Of 92 pictures of the starter pack the patterns that repeat
 * had 0.9 and more, others (of terrazzo) at most 0.5.
 */
const AGAIN = 0.7;
/** Levels (of 255), as a standard deviation: a picture of less contrast is an even ground. */
const CONTRAST = 8;

/**
 * True where a picture of some contrast is nearly the same when it is turned, as on a roll, by half of its width, and by half of its height. That it then fits to itself at its
 * edges follows: half a side on from the middle is the edge.
 */
export function isPattern({ width, height, rgb }: RgbImage): boolean {
  if (width < 4 || height < 4) return false;
  const spread = 3 * variance(rgb);
  if (spread < 3 * CONTRAST ** 2) return false;
  const halfWidth = width >> 1;
  const halfHeight = height >> 1;
  let acrossSquares = 0;
  let downSquares = 0;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const here = 3 * (y * width + x);
      const across = 3 * (y * width + ((x + halfWidth) % width));
      const down = 3 * (((y + halfHeight) % height) * width + x);
      for (let part = 0; part < 3; part += 1) {
        const value = rgb[here + part] as number;
        acrossSquares += (value - (rgb[across + part] as number)) ** 2;
        downSquares += (value - (rgb[down + part] as number)) ** 2;
      }
    }
  // Two pictures that have nothing in common differ by twice their variance.
  const again = (squares: number): number => 1 - squares / (width * height) / (2 * spread);
  return again(acrossSquares) >= AGAIN && again(downSquares) >= AGAIN;
}

/** Of the levels, the mean over the three parts. */
function variance(rgb: Uint8Array): number {
  let total = 0;
  for (let part = 0; part < 3; part += 1) {
    let sum = 0;
    let squares = 0;
    for (let at = part; at < rgb.length; at += 3) {
      const value = rgb[at] as number;
      sum += value;
      squares += value * value;
    }
    const count = rgb.length / 3;
    total += squares / count - (sum / count) ** 2;
  }
  return total / 3;
}
