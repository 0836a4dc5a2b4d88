/** How VAR draws: the student in one or two steps, the teacher scale by scale, or both in turn. */
import { splitPictures } from '../../sampling/batch.js';
import { countTokens } from '../../sampling/scales.js';
import { planSteps, type StepPlan } from '../../sampling/schedule.js';
import type { SampleRun, Stage } from '../family.js';
import { firstResampled, splitOf } from './assisted.js';
import { drawTeacher } from './draw-teacher.js';
import type { Networks } from './networks.js';
import { runVarStudent } from './student.js';

/** Pictures of one class that run together, and the networks that draw them. */
export type Drawing = SampleRun & {
  readonly networks: Networks;
  /** [pictures, tokens, channels] standard normal, each picture's from its own seed alone. */
  readonly noise: Float32Array;
};

export async function* sample(drawing: Drawing): AsyncGenerator<Stage, void> {
  const { networks, noise, progress, request, seeds } = drawing;
  const { schedule, draft } = request;
  const { model } = networks;
  const { scales, student } = model;
  const show = (values: Float32Array, isDraft: boolean): Stage => ({
    type: 'latents',
    latents: splitPictures(values, seeds.length),
    draft: isDraft,
  });
  if (schedule.kind === 'teacher') {
    const all = { latents: noise, from: 0, until: scales.length, draw: schedule.draw };
    yield show(yield* drawTeacher(drawing, all), false);
    return;
  }
  if (schedule.kind === 'upstream') throw new RangeError('a pack does not draw for another image server');
  if (!student) throw new RangeError(`pack ${model.id} has no student`);
  const [, until = 0] = student.times;
  const from = schedule.kind === 'mixed' ? firstResampled(model, schedule.resampled) : until;
  const geometry = {
    total: countTokens(scales),
    times: student.times.map((time) => countTokens(scales, time)),
    split: countTokens(scales, schedule.kind === 'mixed' ? splitOf(model, from) : student.split),
  };
  const plans = planSteps(geometry, schedule.kind === 'mixed' ? 2 : schedule.steps, draft);
  let latents = noise;
  for (const [step, plan] of plans.entries()) {
    const last = step === plans.length - 1;
    if (last && schedule.kind === 'mixed')
      latents = yield* drawTeacher(drawing, { latents, from, until, draw: 'sample' });
    // When the teacher draws everything that the last step will know, only a draft needs the step before.
    if (!last && !draft && from === 0) continue;
    latents = await runStep(drawing, latents, plan);
    yield progress.advance();
    if (last || draft) yield show(latents, !last);
  }
}

async function runStep(drawing: Drawing, latents: Float32Array, plan: StepPlan): Promise<Float32Array> {
  const { networks, prompt, noise, signal, seeds } = drawing;
  signal.throwIfAborted();
  const { scales, codebook } = networks.model;
  const condition = await networks.studentCondition(prompt);
  const step = { scales, channels: codebook.channels, plan, batch: seeds.length, condition, noise, latents };
  return runVarStudent(await networks.student(), step);
}
