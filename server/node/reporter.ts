/**
 * What a command says, to a person or to a program.
 *
 * For a person: results on stdout, everything else on stderr, with a progress line that redraws itself on a terminal and is
 * at most one line a second in a log. With `--json`: one JSON object a line on stdout, nothing else.
 *
 * What strangers wrote does nothing to a terminal (models/printable.ts).
 */
import { printableJson, printableLines } from '../../models/printable.js';
import { createProgressLine } from './progress-line.js';

/** The part of a stream that is used here. */
export type Sink = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

export type ProgressReport = {
  /** What is under way, in a few words. */
  readonly label: string;
  /** 0..1 over the whole command */
  readonly fraction: number;
  /** Milliseconds still expected; left out or null, they are estimated from the fraction. */
  readonly remaining?: number | null;
};

export type Reporter = {
  readonly json: boolean;
  /** A result: `record` for a program, `text` for a person (null: nothing to see). */
  result(record: Readonly<Record<string, unknown>>, text: string | null): void;
  /** A remark beside the results. */
  note(record: Readonly<Record<string, unknown>>, text: string): void;
  progress(record: Readonly<Record<string, unknown>>, report: ProgressReport): void;
  /** Takes the progress line away. */
  end(): void;
};

export type ReporterOptions = {
  readonly json: boolean;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Milliseconds, rising. */
  readonly now?: () => number;
};

/** Whether a terminal is to get text and line ends alone: it can't do more, or the person wants no more (no-color.org). */
export const withoutControls = (environment: Readonly<Record<string, string | undefined>>): boolean =>
  environment['TERM'] === 'dumb' || (environment['NO_COLOR'] ?? '') !== '';

export function createReporter({ json, stdout, stderr, now = () => performance.now() }: ReporterOptions): Reporter {
  if (json) {
    const write = (record: Readonly<Record<string, unknown>>) => void stdout.write(`${printableJson(record)}\n`);
    return { json, result: write, note: write, progress: write, end() {} };
  }
  const line = createProgressLine(stderr, now);
  return {
    json,
    result(_record, text) {
      if (text === null) return;
      line.clear();
      stdout.write(`${printableLines(text)}\n`);
    },
    note(_record, text) {
      line.clear();
      stderr.write(`${printableLines(text)}\n`);
    },
    progress: (_record, report) => line.show(report),
    end: () => line.clear(),
  };
}
