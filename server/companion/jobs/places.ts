/** Tells those who wait how many are ahead of them. */
import type { FairQueue } from './fair-queue.js';
import type { Lanes } from './lanes.js';
import type { Ledger } from './ledger.js';
import type { Runner } from './runner.js';
import type { Task } from './tasks.js';

/** Milliseconds between two tellings: with hundreds of clients each is a walk through the whole queue. */
const PAUSE = 200;

export type Places = { tell(): void; close(): void };

export function createPlaces({ live }: Ledger, queue: FairQueue<Task>, runner: Runner, lanes: Lanes): Places {
  let timer: NodeJS.Timeout | undefined;

  function tellNow(): void {
    for (const task of new Set([...live.values()].map((one) => one.task))) {
      if (task.running) continue;
      const typical = runner.typical(task.lane);
      const slots = lanes.slots(task.lane);
      const ahead = Math.max(0, queue.ahead(task)) + runner.running(task.lane);
      // Where nobody is there to draw, nobody knows.
      const remaining = typical === null || slots === 0 ? null : Math.round((typical * ahead) / slots);
      for (const job of task.jobs) if (job.watchers > 0) job.tell({ type: 'queued', ahead, remaining });
    }
  }

  return {
    tell() {
      timer ??= setTimeout(() => {
        timer = undefined;
        tellNow();
      }, PAUSE).unref();
    },
    close: () => clearTimeout(timer),
  };
}
