import type { Support } from './logits.js';

/**
 * The code at which the cumulative probability passes `uniform` (inverse transform sampling, codes in rising order).
 * @param uniform in [0, 1), as a rule `uniform(seed, STREAMS.sampling, position)` of the picture
 */
export function drawCode(support: Support, uniform: number): number {
  const { codes, logProbabilities } = support;
  let cumulative = 0;
  let last = 0;
  for (let index = 0; index < codes.length; index++) {
    const probability = Math.exp(logProbabilities[index] as number);
    if (probability > 0) last = codes[index] as number;
    cumulative += probability;
    if (uniform < cumulative) return codes[index] as number;
  }
  // Rounding can leave the sum a few 1e-16 below 1; what is above it belongs to the last code that can be drawn.
  return last;
}
