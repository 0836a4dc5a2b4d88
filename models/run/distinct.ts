/**
 * Pictures of a request differ: one that would be a twin of a picture before it is drawn from the next seed instead.
 *
 * Twins have the same codes nearly everywhere, or pixels that no eye tells apart. Positions where each shows what fills most of it (its
 * background) say nothing of what is on it, so they do not count among the codes.
 */
import type { RgbImage } from './png.js';

/**
 * Bounds, measured on 26 prompts of the starter pack with four seeds each: pictures of one prompt have either 0.77 and more of
 * their codes in common, or 0.70 and less. A background of another tint changes the codes and not the picture: of such twins at
 * most 1.3 % of the pixels differ, of other pictures 6 % and more. A small thing covers 6 % of a picture.
 */
const TWINS = {
  /** Share of equal codes, from which on pictures are twins. */
  codes: 0.75,
  /** Share of pixels that differ, below which they are. */
  pixels: 0.02,
  /** Difference of a channel, of 255, from which on a pixel differs. */
  channel: 24,
} as const;

/** Seeds that are tried for a picture; once they were in vain for one, the prompt has few answers, and others get one try. */
const TRIES = { first: 6, later: 1 } as const;

/** A picture before it is cut to size. */
export type Candidate = {
  /** [positions, channels]; null where they do not say what the picture shows, so that only pixels are compared. */
  readonly latents: Float32Array | null;
  readonly image: RgbImage;
};

export type Distinct = {
  /** Whether it repeats a picture that was accepted. */
  isTwin(candidate: Candidate): boolean;
  /** The seed to try after `seed`, or null when enough were tried. */
  next(seed: number): number | null;
  accept(candidate: Candidate): void;
};

/**
 * @param seeds all of the request: none of them is taken in place of another
 * @param channels of a position
 * @param period seeds so far apart draw the same words (models/wildcards.ts); null where there are none
 */
export function createDistinct(seeds: readonly number[], channels: number, period: number | null): Distinct {
  const accepted: Candidate[] = [];
  const taken = new Set(seeds);
  let tried = 0;
  let hasFailed = false;
  return {
    isTwin: (candidate) =>
      accepted.some(
        (other) =>
          hasSameCodes(candidate.latents, other.latents, channels) ||
          difference(candidate.image, other.image) < TWINS.pixels,
      ),
    next(seed) {
      if (period === null || tried >= (hasFailed ? TRIES.later : TRIES.first)) {
        hasFailed = true;
        return null;
      }
      tried += 1;
      let next = seed;
      do next = next > Number.MAX_SAFE_INTEGER - period ? next % period : next + period;
      while (taken.has(next));
      taken.add(next);
      return next;
    },
    accept(candidate) {
      accepted.push(candidate);
      tried = 0;
    },
  };
}

const hasSameCodes = (one: Float32Array | null, other: Float32Array | null, channels: number): boolean =>
  one !== null && other !== null && likeness(one, other, channels) >= TWINS.codes;

/**
 * Share of positions with equal codes among those that are not the background of both, 0..1.
 *
 * @param one, other [positions, channels] latents; equal codes are equal rows
 */
export function likeness(one: Float32Array, other: Float32Array, channels: number): number {
  const [a, b] = [namesOf(one, channels), namesOf(other, channels)];
  const [groundOfA, groundOfB] = [mostFrequent(a), mostFrequent(b)];
  let counted = 0;
  let equal = 0;
  for (const [position, code] of a.entries()) {
    if (code === groundOfA && b[position] === groundOfB) continue;
    counted += 1;
    if (code === b[position]) equal += 1;
  }
  return counted === 0 ? Number(groundOfA === groundOfB) : equal / counted;
}

/** Share of pixels that differ, 0..1. */
export function difference(one: RgbImage, other: RgbImage): number {
  let differing = 0;
  for (let at = 0; at < one.rgb.length; at += 3) {
    const off = Math.max(
      Math.abs((one.rgb[at] ?? 0) - (other.rgb[at] ?? 0)),
      Math.abs((one.rgb[at + 1] ?? 0) - (other.rgb[at + 1] ?? 0)),
      Math.abs((one.rgb[at + 2] ?? 0) - (other.rgb[at + 2] ?? 0)),
    );
    if (off > TWINS.channel) differing += 1;
  }
  return (differing * 3) / one.rgb.length;
}

/** @param alike numbers of the pictures, from 1, that repeat one before them */
export function describeAlike(alike: readonly number[]): string {
  const which = alike.length === 1 ? `Image ${alike[0]} is` : `Images ${alike.join(', ')} are`;
  return `This prompt has few answers: ${which} nearly the same as one before. Other words give other images.`;
}

/** A name for each position's code: the same one for equal rows. */
function namesOf(latents: Float32Array, channels: number): string[] {
  const names: string[] = [];
  for (let at = 0; at < latents.length; at += channels) names.push(latents.subarray(at, at + channels).join());
  return names;
}

function mostFrequent(names: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  let best: string | undefined;
  for (const [name, count] of counts) if (best === undefined || count > (counts.get(best) ?? 0)) best = name;
  return best;
}
