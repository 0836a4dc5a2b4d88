/**
 * Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3" (SC11), the one that Random123, cuRAND and TensorFlow use. Counter in, 128 random bits out, no state: any
 * value can be computed alone, in any order, in any runtime.
 *
 * How we spend the counter: word 0 is the index (a grid position), word 1 the lane within it, word 2 the stream, word 3
 * is 0. The key is the seed. Streams never meet, so a value means the same whatever else was drawn.
 */

/** What random bits are wanted for. Numbers are part of the format of a picture: never renumber. */
export const STREAMS = {
  /** Noise that a picture starts from. */
  noise: 0,
  /** Draws of the teacher's ordinary sampling. */
  sampling: 1,
} as const;

export type Stream = (typeof STREAMS)[keyof typeof STREAMS];

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
/** Weyl constants: the golden ratio and sqrt(3) - 1. */
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/**
 * One block: `counter` [4] and `key` [2] of unsigned 32-bit words -> `out` [4]. `out` may be `counter`.
 */
export function philox(counter: Uint32Array, key: Uint32Array, out: Uint32Array): void {
  let [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = counter;
  let [k0 = 0, k1 = 0] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The upper 32 bits of a 32 x 32 bit product, by 16-bit halves: every sum stays below 2^32. */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + (middle >>> 16) + (cross >>> 16);
}

/**
 * The key of a seed: its low 32 bits, then its high 21. Throws a RangeError unless the seed is a whole number
 * 0..2^53-1.
 */
export function keyOf(seed: number): Uint32Array {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`seed ${seed} is not a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
  return Uint32Array.of(seed % 2 ** 32, Math.floor(seed / 2 ** 32));
}

/**
 * The uniform number of (seed, stream, index): 53 random bits, in [0, 1).
 * @param index whole number from 0 to 2^32 - 1, as a rule a grid position
 */
export function uniform(seed: number, stream: Stream, index: number): number {
  const block = Uint32Array.of(index, 0, stream, 0);
  philox(block, keyOf(seed), block);
  const [high = 0, low = 0] = block;
  return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
}
