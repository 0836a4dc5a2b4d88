/**
 * The engine of the page: a worker on the best provider that can be trusted. One that is lost is made again once; lost again, the next
 * provider takes over. A request outlives its worker: what is missing is drawn by the next one from the same seeds.
 */
import type { Engine, GenerateEvent } from '../../models/protocol.js';
import type { Link, Question, StartLink } from './link.js';
import type { Provider, Reply } from './messages.js';

export type Host = {
  readonly engine: Engine;
  /** Starts the worker before anything is asked of it. */
  warm(): void;
  /** Replies up to `end`. A call whose worker goes is asked once more. */
  ask(question: Exclude<Question, { type: 'draw' }>, signal: AbortSignal): AsyncGenerator<Reply>;
  /** Why a provider is not in use, for the person. */
  notes(): readonly string[];
};

const CANCELLED: GenerateEvent = { type: 'error', code: 'cancelled', message: 'Cancelled.' };

/** @param providers best first, at least one */
export function createHost(providers: readonly Provider[], start: StartLink): Host {
  const notes: string[] = [];
  let chosen = 0;
  let again = false;
  let link: Link | null = null;

  /** A worker that can be trusted. @throws Error saying why there is none */
  async function current(): Promise<Link> {
    for (;;) {
      link ??= start(providers[chosen] as Provider);
      const mine = link;
      const fault = await mine.opened.then(
        () => null,
        (error: Error) => error.message,
      );
      if (fault === null) return mine;
      if (!retire(mine, fault, false)) throw new Error(fault);
    }
  }

  /** @returns whether there is still something to try */
  function retire(which: Link, why: string, worked: boolean): boolean {
    if (link !== which) return true;
    which.end();
    link = null;
    notes.push(why);
    if (worked && !again) {
      again = true;
      return true;
    }
    again = false;
    // The last provider is tried anew by the next request: what was wrong may be over.
    if (chosen + 1 >= providers.length) return false;
    chosen++;
    return true;
  }

  const engine: Engine = async function* (request, signal) {
    const total = request.seeds.length;
    let missing = request.seeds.map((seed, index) => ({ seed, index }));
    for (;;) {
      if (signal.aborted) return yield CANCELLED;
      let mine: Link;
      try {
        mine = await current();
      } catch (error) {
        return yield { type: 'error', code: 'engine-unavailable', message: (error as Error).message };
      }
      const asked = missing;
      const before = total - asked.length;
      let failure: Extract<GenerateEvent, { type: 'error' }> | null = null;
      let isDone = false;
      for await (const reply of mine.ask(
        { type: 'draw', request: { ...request, seeds: asked.map(({ seed }) => seed) } },
        signal,
      )) {
        if (reply.type === 'end') failure ??= reply.failure && { type: 'error', ...reply.failure };
        if (reply.type !== 'event') continue;
        const { event } = reply;
        if (event.type === 'error') failure = event;
        else if (event.type === 'done') {
          isDone = true;
          again = false;
          yield event;
        } else if (event.type === 'progress')
          // Of the whole request, also where this worker has only the rest of it.
          yield { ...event, fraction: total === 0 ? 0 : (before + event.fraction * asked.length) / total };
        else if (event.type === 'warning') {
          if (before === 0) yield event;
        } else {
          const place = asked[event.index] ?? { seed: event.seed, index: event.index };
          if (event.type === 'picture') missing = missing.filter(({ index }) => index !== place.index);
          yield { ...event, index: place.index };
        }
      }
      if (isDone) return;
      if (signal.aborted) return yield CANCELLED;
      failure ??= { type: 'error', code: 'engine-failed', message: 'It ended without a word.' };
      const isWorkers = failure.code === 'engine-failed' || failure.code === 'out-of-memory';
      if (!isWorkers || !retire(mine, failure.message, true)) return yield failure;
      if (missing.length === 0) return yield { type: 'done', milliseconds: {} };
    }
  };

  return {
    engine,
    warm: () => void current().catch(() => undefined),
    notes: () => notes,
    async *ask(question, signal) {
      for (let attempt = 0; ; attempt++) {
        let mine: Link;
        try {
          mine = await current();
        } catch (error) {
          const failure = { code: 'engine-unavailable', message: (error as Error).message } as const;
          return yield { type: 'end', id: 0, failure };
        }
        for await (const reply of mine.ask(question, signal)) {
          const isLost = reply.type === 'end' && reply.failure?.code === 'engine-failed' && !signal.aborted;
          if (isLost && attempt === 0 && retire(mine, reply.failure?.message ?? '', true)) break;
          yield reply;
          if (reply.type === 'end') return;
        }
      }
    },
  };
}
