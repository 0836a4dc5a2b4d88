/**
 * The panel as its own engine: the starter pack and ONNX Runtime's WASM lie in the panel's page, so that there are pictures without
 * a companion and without a network. It is unpacked when the panel opens, or when the person begins to type where another engine is chosen.
 */

import { Pack } from '../../../models/families/packs.js';
import type { Engine } from '../../../models/protocol.js';
import { isDraftCheap } from '../../../models/request/schedule.js';
import { Vocabulary } from '../../../models/vocabulary.js';
import { createHost } from '../../engine-page/host.js';
import { connectWorker, type Link } from '../../engine-page/link.js';
import type { FromWorker } from '../../engine-page/messages.js';
import { TEXT } from '../../panel/text.js';
import type { EngineOffer } from '../offer.js';
import { toModel } from '../pack-model.js';
import type { ToWorker } from './messages.js';

/** What the build puts into the page (scripts/embed.mjs), by the id of its element. */
const PARTS = {
  manifest: 'embedded-pack',
  files: 'embedded-files',
  runtime: 'embedded-runtime',
  worker: 'embedded-worker',
  vocabulary: 'embedded-vocabulary',
};

export type Embedded = {
  readonly pack: Pack;
  readonly vocabulary?: Vocabulary | undefined;
  /** The rest is long, so it is read when it is wanted. */
  part(name: 'files' | 'runtime' | 'worker'): string;
};

/** What the page carries, or null when it carries nothing: a page that the companion serves has the companion. */
export function readEmbedded(page: Document): Embedded | null {
  const text = (name: keyof typeof PARTS) => page.getElementById(PARTS[name])?.textContent ?? '';
  const manifest = text('manifest').trim();
  if (manifest === '') return null;
  const words = text('vocabulary').trim();
  const vocabulary = words === '' ? undefined : Vocabulary.parse(JSON.parse(words));
  return { pack: Pack.parse(JSON.parse(manifest)), vocabulary, part: text };
}

export function createWasmOffer(embedded: Embedded, startWorker = startFromText): EngineOffer {
  const { pack } = embedded;
  // One provider: a worker that ends is made again once, and the request goes on with what is missing.
  const host = createHost(['wasm'], () => startLink(embedded, startWorker));
  const isPossible = () => ['Worker', 'WebAssembly', 'DecompressionStream'].every((name) => name in globalThis);

  const engine: Engine = async function* (request, signal) {
    // The first request waits until runtime and pack are unpacked.
    if (!signal.aborted) yield { type: 'progress', phase: 'load', done: 0, total: 1, fraction: 0, remaining: null };
    // On one thread decoding a draft takes longer than a second step after it.
    yield* host.engine({ ...request, draft: request.draft && isDraftCheap(request.schedule) }, signal);
  };
  return {
    id: 'panel',
    isLocal: true,
    engine,
    warm: host.warm,
    async find() {
      if (!isPossible()) return { state: 'absent', why: 'unsupported', detail: '' };
      return { state: 'ready', device: TEXT.engines.devices.cpu, models: [toModel(pack, null, embedded.vocabulary)] };
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

/**
 * A worker that the browser kills, for want of memory say, tells nobody, and without an origin there are no locks that would (as in
 * the engine page). So one that has work and says nothing for so long counts as gone. Milliseconds; a run of a network, which is
 * the longest silence of a healthy one, takes less than a second, and some on a machine that is overloaded.
 */
const SILENCE = 60_000;

export function startLink(embedded: Embedded, startWorker: (script: string) => Worker): Link {
  const worker = startWorker(embedded.part('worker'));
  /** Its start, and calls that it has not ended. */
  let owed = 1;
  let leave = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heed = (change: number) => {
    owed += change;
    clearTimeout(timer);
    if (owed > 0) timer = setTimeout(() => leave(), SILENCE);
  };
  const link = connectWorker(worker, (gone) => {
    leave = gone;
  });
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) =>
    heed(data.type === 'booted' || data.type === 'end' ? -1 : 0),
  );
  const message: ToWorker = {
    type: 'open',
    pack: embedded.pack,
    runtime: embedded.part('runtime'),
    files: embedded.part('files'),
  };
  worker.postMessage(message);
  return {
    ...link,
    ask(question, signal) {
      heed(1);
      return link.ask(question, signal);
    },
    end() {
      clearTimeout(timer);
      link.end();
    },
  };
}
