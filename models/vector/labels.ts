/** Which region each pixel belongs to. */
export type Labels = {
  /** [height, width], 0..count-1 */
  readonly of: Int32Array;
  readonly count: number;
};

/** Numbers without gaps, in the order of their first pixel. */
export function compact(of: Int32Array): Labels {
  const numbers = new Map<number, number>();
  const next = new Int32Array(of.length);
  for (let pixel = 0; pixel < of.length; pixel++) {
    const region = of[pixel] as number;
    const known = numbers.get(region) ?? numbers.size;
    numbers.set(region, known);
    next[pixel] = known;
  }
  return { of: next, count: numbers.size };
}
