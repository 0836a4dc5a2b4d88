/** `twostep pack remove`: says what would go, asks, and takes it away. */

import { CommandError } from '../node/errors.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import type { Reporter } from '../node/reporter.js';
import { findRemovable, removePack } from '../packs/remove.js';
import { type Ask, isYes } from './ask.js';
import { formatBytes } from './pack.js';

export type RemoveOptions = { readonly yes?: boolean };

export async function runPackRemove(
  wanted: string,
  { yes = false }: RemoveOptions,
  { reporter, signal, ask }: { reporter: Reporter; signal: AbortSignal; ask: Ask | null },
): Promise<ExitCode> {
  const found = await findRemovable(wanted);
  const { name, folder, files, bytes } = found;
  const size = `${files} ${files === 1 ? 'file' : 'files'}, ${formatBytes(bytes)}`;
  reporter.note({ type: 'removable', id: name, folder, files, bytes }, `${name}: ${size}, at ${folder}`);
  if (!yes) {
    // A program that reads our records does not answer questions.
    if (!ask || reporter.json)
      throw new CommandError(EXIT.usage, `Nothing was removed: there is nobody to ask. Say --yes to remove ${name}.`);
    const answer = await ask(`Remove it for good? [y/N] `);
    signal.throwIfAborted();
    if (!isYes(answer)) {
      reporter.note({ type: 'kept', id: name }, 'Nothing was removed.');
      return EXIT.failed;
    }
  }
  await removePack(found);
  reporter.result({ type: 'removed', id: name, folder, files, bytes }, `${name}: ${size}, removed`);
  return EXIT.ok;
}
