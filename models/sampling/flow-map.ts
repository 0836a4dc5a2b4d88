/**
 * From noise to a code: the flow-matching map (METHOD 4). For one position the teacher gives p_j over code vectors c_j.
 * On the straight path x_t = (1-t) c + t eps, noise at t = 1, the exact velocity needs no network:
 *
 *     w_j(x,t) = softmax_j( log p_j - |x - (1-t) c_j|^2 / (2 t^2) ),
 *     x0(x,t) = sum_j w_j c_j,   velocity = (x - x0) / t
 *
 * Solving from t = 1 to 0 turns eps ~ N(0, I) into one code, deterministically, and codes so drawn are
 * distributed as p.
 *
 * The solver is DPM-Solver++(2M) of Lu et al. (2022) for the prediction of x0, over uniform steps: a step t -> s is
 * x_s = (s/t) x + (1 - s/t) D with D = x0 + (x0 - previous x0) h / (2 h_previous), h the step in log((1-t)/t). Where a
 * step in that scale is infinite (from t = 1, to s = 0) D = x0, which is Euler's step.
 */
import { expOfNegative } from './exponential.js';
import type { Support } from './logits.js';

export interface FlowMapOptions {
  /** Code vectors, row-major [codes, channels]. */
  readonly codebook: Float32Array;
  readonly channels: number;
  /** Uniform steps from t = 1 to 0. */
  readonly steps?: number;
  readonly solver?: 'multistep' | 'euler';
}

/** Noise `[channels]` that begins at `offset` -> the code where it flows to. Support codes must lie in the codebook. */
export type FlowMap = (support: Support, noise: Float32Array, offset?: number) => number;

/**
 * On 16,384 random unit codes with a support of 1000 it ends where 2000 steps end in 99.2 % of cases for logits of standard
 * deviation 1, 99.8 % for 2, 99.6 % for 4 (1500 draws each); 40 steps in 98.9, 99.5, 99.5 %, 200 Euler steps in 99.5, 99.2, 99.0 %.
 */
const DEFAULT_FLOW_STEPS = 50;

/**
 * Once the likeliest code has all but this much of the posterior, it is where the flow ends: noise that would still
 * end elsewhere has about this probability.
 */
const SETTLED = 1e-7;

/** Channels that are worked on together: their values of `x` and of the mean stay in registers while the codes go by. */
const TOGETHER = 4;

/** e^-40 is below the rounding of a double beside 1; most codes of a late step are further away. */
const NEGLIGIBLE = -40;

/**
 * The map over one codebook. It keeps its working memory, which grows to the largest support seen; a map is for one
 * caller at a time. About 0.4 ms a position for 128 codes of 8 channels and 50 steps, on a core that others use as well.
 */
