/** Whether a LlamaGen pack can do what a request asks, said before any work is done. */
import { GenerateError, type GenerateRequest, LIMITS, type Sampling } from '../../protocol.js';
import type { Warning } from '../family.js';
import { type LlamaGenModel, positionsOf } from './part.js';

/**
 * @returns warnings: what the request asks and this pack will not heed
 * @throws GenerateError `unsupported-schedule` or `unsupported-edit`
 */
export function checkRequest(model: LlamaGenModel, request: GenerateRequest): Warning[] {
  checkSchedule(model, request.schedule);
  if (request.edit && request.schedule.kind !== 'student')
    throw new GenerateError(
      'unsupported-edit',
      `Pictures are edited by the student of ${model.id}, and its teacher was to draw. Choose draft, standard or fine, or leave out how it is drawn.`,
    );
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

function checkSchedule(pack: LlamaGenModel, schedule: GenerateRequest['schedule']): void {
  const refusal = (why: string) =>
    new GenerateError('unsupported-schedule', `${why} Pack ${pack.id} offers: ${offers(pack).join('; ')}.`);
  const steps = pack.student?.times.length ?? 0;
  switch (schedule.kind) {
    case 'student':
      if (steps < schedule.steps) throw refusal(`${schedule.steps} steps of the student were asked for.`);
      if (schedule.refinements && pack.student?.kind !== 'flow-head')
        throw refusal(`${schedule.refinements} refinements were asked for, which only a flow-head student can do.`);
      return;
    case 'mixed': {
      const known = pack.student?.times[1];
      if (pack.student?.kind === 'flow-head')
        throw refusal('The teacher does not draw between the steps of a flow-head student; refinements do its work.');
      if (!pack.teacher || known === undefined) throw refusal('The teacher can not take part here.');
      if (schedule.resampled > known)
        throw refusal(
          `The teacher was to draw ${schedule.resampled} codes again, but the first step settles only ${known}.`,
        );
      return;
    }
    case 'teacher':
      if (!pack.teacher) throw refusal('The teacher was asked for.');
      return;
    case 'upstream':
      throw new RangeError('a request for another image server was not refused before (models/run/check.ts)');
    default:
      schedule satisfies never;
  }
}

/** What can be asked of a pack, in words. */
function offers(pack: LlamaGenModel): string[] {
  const steps = pack.student?.times.length ?? 0;
  const refined = pack.student?.kind === 'flow-head';
  const known = refined ? undefined : pack.student?.times[1];
  const after = refined ? `, with 0 to ${LIMITS.refinements} refinements` : '';
  return [
    ...(steps >= 1 ? [`${steps >= 2 ? '1 or 2 steps' : '1 step'} of the student${after}`] : []),
    ...(pack.teacher && known !== undefined ? [`the student with 1 to ${known} codes drawn again by the teacher`] : []),
    ...(pack.teacher ? [`the teacher alone in ${positionsOf(pack)} steps`] : []),
  ];
}

/** The teacher's settings for a request: the person's, else the pack's. */
export function samplingOf(pack: LlamaGenModel, request: GenerateRequest): Sampling {
  const sampling = request.sampling ?? pack.teacher?.sampling;
  if (!sampling) throw new RangeError(`pack ${pack.id} has no teacher`);
  return sampling;
}
