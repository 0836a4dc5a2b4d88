/** What "draft", "standard" and "fine" mean for a VAR pack, and so many steps. */
import type { Schedule } from '../../protocol.js';
import type { Presets } from '../../request/presets.js';
import { resampledCodes } from './assisted.js';
import type { VarModel } from './part.js';

/** Scales that the teacher draws again in the finest preset: with them it is four steps (METHOD 8). */
const RESAMPLED_SCALES = 2;

export function presetsOf(model: VarModel): Presets {
  const { student, teacher } = model;
  const sampled: Schedule = { kind: 'teacher', draw: 'sample' };
  if (!student) return { fine: sampled };
  const draft: Schedule = { kind: 'student', steps: 1 };
  if (student.times.length < 2) return { draft, ...(teacher ? { fine: sampled } : {}) };
  const codes = resampledCodes(model);
  const resampled = codes[RESAMPLED_SCALES - 1] ?? codes.at(-1);
  return {
    draft,
    standard: { kind: 'student', steps: 2 },
    ...(teacher && resampled !== undefined ? { fine: { kind: 'mixed', resampled } } : {}),
  };
}

/**
 * The schedule of so many steps: 1 or 2 of the student; beyond that each is a scale that the teacher draws again between the two. Where
 * it draws all that the last step keeps, the student's first step is none.
 */
export function scheduleOfSteps(model: VarModel, steps: number): Schedule {
  if (steps === 1 || steps === 2) return { kind: 'student', steps };
  const codes = resampledCodes(model);
  if (steps === codes.length + 1 || steps === codes.length + 2) return { kind: 'mixed', resampled: codes.at(-1) ?? 1 };
  // So many that there are none is refused when the request is checked, in words that name what there is.
  return { kind: 'mixed', resampled: codes[steps - 3] ?? steps };
}
