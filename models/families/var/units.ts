/** The work of a request in units whose time is learned (models/run/progress.ts). */
import type { GenerateRequest } from '../../protocol.js';
import { DRAFT, type Unit } from '../../run/progress.js';
import { countTokens } from '../../sampling/scales.js';
import { firstResampled } from './assisted.js';
import type { VarModel } from './part.js';

/** Guesses before anything was measured: a pass over all tokens, and a part of it. */
const PASS = 200;
const STUDENT: Unit = { kind: 'student', phase: 'step', guess: PASS };

/** The units of so many pictures that run together, in the order in which they are done. */
export function listUnits(model: VarModel, request: GenerateRequest, pictures: number): Unit[] {
  const { schedule, draft } = request;
  const { scales, student } = model;
  const total = countTokens(scales);
  const known = student?.times[1] ?? 0;
  const drafts = draft ? new Array<Unit>(pictures).fill(DRAFT) : [];
  // What the last step does not keep is only run where it is shown.
  const share = countTokens(scales, known) / total;
  const first: Unit = draft ? STUDENT : { kind: 'student-start', phase: 'step', guess: PASS * share };
  const teacher = (from: number, until: number): Unit[] =>
    Array.from({ length: until - from }, (_, index) => {
      const side = scales[from + index] as number;
      return { kind: `teacher-${from + index}`, phase: 'step', guess: (2 * PASS * side * side) / total };
    });
  switch (schedule.kind) {
    case 'student':
      return schedule.steps === 1 ? [STUDENT] : [first, ...drafts, STUDENT];
    case 'mixed': {
      const from = firstResampled(model, schedule.resampled);
      return [...(draft || from > 0 ? [first, ...drafts] : []), ...teacher(from, known), STUDENT];
    }
    case 'teacher':
      return teacher(0, scales.length);
    case 'upstream':
      throw new RangeError('a pack does no work for another image server');
    default:
      return schedule satisfies never;
  }
}
