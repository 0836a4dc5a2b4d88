/** The engine's worker thread for tests: bundled from the sources of now, as the build does it. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { CACHE, inRoot } from '../../scripts/paths.mjs';

let script: Promise<URL> | undefined;

export function bundleWorker(): Promise<URL> {
  script ??= bundleWorkerWith([]);
  return script;
}

/** @param plugins of esbuild, that put something of the test's in the place of sources */
export async function bundleWorkerWith(plugins: Plugin[]): Promise<URL> {
  // Inside node_modules, so that the worker finds ONNX Runtime.
  const outfile = join(mkdtempSync(join(CACHE, 'test-worker-')), 'engine-worker.mjs');
  await build({
    entryPoints: [inRoot('server', 'engine', 'worker.ts')],
    outfile,
    bundle: true,
    plugins,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['onnxruntime-node'],
    banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
  });
  return pathToFileURL(outfile);
}
