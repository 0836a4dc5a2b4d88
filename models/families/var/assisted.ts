/**
 * Teacher-assisted sampling in numbers: a request says how many codes the teacher draws again before the last step, and here
 * that is the last scales of those that the step keeps, whole.
 */

import { countTokens } from '../../sampling/scales.js';
import type { VarModel } from './part.js';

/** Codes that can be drawn again, by the number of scales that they are: one scale first, all that the last step keeps at the end. */
export function resampledCodes({ scales, student }: Pick<VarModel, 'scales' | 'student'>): number[] {
  const known = student?.times[1] ?? 0;
  const total = countTokens(scales, known);
  return Array.from({ length: known }, (_, index) => total - countTokens(scales, known - 1 - index));
}

/** The first scale that is drawn again. @throws RangeError where so many codes are no whole scales */
export function firstResampled(model: Pick<VarModel, 'scales' | 'student'>, codes: number): number {
  const place = resampledCodes(model).indexOf(codes);
  if (place < 0) throw new RangeError(`${codes} codes are no whole scales`);
  return (model.student?.times[1] ?? 0) - 1 - place;
}

/** The split of the last step when the scales from `first` on were drawn again. */
export function splitOf({ student }: Pick<VarModel, 'student'>, first: number): number {
  const scales = (student?.times[1] ?? 0) - first;
  const fitting = (student?.assisted?.splits ?? []).filter((one) => one.scales <= scales);
  return fitting.reduce((best, one) => (one.scales > best.scales ? one : best), {
    scales: 0,
    split: student?.split ?? 0,
  }).split;
}
