/**
 * What a person would count in a picture: regions of some size that stand out from what is around them. A share of pixels says
 * nothing about them: the eight rays of a sun are 2 % of its icon. Those that joining regions swallows are put back, and
 * those that the layers lack in the end are counted.
 */
import { depths } from './borders.js';
import { compact, type Labels } from './labels.js';

/** Share of the picture's area. */
const LEAST_AREA = 0.002;

/** How far its colour is from what is around it, in OKLab: a just noticeable difference is about 0.02, and a decoder leaves an even background uneven by as much. */
const LEAST_CONTRAST = 0.04;

/** What is nowhere deeper is an edge; colours are told by what lies this deep. Pixels. */
const CORE_DEPTH = 3;

/** What is around a region begins beyond its soft edge, and is looked at over so many pixels more. */
const EDGE = 2;
const AROUND = 3;

/** A region is there where so many of its pixels are nearer to their own colour than to what is around them, and not farther than `OFF` from it. */
const KEPT = 0.5;
const OFF = 0.08;

/** What is no thicker than twice this and between two colours is the soft edge between them. Pixels. */
const EDGE_DEPTH = 5;
/** Each of the two is along so much of its border, and differs by more than `UNSEEN`. */
const SIDE = 0.12;
const UNSEEN = 0.02;

export type Separate = {
  readonly pixels: readonly number[];
  /** Those without the soft edge. */
  readonly core: readonly number[];
  /** The colour around it. OKLab. */
  readonly around: Lab;
};

type Lab = readonly [number, number, number];

/**
 * @param fine a segmentation in which too much is apart rather than too little
 * @param lab [height, width, 3]
 */
export function findSeparate(fine: Labels, lab: Float32Array, width: number, height: number): Separate[] {
  const depth = depths(fine, width, height);
  const members: number[][] = Array.from({ length: fine.count }, () => []);
  for (let pixel = 0; pixel < fine.of.length; pixel++) members[fine.of[pixel] as number]?.push(pixel);
  return members.flatMap((pixels, region): Separate[] => {
    if (pixels.length < LEAST_AREA * fine.of.length) return [];
    const core = pixels.filter((pixel) => (depth[pixel] as number) >= CORE_DEPTH);
    const ring = ringAround(pixels, region, fine, width, height);
    if (core.length === 0 || ring.length === 0) return [];
    const [colour, around] = [meanOf(lab, core), meanOf(lab, ring)];
    if (distance(colour, around) < LEAST_CONTRAST) return [];
    const deepest = core.reduce((most, pixel) => Math.max(most, depth[pixel] as number), 0);
    if (
      deepest <= EDGE_DEPTH &&
      isBetween(
        colour,
        ring.map((pixel) => labAt(lab, pixel)),
      )
    )
      return [];
    return [{ pixels, core, around }];
  });
}

/** @returns those that a picture does not show; @param shown its colour at a pixel, OKLab */
export function findLost(
  wanted: readonly Separate[],
  lab: Float32Array,
  shown: (pixel: number) => Lab,
): readonly Separate[] {
  return wanted.filter(({ core, around }) => {
    const kept = core.filter((pixel) => {
      const colour = shown(pixel);
      const off = distance(labAt(lab, pixel), colour);
      return off < OFF && off < distance(around, colour);
    });
    return kept.length < KEPT * core.length;
  });
}

/** Regions that others have swallowed, apart again. */
export function putBack(labels: Labels, swallowed: readonly Separate[]): Labels {
  const of = labels.of.slice();
  for (const [index, { pixels }] of swallowed.entries()) for (const pixel of pixels) of[pixel] = labels.count + index;
  return compact(of);
}

/** The regions in which most of each lies now. */
export function homesOf(wanted: readonly Separate[], { of }: Labels): ReadonlySet<number> {
  return new Set(wanted.map(({ core }) => mostFrequent(core.map((pixel) => of[pixel] as number))));
}

/** Whether what is around a colour differs from it in two opposite directions. */
function isBetween(colour: Lab, ring: readonly Lab[]): boolean {
  const farthest = ring.reduce((a, b) => (distance(a, colour) >= distance(b, colour) ? a : b));
  const length = distance(farthest, colour);
  const along = ring.map(
    (other) =>
      other.reduce((sum, part, at) => sum + (part - colour[at as 0]) * (farthest[at as 0] - colour[at as 0]), 0) /
      length,
  );
  const share = (side: (value: number) => boolean) => along.filter(side).length / along.length;
  return share((value) => value > UNSEEN) > SIDE && share((value) => value < -UNSEEN) > SIDE;
}

function mostFrequent(values: readonly number[]): number {
  const times = new Map<number, number>();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  return [...times].reduce((best, one) => (one[1] > best[1] ? one : best), [-1, 0])[0];
}

/** Pixels near a region, beyond its soft edge. */
function ringAround(own: readonly number[], region: number, { of }: Labels, width: number, height: number): number[] {
  const seen = new Set<number>();
  const ring: number[] = [];
  let front = own;
  for (let step = 1; step <= EDGE + AROUND; step++) {
    const next: number[] = [];
    const reach = (other: number) => {
      if (of[other] === region || seen.has(other)) return;
      seen.add(other);
      next.push(other);
      if (step > EDGE) ring.push(other);
    };
    for (const pixel of front) {
      const x = pixel % width;
      if (x > 0) reach(pixel - 1);
      if (x < width - 1) reach(pixel + 1);
      if (pixel >= width) reach(pixel - width);
      if (pixel < width * (height - 1)) reach(pixel + width);
    }
    front = next;
  }
  return ring;
}

const labAt = (lab: Float32Array, pixel: number): Lab => [
  lab[3 * pixel] as number,
  lab[3 * pixel + 1] as number,
  lab[3 * pixel + 2] as number,
];

function meanOf(lab: Float32Array, pixels: readonly number[]): Lab {
  const sum: [number, number, number] = [0, 0, 0];
  for (const pixel of pixels)
    for (let part = 0; part < 3; part++) sum[part as 0] += (lab[3 * pixel + part] as number) / pixels.length;
  return sum;
}

const distance = (a: Lab, b: Lab) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
