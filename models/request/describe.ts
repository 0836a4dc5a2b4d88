/** A request in words, for the command line and the panel. */
import type { GenerateRequest, Phase } from '../protocol.js';
import { describeSchedule } from './schedule.js';

/** What is under way, for a line of progress. */
export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  load: 'loading',
  text: 'reading the prompt',
  step: 'drawing',
  draft: 'draft',
  decode: 'painting',
};

/** "Pack starter, seeds 1 to 4, 2 steps, 256 x 256 pixels." */
export function describeRequest({ pack, seeds, schedule, size }: GenerateRequest): string {
  const last = seeds.at(-1);
  const seed = seeds.length > 1 ? `seeds ${seeds[0]} to ${last}` : `seed ${last}`;
  return `Pack ${pack}, ${seed}, ${describeSchedule(schedule)}, ${size.width} x ${size.height} pixels.`;
}
