/**
 * The teacher's keys and values, kept by the caller at full length and written in place: a position that holds nothing is
 * masked, so nothing is copied to make room, and only the new keys and values leave the graph.
 */
import { TEACHER } from '../../graphs.js';
import type { Feed, Outputs } from '../../run/runtime.js';
import { range } from '../../sampling/schedule.js';

export type CacheSizes = {
  readonly layers: number;
  readonly heads: number;
  /** Width of a head. */
  readonly head: number;
  /** Positions of the whole grid. */
  readonly total: number;
};

export type KeyValueCache = {
  readonly sizes: CacheSizes;
  readonly batch: number;
  /** A pair a layer, [batch, heads, total, head] each. */
  readonly layers: readonly { readonly keys: Float32Array; readonly values: Float32Array }[];
  /** Positions from the start that hold something. */
  filled: number;
};

export function newCache(sizes: CacheSizes, batch: number): KeyValueCache {
  const values = () => new Float32Array(batch * sizes.heads * sizes.total * sizes.head);
  return { sizes, batch, filled: 0, layers: range(0, sizes.layers).map(() => ({ keys: values(), values: values() })) };
}

/** A cache that nothing will be written to: all layers are one array. */
export function emptyCache(sizes: CacheSizes, batch: number): KeyValueCache {
  const zeros = new Float32Array(batch * sizes.heads * sizes.total * sizes.head);
  return { sizes, batch, filled: 0, layers: range(0, sizes.layers).map(() => ({ keys: zeros, values: zeros })) };
}

export function feedCache({ sizes, batch, layers }: KeyValueCache): Record<string, Feed> {
  const shape = [batch, sizes.heads, sizes.total, sizes.head];
  const feeds: Record<string, Feed> = {};
  for (const [layer, { keys, values }] of layers.entries()) {
    feeds[TEACHER.inputs.keys(layer)] = { type: 'float32', shape, data: keys };
    feeds[TEACHER.inputs.values(layer)] = { type: 'float32', shape, data: values };
  }
  return feeds;
}

/** Takes the new keys and values of the positions from `cache.filled` up to `until`. */
export function fillCache(cache: KeyValueCache, outputs: Outputs, until: number): void {
  for (const [layer, { keys, values }] of cache.layers.entries()) {
    write(cache, keys, outputs.float32(TEACHER.outputs.keys(layer)), until);
    write(cache, values, outputs.float32(TEACHER.outputs.values(layer)), until);
  }
  cache.filled = until;
}

/** Copies rows [batch, heads, added, head] into their place of [batch, heads, total, head]. */
function write({ sizes, batch, filled }: KeyValueCache, cache: Float32Array, added: Float32Array, until: number): void {
  const length = (until - filled) * sizes.head;
  for (let line = 0; line < batch * sizes.heads; line++)
    cache.set(added.subarray(line * length, (line + 1) * length), (line * sizes.total + filled) * sizes.head);
}
