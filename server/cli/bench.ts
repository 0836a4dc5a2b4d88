/** `twostep bench`: milliseconds a phase, and how much of what this machine can do they use. */
import type { BenchEvent } from '../../models/import/bench/bench.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Reporter } from './reporter.js';

export type Bench = (signal: AbortSignal) => AsyncIterable<BenchEvent>;

export async function runBench({
  bench,
  reporter,
  signal,
}: {
  bench: Bench;
  reporter: Reporter;
  signal: AbortSignal;
}): Promise<ExitCode> {
  let model = '';
  try {
    for await (const event of bench(signal))
      switch (event.type) {
        case 'progress':
          reporter.progress(event, event);
          break;
        case 'machine':
          reporter.result(event, `This machine: ${event.gflops.toFixed(0)} GFLOP/s. ${event.note}`.trimEnd());
          break;
        case 'phase': {
          const heading = event.model === model ? '' : `\n${event.model}\n`;
          model = event.model;
          const share = event.share === null ? '' : `  ${(event.share * 100).toFixed(0).padStart(3)} % of the machine`;
          const time = event.milliseconds.toFixed(1).padStart(9);
          reporter.result(event, `${heading}  ${event.phase.padEnd(28)} ${time} ms${share}`);
          break;
        }
        case 'done':
          return EXIT.ok;
        default:
          event satisfies never;
      }
  } finally {
    reporter.end();
  }
  throw new Error('the bench stopped without saying "done"');
}
