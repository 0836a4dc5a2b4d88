/** `twostep parity`: does this program compute what the authors' code computed? */
import { resolve } from 'node:path';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Reporter } from './reporter.js';

export type ParityEvent =
  | { readonly type: 'progress'; readonly label: string; readonly fraction: number }
  | {
      readonly type: 'array';
      readonly name: string;
      readonly agrees: boolean;
      /** Largest errors; null where values are compared exactly. */
      readonly absolute: number | null;
      readonly relative: number | null;
      /** What was compared and how far, in a few words. */
      readonly note: string;
    }
  | { readonly type: 'done' };

export type Parity = (
  job: { readonly folder: string; readonly out: string },
  signal: AbortSignal,
) => AsyncIterable<ParityEvent>;

/** @returns `ok` only when at least one array was compared and all agree */
export async function runParity(
  options: { readonly folder: string; readonly out: string },
  { parity, reporter, signal }: { parity: Parity; reporter: Reporter; signal: AbortSignal },
): Promise<ExitCode> {
  let compared = 0;
  let apart = 0;
  try {
    for await (const event of parity({ folder: resolve(options.folder), out: resolve(options.out) }, signal))
      switch (event.type) {
        case 'progress':
          reporter.progress(event, event);
          break;
        case 'array':
          compared += 1;
          if (!event.agrees) apart += 1;
          reporter.result(event, describeArray(event));
          break;
        case 'done':
          reporter.note(
            { type: 'done', compared, apart },
            apart === 0 ? `All ${compared} arrays agree.` : `${apart} of ${compared} arrays do not agree.`,
          );
          return compared > 0 && apart === 0 ? EXIT.ok : EXIT.failed;
        default:
          event satisfies never;
      }
  } finally {
    reporter.end();
  }
  throw new Error('the comparison stopped without saying "done"');
}

function describeArray(event: Extract<ParityEvent, { type: 'array' }>): string {
  const error = (value: number | null) => (value === null ? 'exact' : value.toExponential(1)).padStart(8);
  const verdict = event.agrees ? 'ok    ' : 'APART ';
  return `${verdict} ${event.name.padEnd(28)} abs ${error(event.absolute)}  rel ${error(event.relative)}  ${event.note}`.trimEnd();
}
