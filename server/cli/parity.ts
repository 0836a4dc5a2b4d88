/** `twostep parity`: does this program compute what the authors' code computed? */
import { resolve } from 'node:path';
import type { Comparison } from '../../models/import/parity/compare.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import { prepareOutput } from '../node/output-folder.js';
import type { Reporter } from '../node/reporter.js';

/** Recomputes what lies in `folder`, writes it into `out`, and says of each array how it compares. */
export type Parity = (folder: string, out: string) => AsyncIterable<Comparison>;

/** @returns `ok` only when something was recomputed and nothing of it differs from its reference */
export async function runParity(
  options: { readonly folder: string; readonly out: string },
  { parity, reporter, signal }: { parity: Parity; reporter: Reporter; signal: AbortSignal },
): Promise<ExitCode> {
  let compared = 0;
  let apart = 0;
  /** Recomputed and written, with nothing beside it to compare. */
  let alone = 0;
  const output = await prepareOutput(options.out, 'The arrays');
  for await (const comparison of parity(resolve(options.folder), resolve(options.out))) {
    signal.throwIfAborted();
    if (comparison.agrees && comparison.absolute === null) alone += 1;
    else compared += 1;
    if (!comparison.agrees) apart += 1;
    reporter.result({ type: 'array', ...comparison }, describe(comparison));
  }
  await output.tidy();
  reporter.note(
    { type: 'done', compared, apart, alone },
    [
      apart === 0 ? `All ${compared} arrays agree.` : `${apart} of ${compared} arrays do not agree.`,
      alone > 0 ? ` ${alone} had no reference to compare with.` : '',
    ].join(''),
  );
  return compared + alone > 0 && apart === 0 ? EXIT.ok : EXIT.failed;
}

function describe({ name, agrees, absolute, relative, note }: Comparison): string {
  const error = (value: number | null) => (value === null ? '-' : value.toExponential(1)).padStart(8);
  return `${agrees ? 'ok    ' : 'APART '} ${name.padEnd(28)} abs ${error(absolute)}  rel ${error(relative)}  ${note}`.trimEnd();
}
