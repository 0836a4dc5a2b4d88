/**
 * The main thread's side: an Engine whose work is done in a worker thread.
 *
 * When the thread dies, every request that was under way ends with `engine-failed`, and the next request starts a new one.
 */
import { Worker } from 'node:worker_threads';
import type { ProviderReport } from '../../models/api.js';
import { type Engine, GenerateError, type GenerateEvent, type GenerateRequest } from '../../models/protocol.js';
import type { FromWorker, Provider, ToWorker } from './messages.js';

export type EngineState =
  | { readonly state: 'starting' }
  | {
      readonly state: 'ready';
      readonly provider: Provider;
      readonly ladder: readonly ProviderReport[];
      readonly open: readonly string[];
    }
  | { readonly state: 'failed'; readonly reason: string; readonly ladder: readonly ProviderReport[] };

export type EngineHostOptions = {
  /** The bundled worker. */
  readonly script: URL;
  readonly providers: readonly Provider[];
  readonly budget: number;
  readonly idle: number;
  /** Pictures of a request that run together (batch.ts); what suits the provider when left out. */
  readonly batch?: number | undefined;
  /** Folder of a pack. @throws GenerateError `unknown-pack` */
  folderOf(pack: string): Promise<string>;
};

export type EngineHost = {
  readonly engine: Engine;
  /** Resolves when the self-test is over, well or not. */
  started(): Promise<EngineState>;
  state(): EngineState;
  close(): Promise<void>;
};

/** Deaths of the thread within a minute after which it is not started again until the minute is over. */
const PATIENCE = { deaths: 3, within: 60_000 } as const;

type Pending = { push(event: GenerateEvent): void; end(fault: string | null): void };

export function createEngineHost(options: EngineHostOptions): EngineHost {
  const pending = new Map<number, Pending>();
  let thread: { worker: Worker; started: Promise<EngineState> } | undefined;
  let state: EngineState = { state: 'starting' };
  let deaths: number[] = [];
  let lastId = 0;
  let closed = false;

  function spawn() {
    state = { state: 'starting' };
    const worker = new Worker(options.script, { name: 'twostep-engine' });
    const started = new Promise<EngineState>((resolve) => {
      const become = (next: EngineState) => {
        state = next;
        resolve(next);
      };
      worker.on('message', (message: FromWorker) => {
        switch (message.type) {
          case 'ready':
            return become({ state: 'ready', provider: message.provider, ladder: message.ladder, open: [] });
          case 'unusable':
            return become({ state: 'failed', reason: 'No provider computes rightly here.', ladder: message.ladder });
          case 'open':
            if (state.state === 'ready') state = { ...state, open: message.packs };
            return;
          case 'event':
            return pending.get(message.id)?.push(message.event);
          case 'end':
            return pending.get(message.id)?.end(message.fault);
          default:
            message satisfies never;
        }
      });
      const die = (reason: string) => {
        if (thread?.worker !== worker) return;
        thread = undefined;
        deaths.push(Date.now());
        become({ state: 'failed', reason, ladder: [] });
        for (const one of [...pending.values()]) {
          one.push({ type: 'error', code: 'engine-failed', message: `The engine stopped: ${reason}. Try again.` });
          one.end(null);
        }
      };
      worker.on('error', (error) => die(error.message));
      worker.on('exit', (code) => die(`its thread ended with code ${code}`));
    });
    const { providers, budget, idle, batch = null } = options;
    worker.postMessage({ type: 'start', providers, budget, idle, batch } satisfies ToWorker);
    return { worker, started };
  }

  /** The running thread, or a new one unless it died too often lately. */
  async function ready(): Promise<Worker | string> {
    if (closed) return 'Twostep is closing.';
    deaths = deaths.filter((time) => time > Date.now() - PATIENCE.within);
    if (!thread && deaths.length >= PATIENCE.deaths)
      return `The engine died ${deaths.length} times within a minute; it is tried again in a minute.`;
    thread ??= spawn();
    const current = thread;
    const { state: outcome, ...rest } = await current.started;
    return outcome === 'ready' ? current.worker : 'reason' in rest ? rest.reason : 'The engine is not ready.';
  }

  async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
    const cancelled = { type: 'error', code: 'cancelled', message: 'Cancelled.' } as const;
    if (signal.aborted) return void (yield cancelled);
    const folder = await options.folderOf(request.pack);
    const worker = await ready();
    if (typeof worker === 'string') return void (yield { type: 'error', code: 'engine-unavailable', message: worker });
    if (signal.aborted) return void (yield cancelled);
    const id = ++lastId;
    const mailbox = createMailbox();
    pending.set(id, mailbox);
    const cancel = () => worker.postMessage({ type: 'cancel', id } satisfies ToWorker);
    signal.addEventListener('abort', cancel, { once: true });
    worker.postMessage({ type: 'generate', id, folder, request } satisfies ToWorker);
    let over = false;
    try {
      for await (const event of mailbox) {
        over = event.type === 'done' || event.type === 'error';
        // What was still on its way when the person stopped is not shown any more.
        if (!signal.aborted) yield event;
        else if (over) yield cancelled;
      }
      if (!over) throw new Error('the engine stopped without saying "done" or "error"');
    } finally {
      signal.removeEventListener('abort', cancel);
      pending.delete(id);
      if (!over) cancel();
    }
  }

  return {
    engine: async function* (request, signal) {
      try {
        yield* generate(request, signal);
      } catch (error) {
        if (!(error instanceof GenerateError)) throw error;
        yield { type: 'error', code: error.code, message: error.message };
      }
    },
    async started() {
      thread ??= spawn();
      return thread.started;
    },
    state: () => state,
    async close() {
      closed = true;
      const { worker } = thread ?? {};
      thread = undefined;
      for (const one of pending.values()) one.end('the engine was closed');
      await worker?.terminate();
    },
  };
}

/** Events that wait for whoever reads them; a fault is thrown where they are read. */
function createMailbox(): Pending & AsyncIterable<GenerateEvent> {
  const waiting: GenerateEvent[] = [];
  let ended: { fault: string | null } | undefined;
  let wake: () => void = () => {};
  return {
    push(event) {
      waiting.push(event);
      wake();
    },
    end(fault) {
      ended = { fault };
      wake();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        for (let next = waiting.shift(); next; next = waiting.shift()) yield next;
        if (ended?.fault) throw new Error(ended.fault);
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
