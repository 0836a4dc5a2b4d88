/** One step of VAR's student: feeds in, latents out (VAR_STUDENT). */
import { type Feeds, type Graph, int64 } from '../../run/runtime.js';
import { range, type StepPlan } from '../../sampling/schedule.js';
import { studentBias } from './attention-bias.js';
import { type ClassCondition, feedClasses } from './condition.js';
import { VAR_STUDENT } from './graphs.js';

export type VarStep = {
  readonly scales: readonly number[];
  /** Length of a code vector. */
  readonly channels: number;
  /** Which tokens run, counted in tokens; a scale runs whole or not at all. */
  readonly plan: StepPlan;
  /** Pictures of one class. */
  readonly batch: number;
  readonly condition: ClassCondition;
  /** [batch, L, channels] */
  readonly noise: Float32Array;
  /** [batch, L, channels]: tokens below `plan.known` are read. */
  readonly latents: Float32Array;
};

/** @returns latents [batch, L, channels]: tokens below `plan.positions` are new, the rest as they came */
export async function runVarStudent(graph: Graph, step: VarStep): Promise<Float32Array> {
  const { plan, batch, channels } = step;
  const all = step.latents.length / batch;
  const run = plan.positions * channels;
  const outputs = await graph.run(feedVarStudent(step), [VAR_STUDENT.outputs.latents]);
  const result = outputs.float32(VAR_STUDENT.outputs.latents);
  const latents = step.latents.slice();
  for (let picture = 0; picture < batch; picture++)
    latents.set(result.subarray(picture * run, (picture + 1) * run), picture * all);
  return latents;
}

export function feedVarStudent({ scales, channels, plan, batch, condition, noise, latents }: VarStep): Feeds {
  const { inputs } = VAR_STUDENT;
  const { positions, known, discreteRows, continuousRows, assemble } = plan;
  const begin = (values: Float32Array) => {
    const [all, run] = [values.length / batch, positions * channels];
    const data = new Float32Array(batch * run);
    for (let picture = 0; picture < batch; picture++)
      data.set(values.subarray(picture * all, picture * all + run), picture * run);
    return { type: 'float32', shape: [batch, positions, channels], data } as const;
  };
  return {
    [inputs.noise]: begin(noise),
    [inputs.latents]: begin(latents),
    [inputs.known]: {
      type: 'float32',
      shape: [1, positions, 1],
      data: Float32Array.from(range(0, positions), (position) => (position < known ? 1 : 0)),
    },
    [inputs.positions]: int64([positions], range(0, positions)),
    [inputs.condition]: feedClasses(condition, new Array<number>(batch).fill(0)),
    [inputs.attentionBias]: studentBias(scales, positions),
    [inputs.discreteRows]: int64([discreteRows.length], discreteRows),
    [inputs.continuousRows]: int64([continuousRows.length], continuousRows),
    [inputs.assemble]: int64([positions], assemble),
  };
}
