/** The key by which `twostep mcp` speaks to a companion that runs: of this process alone, and revoked when it ends. */
import type { Reporter } from '../node/reporter.js';
import { withTokens } from './token.js';

const NAME = /^twostep mcp \(process (\d+)\)$/;

/** @returns the key; those of processes that were killed are revoked on the way */
export function createProcessKey(reporter: Reporter): Promise<{ token: string; id: string }> {
  return withTokens({ reporter }, async (tokens) => {
    for (const { id, name } of await tokens.list()) {
      const owner = NAME.exec(name)?.[1];
      if (owner !== undefined && !isAlive(Number(owner))) await tokens.revoke(id);
    }
    return tokens.create(`twostep mcp (process ${process.pid})`, { manages: true });
  });
}

export async function revokeKey(id: string, reporter: Reporter): Promise<void> {
  await withTokens({ reporter }, (tokens) => tokens.revoke(id));
}

function isAlive(process_: number): boolean {
  try {
    return process.kill(process_, 0);
  } catch (error) {
    // Somebody else's process may not be signalled, and is alive.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
