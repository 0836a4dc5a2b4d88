/** Whether a VAR pack can do what a request asks, said before any work is done. */
import { GenerateError, type GenerateRequest, type Sampling } from '../../protocol.js';
import type { Warning } from '../family.js';
import { resampledCodes } from './assisted.js';
import type { VarModel } from './part.js';

/**
 * @returns warnings: what the request asks and this pack will not heed
 * @throws GenerateError `unsupported-schedule`
 */
export function checkRequest(model: VarModel, request: GenerateRequest): Warning[] {
  checkSchedule(model, request.schedule);
  if (request.sampling && request.schedule.kind === 'student')
    return [
      {
        type: 'warning',
        code: 'sampling-ignored',
        message:
          'Guidance, top-k, top-p and temperature were settled when the student was trained; they only matter when the teacher takes part.',
      },
    ];
  return [];
}

function checkSchedule(model: VarModel, schedule: GenerateRequest['schedule']): void {
  const refusal = (why: string) =>
    new GenerateError('unsupported-schedule', `${why} Pack ${model.id} offers: ${offers(model).join('; ')}.`);
  const steps = model.student?.times.length ?? 0;
  switch (schedule.kind) {
    case 'student':
      if (steps < schedule.steps) throw refusal(`${schedule.steps} steps of the student were asked for.`);
      if (schedule.refinements)
        throw refusal(`${schedule.refinements} refinements were asked for, which only a flow-head student can do.`);
      return;
    case 'mixed':
      if (!model.teacher || steps < 2) throw refusal('The teacher can not take part here.');
      if (!resampledCodes(model).includes(schedule.resampled))
        throw refusal(`The teacher was to draw ${schedule.resampled} codes again, which are no whole scales.`);
      return;
    case 'teacher':
      if (!model.teacher) throw refusal('The teacher was asked for.');
      return;
    case 'upstream':
      throw new RangeError('a request for another image server was not refused before (models/run/check.ts)');
    default:
      schedule satisfies never;
  }
}

/** What can be asked of a pack, in words. */
function offers(model: VarModel): string[] {
  const { student, teacher, scales } = model;
  const steps = student?.times.length ?? 0;
  const codes = resampledCodes(model).join(', ');
  return [
    ...(steps >= 1 ? [`${steps >= 2 ? '1 or 2 steps' : '1 step'} of the student`] : []),
    ...(teacher && steps >= 2 ? [`the student with ${codes} codes drawn again by the teacher`] : []),
    ...(teacher ? [`the teacher alone in ${scales.length} steps`] : []),
  ];
}

/** The teacher's settings for a request: the person's, else the pack's. */
export function samplingOf({ id, student, teacher }: VarModel, { sampling, schedule }: GenerateRequest): Sampling {
  if (!teacher) throw new RangeError(`pack ${id} has no teacher`);
  const own = schedule.kind === 'mixed' ? student?.assisted?.sampling : undefined;
  return sampling ?? own ?? teacher.sampling;
}
