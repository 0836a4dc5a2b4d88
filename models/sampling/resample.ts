/**
 * The linear maps between the scales of a next-scale picture, as matrices (METHOD 8). Token maps are row-major, sides in
 * tokens; a matrix [out, in] takes a map of `in` tokens to one of `out`.
 */

/** What PyTorch's bicubic has, where others have -0.5. */
const SHARPNESS = -0.75;

/** [grid * grid, side * side]: bicubic enlargement, half-pixel centres, edges repeated, no antialiasing. */
export const enlarge = (side: number, grid: number): Float64Array =>
  inBothDirections(enlargeLine(side, grid), grid, side);

/** [grid, side]: the same for a row or a column. */
export function enlargeLine(side: number, grid: number): Float64Array {
  const line = new Float64Array(grid * side);
  for (let row = 0; row < grid; row++) {
    // A map that has the grid's size already comes out as it is: every weight but one is 0.
    const centre = ((row + 0.5) * side) / grid - 0.5;
    const first = Math.floor(centre);
    for (let tap = -1; tap <= 2; tap++) {
      const column = Math.min(Math.max(first + tap, 0), side - 1);
      line[row * side + column] = (line[row * side + column] as number) + cubic(Math.abs(centre - (first + tap)));
    }
  }
  return line;
}

/** [side * side, grid * grid]: the mean of the cells that each token of the smaller map covers, wholly or in part. */
export const average = (grid: number, side: number): Float64Array =>
  inBothDirections(averageLine(grid, side), side, grid);

/** [side, grid]: the same for a row or a column. */
export function averageLine(grid: number, side: number): Float64Array {
  const line = new Float64Array(side * grid);
  for (let row = 0; row < side; row++) {
    const from = Math.floor((row * grid) / side);
    const to = Math.ceil(((row + 1) * grid) / side);
    line.fill(1 / (to - from), row * grid + from, row * grid + to);
  }
  return line;
}

/** Keys' cubic convolution kernel (IEEE Trans. ASSP 29, 1981), at a distance of 0 to 2. */
function cubic(x: number): number {
  const a = SHARPNESS;
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return (((x - 5) * x + 8) * x - 4) * a;
}

/** The map over rows and over columns: the Kronecker product of a line's matrix [out, in] with itself. */
function inBothDirections(line: Float64Array, out: number, input: number): Float64Array {
  const whole = new Float64Array(out * out * input * input);
  for (let y = 0; y < out; y++)
    for (let x = 0; x < out; x++)
      for (let row = 0; row < input; row++) {
        const down = line[y * input + row] as number;
        if (down === 0) continue;
        const to = ((y * out + x) * input + row) * input;
        for (let column = 0; column < input; column++) whole[to + column] = down * (line[x * input + column] as number);
      }
  return whole;
}
