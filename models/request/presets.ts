/** What "draft", "standard" and "fine" mean for a pack: one answer for panel, API and command line. */
import type { Pack } from '../pack.js';
import { LIMITS, type Schedule } from '../protocol.js';

/** From little work to much. */
export const PRESETS = ['draft', 'standard', 'fine'] as const;
export type Preset = (typeof PRESETS)[number];

/** `draft` is one step of the student, `standard` what the pack is meant to be drawn with, `fine` more work for a better picture. */
export type Presets = { readonly [preset in Preset]?: Schedule };

export function presetsOf({ student, teacher }: Pack): Presets {
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

/** The preset that is wished, or the one that stands in for it where the pack has no such. */
export function nearestPreset(presets: Presets, wish: Preset): Preset {
  return [wish, 'standard' as const, 'draft' as const, 'fine' as const].find((one) => presets[one]) ?? wish;
}

/** The schedule to draw with when nobody said how. */
export function defaultSchedule(pack: Pack): Schedule {
  const presets = presetsOf(pack);
  const schedule = presets[nearestPreset(presets, 'standard')];
  if (!schedule) throw new RangeError(`pack ${pack.id} has neither student nor teacher`);
  return schedule;
}

/** The preset that a schedule is, or undefined where it is none of them. */
export function presetOf(presets: Presets, schedule: Schedule): Preset | undefined {
  return PRESETS.find((preset) => isSame(presets[preset], schedule));
}

/** The preset that a schedule is, or the one whose work comes nearest to it. */
export function presetLike(presets: Presets, schedule: Schedule): Preset {
  const exact = presetOf(presets, schedule);
  if (exact) return exact;
  if (schedule.kind !== 'student') return 'fine';
  const { standard } = presets;
  const usual = standard?.kind === 'student' ? (standard.refinements ?? 0) : 0;
  const refinements = schedule.refinements ?? 0;
  if (refinements > usual) return 'fine';
  return schedule.steps === 1 && refinements === 0 ? 'draft' : 'standard';
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
    default:
      return schedule satisfies never;
  }
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

const isSame = (one: Schedule | undefined, other: Schedule) =>
  one !== undefined && scheduleKey(one) === scheduleKey(other);

/** Equal for schedules that draw alike: no refinements and none said are the same. */
export const scheduleKey = (schedule: Schedule): string =>
  schedule.kind === 'student'
    ? `student ${schedule.steps} ${schedule.refinements ?? 0}`
    : schedule.kind === 'mixed'
      ? `mixed ${schedule.resampled}`
      : `teacher ${schedule.draw}`;
