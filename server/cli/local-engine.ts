/** A pack on disk becomes an engine, in a process of its own: whatever the pack computes, Ctrl-C is heard, and it can be ended. */

import { modelOfPack, modelOfUpstream } from '../drawing/drawing-model.js';
import { createEngineHost } from '../engine/host.js';
import type { Reporter } from '../node/reporter.js';
import { findPack } from '../packs/list.js';
import { createDecoder } from '../pictures/decoder.js';
import { createUpstreamEngine } from '../upstream/engine.js';
import type { UpstreamModel } from '../upstream/models.js';
import { listUpstreamModels } from '../upstream/route.js';
import type { LocalEngine } from './generate.js';
import { verifyBeforeUse } from './verify.js';

/** Milliseconds; longer than a pack that the person works with is left alone. */
const IDLE = 3_600_000;

/**
 * @param wanted folder or id of a pack, or a model of another server; undefined asks for the best pack at hand
 * @param workers the bundled entries of the engine's process, and of the one that decodes what other servers send
 * @throws GenerateError `unknown-pack` or `damaged-pack`
 */
export async function openLocalEngine(
  wanted: string | undefined,
  reporter: Reporter,
  signal: AbortSignal,
  workers: { readonly engine: URL; readonly decode: URL },
): Promise<LocalEngine> {
  const remote = (await listUpstreamModels()).find(({ id }) => id === wanted);
  if (remote) return openRemote(remote, workers.decode);
  const found = await findPack(wanted);
  await verifyBeforeUse(found, reporter, signal);
  const host = createEngineHost({
    script: workers.engine,
    providers: ['cpu'],
    // The person has named this one pack, and there is no other.
    budget: Number.MAX_SAFE_INTEGER,
    idle: IDLE,
    folderOf: async () => found.folder,
  });
  return { model: modelOfPack(found.pack), engine: host.engine, close: () => host.close() };
}

function openRemote(model: UpstreamModel, script: URL): LocalEngine {
  const decoder = createDecoder(script);
  const engine = createUpstreamEngine(model, { decode: decoder.decode, environment: process.env });
  return { model: modelOfUpstream(model), engine, close: async () => decoder.close() };
}
