/** What each token may see, as a summand of the attention scores (models/families/var/graphs.ts). */
import type { Feed } from '../../run/runtime.js';
import { countTokens, scaleOfTokens } from '../../sampling/scales.js';

/** Far below any score, and still finite: -inf makes NaN of a row that sees nothing. */
const MASKED = -1e4;

/** [1, 1, 1 + S, 1 + S] of the student: the class first; a token sees the class, coarser scales and itself, and nothing else of its own. */
export function studentBias(scales: readonly number[], tokens: number): Feed {
  const levels = [-1, ...scaleOfTokens(scales).slice(0, tokens)];
  const columns = levels.length;
  const data = new Float32Array(columns * columns).fill(MASKED);
  levels.forEach((level, row) => {
    levels.forEach((other, column) => {
      if (other < level || column === row) data[row * columns + column] = 0;
    });
  });
  return { type: 'float32', shape: [1, 1, columns, columns], data };
}

/** Tokens of the teacher's cache behind which those of a call follow; the first place of the cache holds nothing. */
export type Sight = {
  /** Scales that the cache holds. */
  readonly cached: number;
  /** Scales that the call brings up to. */
  readonly until: number;
  /** Whether a token sees finer scales of the same call too, as the authors' teacher-assisted sampling does by mistake. */
  readonly isUnmasked: boolean;
};

/** [1, 1, S, 1 + cached tokens + S] of the teacher: a token sees all that is cached, coarser scales and all of its own. */
export function teacherBias(scales: readonly number[], { cached, until, isUnmasked }: Sight): Feed {
  const before = 1 + countTokens(scales, cached);
  const levels = scaleOfTokens(scales).slice(countTokens(scales, cached), countTokens(scales, until));
  const columns = before + levels.length;
  const data = new Float32Array(levels.length * columns);
  levels.forEach((level, row) => {
    data[row * columns] = MASKED;
    if (isUnmasked) return;
    levels.forEach((other, column) => {
      if (other > level) data[row * columns + before + column] = MASKED;
    });
  });
  return { type: 'float32', shape: [1, 1, levels.length, columns], data };
}
