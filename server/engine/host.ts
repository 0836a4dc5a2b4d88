/**
 * The companion's side: an Engine whose work is done in a process of its own, so that a driver or ONNX Runtime that crashes, or memory that runs out, takes
 * the pictures under way with it and nothing else.
 *
 * When the process dies, every request that was under way ends with `engine-failed`, and the next request starts a new one.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ProviderReport } from '../../models/api.js';
import { type Engine, GenerateError, type GenerateEvent, type GenerateRequest } from '../../models/protocol.js';
import { noteFirstRuns } from '../packs/first-run.js';
import { limitRuns } from './limited.js';
import { GIVES_BLOCKS_BACK } from './memory.js';
import type { FromWorker, Provider, ToWorker } from './messages.js';
import { limitsOfFolders, memoryOfProcess, type RunLimits } from './run-limits.js';

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
  /** The bundled entry of the process. */
  readonly script: URL;
  readonly providers: readonly Provider[];
  readonly budget: number;
  readonly idle: number;
  /** Pictures of a request that run together (batch.ts); what suits the provider when left out. */
  readonly batch?: number | undefined;
  /** Folder of a pack. @throws GenerateError `unknown-pack` */
  folderOf(pack: string): Promise<string>;
  /** What a pack may take; by its size when left out. */
  readonly limits?: RunLimits | undefined;
  /** What the engine has to say that hinders nothing. */
  onWarning?(message: string): void;
};

export type EngineHost = {
  readonly engine: Engine;
  /** Resolves when the self-test is over, well or not. */
  started(): Promise<EngineState>;
  state(): EngineState;
  close(): Promise<void>;
};

/** Deaths of the process within a minute after which it is not started again until the minute is over. */
const PATIENCE = { deaths: 3, within: 60_000 } as const;
/** Milliseconds that a self-test has to end when it is broken off; most take less altogether. */
const LAST_TRY = 2000;

type Pending = { push(event: GenerateEvent): void; end(fault: string | null): void };

export function createEngineHost(options: EngineHostOptions): EngineHost {
  const pending = new Map<number, Pending>();
  let running: { child: ChildProcess; started: Promise<EngineState> } | undefined;
  let state: EngineState = { state: 'starting' };
  let deaths: number[] = [];
  let lastId = 0;
  let closed = false;

  function spawn() {
    state = { state: 'starting' };
    const child = fork(fileURLToPath(options.script), {
      serialization: 'advanced',
      // What it has to say to people it says to us; standard output is the program's.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, ...GIVES_BLOCKS_BACK },
    });
    const started = new Promise<EngineState>((resolve) => {
      const become = (next: EngineState) => {
        state = next;
        resolve(next);
      };
      child.on('message', (given) => {
        const message = given as FromWorker;
        switch (message.type) {
          case 'ready':
            return become({ state: 'ready', provider: message.provider, ladder: message.ladder, open: [] });
          case 'unusable':
            return become({ state: 'failed', reason: 'No provider computes rightly here.', ladder: message.ladder });
          case 'warning':
            return options.onWarning?.(message.message);
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
        if (running?.child !== child) {
          // It was closed; whoever waits for its self-test waits no more.
          resolve({ state: 'failed', reason, ladder: [] });
          return;
        }
        running = undefined;
        deaths.push(Date.now());
        become({ state: 'failed', reason, ladder: [] });
        for (const one of [...pending.values()]) {
          one.push({ type: 'error', code: 'engine-failed', message: `The engine stopped: ${reason}. Try again.` });
          one.end(null);
        }
      };
      child.on('error', (error) => die(error.message));
      child.on('exit', (code, signal) => die(`its process ended with ${signal ?? `code ${code}`}`));
    });
    const { providers, budget, idle, batch = null } = options;
    send(child, { type: 'start', providers, budget, idle, batch });
    return { child, started };
  }

  /** The running process, or a new one unless it died too often lately. */
  async function ready(): Promise<ChildProcess | string> {
    if (closed) return 'Twostep is closing.';
    deaths = deaths.filter((time) => time > Date.now() - PATIENCE.within);
    if (!running && deaths.length >= PATIENCE.deaths)
      return `The engine died ${deaths.length} times within a minute; it is tried again in a minute.`;
    running ??= spawn();
    const current = running;
    const { state: outcome, ...rest } = await current.started;
    return outcome === 'ready' ? current.child : 'reason' in rest ? rest.reason : 'The engine is not ready.';
  }

  async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
    const cancelled = { type: 'error', code: 'cancelled', message: 'Cancelled.' } as const;
    if (signal.aborted) return void (yield cancelled);
    const folder = await options.folderOf(request.pack);
    const child = await ready();
    if (typeof child === 'string') return void (yield { type: 'error', code: 'engine-unavailable', message: child });
    if (signal.aborted) return void (yield cancelled);
    const id = ++lastId;
    const mailbox = createMailbox();
    pending.set(id, mailbox);
    const cancel = () => send(child, { type: 'cancel', id });
    signal.addEventListener('abort', cancel, { once: true });
    send(child, { type: 'generate', id, folder, request });
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

  const drawing: Engine = async function* (request, signal) {
    try {
      yield* generate(request, signal);
    } catch (error) {
      if (!(error instanceof GenerateError)) throw error;
      yield { type: 'error', code: error.code, message: error.message };
    }
  };

  /** What is open beside the pack may lie in memory as well. */
  async function limitsOf(pack: string): Promise<RunLimits> {
    if (options.limits) return options.limits;
    const open = state.state === 'ready' ? state.open.filter((id) => id !== pack) : [];
    const folders = await Promise.all([pack, ...open].map((id) => options.folderOf(id).catch(() => '')));
    return limitsOfFolders(folders);
  }
  const limited = limitRuns(drawing, {
    limitsOf,
    memory: () => memoryOfProcess(running?.child.pid),
    kill: () => void running?.child.kill('SIGKILL'),
  });

  return {
    engine: noteFirstRuns(limited, options.folderOf),
    async started() {
      running ??= spawn();
      return running.started;
    },
    state: () => state,
    async close() {
      closed = true;
      const { child } = running ?? {};
      running = undefined;
      for (const one of pending.values()) one.end('the engine was closed');
      if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (state.state === 'starting' && child.connected) {
        // Without a line it ends by itself and takes its note back (trials.ts). A driver that hangs keeps it from that, and is remembered.
        child.disconnect();
        await Promise.race([gone, delay(LAST_TRY, undefined, { ref: false })]);
      }
      // It may be in the middle of a model call, and has nothing to save.
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** To a process that is gone nothing is said; its end is told by `exit`. */
function send(child: ChildProcess, message: ToWorker): void {
  child.send(message, () => {});
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
