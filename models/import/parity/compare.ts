/** What we computed against what the authors' code computed. */
import { type Npy, numbersOf } from './npy.js';

/** How an array is compared. */
export type Rule =
  /** 1e-4 of the largest value, beside the rounding of a reference that is stored as float16. */
  | {
      readonly kind: 'values';
      /** 1 for each number that counts, where some are anything, as the states of pads. */
      readonly counts?: Uint8Array;
    }
  /** Of references in full precision. */
  | { readonly kind: 'within'; readonly absolute: number }
  /** 1e-2, of the value where that is above 1: the references are stored as float16. */
  | { readonly kind: 'logits' }
  | { readonly kind: 'exact' }
  /**
   * Codes along a sequence, equal up to the first position whose two best logits are closer than NEAR_TIE; from there on
   * rounding decides and the sequences may part. `margins` [sequences][positions] are ours. A code may be given as its vector.
   */
  | { readonly kind: 'codes'; readonly margins: readonly (readonly number[])[] };

export type Computed = {
  /** File name without `.npy`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array | BigInt64Array;
  readonly rule: Rule;
};

export type Comparison = {
  readonly name: string;
  /** Null where there is nothing to compare with. */
  readonly absolute: number | null;
  /** The largest difference over the largest reference value. */
  readonly relative: number | null;
  readonly agrees: boolean;
  readonly note: string;
};

const NEAR_TIE = 1e-3;
const VALUES = 1e-4;
const LOGITS = 1e-2;
/** Half a unit in the last of float16's 11 bits, relative to the value. */
const HALF_ROUNDING = 2 ** -11;

export function compare(computed: Computed, reference: Npy | undefined): Comparison {
  const { name, shape, rule } = computed;
  if (!reference)
    return { name, absolute: null, relative: null, agrees: true, note: 'written; no reference to compare with' };
  const differs = (note: string): Comparison => ({ name, absolute: null, relative: null, agrees: false, note });
  if (reference.shape.join() !== shape.join())
    return differs(`shape [${shape.join(', ')}] instead of [${reference.shape.join(', ')}]`);
  const ours = Array.from(computed.values as ArrayLike<number | bigint>, Number);
  const theirs = numbersOf(reference);
  if (rule.kind === 'codes') return compareCodes(name, ours, theirs, rule.margins);

  let absolute = 0;
  let scale = 0;
  let worst = 0;
  let beyond = 0;
  const rounding = reference.type === '<f2' ? HALF_ROUNDING : 0;
  const counts = rule.kind === 'values' ? rule.counts : undefined;
  ours.forEach((value, index) => {
    if (counts && !counts[index]) return;
    const expected = theirs[index] as number;
    // NaN on either side must not compare as equal.
    const difference = Math.abs(value - expected);
    absolute = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(absolute, difference);
    scale = Math.max(scale, Math.abs(expected));
    worst = Math.max(worst, difference / Math.max(1, Math.abs(expected)));
    beyond = Math.max(beyond, difference - rounding * Math.abs(expected));
  });
  const relative = absolute === 0 ? 0 : absolute / scale;
  switch (rule.kind) {
    case 'values':
      return {
        name,
        absolute,
        relative,
        agrees: Number.isFinite(absolute) && beyond <= VALUES * scale,
        note: `within ${VALUES} of the largest value${rounding > 0 ? ' and the rounding of float16' : ''}${counts ? ', without pads' : ''}`,
      };
    case 'logits':
      return { name, absolute, relative, agrees: worst <= LOGITS, note: `within ${LOGITS}, relative above 1` };
    case 'within':
      return { name, absolute, relative, agrees: absolute <= rule.absolute, note: `within ${rule.absolute}` };
    case 'exact':
      return { name, absolute, relative, agrees: absolute === 0, note: 'equal' };
    default:
      return rule satisfies never;
  }
}

function compareCodes(
  name: string,
  ours: readonly number[],
  theirs: readonly number[],
  margins: readonly (readonly number[])[],
): Comparison {
  const length = margins[0]?.length ?? 0;
  const width = ours.length / (margins.length * length);
  let compared = 0;
  let wrong = 0;
  margins.forEach((row, sequence) => {
    const tie = row.findIndex((margin) => margin < NEAR_TIE);
    const until = tie < 0 ? length : tie;
    for (let position = 0; position < until; position++) {
      compared++;
      const at = (sequence * length + position) * width;
      if (ours.slice(at, at + width).some((value, index) => value !== theirs[at + index])) wrong++;
    }
  });
  const skipped = margins.length * length - compared;
  return {
    name,
    absolute: wrong,
    relative: compared > 0 ? wrong / compared : 0,
    agrees: wrong === 0,
    note: `${compared - wrong} of ${compared} codes equal${skipped > 0 ? `, ${skipped} behind a near-tie` : ''}`,
  };
}

/** Difference of the two largest. */
export function marginOf(logits: Float32Array): number {
  let first = Number.NEGATIVE_INFINITY;
  let second = Number.NEGATIVE_INFINITY;
  for (const value of logits)
    if (value > first) [first, second] = [value, first];
    else if (value > second) second = value;
  return first - second;
}
