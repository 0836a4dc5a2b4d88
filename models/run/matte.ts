/**
 * A picture without the even background that it stands on. A pixel on the edge of a thing is a mixture of two colours, C = a F + (1 - a) B: the
 * background's, B, is known; the thing's, F, is found farther inwards; a becomes its opacity and F its colour, so that nothing of the old
 * background is left to shine on a new one (Porter and Duff, "Compositing digital images", 1984).
 */
import { type Ground, groundOf, likeness } from './ground.js';
import type { RgbImage } from './png.js';

/** How wide a soft edge may be, in pixels as the model draws them: a decoder's are two to four. */
const EDGE = 4;
/** And between two things that stand close together, so many times as long. */
const BRIDGE = 4;
/** Share of the picture's area from which on what is enclosed and of the background's colour is a hole: that of a ring is, a highlight is not. */
const HOLE = 0.002;
/** How far a mixture may lie beside the line between its two colours. Levels of 255, over three channels. */
const BESIDE = 22;
/** Decoders paint echoes beside edges. What is so near to the background counts as a mixture with it in any case, and so does what is farther away on the side that is not the thing's. Levels, over three channels. */
const FAINT = 60;
const FAINT_BEYOND = 120;
/** More opaque than this is opaque, and less than that is not there: a decoder's unevenness. */
const OPAQUE = 0.97;
const NOTHING = 0.05;
/** At an edge, a colour that is nearer to the background's than this is the background's unevenness. Levels, over three channels. */
const NEAREST = 40;

/**
 * @param scale pixels of this picture for one that the model drew
 * @returns the same with `alpha`, or null where it stands on no even background
 */
export function matte(image: RgbImage, scale: number): RgbImage | null {
  const ground = groundOf(image);
  if (!ground) return null;
  const { width, height } = image;
  const outside = findOutside(image, ground);
  const reach = Math.max(1, Math.round(EDGE * scale));
  const depth = depthsWithin(outside, image, ground, reach);
  const rgb = image.rgb.slice();
  const alpha = new Uint8Array(width * height).fill(255);

  // The thing's colour at each pixel of the edge: of its neighbours' the one farthest from the background of which it can be a mixture.
  const edge: number[] = [];
  for (let pixel = 0; pixel < depth.length; pixel++)
    if (depth[pixel] !== 0 && (depth[pixel] as number) <= reach) edge.push(pixel);
  for (let step = 0, changed = 1; changed > 0 && step < BRIDGE * reach; step++) {
    const before = rgb.slice();
    changed = 0;
    for (const pixel of edge) {
      const own = colourAt(image.rgb, pixel);
      let farthest = away(colourAt(before, pixel), ground);
      for (const other of around(pixel, width, height)) {
        if (depth[other] === 0) continue;
        const colour = colourAt(before, other);
        const distance = away(colour, ground);
        if (distance <= farthest || !isMixture(own, colour, ground)) continue;
        farthest = distance;
        rgb.set(colour, 3 * pixel);
        changed += 1;
      }
    }
  }
  for (const pixel of edge) {
    const [own, thing] = [colourAt(image.rgb, pixel), colourAt(rgb, pixel)];
    const share = away(thing, ground) < NEAREST ? 0 : shareOf(own, thing, ground);
    if (share > OPAQUE) rgb.set(own, 3 * pixel);
    else alpha[pixel] = share < NOTHING ? 0 : Math.round(255 * share);
  }
  // Where nothing is to be seen, the colour next to it: programs that scale mix it in.
  let front = edge.filter((pixel) => depth[pixel] === 1);
  for (let pixel = 0; pixel < depth.length; pixel++) {
    if (depth[pixel] !== 0) continue;
    alpha[pixel] = 0;
    rgb.set(ground, 3 * pixel);
  }
  const reached = new Uint8Array(width * height);
  for (let step = 0; step < reach; step++) {
    const next: number[] = [];
    for (const pixel of front)
      for (const other of around(pixel, width, height)) {
        if (depth[other] !== 0 || reached[other]) continue;
        reached[other] = 1;
        rgb.set(colourAt(rgb, pixel), 3 * other);
        next.push(other);
      }
    front = next;
  }
  return { width, height, rgb, alpha };
}

type Colour = readonly [number, number, number];

const colourAt = (rgb: Uint8Array, pixel: number): Colour => [
  rgb[3 * pixel] as number,
  rgb[3 * pixel + 1] as number,
  rgb[3 * pixel + 2] as number,
];

