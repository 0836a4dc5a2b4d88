/** Eight bits a weight, in blocks along the rows of a matrix: the layout of ONNX Runtime's MatMulNBits. */

/** Values that share a scale. models/RUNTIME.md: 128 is the fastest of those measured and only slightly less exact than 32. */
export const BLOCK = 128;

/** What the byte for 0.0 is when no zero points are stored. */
const ZERO = 128;
/** Largest distance from it that both signs have. */
const LEVELS = 127;

/**
 * `weights` [rows, width] -> `values` [rows, ceil(width / 128), 128], bytes around 128, and `scales` [rows, ceil(width / 128)];
 * a weight is about `(byte - 128) * scale`, off by at most half a scale. Places beyond the width hold 0.0.
 */
export function quantizeBlocks(weights: Float32Array, width: number): { values: Uint8Array; scales: Float32Array } {
  const rows = weights.length / width;
  const blocks = Math.ceil(width / BLOCK);
  const values = new Uint8Array(rows * blocks * BLOCK).fill(ZERO);
  const scales = new Float32Array(rows * blocks);
  for (let row = 0; row < rows; row += 1)
    for (let block = 0; block < blocks; block += 1) {
      const start = row * width + block * BLOCK;
      const end = Math.min(start + BLOCK, (row + 1) * width);
      let largest = 0;
      for (let index = start; index < end; index += 1) {
        const value = weights[index] as number;
        if (!Number.isFinite(value)) throw new RangeError(`row ${row} holds ${value}, which has no 8-bit form`);
        largest = Math.max(largest, Math.abs(value));
      }
      const at = row * blocks + block;
      scales[at] = largest / LEVELS;
      // The scale as stored, not as computed: rounding it to float32 must not bias the values.
      const scale = scales[at] as number;
      if (scale === 0) continue;
      for (let index = start; index < end; index += 1) {
        const level = Math.round((weights[index] as number) / scale);
        values[at * BLOCK + index - start] = ZERO + Math.max(-LEVELS, Math.min(LEVELS, level));
      }
    }
  return { values, scales };
}
