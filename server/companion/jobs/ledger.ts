/** Jobs that are not over, in memory; what happens to them goes to their listeners and to disk. */
import { createLiveJob, isKnown, isLast, type LiveJob } from './live-job.js';
import type { JobNews } from './news.js';
import type { JobStore, LoggedEvent, StoredJob } from './store.js';
import type { Task } from './tasks.js';

/** Milliseconds that a job stays in memory after its end. */
const LINGER = 200;
/** Milliseconds before a disk that took nothing is tried again. */
const AGAIN = 5000;

export type Ledger = {
  readonly live: ReadonlyMap<string, { readonly job: LiveJob; readonly task: Task }>;
  /** @param log what the job has said before; the rest of what its run has said is added */
  attach(stored: StoredJob, log: LoggedEvent[], task: Task): LiveJob;
  /** Writes an event down for a job and tells its listeners. */
  record(job: LiveJob, event: LoggedEvent): void;
  /** Ends a job whose last event is written down. */
  settle(job: LiveJob, last: LoggedEvent): void;
  /** Ends a job that was never attached, since nobody can run it. @param number of the event that says why */
  fail(stored: StoredJob, number: number, message: string): void;
  /** Forgets it, whatever its state. When it resolves, nothing of the job is written any more. */
  drop(id: string): Promise<void>;
  /** Waits for nobody; a store that fails is told as a fault. */
  write(promise: Promise<void>): void;
  /** Writes under way. */
  readonly writing: number;
  written(): Promise<unknown>;
};

export type LedgerOptions = {
  readonly store: JobStore;
  readonly onNews: (news: JobNews) => void;
  /** The last listener of a job has gone. */
  readonly onAlone: (job: LiveJob) => void;
  readonly now: () => number;
};

export function createLedger({ store, onNews, onAlone, now }: LedgerOptions): Ledger {
  const live = new Map<string, { job: LiveJob; task: Task }>();
  const writes = new Set<Promise<void>>();
  /** What each job still has to write down, one after the other: nothing follows what the disk did not take. */
  const tails = new WeakMap<LiveJob, Promise<void>>();
  const ends = new WeakMap<LiveJob, Promise<void>>();
  const dropped = new WeakSet<LiveJob>();

  function write(promise: Promise<void>): void {
    const kept = promise.catch((error: Error) =>
      onNews({ type: 'fault', message: `The store failed: ${error.message}` }),
    );
    writes.add(kept);
    void kept.then(() => writes.delete(kept));
  }

  function record(job: LiveJob, event: LoggedEvent): void {
    const number = job.log.length;
    job.add(event);
    if ('bytes' in event) job.stored = { ...job.stored, bytes: job.stored.bytes + event.bytes.byteLength };
    const appended = (tails.get(job) ?? Promise.resolve()).then(() =>
      dropped.has(job) ? undefined : store.append(job.stored.id, number, event),
    );
    tails.set(job, appended);
    write(appended);
    if (isLast(event)) settle(job, event);
  }

  /**
   * A job is over on disk only when all that it said is there: one that lacks its pictures would never be drawn again. Until then it
   * stays in memory, and is drawn again if the program ends before there is room.
   */
  async function finish(job: LiveJob): Promise<void> {
    const { id } = job.stored;
    try {
      await tails.get(job);
      if (dropped.has(job)) return;
      await store.put(job.stored);
      setTimeout(() => live.delete(id), LINGER).unref();
    } catch (error) {
      setTimeout(() => {
        if (live.get(id)?.job !== job) return;
        const rewritten = job.log.reduce(
          (before, event, number) => before.then(() => store.append(id, number, event)),
          Promise.resolve(),
        );
        tails.set(job, rewritten);
        write(finish(job));
      }, AGAIN).unref();
      throw error;
    }
  }

  function settle(job: LiveJob, last: LoggedEvent): void {
    const { stored } = job;
    const found = live.get(stored.id);
    const state = last.type !== 'error' ? 'done' : last.code === 'cancelled' ? 'cancelled' : 'failed';
    job.stored = { ...stored, state, finished: now() };
    found?.task.jobs.delete(job);
    // Until it is on disk as it ended, what is in memory is what is true; and its client may just be about to listen.
    const end = finish(job);
    ends.set(job, end);
    write(end);
    onNews({ type: 'finished', job: job.stored, last, waited: found ? found.task.queued - stored.created : 0 });
  }

  return {
    live,
    attach(stored, log, task) {
      const job = createLiveJob(stored, log);
      task.jobs.add(job);
      live.set(stored.id, { job, task });
      for (const event of task.log) if (!isKnown(job.log, event)) record(job, event);
      job.onAlone = () => onAlone(job);
      return job;
    },
    record,
    settle,
    fail(stored, number, message) {
      const last = { type: 'error', code: 'invalid-request', message } as const;
      const failed: StoredJob = { ...stored, state: 'failed', finished: now() };
      write(store.append(stored.id, number, last));
      write(store.put(failed));
      onNews({ type: 'finished', job: failed, last, waited: 0 });
    },
    async drop(id) {
      const job = live.get(id)?.job;
      live.delete(id);
      if (!job) return;
      dropped.add(job);
      await Promise.allSettled([tails.get(job), ends.get(job)]);
    },
    write,
    get writing() {
      return writes.size;
    },
    written: () => Promise.all(writes),
  };
}
