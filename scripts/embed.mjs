/**
 * What the panel's page carries so that it draws without a companion: ONNX Runtime's WASM, the worker that runs it, and the
 * starter pack. Deflated and in base64, in elements that the browser neither runs nor shows (ui/engines/wasm/offer.ts).
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { bundleScript } from './bundle-script.mjs';
import { inRoot } from './paths.mjs';

/** The pack that every installation has. */
export const EMBEDDED_PACK = 'models/packs/starter';

/**
 * The panel's page with an engine inside. What is long comes after the script, so that the panel is on screen first.
 * @param {string} page with the marks of ui/panel/panel.html
 * @param {{ folder?: string, plugins?: import('esbuild').Plugin[] }} [how] another pack than the starter
 * @returns {Promise<{ page: string, inputs: string[] }>} and the sources of what was added
 */
export async function embedEngine(page, { folder = inRoot(EMBEDDED_PACK), plugins } = {}) {
  const { script, inputs } = await bundleScript('ui/engines/wasm/worker.ts', 'es2022', plugins);
  const manifest = readFileSync(join(folder, 'pack.json'), 'utf8');
  /** @type {{ files: { path: string }[], vocabulary?: string }} */
  const pack = JSON.parse(manifest);
  const files = Buffer.concat(pack.files.map(({ path }) => readFileSync(join(folder, path))));
  const runtime = join(
    dirname(createRequire(import.meta.url).resolve('onnxruntime-web')),
    'ort-wasm-simd-threaded.wasm',
  );
  /** @param {string} id @param {string} type @param {string} text */
  const element = (id, type, text) =>
    `<script type="${type}" id="${id}">${text.replace(/<\/script/g, '<\\/script')}</script>`;
  /** @param {Buffer} bytes */
  const packed = (bytes) => deflateRawSync(bytes, { level: 9 }).toString('base64');
  const parts = [
    element('embedded-worker', 'text/plain', new TextDecoder().decode(script)),
    element('embedded-files', 'text/plain', packed(files)),
    element('embedded-runtime', 'text/plain', packed(readFileSync(runtime))),
  ];
  // Read as the person types, long before the pack is unpacked.
  const words = pack.vocabulary
    ? element('embedded-vocabulary', 'application/json', readFileSync(join(folder, pack.vocabulary), 'utf8'))
    : '';
  return {
    page: page
      .replace('<!--manifest-->', () =>
        [element('embedded-pack', 'application/json', JSON.stringify(pack)), words].join('\n'),
      )
      .replace('<!--engine-->', () => parts.join('\n')),
    inputs: [
      ...inputs,
      `${EMBEDDED_PACK}/pack.json`,
      ...pack.files.map(({ path }) => `${EMBEDDED_PACK}/${path}`),
      'scripts/embed.mjs',
    ],
  };
}
