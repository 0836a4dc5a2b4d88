/** Largest difference, relative to the largest expected value. NaN anywhere, or other lengths, are infinitely wrong. */
export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length || expected.length === 0) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let size = 0;
  for (let index = 0; index < expected.length; index += 1) {
    const [value, wanted] = [found[index] as number, expected[index] as number];
    if (!Number.isFinite(value)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, Math.abs(value - wanted));
    size = Math.max(size, Math.abs(wanted));
  }
  return difference / size;
}
