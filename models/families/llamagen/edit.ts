/** Starting from a picture, as arithmetic: which of its codes are drawn anew, and what the steps' times mean among them. */
import type { GenerateRequest } from '../../protocol.js';
import type { Start } from '../family.js';

/**
 * Readings of its own codes that an edit has at least. A pass of the steps reads what is not drawn yet as noise, also beside codes that stay; the
 * readings are of codes only, so that new ones fit to each other and to those before them.
 */
const READINGS = 2;

/** Share of the open codes that is drawn anew; all of them where a request starts from nothing. */
export const strengthOf = ({ edit }: Pick<GenerateRequest, 'edit'>): number => edit?.strength ?? 1;

export const passesOf = ({ edit }: Pick<GenerateRequest, 'edit'>, refinements = 0): number =>
  edit ? Math.max(READINGS, refinements) : refinements;

/**
 * Which codes stay. Those that may change and follow least from the new words are drawn anew: a fox where a dog is to be goes, and the ground on
 * which both stand stays. That is the same for every seed, which decides what comes instead.
 *
 * @param surprise [positions] of the picture's codes under the new words; null where all that may change does
 * @returns [positions]: 1 where the code stays
 */
export function fixedOf({ open }: Start, strength: number, surprise: Float64Array | null): Uint8Array {
  const fixed = open.map((is) => (is ? 0 : 1));
  if (!surprise) return fixed;
  const candidates = [...open.keys()].filter((position) => open[position]);
  const byPlausibility = candidates.sort((a, b) => (surprise[a] ?? 0) - (surprise[b] ?? 0) || a - b);
  const stay = candidates.length - Math.round(strength * candidates.length);
  for (const position of byPlausibility.slice(0, stay)) fixed[position] = 1;
  return fixed;
}

/**
 * The times at which the steps begin, of those codes that are drawn: a step that knows 80 of 256 codes knows 80/256 of them. A time is still a
 * position, below which everything is known; there may be none to draw.
 */
export function within(times: readonly number[], fixed: Uint8Array): number[] {
  const drawn = [...fixed.keys()].filter((position) => !fixed[position]);
  return times.map((time) => {
    const rank = Math.round((time / fixed.length) * drawn.length);
    return rank === 0 ? 0 : (drawn[rank] ?? fixed.length);
  });
}
