/** How LlamaGen draws: the student in one or two steps, the teacher code by code, or both in turn. */
import type { GenerateRequest } from '../../protocol.js';
import { splitPictures } from '../../sampling/batch.js';
import { planSteps, type StepPlan } from '../../sampling/schedule.js';
import type { SampleRun, Stage } from '../family.js';
import { drawCodes } from './draw-codes.js';
import { fixedOf, passesOf, strengthOf, within } from './edit.js';
import { type FlowPass, latentsOf, planFlow, runFlowHead, surpriseOf } from './flow-head.js';
import type { Networks } from './networks.js';
import { positionsOf } from './part.js';
import { feedsOf } from './prompt-feeds.js';
import { runStudent } from './student.js';

/** Pictures of one prompt that run together, and the networks that draw them. */
export type Drawing = SampleRun & {
  readonly networks: Networks;
  /** [pictures, positions, channels] standard normal, each picture's from its own seed alone. */
  readonly noise: Float32Array;
};

export async function* sample(drawing: Drawing): AsyncGenerator<Stage, void> {
  const { networks, noise, progress, request, seeds } = drawing;
  const { schedule, draft } = request;
  const { model } = networks;
  const { student } = model;
  const total = positionsOf(model);
  const show = (values: Float32Array, isDraft: boolean): Stage => ({
    type: 'latents',
    latents: splitPictures(values, seeds.length),
    draft: isDraft,
  });
  if (schedule.kind === 'student' && student?.kind === 'flow-head') {
    yield* sampleByFlow(drawing, schedule, student.times, show);
    return;
  }
  if (schedule.kind === 'teacher') {
    const latents = yield* drawCodes(drawing, { latents: noise, keep: 0, until: total, draw: schedule.draw });
    yield show(latents, false);
    return;
  }
  if (schedule.kind === 'upstream') throw new RangeError('a pack does not draw for another image server');
  if (student?.kind !== 'two-head') throw new RangeError(`pack ${model.id} has no two-head student`);
  const { times, split, mixedSplit = split } = student;
  const resampled = schedule.kind === 'mixed' ? schedule.resampled : 0;
  const geometry = { total, times, split: resampled > 0 ? mixedSplit : split };
  const plans = planSteps(geometry, schedule.kind === 'mixed' ? 2 : schedule.steps, draft);
  let latents = noise;
  for (const [step, plan] of plans.entries()) {
    const last = step === plans.length - 1;
    if (last && resampled > 0) {
      const until = plan.known;
      latents = yield* drawCodes(drawing, { latents, keep: until - resampled, until, draw: 'sample' });
    }
    // When the teacher draws everything that the last step will know, only a draft needs the step before.
    if (!last && !draft && resampled === times[1]) continue;
    latents = await runStep(drawing, latents, plan);
    yield progress.advance();
    if (last || draft) yield show(latents, !last);
  }
}

/** A flow-head student: its steps, then as many refinement passes as were asked for and still change something. */
async function* sampleByFlow(
  { networks, prompt, noise, progress, signal, request, seeds, start }: Drawing,
  { steps, refinements = 0 }: Extract<GenerateRequest['schedule'], { kind: 'student' }>,
  times: readonly number[],
  show: (latents: Float32Array, isDraft: boolean) => Stage,
): AsyncGenerator<Stage, void> {
  const { model } = networks;
  const { draft } = request;
  const strength = strengthOf(request);
  const passes = passesOf(request, refinements);
  const { channels } = model.codebook;
  const total = positionsOf(model);
  const codebook = await networks.codebook();
  const reading = { prompt: feedsOf(prompt), condition: await networks.conditionOf(prompt), codebook };
  const surprised = async (codes: Int32Array) => surpriseOf(await networks.student(), model, reading, codes);
  const pass = async (plan: FlowPass) => {
    signal.throwIfAborted();
    return runFlowHead(await networks.student(), model, reading, { ...plan, fixed }, noise, codes);
  };

  let codes: readonly Int32Array[] = seeds.map(() => start?.codes.slice() ?? new Int32Array(total));
  const fixed = start && fixedOf(start, strength, strength < 1 ? await surprised(start.codes) : null);
  if (strength < 1) yield progress.advance();
  for (const [step, plan] of planFlow(fixed ? within(times, fixed) : times, steps, total, draft).entries()) {
    ({ codes } = await pass(plan));
    yield progress.advance();
    if (draft && (step < steps - 1 || passes > 0)) yield show(latentsOf(codes, codebook, channels), true);
  }
  let keep = 0;
  for (let done = 1; done <= passes; done++) {
    const refined = await pass({ keep, known: total, until: total });
    codes = refined.codes;
    keep = refined.settled;
    yield progress.advance();
    if (keep < total) continue;
    yield progress.skip(passes - done);
    break;
  }
  yield show(latentsOf(codes, codebook, channels), false);
}

async function runStep(drawing: Drawing, latents: Float32Array, plan: StepPlan): Promise<Float32Array> {
  const { networks, prompt, noise, signal, seeds } = drawing;
  signal.throwIfAborted();
  const step = { plan, batch: seeds.length, noise, latents };
  const condition = await networks.conditionOf(prompt);
  return runStudent(await networks.student(), networks.model, feedsOf(prompt), condition, step);
}
