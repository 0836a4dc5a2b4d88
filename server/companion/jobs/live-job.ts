/** A job that is not over: what it has said so far, and who listens. */
import type { GenerateEvent } from '../../../models/protocol.js';
import type { LoggedEvent, StoredJob } from './store.js';

/** Jobs ahead, and milliseconds until its turn where that is known. */
export type QueuedEvent = { readonly type: 'queued'; readonly ahead: number; readonly remaining: number | null };

/** `number` rises by one from 0; what only tells how far it is has none. */
export type JobUpdate =
  | { readonly number: number; readonly event: LoggedEvent }
  | { readonly number: null; readonly event: QueuedEvent | Extract<GenerateEvent, { type: 'progress' }> };

export type LiveJob = {
  stored: StoredJob;
  readonly log: LoggedEvent[];
  /** Adds to the log and wakes the listeners. */
  add(event: LoggedEvent): void;
  /** Replaces what was last told of how far it is. */
  tell(event: NonNullable<Extract<JobUpdate, { number: null }>['event']>): void;
  /** Ends the listening without a last event: the program is closing, and the job goes on at the next start. */
  suspend(): void;
  /** What comes after event number `after` (-1: everything), until the last event. A slow listener misses progress, nothing else. */
  watch(after: number, signal: AbortSignal): AsyncGenerator<JobUpdate>;
  readonly watchers: number;
  /** Called when the last listener has gone. */
  onAlone: () => void;
};

export const isLast = (event: LoggedEvent): boolean => event.type === 'done' || event.type === 'error';

/**
 * Whether a log says this already. A run that was begun again, by an engine that took the place of another or after a crash, says
 * the same once more, since equal requests give equal pictures.
 */
export function isKnown(log: readonly LoggedEvent[], event: LoggedEvent): boolean {
  switch (event.type) {
    case 'picture':
    case 'draft':
      return log.some((one) => one.type === event.type && one.index === event.index);
    case 'warning':
      return log.some((one) => one.type === 'warning' && one.code === event.code && one.message === event.message);
    case 'error':
    case 'done':
      return log.some(isLast);
    default:
      return event satisfies never;
  }
}

export function createLiveJob(stored: StoredJob, log: LoggedEvent[]): LiveJob {
  const listeners = new Set<() => void>();
  let latest: Extract<JobUpdate, { number: null }>['event'] | undefined;
  let suspended = false;
  let watchers = 0;
  const wake = () => {
    for (const listener of listeners) listener();
  };
  const job: LiveJob = {
    stored,
    log,
    onAlone: () => {},
    get watchers() {
      return watchers;
    },
    add(event) {
      log.push(event);
      wake();
    },
    tell(event) {
      latest = event;
      wake();
    },
    suspend() {
      suspended = true;
      wake();
    },
    async *watch(after, signal) {
      let next = after + 1;
      // Who goes on with a job that is over needs no word of how far it was.
      let told = after >= 0 && log.some(isLast) ? latest : undefined;
      let news: () => void = () => {};
      const listener = () => news();
      listeners.add(listener);
      signal.addEventListener('abort', listener);
      watchers += 1;
      try {
        for (;;) {
          if (signal.aborted) return;
          const event = log[next];
          if (latest && latest !== told) {
            // Before the log: who comes late to a quick job still learns how far it is.
            told = latest;
            yield { number: null, event: told };
          } else if (event) {
            yield { number: next++, event };
            if (isLast(event)) return;
          } else if (suspended || log.some(isLast)) return;
          else
            await new Promise<void>((resolve) => {
              news = resolve;
            });
        }
      } finally {
        watchers -= 1;
        listeners.delete(listener);
        signal.removeEventListener('abort', listener);
        if (watchers === 0) job.onAlone();
      }
    },
  };
  return job;
}
