/**
 * The scales of next-scale prediction: a picture is a pyramid of square token maps, from 1 x 1 to its grid. Tokens of all scales
 * stand one after the other, coarse to fine; the published models have 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, which are 680.
 */

/** Tokens of the first `count` scales (of all when left out). */
export function countTokens(scales: readonly number[], count = scales.length): number {
  return scales.slice(0, count).reduce((sum, side) => sum + side * side, 0);
}

/** [tokens]: the scale that each of them belongs to. */
export function scaleOfTokens(scales: readonly number[]): number[] {
  return scales.flatMap((side, scale) => new Array<number>(side * side).fill(scale));
}

/** Tokens of scale `scale`: from the first to behind the last. */
export function tokensOfScale(
  scales: readonly number[],
  scale: number,
): { readonly from: number; readonly to: number } {
  return { from: countTokens(scales, scale), to: countTokens(scales, scale + 1) };
}
