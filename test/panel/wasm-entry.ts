/** The panel's own engine without the panel: `window.draw` runs a request, and each event goes to `window.hear`. */
import type { GenerateRequest } from '../../models/protocol.js';
import { createWasmOffer, readEmbedded } from '../../ui/engines/wasm/offer.js';

declare const hear: (id: number, event: string) => Promise<void>;

const cancels = new Map<number, AbortController>();

function open() {
  const embedded = readEmbedded(document);
  if (!embedded) throw new Error('the page carries no engine');
  return createWasmOffer(embedded);
}
const offers = new Map<number, ReturnType<typeof open>>();

Object.assign(window, {
  async draw(engine: number, id: number, request: GenerateRequest) {
    const offer = offers.get(engine) ?? open();
    offers.set(engine, offer);
    const cancel = new AbortController();
    cancels.set(id, cancel);
    for await (const event of offer.engine(request, cancel.signal)) {
      const bytes = 'bytes' in event ? { bytes: btoa(String.fromCharCode(...event.bytes)) } : {};
      await hear(id, JSON.stringify({ ...event, ...bytes }));
    }
  },
  cancel: (id: number) => cancels.get(id)?.abort(),
});
