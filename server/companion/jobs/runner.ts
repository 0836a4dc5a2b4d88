/** Takes the queue's tasks to the engine, one at a time, and what the engine says to the jobs. */
import { type Engine, GenerateError, type GenerateEvent } from '../../../models/protocol.js';
import type { FairQueue } from './fair-queue.js';
import type { Ledger } from './ledger.js';
import { isKnown, isLast } from './live-job.js';
import type { JobNews } from './news.js';
import type { JobStore } from './store.js';
import type { Task, Tasks } from './tasks.js';

/** Writes under way before the engine waits for them. */
const UNWRITTEN = 256;

export type Runner = {
  /** Begins the next task if none is under way. */
  pump(): void;
  readonly busy: boolean;
  readonly closing: boolean;
  /** Milliseconds that a run took lately; null before the first. */
  readonly typical: number | null;
  /** Begins nothing any more and breaks off what runs, without a word to its jobs. */
  stop(): Promise<void>;
};

export type RunnerOptions = {
  readonly engine: Engine;
  readonly queue: FairQueue<Task>;
  readonly tasks: Tasks;
  readonly ledger: Ledger;
  readonly store: JobStore;
  readonly onNews: (news: JobNews) => void;
  readonly now: () => number;
};

export function createRunner({ engine, queue, tasks, ledger, store, onNews, now }: RunnerOptions): Runner {
  let current: { task: Task; over: Promise<void> } | undefined;
  let closing = false;
  let typical: number | null = null;

  function pump(): void {
    if (current || closing) return;
    const task = queue.shift();
    if (!task) return;
    const over = run(task).finally(() => {
      current = undefined;
      pump();
    });
    current = { task, over };
  }

  async function run(task: Task): Promise<void> {
    const begun = now();
    task.running = true;
    task.queued = begun;
    for (const job of task.jobs) {
      job.stored = { ...job.stored, attempts: job.stored.attempts + 1 };
      // The first attempt needs no note: it was counted when the job was accepted.
      if (job.stored.attempts > 1) ledger.write(store.put(job.stored));
    }
    try {
      for await (const event of engine(task.request, task.cancel.signal)) {
        if (closing) return;
        spread(task, event);
        // A disk that is slower than the engine holds it up, not the memory.
        if (ledger.writing > UNWRITTEN) await ledger.written();
      }
    } catch (error) {
      if (closing) return;
      const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
      onNews({ type: 'fault', message: fault });
      spread(task, {
        type: 'error',
        code: 'engine-failed',
        message: error instanceof GenerateError ? error.message : 'Twostep failed in a way that nobody expected.',
      });
    } finally {
      const took = now() - begun;
      typical = typical === null ? took : typical * 0.8 + took * 0.2;
      tasks.close(task);
    }
  }

  function spread(task: Task, event: GenerateEvent): void {
    if (event.type === 'progress') {
      for (const job of task.jobs) job.tell(event);
      return;
    }
    // Nobody who asks from now on may join a run that is over.
    if (isLast(event)) tasks.close(task);
    if (isKnown(task.log, event)) return;
    task.log.push(event);
    for (const job of [...task.jobs]) if (!isKnown(job.log, event)) ledger.record(job, event);
  }

  return {
    pump,
    get busy() {
      return current !== undefined;
    },
    get closing() {
      return closing;
    },
    get typical() {
      return typical;
    },
    async stop() {
      closing = true;
      current?.task.cancel.abort();
      await current?.over;
    },
  };
}
