/**
 * The condition rows of a call and what stays of them afterwards (models/graphs.ts, CONDITION).
 *
 * A prompt's rows run once, in a call of their own; what comes out is one vector a layer, and that is all that steps, other
 * pictures and other requests of the same prompt need.
 */
import { CONDITION } from '../../graphs.js';
import type { Feeds } from '../../run/runtime.js';

/** Condition rows that have not been run yet. */
export type FreshCondition = {
  readonly kind: 'fresh';
  /** How many rows (tokens; 1 for a class). */
  readonly count: number;
};

/** What a prompt's rows left behind. */
export type CachedCondition = {
  readonly kind: 'cached';
  readonly count: number;
  /** [layers + 1, width]: mean caption embedding, then the mean values of each layer. */
  readonly vectors: Float32Array;
  /** [V]: logits of code 0, where the last condition row predicts it (flow-head students). */
  readonly firstLogits?: Float32Array;
};

export type Condition = FreshCondition | CachedCondition;

export type ConditionShape = { readonly layers: number; readonly width: number };

/**
 * Feeds `mix`, `pool` and `cache` for a call of B pictures.
 *
 * @param conditions the prompts of the call, all fresh or all cached
 * @param pictures [B] which of the prompts each picture has
 */
export function feedConditions(
  conditions: readonly Condition[],
  pictures: readonly number[],
  shape: ConditionShape,
): Feeds {
  const batch = pictures.length;
  const fresh = conditions.every((condition) => condition.kind === 'fresh');
  if (!fresh && conditions.some((condition) => condition.kind === 'fresh'))
    throw new RangeError('fresh and cached conditions can not share a call');
  const rows = fresh ? conditions.reduce((sum, condition) => sum + condition.count, 0) : 1;
  const mix = new Float32Array(rows * rows);
  const pool = new Float32Array(batch * rows);
  const vectors = shape.layers + 1;
  const cache = new Float32Array(vectors * batch * shape.width);

  const starts: number[] = [];
  let start = 0;
  for (const condition of conditions) {
    starts.push(start);
    if (condition.kind === 'fresh') {
      for (let row = 0; row < condition.count; row++)
        mix.fill(1 / (row + 1), (start + row) * rows + start, (start + row) * rows + start + row + 1);
      start += condition.count;
    }
  }
  if (!fresh) mix[0] = 1;

  pictures.forEach((prompt, picture) => {
    const condition = conditions[prompt];
    if (!condition) throw new RangeError(`picture ${picture} names prompt ${prompt} of ${conditions.length}`);
    const first = starts[prompt] ?? 0;
    if (condition.kind === 'fresh')
      pool.fill(1 / condition.count, picture * rows + first, picture * rows + first + condition.count);
    else
      for (let vector = 0; vector < vectors; vector++)
        cache.set(
          condition.vectors.subarray(vector * shape.width, (vector + 1) * shape.width),
          (vector * batch + picture) * shape.width,
        );
  });

  return {
    [CONDITION.mix]: { type: 'float32', shape: [rows, rows], data: mix },
    [CONDITION.pool]: { type: 'float32', shape: [batch, rows], data: pool },
    [CONDITION.cache]: { type: 'float32', shape: [vectors, batch, shape.width], data: cache },
  };
}

/** What picture `picture` of the `condition` output [layers + 1, B, width] leaves for later calls. */
export function cacheCondition(
  output: Float32Array,
  at: { picture: number; batch: number; count: number },
  shape: ConditionShape,
): CachedCondition {
  const vectors = new Float32Array((shape.layers + 1) * shape.width);
  for (let vector = 0; vector <= shape.layers; vector++) {
    const from = (vector * at.batch + at.picture) * shape.width;
    vectors.set(output.subarray(from, from + shape.width), vector * shape.width);
  }
  return { kind: 'cached', count: at.count, vectors };
}
