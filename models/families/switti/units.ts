/** The work of a request in units whose time is learned (models/run/progress.ts). */
import type { GenerateRequest } from '../../protocol.js';
import type { Unit } from '../../run/progress.js';
import { countTokens } from '../../sampling/scales.js';
import { samplingOf } from './check-request.js';
import { runsNothing } from './guidance.js';
import type { SwittiModel } from './part.js';

/** A guess before anything was measured: all tokens once, without guidance. */
const PASS = 2000;

/** One for each scale. */
export function listUnits(model: SwittiModel, request: GenerateRequest): Unit[] {
  const { scales, transformer } = model;
  const sampling = samplingOf(model, request);
  return scales.map((side, scale) => {
    const isTwice = runsNothing(sampling, scale, scales.length, transformer.isAutoregressive);
    const kind = `scale-${scale}${isTwice ? '-guided' : ''}`;
    return { kind, phase: 'step', guess: ((isTwice ? 2 : 1) * PASS * side * side) / countTokens(scales) };
  });
}
