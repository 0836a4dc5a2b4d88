/**
 * 2-D rotary tables of a grid of codes: the first half of a head's pairs turns with the row, the second with the column
 * (LlamaGen, precompute_freqs_cis_2d). Float32 at each step, as PyTorch computes them.
 */
export function rotaryTables(grid: { rows: number; columns: number }, head: number, base: number) {
  const pairs = head / 2;
  const half = pairs / 2;
  const positions = grid.rows * grid.columns;
  const cos = new Float32Array(positions * pairs);
  const sin = new Float32Array(positions * pairs);
  for (let position = 0; position < positions; position++) {
    const row = Math.floor(position / grid.columns);
    const column = position % grid.columns;
    for (let pair = 0; pair < pairs; pair++) {
      const exponent = Math.fround(((pair % half) * 2) / pairs);
      const frequency = Math.fround(1 / Math.fround(base ** exponent));
      const angle = Math.fround((pair < half ? row : column) * frequency);
      cos[position * pairs + pair] = Math.cos(angle);
      sin[position * pairs + pair] = Math.sin(angle);
    }
  }
  /** [positions, head / 2] each */
  return { cos, sin, shape: [positions, pairs] as const };
}