export function createFlowMap(options: FlowMapOptions): FlowMap {
  const { codebook, channels, steps = DEFAULT_FLOW_STEPS, solver = 'multistep' } = options;
  if (!(channels >= 1) || codebook.length % channels !== 0)
    throw new RangeError(`a codebook of ${codebook.length} numbers has no rows of ${channels} channels`);
  if (!Number.isInteger(steps) || steps < 1) throw new RangeError(`the flow can not take ${steps} steps`);
  const size = codebook.length / channels;
  const blocks = Math.ceil(channels / TOGETHER);

  let vectors = new Float64Array(0); // [blocks, k, TOGETHER], the support's code vectors; channels that there are not hold 0
  let halfNorms = new Float64Array(0); // [k], |c|^2 / 2
  let weights = new Float64Array(0); // [k]
  const x = new Float64Array(blocks * TOGETHER);
  let mean = new Float64Array(blocks * TOGETHER);
  let previousMean = new Float64Array(blocks * TOGETHER);

  function gather(codes: Int32Array): void {
    if (codes.length > weights.length) {
      vectors = new Float64Array(codes.length * blocks * TOGETHER);
      halfNorms = new Float64Array(codes.length);
      weights = new Float64Array(codes.length);
    }
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row] as number;
      if (code >= size) throw new RangeError(`code ${code} is not in the codebook of ${size}`);
      let norm = 0;
      for (let channel = 0; channel < blocks * TOGETHER; channel++) {
        const value = channel < channels ? (codebook[code * channels + channel] as number) : 0;
        const block = Math.floor(channel / TOGETHER);
        vectors[(block * codes.length + row) * TOGETHER + (channel % TOGETHER)] = value;
        norm += value * value;
      }
      halfNorms[row] = norm / 2;
    }
  }

  /**
   * Sets `mean` to x0(x, t). Returns the row of the likeliest code, or -1 - row when nothing else is left to become.
   */
  function predict(logProbabilities: Float64Array, t: number): number {
    const count = logProbabilities.length;
    // |x|^2 is the same for all codes and drops out of the softmax.
    const scale = (1 - t) / (t * t);
    const normScale = scale * (1 - t);
    for (let row = 0; row < count; row++)
      weights[row] = (logProbabilities[row] as number) - normScale * (halfNorms[row] as number);
    for (let block = 0; block < blocks; block++) {
      const from = block * TOGETHER;
      const x0 = scale * (x[from] as number);
      const x1 = scale * (x[from + 1] as number);
      const x2 = scale * (x[from + 2] as number);
      const x3 = scale * (x[from + 3] as number);
      for (let row = 0, at = block * count * TOGETHER; row < count; row++, at += TOGETHER) {
        weights[row] =
          (weights[row] as number) +
          (x0 * (vectors[at] as number) + x1 * (vectors[at + 1] as number)) +
          (x2 * (vectors[at + 2] as number) + x3 * (vectors[at + 3] as number));
      }
    }
    let best = 0;
    for (let row = 1; row < count; row++) if ((weights[row] as number) > (weights[best] as number)) best = row;
    const largest = weights[best] as number;
    let sum = 0;
    for (let row = 0; row < count; row++) {
      const difference = (weights[row] as number) - largest;
      const weight = difference < NEGLIGIBLE ? 0 : expOfNegative(difference);
      weights[row] = weight;
      sum += weight;
    }
    for (let block = 0; block < blocks; block++) {
      let m0 = 0;
      let m1 = 0;
      let m2 = 0;
      let m3 = 0;
      for (let row = 0, at = block * count * TOGETHER; row < count; row++, at += TOGETHER) {
        const weight = weights[row] as number;
        m0 += weight * (vectors[at] as number);
        m1 += weight * (vectors[at + 1] as number);
        m2 += weight * (vectors[at + 2] as number);
        m3 += weight * (vectors[at + 3] as number);
      }
      const to = block * TOGETHER;
      mean[to] = m0 / sum;
      mean[to + 1] = m1 / sum;
      mean[to + 2] = m2 / sum;
      mean[to + 3] = m3 / sum;
    }
    return sum - 1 < SETTLED ? -1 - best : best;
  }

  return (support, noise, offset = 0) => {
    const { codes, logProbabilities } = support;
    if (codes.length === 0) throw new RangeError('the support is empty: there is no code to flow to');
    if (offset < 0 || offset + channels > noise.length)
      throw new RangeError(`noise of ${noise.length} numbers has no ${channels} from ${offset} on`);
    gather(codes);
    for (let channel = 0; channel < channels; channel++) x[channel] = noise[offset + channel] as number;
    for (let step = 0; ; step++) {
      const t = (steps - step) / steps;
      const s = (steps - step - 1) / steps;
      const row = predict(logProbabilities, t);
      if (row < 0) return codes[-1 - row] as number;
      // The last step would go to x0; of the codes that it mixes the likeliest is the end.
      if (s === 0) return codes[row] as number;
      const keep = s / t;
      const blend = solver === 'multistep' && step >= 2 ? extrapolation(t, s, (steps - step + 1) / steps) : 0;
      for (let channel = 0; channel < channels; channel++) {
        const x0 = mean[channel] as number;
        const ahead = x0 + blend * (x0 - (previousMean[channel] as number));
        x[channel] = keep * (x[channel] as number) + (1 - keep) * ahead;
      }
      [mean, previousMean] = [previousMean, mean];
    }
  };
}

/** h / (2 h_previous) in the scale log((1-t)/t), for the step t -> s after one from `before` to t. */
function extrapolation(t: number, s: number, before: number): number {
  const at = Math.log((1 - t) / t);
  return (Math.log((1 - s) / s) - at) / (2 * (at - Math.log((1 - before) / before)));
}
