/** A pack on disk and ONNX Runtime for Node become an engine. */
import { createEngine } from '../models/run/generate.js';
import { openPack } from '../models/run/open.js';
import type { Studio } from './cli/generate.js';
import type { Reporter } from './cli/reporter.js';
import { verifyBeforeUse } from './cli/verify.js';
import { loadOnnxRuntime } from './engine/onnxruntime.js';
import { filesOf } from './packs/folder.js';
import { findPack } from './packs/list.js';

/**
 * @param wanted folder or id of a pack; undefined asks for the best at hand
 * @throws GenerateError `unknown-pack` or `damaged-pack`
 */
export async function openStudio(wanted: string | undefined, reporter: Reporter, signal: AbortSignal): Promise<Studio> {
  const found = await findPack(wanted);
  await verifyBeforeUse(found, reporter, signal);
  const ort = await loadOnnxRuntime();
  const open = openPack({ pack: found.pack, files: filesOf(found), ort, session: { executionProviders: ['cpu'] } });
  return { pack: found.pack, engine: createEngine(open), close: () => open.close() };
}
