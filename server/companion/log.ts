/** The companion's log: a line for the person, or with `--json` an object a line. Prompts and tokens are never in it. */
import type { Reporter } from '../node/reporter.js';

export type Logger = {
  info(event: string, fields: Readonly<Record<string, unknown>>, text: string): void;
  /** Something that should not have happened. */
  fault(message: string): void;
};

export function createLogger(reporter: Reporter, now: () => Date = () => new Date()): Logger {
  return {
    info(event, fields, text) {
      reporter.note({ time: now().toISOString(), type: event, ...fields }, text);
    },
    fault(message) {
      reporter.note({ time: now().toISOString(), type: 'fault', message }, `Fault: ${message}`);
    },
  };
}
