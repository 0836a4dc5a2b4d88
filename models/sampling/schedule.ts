/**
 * The sampler, as arithmetic: which positions a step of the student runs, which it keeps, and where each result comes from.
 * No model, loop, clock or I/O. METHOD 5: step k starts with `times[k]` positions known; below `split` a position takes
 * the code of the highest logit, from there on the continuous vector; everything not yet known gets its own noise again.
 */

export type StepPlan = {
  /** S: leading positions that run. The student is causal, so later ones can't change earlier ones. */
  readonly positions: number;
  /** Positions below this are data: fed from the step before and copied through. */
  readonly known: number;
  /** [d] positions that need the logits head; never empty, because empty tensors are a trap on some providers. */
  readonly discreteRows: readonly number[];
  /** [c] positions that need the continuous head; never empty. */
  readonly continuousRows: readonly number[];
  /** [S] for each position its row in [input latents (S); codes looked up (d); continuous (c)]. */
  readonly assemble: readonly number[];
};

export type StudentGeometry = {
  /** All positions of the grid, rows * columns. */
  readonly total: number;
  /** Positions known at the start of each step, rising from 0. */
  readonly times: readonly number[];
  readonly split: number;
};

/**
 * The steps that make a picture.
 *
 * @param steps how many of `times` are used, from the first on
 * @param whole whether every step but the last runs all positions too (for a draft) instead of only those that the next one keeps
 */
export function planSteps(geometry: StudentGeometry, steps: number, whole: boolean): StepPlan[] {
  if (steps < 1 || steps > geometry.times.length)
    throw new RangeError(`${steps} steps asked of a student that was trained for 1 to ${geometry.times.length}`);
  return geometry.times.slice(0, steps).map((known, step) => {
    const kept = geometry.times[step + 1];
    const last = step === steps - 1 || kept === undefined;
    return planStep({ known, positions: last || whole ? geometry.total : kept, split: geometry.split });
  });
}

/** One step from `known` positions on. */
export function planStep(step: { known: number; positions: number; split: number }): StepPlan {
  const { known, positions, split } = step;
  const discrete = range(known, Math.min(split, positions));
  const continuous = range(Math.max(split, known), positions);
  const discreteRows = discrete.length > 0 ? discrete : [0];
  const continuousRows = continuous.length > 0 ? continuous : [0];
  const assemble = range(0, positions).map((position) => {
    if (position < known) return position;
    if (position < split) return positions + (position - known);
    return positions + discreteRows.length + (position - Math.max(split, known));
  });
  return { positions, known, discreteRows, continuousRows, assemble };
}

/** start, start + 1, ... end - 1 */
export function range(start: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);
}
