/** The bench of the full sizes with what this process has: ONNX Runtime, the disk, and PyTorch where it was named. */

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAMILIES } from '../../models/families/all.js';
import { runFullBench } from '../../models/import/bench/full.js';
import type { FullEvent } from '../../models/import/bench/full-common.js';
import { describeMachine } from '../../models/import/bench/report.js';
import { runVarBench } from '../../models/import/var/bench.js';
import { isVarBench, VAR_BENCH_SIZES } from '../../models/import/var/bench-sizes.js';
import type { Pack } from '../../models/pack.js';
import { openPack } from '../../models/run/open.js';
import { createRuntime, type OrtModule } from '../../models/run/runtime.js';
import { makeFolder } from '../node/make-folder.js';
import { filesOf, readPackFolder } from '../packs/folder.js';
import type { Bench } from './bench.js';

/** In a checkout; an installed package has no trainer. Relative to the bundle. */
const RIVAL = new URL('../models/train/twostep_train/bench.py', import.meta.url);

const SESSION = { executionProviders: ['cpu'], logSeverityLevel: 3 } as const;

/**
 * @param ort onnxruntime-node
 * @param versions of the programs that take part, by name
 */
export async function* measureFull(
  ort: OrtModule,
  versions: Readonly<Record<string, string>>,
  ...[options, signal]: Parameters<Bench['full']>
): AsyncGenerator<FullEvent> {
  const { size, python, noises, rounds } = options;
  const script = fileURLToPath(RIVAL);
  const there = await stat(script).catch(() => undefined);
  if (options.folder !== undefined) await makeFolder(options.folder);
  // A folder that was named is the person's to remove.
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'twostep-bench-')));
  try {
    yield describeMachine(versions);
    const common = {
      folder,
      noises,
      rounds,
      open: (at: string, pack: Pack) =>
        openPack({ pack, families: FAMILIES, files: filesOf({ folder: at, pack }), ort, session: SESSION }),
      readPack: async (at: string) => (await readPackFolder(at)).pack,
    };
    if (isVarBench(size)) return yield* runVarBench(VAR_BENCH_SIZES[size](), common, signal);
    yield* runFullBench(
      {
        ...common,
        size,
        runtime: createRuntime(ort, SESSION),
        rival: python !== undefined && there ? { python, script } : null,
        command: [process.execPath, process.argv[1] ?? ''],
      },
      signal,
    );
  } finally {
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
  }
}
