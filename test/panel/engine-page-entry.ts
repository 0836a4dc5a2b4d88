/** A page with nothing but the panel's client of the engine page; tests pull the events out one by one. */
import type { GenerateEvent, GenerateRequest } from '../../models/protocol.js';
import { createPageOffer } from '../../ui/engines/page-offer.js';

const offer = createPageOffer(`${location.origin}/engine/`, window);
const running = new Map<number, { cancel: AbortController; events: AsyncIterator<GenerateEvent> }>();
let count = 0;

Object.assign(window, {
  offer,
  begin(request: GenerateRequest): number {
    const cancel = new AbortController();
    const id = count++;
    running.set(id, { cancel, events: offer.engine(request, cancel.signal)[Symbol.asyncIterator]() });
    return id;
  },
  stop: (id: number) => running.get(id)?.cancel.abort(),
  /** An event as JSON, bytes in base64; null after the last. */
  async next(id: number): Promise<string | null> {
    const step = await running.get(id)?.events.next();
    if (!step || step.done) return null;
    const event = step.value;
    if (!('bytes' in event)) return JSON.stringify(event);
    return JSON.stringify({
      ...event,
      bytes: btoa(Array.from(event.bytes, (byte) => String.fromCharCode(byte)).join('')),
    });
  },
});
