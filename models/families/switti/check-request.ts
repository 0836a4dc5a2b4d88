/** Whether a Switti pack can do what a request asks, said before any work is done. */
import { GenerateError, type GenerateRequest } from '../../protocol.js';
import { countTokens } from '../../sampling/scales.js';
import type { SwittiModel, SwittiSampling } from './part.js';

/** @throws GenerateError `unsupported-schedule` */
export function checkSchedule({ id, scales }: SwittiModel, { schedule }: GenerateRequest): void {
  if (schedule.kind !== 'teacher')
    throw new GenerateError(
      'unsupported-schedule',
      `Nobody has distilled a student of this model. Pack ${id} offers one way: ${scales.length} passes, which draw ${countTokens(scales)} tokens.`,
    );
}

/** The pack's settings, and the person's where there are any. */
export const samplingOf = ({ sampling }: SwittiModel, request: GenerateRequest): SwittiSampling => ({
  ...sampling,
  ...request.sampling,
});
