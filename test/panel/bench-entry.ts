/** The panel's own engine without the panel, and the machine's rate of matrix products in the same runtime. */
import * as ort from 'onnxruntime-web/wasm';
import type { GenerateEvent, GenerateRequest } from '../../models/protocol.js';
import { createWasmOffer, readEmbedded } from '../../ui/engines/wasm/offer.js';
import { unpack } from '../../ui/engines/wasm/unpack.js';

const embedded = readEmbedded(document);
if (!embedded) throw new Error('the page carries no engine');
const offer = createWasmOffer(embedded);

Object.assign(window, {
  /** Milliseconds of the whole, and of each phase as the engine tells them. */
  async timePicture(request: GenerateRequest) {
    const began = performance.now();
    let phases: Extract<GenerateEvent, { type: 'done' }>['milliseconds'] = {};
    for await (const event of offer.engine(request, new AbortController().signal)) {
      if (event.type === 'error') throw new Error(event.message);
      if (event.type === 'done') phases = event.milliseconds;
    }
    return { milliseconds: performance.now() - began, phases };
  },
  /** Floating-point operations a second of a square product, the best of some. @param model base64 of a graph x, w -> y */
  async measureRate(model: string, size: number) {
    ort.env.wasm.wasmBinary = await unpack(embedded.part('runtime'));
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create(
      Uint8Array.from(atob(model), (letter) => letter.charCodeAt(0)),
      { executionProviders: ['wasm'] },
    );
    const values = new ort.Tensor('float32', new Float32Array(size * size).fill(0.5), [size, size]);
    let best = Number.POSITIVE_INFINITY;
    for (let repeat = 0; repeat < 12; repeat++) {
      const began = performance.now();
      await session.run({ x: values, w: values });
      best = Math.min(best, performance.now() - began);
    }
    await session.release();
    return (2 * size ** 3) / (best / 1000);
  },
});
