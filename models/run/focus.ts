/** Where a picture is worth looking at, for one that has to be cropped: a house at the foot of a landscape should keep its door. */
import type { RgbImage } from './png.js';

/** Places of the part that stays, from one end to the other: as coarse as that, engines whose pictures differ by a hair choose the same. */
const PLACES = 16;
/** The middle is worth so much more than an end, or a sliver more of an edge would pull everything aside. */
const CENTRED = 0.15;
/** Values of 0..255, of all three channels: what differs less is a change of light, or what a decoder leaves behind. */
const FLAT = 24;

/**
 * @param width and height of the wanted aspect
 * @returns how much of what is cropped lies before the part that stays, 0..1: the part with most edges; 0.5, the middle, where none has more
 */
export function focusOf(image: RgbImage, width: number, height: number): number {
  const wide = width * image.height > height * image.width;
  const side = wide ? image.height : image.width;
  const kept = wide ? (height * image.width) / width : (width * image.height) / height;
  const slack = side - kept;
  const before = edgesBefore(image, wide, side);
  let best = { at: 0.5, worth: 0 };
  // From the middle outwards, so that of equal ones the most central counts.
  for (let step = 0; step <= PLACES; step += 1) {
    const at = 0.5 + ((step % 2 ? 1 : -1) * Math.ceil(step / 2)) / PLACES;
    const start = Math.round(slack * at);
    const edges = (before[Math.min(side, Math.round(start + kept))] ?? 0) - (before[start] ?? 0);
    const worth = edges * (1 - CENTRED * Math.abs(2 * at - 1));
    if (worth > best.worth) best = { at, worth };
  }
  return best.at;
}

/** [side + 1]: how much changes from pixel to pixel in all rows (or columns) before each. */
function edgesBefore({ width, height, rgb }: RgbImage, rows: boolean, side: number): Float64Array {
  const before = new Float64Array(side + 1);
  const away = (from: number, to: number) => {
    let sum = 0;
    for (let part = 0; part < 3; part += 1) sum += Math.abs((rgb[from + part] as number) - (rgb[to + part] as number));
    return sum < FLAT ? 0 : sum;
  };
  for (let y = 0; y < height - 1; y += 1)
    for (let x = 0; x < width - 1; x += 1) {
      const at = 3 * (y * width + x);
      const line = (rows ? y : x) + 1;
      before[line] = (before[line] as number) + away(at, at + 3) + away(at, at + 3 * width);
    }
  for (let line = 1; line <= side; line += 1) before[line] = (before[line] as number) + (before[line - 1] as number);
  return before;
}
