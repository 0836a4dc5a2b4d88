/** Why something can't be put on the canvas, on its way to the panel. */
import type { Refusal } from './messages.js';

export class Refused extends Error {
  constructor(readonly reason: Refusal) {
    super(reason);
  }
}

/** Figma tells its reasons in sentences only. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refused) return error.reason;
  return /read.?only|permission|edit access|not editable/i.test(String(error)) ? 'read-only' : 'unsupported';
}
