/**
 * The panel as its own engine: the starter pack and ONNX Runtime's WASM lie in the panel's page, so that there are pictures without
 * a companion and without a network. Nothing is unpacked before the first picture is asked for.
 */
import { Pack } from '../../../models/pack.js';
import type { Engine, GenerateEvent, GenerateRequest } from '../../../models/protocol.js';
import { TEXT } from '../../panel/text.js';
import type { EngineOffer } from '../offer.js';
import { toModel } from '../pack-model.js';
import type { FromWorker, ToWorker } from './messages.js';

/** What the build puts into the page (server/setup/embed.mjs), by the id of its element. */
const PARTS = {
  manifest: 'embedded-pack',
  files: 'embedded-files',
  runtime: 'embedded-runtime',
  worker: 'embedded-worker',
};

export type Embedded = {
  readonly pack: Pack;
  /** The rest is long, so it is read when it is wanted. */
  part(name: 'files' | 'runtime' | 'worker'): string;
};

/** What the page carries, or null when it carries nothing: a page that the companion serves has the companion. */
export function readEmbedded(page: Document): Embedded | null {
  const text = (name: keyof typeof PARTS) => page.getElementById(PARTS[name])?.textContent ?? '';
  const manifest = text('manifest').trim();
  return manifest === '' ? null : { pack: Pack.parse(JSON.parse(manifest)), part: text };
}

export function createWasmOffer(embedded: Embedded, startWorker = startFromText): EngineOffer {
  const { pack } = embedded;
  let worker: ReturnType<typeof connect> | null = null;
  const isPossible = () => ['Worker', 'WebAssembly', 'DecompressionStream'].every((name) => name in globalThis);

  const engine: Engine = async function* (request, signal) {
    if (signal.aborted) return void (yield { type: 'error', code: 'cancelled', message: 'Cancelled.' });
    worker ??= connect(startWorker(embedded.part('worker')), () => {
      worker = null;
    });
    if (!worker.opened) worker.open(pack, embedded.part('runtime'), embedded.part('files'));
    yield* worker.draw(request, signal);
  };
  return {
    id: 'panel',
    isLocal: true,
    engine,
    async find() {
      if (!isPossible()) return { state: 'absent', why: 'unsupported', detail: '' };
      return { state: 'ready', device: TEXT.engines.devices.cpu, models: [toModel(pack, null)] };
    },
  };
}

/** A classic worker of a blob: the only kind that a document without an origin may start. */
function startFromText(script: string): Worker {
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  try {
    return new Worker(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

function connect(worker: Worker, onGone: () => void) {
  const listeners = new Map<number, (message: GenerateEvent | { type: 'fault'; message: string }) => void>();
  let next = 0;
  let opened = false;
  const post = (message: ToWorker) => worker.postMessage(message);

  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    listeners.get(data.id)?.(data.type === 'event' ? data.event : data);
  });
  worker.addEventListener('error', (event) => {
    onGone();
    worker.terminate();
    const message = TEXT.engines.brokeDown(event.message);
    for (const hear of listeners.values()) hear({ type: 'error', code: 'engine-failed', message });
  });

  async function* draw(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
    const id = next++;
    const waiting: (GenerateEvent | { type: 'fault'; message: string })[] = [];
    let wake = () => {};
    let ended = false;
    listeners.set(id, (message) => {
      waiting.push(message);
      wake();
    });
    const cancel = () => post({ type: 'cancel', id });
    signal.addEventListener('abort', cancel, { once: true });
    try {
      // The first request waits until runtime and pack are unpacked.
      yield { type: 'progress', phase: 'load', done: 0, total: 1, fraction: 0, remaining: null };
      post({ type: 'draw', id, request });
      if (signal.aborted) cancel();
      while (true) {
        const message = waiting.shift();
        if (!message) await new Promise<void>((resolve) => (wake = resolve));
        else if (message.type === 'fault') {
          // What can't even be unpacked or opened is no bug of the request: another engine may do it.
          ended = true;
          return void (yield { type: 'error', code: 'engine-failed', message: message.message });
        } else {
          ended = message.type === 'done' || message.type === 'error';
          yield message;
          if (ended) return;
        }
      }
    } finally {
      // Left in the middle: nobody will hear the rest.
      if (!ended) cancel();
      listeners.delete(id);
      signal.removeEventListener('abort', cancel);
    }
  }

  return {
    get opened() {
      return opened;
    },
    open(pack: Pack, runtime: string, files: string) {
      opened = true;
      post({ type: 'open', pack, runtime, files });
    },
    draw,
  };
}
