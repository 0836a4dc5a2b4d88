/**
 * The companion's side: an Engine whose work is done in a process of its own, so that a driver or ONNX Runtime that crashes, or memory that runs out, takes
 * the pictures under way with it and nothing else.
 *
 * When the process dies, or does not show for some seconds that it is alive, a new one takes its place, after pauses that grow while it
 * goes on dying. What was under way is begun once more by itself; what waits, waits.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ProviderReport } from '../../models/api.js';
import { type Engine, GenerateError, type GenerateEvent, type GenerateRequest } from '../../models/protocol.js';
import { noteFirstRuns } from '../packs/first-run.js';
import { watchBeats } from './heartbeat.js';
import { limitRuns } from './limited.js';
import { GIVES_BLOCKS_BACK } from './memory.js';
import type { FromWorker, Provider, ToWorker } from './messages.js';
import { limitsOfFolders, memoryOfProcess, type RunLimits } from './run-limits.js';

export type EngineState =
  /** `reason`: why it has to start again. */
  | { readonly state: 'starting'; readonly reason?: string }
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
  /** Seconds without a sign of life after which the process is replaced. */
  readonly silence?: { readonly running: number; readonly starting: number } | undefined;
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

/**
 * Milliseconds before a process that died is replaced: nothing after the first death, then longer and longer, until one ends a request.
 */
const PAUSES = [0, 500, 1000, 2000, 4000, 8000, 15_000, 30_000] as const;
/** Processes in a row that died before they were ready: no more is to be expected of the next, and those who wait are told. */
const STARTS = 5;
/** Processes that one request may take down. The first death may be somebody else's doing. */
const TRIES = 2;
/** Milliseconds that a self-test has to end when it is broken off; most take less altogether. */
const LAST_TRY = 2000;

/** `fault`: of the program, thrown; `died`: why the process is not there any more. */
type End = { readonly fault?: string | null; readonly died?: string };
type Pending = { push(event: GenerateEvent): void; end(how: End): void };

export function createEngineHost(options: EngineHostOptions): EngineHost {
  const pending = new Map<number, Pending>();
  let running: { child: ChildProcess; started: Promise<EngineState> } | undefined;
  let state: EngineState = { state: 'starting' };
  /** In a row: deaths since a request was ended, and deaths before the process was ready. */
  let [deaths, failedStarts] = [0, 0];
  /** When the next process may be started. */
  let pause: Promise<void> = Promise.resolve();
  let lastId = 0;
  const closing = new AbortController();

  function spawn() {
    state = state.state === 'failed' ? { state: 'starting', reason: state.reason } : { state: 'starting' };
    const child = fork(fileURLToPath(options.script), {
      serialization: 'advanced',
      // What it has to say to people it says to us; standard output is the program's.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', 'pipe'],
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
            failedStarts = 0;
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
            return pending.get(message.id)?.end({ fault: message.fault });
          default:
            message satisfies never;
        }
      });
      let silent: string | undefined;
      const stopWatching = watchBeats(
        child.stdio[4] as Readable,
        (seconds) => {
          silent = `it did not show for ${seconds} s that it is alive`;
          state = { state: 'failed', reason: `${sentence(silent)}, and is replaced.`, ladder: [] };
          // Also ends a process that was stopped.
          child.kill('SIGKILL');
        },
        options.silence,
      );
      const die = (reason: string) => {
        stopWatching();
        if (running?.child !== child) {
          // It was closed; whoever waits for its self-test waits no more.
          resolve({ state: 'failed', reason, ladder: [] });
          return;
        }
        running = undefined;
        if (state.state === 'starting') failedStarts += 1;
        const wait = PAUSES[Math.min(deaths, PAUSES.length - 1)] as number;
        deaths += 1;
        pause = delay(wait, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
        const next = wait > 0 ? `; it is started again in ${wait / 1000} s` : '';
        become({ state: 'failed', reason: `${sentence(reason)}${next}.`, ladder: [] });
        options.onWarning?.(`the engine stopped: ${reason}${next}.`);
        for (const one of [...pending.values()]) one.end({ died: reason });
        // While somebody waits his request starts the next one; else it is ready for whoever comes.
        void pause.then(() => {
          if (!running && !closing.signal.aborted && failedStarts < STARTS) running = spawn();
        });
      };
      child.on('error', (error) => die(error.message));
      child.on('exit', (code, signal) => die(silent ?? `its process ended with ${signal ?? `code ${code}`}`));
    });
    const { providers, budget, idle, batch = null } = options;
    send(child, { type: 'start', providers, budget, idle, batch });
    return { child, started };
  }

  /** The running process, or the next one as soon as it may be started; else why there is none. */
  async function ready(signal: AbortSignal): Promise<ChildProcess | string> {
    const gone = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    for (;;) {
      if (closing.signal.aborted) return 'Twostep is closing.';
      if (!running) await Promise.race([pause, gone]);
      if (signal.aborted) return 'Cancelled.';
      running ??= spawn();
      const current = running;
      const { state: outcome, ...rest } = await Promise.race([current.started, gone.then(() => state)]);
      if (signal.aborted) return 'Cancelled.';
      if (outcome === 'ready' && running === current) return current.child;
      // One that is there and no good stays so. One that died is tried again, as long as there is hope.
      const reason = 'reason' in rest && rest.reason ? rest.reason : 'The engine is not ready.';
      if (running === current && outcome === 'failed') return reason;
      if (failedStarts >= STARTS) {
        failedStarts -= 1;
        return `The engine can't be started: ${reason}`;
      }
    }
  }

  async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
    if (signal.aborted) return void (yield CANCELLED);
    const folder = await options.folderOf(request.pack);
    for (let attempt = 1; ; attempt += 1) {
      const child = await ready(signal);
      if (signal.aborted) return void (yield CANCELLED);
      if (typeof child === 'string') return void (yield { type: 'error', code: 'engine-unavailable', message: child });
      const died = yield* ask(child, folder, request, signal);
      if (died === null) {
        deaths = 0;
        return;
      }
      if (attempt === TRIES) {
        const message = `The engine stopped ${TRIES} times while it drew this: ${died}. Try again.`;
        return void (yield { type: 'error', code: 'engine-failed', message });
      }
      const message = `The engine stopped (${died}) and was replaced; what it drew is drawn again.`;
      yield { type: 'warning', code: 'engine-replaced', message };
    }
  }

  /** @returns why the process died before it was done; null when it was not */
  async function* ask(
    child: ChildProcess,
    folder: string,
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateEvent, string | null> {
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
        else if (over) yield CANCELLED;
      }
      if (over) return null;
      const died = mailbox.died();
      if (died === null) throw new Error('the engine stopped without saying "done" or "error"');
      if (!signal.aborted) return died;
      yield CANCELLED;
      return null;
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
      closing.abort();
      const { child } = running ?? {};
      running = undefined;
      for (const one of pending.values()) one.end({ fault: 'the engine was closed' });
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

const CANCELLED = { type: 'error', code: 'cancelled', message: 'Cancelled.' } as const;

const sentence = (reason: string) => `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`;

/** Events that wait for whoever reads them; a fault is thrown where they are read. */
function createMailbox(): Pending & AsyncIterable<GenerateEvent> & { died(): string | null } {
  const waiting: GenerateEvent[] = [];
  let ended: End | undefined;
  let wake: () => void = () => {};
  return {
    push(event) {
      waiting.push(event);
      wake();
    },
    end(how) {
      ended ??= how;
      wake();
    },
    died: () => ended?.died ?? null,
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
