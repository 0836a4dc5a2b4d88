/** What "draft", "standard" and "fine" mean for a pack: one answer for panel, API and command line. */
import type { Pack } from '../pack.js';
import { LIMITS, type Schedule } from '../protocol.js';

export type Qualities = {
  /** One step of the student, as fast as it goes. */
  readonly draft?: Schedule;
  /** What the pack is meant to be drawn with. */
  readonly standard?: Schedule;
  /** More work for a better picture. */
  readonly fine?: Schedule;
};

export function qualitiesOf({ student, teacher }: Pack): Qualities {
  const sampled: Schedule = { kind: 'teacher', draw: 'sample' };
  if (!student) return { fine: sampled };
  const draft: Schedule = { kind: 'student', steps: 1 };
  const steps = student.times.length >= 2 ? 2 : 1;
  if (student.kind === 'flow-head') {
    const { standard, fine } = student.refinements;
    return {
      draft,
      standard: { kind: 'student', steps, ...(standard > 0 ? { refinements: standard } : {}) },
      ...(fine > standard ? { fine: { kind: 'student', steps, refinements: fine } } : {}),
    };
  }
  if (steps === 1) return { draft, ...(teacher ? { fine: sampled } : {}) };
  // Half of what the first step settles: METHOD 5 has the published qualities for 22, 42 and 81 of 80.
  const resampled = Math.max(1, Math.round((student.times[1] ?? 0) / 2));
  return {
    draft,
    standard: { kind: 'student', steps: 2 },
    ...(teacher ? { fine: { kind: 'mixed', resampled } } : {}),
  };
}

/** The schedule to draw with when nobody said how. */
export function defaultSchedule(pack: Pack): Schedule {
  const { draft, standard, fine } = qualitiesOf(pack);
  const found = standard ?? draft ?? fine;
  if (!found) throw new RangeError(`pack ${pack.id} has neither student nor teacher`);
  return found;
}

/**
 * The schedule of so many steps: 1 or 2 of the student. Beyond that, a flow-head student reads its own codes again for each of the
 * rest, and for others it is the number of codes that the teacher draws again between the two steps.
 */
export function scheduleOfSteps({ student }: Pack, steps: number): Schedule {
  if (steps === 1 || steps === 2) return { kind: 'student', steps };
  if (student?.kind !== 'flow-head') return { kind: 'mixed', resampled: steps };
  const own = student.times.length >= 2 ? 2 : 1;
  return { kind: 'student', steps: own, refinements: Math.min(steps - own, LIMITS.refinements) };
}
