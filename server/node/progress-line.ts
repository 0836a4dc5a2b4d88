/** The progress line: a bar that redraws itself on a terminal, a plain line now and then in a log. */
import { printable } from '../../models/printable.js';
import type { ProgressReport, Sink } from './reporter.js';

/** Milliseconds between two drawings: smooth for an eye, sparse for a log. */
const INTERVAL = { terminal: 100, log: 1000 };

/** An estimate from less than this is a guess: part of the whole, and milliseconds. */
const ESTIMATE_AFTER = { fraction: 0.02, elapsed: 1000 };

const BAR_CELLS = 24;

export function createProgressLine(
  sink: Sink,
  now: () => number,
): { show(report: ProgressReport): void; clear(): void } {
  const terminal = sink.isTTY === true;
  let start: number | undefined;
  let drawn = Number.NEGATIVE_INFINITY;
  let visible = false;
  return {
    show(report) {
      const time = now();
      start ??= time;
      if (time - drawn < (terminal ? INTERVAL.terminal : INTERVAL.log)) return;
      drawn = time;
      const text = printable(describe(report, time - start, terminal));
      // One cell less than the width: a full line would wrap and could not be redrawn. Some terminals say 0.
      sink.write(terminal ? `\r\x1b[K${text.slice(0, (sink.columns || 80) - 1)}` : `${text}\n`);
      visible = terminal;
    },
    clear() {
      if (visible) sink.write('\r\x1b[K');
      visible = false;
      drawn = Number.NEGATIVE_INFINITY;
    },
  };
}

function describe({ label, fraction, remaining }: ProgressReport, elapsed: number, terminal: boolean): string {
  const share = Math.min(1, Math.max(0, fraction));
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const left = remaining ?? estimate(share, elapsed);
  const time = left === null || share === 1 ? '' : `, ${formatDuration(left)} left`;
  if (!terminal) return `${percent.trim()} ${label}${time}`;
  const full = Math.round(share * BAR_CELLS);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)}${percent}  ${label}${time}`;
}

function estimate(share: number, elapsed: number): number | null {
  if (share < ESTIMATE_AFTER.fraction || elapsed < ESTIMATE_AFTER.elapsed) return null;
  return (elapsed * (1 - share)) / share;
}

/** @param milliseconds shown as "0.4 s", "12 s", "3 min 05 s", "2 h 10 min" */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
