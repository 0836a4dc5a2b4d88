/** Whole numbers for weights: eight bits in blocks (ONNX Runtime's MatMulNBits), seven bits a column (DynamicQuantizeMatMul). */

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

/** `table`, read as rows of `length` -> `values`, as many bytes, and a scale for each row: a value is about `byte * scale`, off by at most half a scale. */
export function quantizeTable(table: Float32Array, length: number): { values: Int8Array; scales: Float32Array } {
  const values = new Int8Array(table.length);
  const scales = new Float32Array(table.length / length);
  for (let row = 0; row < scales.length; row += 1) {
    const end = (row + 1) * length;
    let largest = 0;
    for (let index = row * length; index < end; index += 1) {
      const value = table[index] as number;
      if (!Number.isFinite(value)) throw new RangeError(`value ${index} is ${value}, which has no 8-bit form`);
      largest = Math.max(largest, Math.abs(value));
    }
    scales[row] = largest / LEVELS;
    const scale = scales[row] as number;
    if (scale === 0) continue;
    for (let index = row * length; index < end; index += 1)
      values[index] = Math.max(-LEVELS, Math.min(LEVELS, Math.round((table[index] as number) / scale)));
  }
  return { values, scales };
}

/**
 * Largest whole number of a weight that is multiplied with activations of 8 bits. Processors without VNNI add two such products
 * in 16 bits and saturate silently: with 127 a product of width 1280 was off by more than its own size, with 63 two
 * products always fit (2 * 255 * 63 < 2^15). A pack does not know on which processor it will run.
 */
const DYNAMIC_LEVELS = 63;

/**
 * `weights` [out, width] -> `values` [width, out], the order in which the product wants them, and `scales` [out]: a weight is
 * about `value * scale`.
 */
export function quantizeColumns(weights: Float32Array, width: number): { values: Int8Array; scales: Float32Array } {
  const out = weights.length / width;
  const values = new Int8Array(weights.length);
  const scales = new Float32Array(out);
  for (let column = 0; column < out; column += 1) {
    const row = weights.subarray(column * width, (column + 1) * width);
    let largest = 0;
    for (const value of row) {
      if (!Number.isFinite(value)) throw new RangeError(`row ${column} holds ${value}, which has no 8-bit form`);
      largest = Math.max(largest, Math.abs(value));
    }
    scales[column] = largest / DYNAMIC_LEVELS;
    const scale = scales[column] as number;
    if (scale === 0) continue;
    for (let index = 0; index < width; index += 1) {
      const level = Math.round((row[index] as number) / scale);
      values[index * out + column] = Math.max(-DYNAMIC_LEVELS, Math.min(DYNAMIC_LEVELS, level));
    }
  }
  return { values, scales };
}
