/** A request in words, for the command line and the panel. */
import type { GenerateRequest, Phase, Schedule } from '../protocol.js';

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
    default:
      return schedule satisfies never;
  }
}

const count = (number: number, one: string, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;
