/**
 * What Node adds to the core: ONNX Runtime, and packs that lie on a disk.
 *
 * @example
 * ```ts
 * import { createEngine, FAMILIES, openPack } from 'twostep-image';
 * import { filesOf, loadOnnxRuntime, readPackFolder, starterFolder } from 'twostep-image/node';
 *
 * const found = await readPackFolder(starterFolder());
 * const ort = await loadOnnxRuntime();
 * const open = openPack({ pack: found.pack, files: filesOf(found), families: FAMILIES, ort, session: {} });
 * ```
 *
 * @module
 */
import { join } from 'node:path';
import type { OrtModule } from '../../models/run/runtime.js';
import { loadOnnxRuntime as load } from '../engine/onnxruntime.js';
import { embeddedPackFolder } from '../packs/places.js';

export { filesOf, type PackFolder, readPackFolder, verifyPack } from '../packs/folder.js';

/** The pack that comes along: things, icons and landscapes. */
export const starterFolder = (): string => join(embeddedPackFolder(), 'starter');

/** ONNX Runtime as the package brings it. Its telemetry stays off unless `ORT_DISABLE_TELEMETRY` says otherwise. */
export async function loadOnnxRuntime(): Promise<OrtModule> {
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  return load();
}
