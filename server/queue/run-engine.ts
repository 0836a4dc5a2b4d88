/** The workers as one Engine: a request becomes a run, which some worker draws, and what the run says is told here. */
import { randomUUID } from 'node:crypto';
import type { Engine, GenerateEvent, GenerateRequest } from '../../models/protocol.js';
import type { Dispatch } from './dispatch.js';
import { keyOf, type SharedRedis } from './redis.js';
import { beginRun, leaveRun, readRun, runKey, touchRun } from './runs.js';
import type { Crew } from './workers.js';

const CANCELLED = { type: 'error', code: 'cancelled', message: 'Cancelled.' } as const;

/** Milliseconds without a word after which it is looked whether the run still waits or is drawn, and handed on anew where it is not. */
const DOUBT = 2000;
/** Milliseconds that a pack may be without a worker: one that is started again is back by then. */
const PATIENCE = 30_000;

export type RunEngine = {
  readonly engine: Engine;
  /** From now on who stops listening does not end the run: this gateway ends, and another one goes on. */
  suspend(): void;
};

export type RunEngineOptions = {
  readonly shared: SharedRedis;
  readonly dispatch: Dispatch;
  readonly crew: Crew;
  readonly patience?: number;
};

export function createRunEngine({ shared, dispatch, crew, patience = PATIENCE }: RunEngineOptions): RunEngine {
  const { redis } = shared;
  let suspended = false;

  async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
    const missing = await awaitWorker(request.pack, signal);
    if (signal.aborted) return void (yield CANCELLED);
    if (missing !== null) return void (yield { type: 'error', code: 'engine-unavailable', message: missing });
    const reader = randomUUID();
    const run = await beginRun(redis, runKey(request), reader);
    const order = { run, request };
    const news = createBell();
    const latest: { progress: GenerateEvent | undefined } = { progress: undefined };
    const hear = (message: string | null) => {
      if (message) latest.progress = JSON.parse(message);
      news.ring();
    };
    let deafen = () => {};
    signal.addEventListener('abort', news.ring, { once: true });
    let over = false;
    let fraction = 0;
    try {
      // What is said before it is listened to is read from the log.
      [deafen] = await Promise.all([shared.listen(keyOf('saying', run), hear), dispatch.hand(order)]);
      for (let next = 0; ; ) {
        const heard = await readRun(redis, run, next);
        for (const event of heard) {
          if (signal.aborted) break;
          next += 1;
          over = event.type === 'done' || event.type === 'error';
          yield event;
          if (over) return;
        }
        if (signal.aborted) break;
        const { progress } = latest;
        latest.progress = undefined;
        // A run that was delivered again begins anew, and what is told of it does not fall.
        if (progress?.type === 'progress' && progress.fraction >= fraction) {
          fraction = progress.fraction;
          yield progress;
        }
        if (await news.heard(DOUBT)) continue;
        const isThere = await touchRun(redis, run);
        const failed = !isThere && (await readRun(redis, run, next)).length === 0;
        if (failed) {
          const message = 'The queue has lost this request: its server forgot what it kept. Try again.';
          return void (yield { type: 'error', code: 'engine-failed', message });
        }
        if (isThere) await dispatch.hand(order);
      }
      yield CANCELLED;
    } finally {
      signal.removeEventListener('abort', news.ring);
      deafen();
      if (!over && !suspended && (await leaveRun(redis, run, reader))) await dispatch.takeBack(order);
    }
  }

  /** @returns why nobody draws it, or null */
  async function awaitWorker(pack: string, signal: AbortSignal): Promise<string | null> {
    for (const until = Date.now() + patience; crew.of(pack).length === 0; ) {
      if (signal.aborted) return null;
      if (Date.now() > until) {
        const others = [...new Set(crew.workers.flatMap(({ packs }) => packs))].sort();
        const there = others.length > 0 ? `Those that are there have ${others.join(', ')}.` : 'No worker is there.';
        return `No worker has the pack "${pack}". ${there} Start one with "twostep work --queue URL --packs ${pack}".`;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return null;
  }

  return {
    async *engine(request, signal) {
      if (signal.aborted) return void (yield CANCELLED);
      yield* generate(request, signal);
    },
    suspend() {
      suspended = true;
    },
  };
}

/** What rang before it is waited for counts. */
export function createBell() {
  let rung = false;
  let wake: (rang: boolean) => void = () => {};
  return {
    ring() {
      rung = true;
      wake(true);
    },
    /** @returns false where it was silent for so many milliseconds */
    async heard(milliseconds: number): Promise<boolean> {
      if (!rung) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<boolean>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, milliseconds, false);
        });
        clearTimeout(timer);
      }
      const was = rung;
      rung = false;
      return was;
    },
  };
}
