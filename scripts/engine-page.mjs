/**
 * The engine page (ui/engine-page): a folder of static files for any host. ONNX Runtime twice, since browsers whose WebAssembly can
 * wait for promises need the smaller one only; deflated, because not every host compresses and some take no file of 27 MB.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { bundlePage } from './build-ui.mjs';
import { bundleScript } from './bundle-script.mjs';
import { SetupError } from './child.mjs';
import { EMBEDDED_PACK } from './embed.mjs';
import { inRoot } from './paths.mjs';

/** @type {{ id: string, files: { path: string }[] }} */
const pack = JSON.parse(readFileSync(inRoot(EMBEDDED_PACK, 'pack.json'), 'utf8'));
const packFiles = ['pack.json', ...pack.files.map(({ path }) => path)];

/** Files below dist/engine-page/, and the bytes that each must stay below. */
export const ENGINE_PAGE_OUTPUTS = [
  { name: 'index.html', budget: 90_000 },
  { name: 'worker-jspi.js', budget: 650_000 },
  { name: 'worker-asyncify.js', budget: 650_000 },
  { name: 'ort-jspi.bin', budget: 5_000_000 },
  { name: 'ort-asyncify.bin', budget: 8_000_000 },
  { name: 'ort-jspi.mjs', budget: 60_000 },
  { name: 'ort-asyncify.mjs', budget: 60_000 },
  { name: 'packs/index.json', budget: 100_000 },
  ...packFiles.map((path) => ({ name: `packs/${pack.id}/${path}`, budget: 20_000_000 })),
];

/** @returns {Promise<{ contents: Map<string, string | Uint8Array>, inputs: string[] }>} by name; and the sources */
export async function bundleEnginePage() {
  const runtime = (/** @type {string} */ name) =>
    readFileSync(createRequire(import.meta.url).resolve(`onnxruntime-web/ort-wasm-simd-threaded.${name}`));
  const page = await bundlePage('ui/engine-page/index.html', 'ui/engine-page/main.ts', 'ui/engine-page/page.css');
  const jspi = await bundleScript('ui/engine-page/worker/jspi.ts', 'es2022');
  const asyncify = await bundleScript('ui/engine-page/worker/asyncify.ts', 'es2022');
  /** @type {Map<string, string | Uint8Array>} */
  const contents = new Map();
  for (const [name, content] of /** @type {[string, string | Uint8Array][]} */ ([
    ['index.html', page.page],
    ['worker-jspi.js', jspi.script],
    ['worker-asyncify.js', asyncify.script],
    ['ort-jspi.bin', deflateRawSync(runtime('jspi.wasm'))],
    ['ort-asyncify.bin', deflateRawSync(runtime('asyncify.wasm'))],
    ['ort-jspi.mjs', runtime('jspi.mjs')],
    ['ort-asyncify.mjs', runtime('asyncify.mjs')],
    ['packs/index.json', JSON.stringify([pack])],
  ]))
    contents.set(name, content);
  for (const path of packFiles)
    contents.set(`packs/${pack.id}/${path}`, readFileSync(inRoot(join(EMBEDDED_PACK, path))));
  for (const { name, budget } of ENGINE_PAGE_OUTPUTS) {
    const bytes = Buffer.byteLength(contents.get(name) ?? '');
    if (bytes > budget)
      throw new SetupError(
        `dist/engine-page/${name} has ${bytes} bytes, above its budget of ${budget} (scripts/engine-page.mjs).`,
      );
  }
  return {
    contents,
    inputs: [
      ...page.inputs,
      ...jspi.inputs,
      ...asyncify.inputs,
      ...packFiles.map((path) => `${EMBEDDED_PACK}/${path}`),
    ],
  };
}
