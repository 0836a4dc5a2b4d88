/**
 * The page inside a panel. The panel has no origin that could be checked, so: only the window that this page lies in is listened
 * to, its number used once comes back with a port, and this happens once. Everything else that windows say is ignored.
 */
import type { Host } from './host.js';
import { Call, Hello, NamedCall, type Ready, type Reply } from './messages.js';

export function serveParent(host: Host, window: Window): void {
  const hear = ({ source, data }: MessageEvent) => {
    const hello = source === window.parent ? Hello.safeParse(data) : null;
    if (!hello?.success) return;
    window.removeEventListener('message', hear);
    const { port1, port2 } = new MessageChannel();
    servePort(host, port1);
    const ready: Ready = { type: 'twostep-ready', version: 1, nonce: hello.data.nonce };
    // "*": a panel's origin is opaque and has no name. Only its own window gets the message.
    window.parent.postMessage(ready, '*', [port2]);
  };
  window.addEventListener('message', hear);
}

function servePort(host: Host, port: MessagePort): void {
  const running = new Map<number, AbortController>();
  const say = (reply: Reply) => {
    const event = reply.type === 'event' ? reply.event : null;
    port.postMessage(reply, event?.type === 'picture' || event?.type === 'draft' ? [event.bytes.buffer] : []);
  };
  port.onmessage = ({ data }: MessageEvent) => {
    const parsed = Call.safeParse(data);
    if (!parsed.success) {
      // The panel may be another version than this page, and it waits for an answer.
      const named = NamedCall.safeParse(data);
      const message = parsed.error.issues[0]?.message ?? 'The call can not be read.';
      if (named.success) say({ type: 'end', id: named.data.id, failure: { code: 'invalid-request', message } });
      return;
    }
    const call = parsed.data;
    if (call.type === 'cancel') return running.get(call.id)?.abort();
    // An id that is in use would mix up two answers.
    if (running.has(call.id)) return;
    const cancel = new AbortController();
    running.set(call.id, cancel);
    void answer(call, cancel.signal).finally(() => running.delete(call.id));
  };

  async function answer(call: Exclude<Call, { type: 'cancel' }>, signal: AbortSignal): Promise<void> {
    const { id, ...question } = call;
    if (question.type === 'draw') {
      for await (const event of host.engine(question.request, signal)) say({ type: 'event', id, event });
      return say({ type: 'end', id, failure: null });
    }
    for await (const reply of host.ask(question, signal)) say({ ...reply, id });
  }
}
