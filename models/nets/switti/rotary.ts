/** Rotary tables of all scales, coarse to fine (SWITTI 1.5): each spans the same distance whatever its side. */
import { countTokens } from '../../sampling/scales.js';
import type { SwittiConfig } from './config.js';

/** @returns cosines and sines, [tokens, head / 2] each: the first half of the pairs turns with the column, the second with the row */
export function rotaryTables({ scales, width, heads, ropeSize, ropeTheta }: SwittiConfig) {
  const head = width / heads;
  const pairs = head / 2;
  const half = pairs / 2;
  const shape = [countTokens(scales), pairs];
  const cos = new Float32Array(countTokens(scales) * pairs);
  const sin = new Float32Array(cos.length);
  let at = 0;
  for (const side of scales)
    for (let token = 0; token < side * side; token++)
      for (let pair = 0; pair < pairs; pair++) {
        const place = pair < half ? token % side : Math.floor(token / side);
        const speed = ropeTheta ** ((-4 * (pair % half)) / head);
        // Angles reach the whole distance: in 16 bits their last turns would be noise.
        const angle = place * (ropeSize / Math.max(side - 1, 1)) * speed;
        cos[at] = Math.cos(angle);
        sin[at++] = Math.sin(angle);
      }
  return { cos, sin, shape };
}
