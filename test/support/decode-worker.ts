/** The process that decodes strangers' pictures, bundled from the sources of now. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { CACHE, inRoot } from '../../scripts/paths.mjs';

export async function bundleDecoder(): Promise<URL> {
  // Inside node_modules, so that it finds sharp.
  const outfile = join(mkdtempSync(join(CACHE, 'test-worker-')), 'decode-worker.mjs');
  await build({
    entryPoints: [inRoot('server', 'pictures', 'decode-worker.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['sharp'],
  });
  return pathToFileURL(outfile);
}
