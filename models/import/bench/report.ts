/** What the bench found, in tables: printed for a person as they come, and written as BENCHMARKS.md. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, platform, totalmem } from 'node:os';

export type Section = {
  readonly type: 'section';
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences that stand below the table. */
  readonly notes: readonly string[];
};

/** The kind of machine, without anything by which it could be told from others of its kind. */
export function describeMachine(versions: Readonly<Record<string, string>>): Section {
  const [cpu] = cpus();
  const flags = processorFlags();
  const units = ['avx2', 'avx512f', 'avx512_vnni', 'avx_vnni', 'amx_int8', 'avx512_bf16', 'amx_bf16'];
  const has = units.filter((unit) => flags.has(unit));
  return {
    type: 'section',
    title: 'Machine',
    columns: ['what', 'is'],
    rows: [
      ['processor', `${cpu?.model.trim() ?? 'unknown'}, ${cpus().length} cores`],
      ['units for products', has.length > 0 ? has.join(', ') : 'not told by the system'],
      ['memory', gigabytes(totalmem())],
      ['system', `${platform()}, Node.js ${process.version}`],
      ...Object.entries(versions).map(([name, version]) => [name, version] as const),
      ['load when it began', `${(loadavg()[0] ?? 0).toFixed(1)} waiting for ${cpus().length} cores`],
    ],
    notes: [
      'Where others work on the same cores, milliseconds say little. Shares and ratios are from turns that alternate within one run, medians of the rounds.',
    ],
  };
}

function processorFlags(): ReadonlySet<string> {
  try {
    return new Set(/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.trim().split(/\s+/) ?? []);
  } catch {
    return new Set(); // Not Linux.
  }
}

/** @param heading the report's first line */
export function writeMarkdown(heading: string, introduction: readonly string[], sections: readonly Section[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  const parts = sections.flatMap(({ title, columns, rows, notes }) => [
    `## ${title}`,
    [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n'),
    ...notes,
  ]);
  return `${[`# ${heading}`, ...introduction, ...parts].join('\n\n')}\n`;
}

/** The table in columns of equal width. */
export function printSection({ title, columns, rows, notes }: Section): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, place) => Math.max(...all.map((row) => (row[place] ?? '').length)));
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, place) => cell.padEnd(widths[place] ?? 0)).join('  ')}`.trimEnd();
  return [`\n${title}`, ...all.map(line), ...notes.map((note) => `  ${note}`)].join('\n');
}

export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e9 ? 2 : 1)} GB`;
export const milliseconds = (value: number): string => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
export const percent = (share: number | null): string => (share === null ? '-' : `${(share * 100).toFixed(0)} %`);
export const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 2 : 0)} x`;