const away = (a: Colour, b: Colour) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** How much of `thing` is in a mixture of it with the background, 0..1. */
function shareOf(mixture: Colour, thing: Colour, ground: Ground): number {
  let along = 0;
  let length = 0;
  for (let part = 0; part < 3; part++) {
    const step = (thing[part as 0] as number) - ground[part as 0];
    along += (mixture[part as 0] - ground[part as 0]) * step;
    length += step * step;
  }
  return length === 0 ? 1 : Math.min(1, Math.max(0, along / length));
}

function isMixture(mixture: Colour, thing: Colour, ground: Ground): boolean {
  const off = away(mixture, ground);
  const share = shareOf(mixture, thing, ground);
  if (off <= FAINT || (share === 0 && off <= FAINT_BEYOND)) return true;
  const between = (part: 0 | 1 | 2) => ground[part] + share * (thing[part] - ground[part]);
  return away(mixture, [between(0), between(1), between(2)]) <= BESIDE;
}

/** 1 for pixels of the background: those of its colour that hang together with the edge, or are enough for a hole; and small spots in it that hardly differ. */
function findOutside({ width, height, rgb }: RgbImage, ground: Ground): Uint8Array {
  const outside = new Uint8Array(width * height);
  const least = HOLE * outside.length;
  const near = Uint8Array.from(outside, (_, pixel) => (likeness(rgb, 3 * pixel, ground) === 1 ? 1 : 0));
  const atEdge = (pixel: number) => {
    const x = pixel % width;
    return x === 0 || x === width - 1 || pixel < width || pixel >= width * (height - 1);
  };
  for (const members of piecesOf(near, width, height))
    if (members.length >= least || members.some(atEdge)) for (const pixel of members) outside[pixel] = 1;
  const inside = outside.map((value) => 1 - value);
  for (const members of piecesOf(inside, width, height))
    if (members.length < least && members.every((pixel) => likeness(rgb, 3 * pixel, ground) > 0))
      for (const pixel of members) outside[pixel] = 1;
  return outside;
}

/** Pixels of 1 that hang together. */
function* piecesOf(mask: Uint8Array, width: number, height: number): Generator<number[]> {
  const seen = new Uint8Array(mask.length);
  for (let start = 0; start < mask.length; start++) {
    if (seen[start] || !mask[start]) continue;
    const members = [start];
    seen[start] = 1;
    for (let index = 0; index < members.length; index++)
      for (const other of beside(members[index] as number, width, height)) {
        if (seen[other] || !mask[other]) continue;
        seen[other] = 1;
        members.push(other);
      }
    yield members;
  }
}

/**
 * [height, width]: steps to the background, 0 on it; what is farther than `reach` has one more. What hardly differs from the background is a step away from it,
 * as between two things that stand close together.
 */
function depthsWithin(
  outside: Uint8Array,
  { width, height, rgb }: RgbImage,
  ground: Ground,
  reach: number,
): Uint16Array {
  const depth = Uint16Array.from(outside, (value) => (value ? 0 : reach + 1));
  const next = (front: readonly number[], level: number, joins: (pixel: number) => boolean) => {
    const found: number[] = [];
    for (const pixel of front)
      for (const other of beside(pixel, width, height)) {
        if ((depth[other] as number) <= level || !joins(other)) continue;
        depth[other] = level;
        found.push(other);
      }
    return found;
  };
  const background: number[] = [];
  for (let pixel = 0; pixel < outside.length; pixel++) if (outside[pixel]) background.push(pixel);
  const faint: number[] = [];
  for (let step = 0, front = background; step < BRIDGE * reach && front.length > 0; step++) {
    front = next(front, 1, (pixel) => away(colourAt(rgb, pixel), ground) <= FAINT);
    faint.push(...front);
  }
  let front = [...next(background, 1, () => true), ...faint];
  for (let level = 2; level <= reach; level++) front = next(front, level, () => true);
  return depth;
}

/** Pixels above, below, left and right of one. */
function* beside(pixel: number, width: number, height: number): Generator<number> {
  const x = pixel % width;
  if (x > 0) yield pixel - 1;
  if (x < width - 1) yield pixel + 1;
  if (pixel >= width) yield pixel - width;
  if (pixel < width * (height - 1)) yield pixel + width;
}

/** And those at its corners. */
function* around(pixel: number, width: number, height: number): Generator<number> {
  const x = pixel % width;
  yield* beside(pixel, width, height);
  if (x > 0 && pixel >= width) yield pixel - width - 1;
  if (x < width - 1 && pixel >= width) yield pixel - width + 1;
  if (x > 0 && pixel < width * (height - 1)) yield pixel + width - 1;
  if (x < width - 1 && pixel < width * (height - 1)) yield pixel + width + 1;
}
