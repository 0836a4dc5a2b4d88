/** Takes the queue's tasks to their engines, as many at a time as each lane has slots, and what the engines say to the jobs. */
import { type Engine, GenerateError, type GenerateEvent } from '../../../models/protocol.js';
import type { FairQueue } from './fair-queue.js';
import type { Lanes } from './lanes.js';
import type { Ledger } from './ledger.js';
import { isKnown, isLast } from './live-job.js';
import type { JobNews } from './news.js';
import type { JobStore } from './store.js';
import type { Task, Tasks } from './tasks.js';

/** Writes under way before the engine waits for them. */
const UNWRITTEN = 256;

export type Runner = {
  /** Begins what there is room for. */
  pump(): void;
  /** Runs under way, of one lane or of all. */
  running(lane?: string): number;
  readonly closing: boolean;
  /** Milliseconds that a run of this lane took lately; null before the first. */
  typical(lane: string): number | null;
  /** Begins nothing any more and breaks off what runs, without a word to its jobs. */
  stop(): Promise<void>;
};

export type RunnerOptions = {
  readonly engine: Engine;
  readonly lanes: Lanes;
  readonly queue: FairQueue<Task>;
  readonly tasks: Tasks;
  readonly ledger: Ledger;
  readonly store: JobStore;
  readonly onNews: (news: JobNews) => void;
  readonly now: () => number;
};

export function createRunner({ engine, lanes, queue, tasks, ledger, store, onNews, now }: RunnerOptions): Runner {
  const current = new Map<Task, Promise<void>>();
  const typical = new Map<string, number>();
  let closing = false;

  const running = (lane?: string) =>
    lane === undefined ? current.size : [...current.keys()].filter((task) => task.lane === lane).length;

  function pump(): void {
    if (closing) return;
    for (const lane of queue.lanes())
      for (let free = lanes.slots(lane) - running(lane); free > 0; free -= 1) {
        const task = queue.shift(lane);
        if (!task) break;
        const over = run(task).finally(() => {
          current.delete(task);
          pump();
        });
        current.set(task, over);
      }
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
      typical.set(task.lane, (typical.get(task.lane) ?? took) * 0.8 + took * 0.2);
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
    running,
    get closing() {
      return closing;
    },
    typical: (lane) => typical.get(lane) ?? null,
    async stop() {
      closing = true;
      for (const task of current.keys()) task.cancel.abort();
      await Promise.all(current.values());
    },
  };
}
