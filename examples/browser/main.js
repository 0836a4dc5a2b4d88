import * as ort from 'onnxruntime-web';
import { buildRequest, createEngine, FAMILIES, openPack, Pack, targetOf } from 'twostep-image';

// More threads need a page that is isolated from others (COOP and COEP headers).
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = new URL('ort/', document.baseURI).href;

const form = document.querySelector('form');
const status = document.querySelector('[role=status]');
const image = document.querySelector('img');

const read = async (path) => {
  const response = await fetch(`pack/${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
};
const pack = Pack.parse(JSON.parse(new TextDecoder().decode(await read('pack.json'))));
const engine = createEngine(
  openPack({
    pack,
    families: FAMILIES,
    files: { graph: read, read },
    ort,
    session: { executionProviders: ['wasm'] },
  }),
);

form.addEventListener('submit', async (submit) => {
  submit.preventDefault();
  const prompt = new FormData(form).get('prompt');
  const request = buildRequest(targetOf(pack), { prompt, seeds: [7] });
  for await (const event of engine(request, new AbortController().signal))
    switch (event.type) {
      case 'progress':
        status.textContent = `${Math.round(event.fraction * 100)} %`;
        break;
      case 'picture':
        image.src = URL.createObjectURL(new Blob([event.bytes], { type: 'image/png' }));
        image.alt = prompt;
        break;
      case 'warning':
      case 'error':
        status.textContent = event.message;
        break;
      case 'done':
        status.textContent = 'Done.';
    }
});
status.textContent = 'Ready.';
