/** `twostep bench`: milliseconds a phase, and how much of what this machine can do they use. */
import { readFile, writeFile } from 'node:fs/promises';
import type { BenchEvent } from '../../models/import/bench/bench.js';
import type { FullEvent } from '../../models/import/bench/full-common.js';
import { printSection, type Section, writeMarkdown } from '../../models/import/bench/report.js';
import type { FullSize } from '../../models/import/bench/sizes.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import type { Reporter } from '../node/reporter.js';

export type BenchOptions = {
  /** Measured from checkpoint to picture; without it, small sizes in memory. */
  readonly size?: FullSize | undefined;
  readonly folder?: string | undefined;
  readonly python?: string | undefined;
  readonly noises: number;
  readonly rounds: number;
  /** Where the tables go as Markdown. */
  readonly report?: string | undefined;
};

export type Bench = {
  quick(signal: AbortSignal): AsyncIterable<BenchEvent>;
  full(options: BenchOptions & { readonly size: FullSize }, signal: AbortSignal): AsyncIterable<FullEvent>;
};

type Context = { readonly bench: Bench; readonly reporter: Reporter; readonly signal: AbortSignal };

export async function runBench(options: BenchOptions, context: Context): Promise<ExitCode> {
  const { size } = options;
  try {
    return size === undefined ? await runQuick(context) : await runFull({ ...options, size }, context);
  } finally {
    context.reporter.end();
  }
}

async function runFull(options: BenchOptions & { size: FullSize }, context: Context): Promise<ExitCode> {
  const { bench, reporter, signal } = context;
  const sections: Section[] = [];
  for await (const event of bench.full(options, signal))
    switch (event.type) {
      case 'progress':
        reporter.progress(event, event);
        break;
      case 'section':
        sections.push(event);
        reporter.result(event, printSection(event));
        // After each table: a full run takes long, and what was found before it was stopped is worth having.
        if (options.report !== undefined)
          await writeFile(options.report, describe(options.size, sections) + (await readOthers(options.report)));
        break;
      case 'done':
        return EXIT.ok;
      default:
        event satisfies never;
    }
  throw new Error('the bench stopped without saying "done"');
}

/** What stands below this line in a report is of other benches. */
const OTHERS = '\n<!-- other benches -->\n';

async function readOthers(path: string): Promise<string> {
  const before = await readFile(path, 'utf8').catch(() => '');
  const from = before.indexOf(OTHERS);
  return from < 0 ? '' : before.slice(from);
}

function describe(size: FullSize, sections: readonly Section[]): string {
  return writeMarkdown(
    `Benchmarks: ${size}`,
    [
      `Written by \`npm run bench -- --size ${size} --report BENCHMARKS.md\`. Weights are random numbers in the published layout: what networks cost does not depend on what they mean. Where we are behind a goal, the row is there too.`,
    ],
    sections,
  );
}

async function runQuick({ bench, reporter, signal }: Context): Promise<ExitCode> {
  let model = '';
  for await (const event of bench.quick(signal))
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
  throw new Error('the bench stopped without saying "done"');
}
