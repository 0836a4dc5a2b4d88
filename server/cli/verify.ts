/** A pack is checked before it is used, which for gigabytes takes a while that is shown. */

import type { Reporter } from '../node/reporter.js';
import { type PackFolder, verifyPack } from '../packs/folder.js';

/** @throws GenerateError `damaged-pack`, or the signal's reason */
export async function verifyBeforeUse(found: PackFolder, reporter: Reporter, signal: AbortSignal): Promise<void> {
  await verifyPack(found, {
    signal,
    onProgress: ({ bytes, total, path }) =>
      reporter.progress(
        { type: 'verify', bytes, total, path },
        { label: `checking ${path}`, fraction: total > 0 ? bytes / total : 1 },
      ),
  });
  reporter.end();
}
