/** What "draft", "standard" and "fine" mean for a LlamaGen pack, and so many steps. */
import { LIMITS, type Schedule } from '../../protocol.js';
import type { Presets } from '../../request/presets.js';
import type { LlamaGenModel } from './part.js';

export function presetsOf({ student, teacher }: LlamaGenModel): Presets {
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

/**
 * The schedule of so many steps: 1 or 2 of the student. Beyond that, a flow-head student reads its own codes again for each of the
 * rest, and for others it is the number of codes that the teacher draws again between the two steps.
 */
export function scheduleOfSteps({ student }: LlamaGenModel, steps: number): Schedule {
  if (steps === 1 || steps === 2) return { kind: 'student', steps };
  if (student?.kind !== 'flow-head') return { kind: 'mixed', resampled: steps };
  const own = student.times.length >= 2 ? 2 : 1;
  return { kind: 'student', steps: own, refinements: Math.min(steps - own, LIMITS.refinements) };
}
