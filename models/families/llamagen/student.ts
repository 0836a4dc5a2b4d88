/** One step of the two-head student: feeds in, latents out (models/graphs.ts, STUDENT). */
import { CONDITION, LAYOUT, STUDENT } from '../../graphs.js';
import { type Feeds, type Graph, int64 } from '../../run/runtime.js';
import { planStep, type StepPlan } from '../../sampling/schedule.js';
import { attentionBias } from './attention-bias.js';
import {
  type CachedCondition,
  type Condition,
  type ConditionShape,
  cacheCondition,
  feedConditions,
} from './condition.js';
import type { LlamaGenModel } from './part.js';
import type { PromptFeeds } from './prompt-feeds.js';

export type StudentStep = {
  readonly plan: StepPlan;
  /** Pictures of one prompt. */
  readonly batch: number;
  /** [batch, total, channels] */
  readonly noise: Float32Array;
  /** [batch, total, channels]: positions below `plan.known` are read. */
  readonly latents: Float32Array;
};

/** What of a pack a step depends on. */
export type StudentPack = Pick<LlamaGenModel, 'id' | 'codebook' | 'student'>;

/**
 * Runs the condition rows of a prompt, once for all steps and pictures.
 *
 * They could ride along in the first step, but then the bits of a picture would depend on whether its prompt is known
 * already and on how many pictures came with it: products round differently with the number of their rows.
 */
export async function readCondition(graph: Graph, pack: StudentPack, prompt: PromptFeeds): Promise<CachedCondition> {
  const nothing = new Float32Array(pack.codebook.channels);
  const plan = planStep({ known: 0, positions: 1, split: 1 });
  const fresh = { kind: 'fresh', count: prompt.count } as const;
  const step = { plan, batch: 1, noise: nothing, latents: nothing };
  const outputs = await graph.run(feedStudent(pack, prompt, fresh, step), [CONDITION.output]);
  const where = { picture: 0, batch: 1, count: prompt.count };
  return cacheCondition(outputs.float32(CONDITION.output), where, shapeOf(pack));
}

/**
 * Runs a step.
 *
 * @returns latents [batch, total, channels]: positions below `plan.positions` are new, the rest as they came
 */
export async function runStudent(
  graph: Graph,
  pack: StudentPack,
  prompt: PromptFeeds,
  condition: CachedCondition,
  step: StudentStep,
): Promise<Float32Array> {
  const { plan, batch } = step;
  const all = step.latents.length / batch;
  const run = plan.positions * pack.codebook.channels;
  const outputs = await graph.run(feedStudent(pack, prompt, condition, step), [STUDENT.outputs.latents]);
  const result = outputs.float32(STUDENT.outputs.latents);
  const latents = step.latents.slice();
  for (let picture = 0; picture < batch; picture++)
    latents.set(result.subarray(picture * run, (picture + 1) * run), picture * all);
  return latents;
}

/** The inputs of one step. */
export function feedStudent(pack: StudentPack, prompt: PromptFeeds, condition: Condition, step: StudentStep): Feeds {
  const { plan, batch } = step;
  const { channels } = pack.codebook;
  const total = step.noise.length / batch / channels;
  return {
    ...feedConditions([condition], Array<number>(batch).fill(0), shapeOf(pack)),
    ...(condition.kind === 'cached' ? prompt.dummyRow('student') : prompt.rows('student', 1)),
    [LAYOUT.imageShape]: int64([3], [batch, plan.positions, -1]),
    [LAYOUT.imageRows]: int64([1], [batch * plan.positions]),
    [LAYOUT.attentionBias]: attentionBias({
      counts: Array<number>(batch).fill(prompt.count),
      positions: plan.positions,
    }),
    [STUDENT.inputs.noise]: leading(step.noise, batch, total, plan.positions, channels),
    [STUDENT.inputs.latents]: leading(step.latents, batch, total, plan.positions, channels),
    [STUDENT.inputs.known]: {
      type: 'float32',
      shape: [1, plan.positions, 1],
      data: new Float32Array(plan.positions).fill(1, 0, plan.known),
    },
    [STUDENT.inputs.discreteRows]: int64([plan.discreteRows.length], plan.discreteRows),
    [STUDENT.inputs.continuousRows]: int64([plan.continuousRows.length], plan.continuousRows),
    [STUDENT.inputs.assemble]: int64([plan.positions], plan.assemble),
  };
}

function shapeOf(pack: StudentPack): ConditionShape {
  if (!pack.student) throw new RangeError(`pack ${pack.id} has no student`);
  return { layers: pack.student.layers, width: pack.student.width };
}

/** The first `positions` of each picture, [batch, positions, channels]. */
function leading(values: Float32Array, batch: number, total: number, positions: number, channels: number) {
  const shape = [batch, positions, channels];
  if (positions === total) return { type: 'float32', shape, data: values } as const;
  const data = new Float32Array(batch * positions * channels);
  for (let picture = 0; picture < batch; picture++) {
    const from = picture * total * channels;
    data.set(values.subarray(from, from + positions * channels), picture * positions * channels);
  }
  return { type: 'float32', shape, data } as const;
}
