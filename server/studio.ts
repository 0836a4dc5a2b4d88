/** A pack on disk becomes an engine, in a process of its own: whatever the pack computes, Ctrl-C is heard, and it can be ended. */
import type { Studio } from './cli/generate.js';
import type { Reporter } from './cli/reporter.js';
import { verifyBeforeUse } from './cli/verify.js';
import { createEngineHost } from './engine/host.js';
import { findPack } from './packs/list.js';

/** Milliseconds; longer than a pack that the person works with is left alone. */
const IDLE = 3_600_000;

/**
 * @param wanted folder or id of a pack; undefined asks for the best at hand
 * @param worker the bundled entry of the engine's process
 * @throws GenerateError `unknown-pack` or `damaged-pack`
 */
export async function openStudio(
  wanted: string | undefined,
  reporter: Reporter,
  signal: AbortSignal,
  worker: URL,
): Promise<Studio> {
  const found = await findPack(wanted);
  await verifyBeforeUse(found, reporter, signal);
  const host = createEngineHost({
    script: worker,
    providers: ['cpu'],
    // The person has named this one pack, and there is no other.
    budget: Number.MAX_SAFE_INTEGER,
    idle: IDLE,
    folderOf: async () => found.folder,
  });
  return { pack: found.pack, engine: host.engine, close: () => host.close() };
}
