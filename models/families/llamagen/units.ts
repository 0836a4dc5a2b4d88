/** The work of a request in units whose time is learned (models/run/progress.ts). */
import type { GenerateRequest } from '../../protocol.js';
import { DRAFT, type Unit } from '../../run/progress.js';
import { passesOf, strengthOf } from './edit.js';
import { type LlamaGenModel, positionsOf } from './part.js';

/** Guesses before anything was measured: a step of the student is some ten codes of the teacher. */
const STUDENT: Unit = { kind: 'student', phase: 'step', guess: 200 };
const REFINE: Unit = { kind: 'refine', phase: 'step', guess: 200 };
/** Of the picture that is edited, to find what follows least from the words. */
const READ: Unit = { kind: 'read', phase: 'step', guess: 200 };
const TEACHER: Unit = { kind: 'teacher', phase: 'step', guess: 20 };

/** The units of so many pictures that run together, in the order in which they are done. */
export function listUnits(model: LlamaGenModel, request: GenerateRequest, pictures: number): Unit[] {
  const { schedule } = request;
  const drafts = request.draft ? times(pictures, DRAFT) : [];
  switch (schedule.kind) {
    case 'student': {
      const { steps } = schedule;
      const refinements = passesOf(request, schedule.refinements);
      return [
        ...(strengthOf(request) < 1 ? [READ] : []),
        STUDENT,
        ...times(steps - 1, [...drafts, STUDENT]),
        // What the steps gave is shown before it is refined.
        ...(refinements > 0 ? [...drafts, ...times(refinements, REFINE)] : []),
      ];
    }
    case 'mixed': {
      const hasFirstStep = request.draft || schedule.resampled !== model.student?.times[1];
      return [...(hasFirstStep ? [STUDENT, ...drafts] : []), ...times(schedule.resampled, TEACHER), STUDENT];
    }
    case 'teacher':
      return times(positionsOf(model), TEACHER);
    case 'upstream':
      throw new RangeError('a pack does no work for another image server');
    default:
      return schedule satisfies never;
  }
}

const times = (count: number, units: Unit | readonly Unit[]): Unit[] =>
  Array.from({ length: count }, () => units).flat() as Unit[];
