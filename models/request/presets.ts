/** Draft, standard and fine: which of them a pack has and what they are its family says; this is what all hosts make of them. */
import type { Schedule } from '../protocol.js';
import { scheduleKey, studentWork, upstreamWork } from './schedule.js';

/** From little work to much. */
export const PRESETS = ['draft', 'standard', 'fine'] as const;
export type Preset = (typeof PRESETS)[number];

/** `draft` is one step of the student, `standard` what the pack is meant to be drawn with, `fine` more work for a better picture. */
export type Presets = { readonly [preset in Preset]?: Schedule };

/** The preset that is wished, or the one that stands in for it where the pack has no such. */
export function nearestPreset(presets: Presets, wish: Preset): Preset {
  return [wish, 'standard' as const, 'draft' as const, 'fine' as const].find((one) => presets[one]) ?? wish;
}

/** The preset that a schedule is, or undefined where it is none of them. */
export function presetOf(presets: Presets, schedule: Schedule): Preset | undefined {
  return PRESETS.find((preset) => isSame(presets[preset], schedule));
}

/** The preset that a schedule is, or the one whose work comes nearest to it. */
export function presetLike(presets: Presets, schedule: Schedule): Preset {
  const exact = presetOf(presets, schedule);
  if (exact) return exact;
  const upstream = upstreamWork(schedule);
  if (upstream) return PRESET_OF_QUALITY[upstream.quality];
  const work = studentWork(schedule);
  const usual = presets.standard && studentWork(presets.standard);
  if (!work || work.refinements > (usual?.refinements ?? 0)) return 'fine';
  return work.steps === 1 && work.refinements === 0 ? 'draft' : 'standard';
}

/** Of another image server, whatever steps it is to take. */
const PRESET_OF_QUALITY = { low: 'draft', auto: 'standard', medium: 'standard', high: 'fine' } as const;

const isSame = (one: Schedule | undefined, other: Schedule) =>
  one !== undefined && scheduleKey(one) === scheduleKey(other);
