import type { Feed } from '../../run/runtime.js';

/** Far below any score, and still finite: -inf makes NaN of a row that sees nothing. */
const MASKED = -1e4;

export type Sight = {
  /** [B] condition rows of each picture, for which one key stands in. */
  readonly counts: readonly number[];
  /** S: positions of this call. */
  readonly positions: number;
  /** The key/value cache, where there is one: how long it is and how many positions it holds from the start. */
  readonly cache?: { readonly capacity: number; readonly filled: number };
};

/**
 * What each image row may see, [B, 1, S, 1 + P + S], as a summand of the attention scores: the condition's stand-in key
 * counts for `count` keys of score 0, hence ln(count); the cache as far as it is filled; and of this call what came before.
 */
export function attentionBias({ counts, positions, cache }: Sight): Feed {
  const capacity = cache?.capacity ?? 0;
  const columns = 1 + capacity + positions;
  const picture = new Float32Array(positions * columns).fill(MASKED);
  for (let row = 0; row < positions; row++) {
    const start = row * columns + 1;
    picture.fill(0, start, start + (cache?.filled ?? 0));
    picture.fill(0, start + capacity, start + capacity + row + 1);
  }
  const data = new Float32Array(counts.length * picture.length);
  counts.forEach((count, index) => {
    const logCount = Math.log(count);
    for (let row = 0; row < positions; row++) picture[row * columns] = logCount;
    data.set(picture, index * picture.length);
  });
  return { type: 'float32', shape: [counts.length, 1, positions, columns], data };
}
