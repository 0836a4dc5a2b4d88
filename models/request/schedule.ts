/**
 * What a schedule means, whoever draws it: the one place outside the model families that looks at its kind. What a pack can do
 * of it, and what it is made of there, its family says (models/families/family.ts).
 */
import type { Schedule } from '../protocol.js';

/** How much work a picture is: "1 step and up to 3 refinement passes". */
export function describeSchedule(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'student': {
      const { steps, refinements = 0 } = schedule;
      const first = count(steps, 'step');
      return refinements > 0
        ? `${first} and up to ${count(refinements, 'refinement pass', 'refinement passes')}`
        : first;
    }
    case 'mixed':
      return `2 steps, ${count(schedule.resampled, 'code')} resampled by the teacher`;
    case 'teacher':
      return schedule.draw === 'noise' ? 'the teacher alone, from the noise' : 'the teacher alone';
    case 'upstream': {
      const { quality, steps } = schedule;
      const work = steps === null ? [] : [count(steps, 'step')];
      return [quality === 'auto' ? 'the usual quality' : `${quality} quality`, ...work].join(', ');
    }
    default:
      return schedule satisfies never;
  }
}

/** Equal for schedules that draw alike: no refinements and none said are the same. */
export function scheduleKey(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'student':
      return `student ${schedule.steps} ${schedule.refinements ?? 0}`;
    case 'mixed':
      return `mixed ${schedule.resampled}`;
    case 'teacher':
      return `teacher ${schedule.draw}`;
    case 'upstream':
      return `upstream ${schedule.quality} ${schedule.steps}`;
    default:
      return schedule satisfies never;
  }
}

/** Whether there is something to show before the picture is done: the first of two steps, or the steps before they are refined. */
export function canDraft(schedule: Schedule): boolean {
  switch (schedule.kind) {
    case 'student':
      return schedule.steps === 2 || (schedule.refinements ?? 0) > 0;
    case 'mixed':
      return true;
    case 'teacher':
      return false;
    case 'upstream':
      // Its server may stream one; those that can't send the picture alone.
      return true;
    default:
      return schedule satisfies never;
  }
}

/** Whether what follows a draft is much more work than decoding it: where one step follows, showing a draft only takes time. */
export function isDraftCheap(schedule: Schedule): boolean {
  return !isStudentAlone(schedule) || (schedule.refinements ?? 0) > 0;
}

/** Steps and refinements of a student that draws by itself; null where a teacher takes part or another server draws. */
export function studentWork(schedule: Schedule): { readonly steps: number; readonly refinements: number } | null {
  return isStudentAlone(schedule) ? { steps: schedule.steps, refinements: schedule.refinements ?? 0 } : null;
}

/** Quality and steps of a picture that another image server draws; null where a pack draws it. */
export function upstreamWork(
  schedule: Schedule,
): Pick<Extract<Schedule, { kind: 'upstream' }>, 'quality' | 'steps'> | null {
  return schedule.kind === 'upstream' ? schedule : null;
}

/** The same with every kind of pass once: enough to have all of it loaded and warm. */
export function onceEach(schedule: Schedule): Schedule {
  return isStudentAlone(schedule) && schedule.refinements ? { ...schedule, refinements: 1 } : schedule;
}

/** The teacher alone, drawing in this way. */
export const teacherAlone = (draw: 'sample' | 'noise' = 'sample'): Schedule => ({ kind: 'teacher', draw });

/** Whether it is the teacher's alone, so that the way in which it draws can be chosen. */
export const isTeacherAlone = (schedule: Schedule): boolean => schedule.kind === 'teacher';

const isStudentAlone = (schedule: Schedule): schedule is Extract<Schedule, { kind: 'student' }> =>
  schedule.kind === 'student';

const count = (number: number, one: string, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;
