/** Runs of the engine that wait or are under way. Equal requests that meet are one run. */
import { GenerateRequest } from '../../../models/protocol.js';
import type { LiveJob } from './live-job.js';
import type { LoggedEvent } from './store.js';

/** One run for all jobs that ask for the same. */
export type Task = {
  readonly key: string;
  /** Which engine draws it (lanes.ts). */
  readonly lane: string;
  readonly request: GenerateRequest;
  /** What the run has said so far. */
  readonly log: LoggedEvent[];
  /** Those that are not over. */
  readonly jobs: Set<LiveJob>;
  readonly cancel: AbortController;
  /** When it came to wait; from the beginning of its run on, when that was. */
  queued: number;
  running: boolean;
};

export type Tasks = {
  /** The one for this request, or a new one; undefined when `enter` does not take the new one. */
  take(request: GenerateRequest, enter: (task: Task) => boolean): Task | undefined;
  /** Nobody may join it from now on. */
  close(task: Task): void;
};

export function createTasks(now: () => number, laneOf: (request: GenerateRequest) => string): Tasks {
  const open = new Map<string, Task>();
  return {
    take(request, enter) {
      const key = JSON.stringify(GenerateRequest.parse(request));
      const found = open.get(key);
      if (found) return found;
      const task: Task = {
        key,
        lane: laneOf(request),
        request,
        log: [],
        jobs: new Set(),
        cancel: new AbortController(),
        queued: now(),
        running: false,
      };
      if (!enter(task)) return undefined;
      open.set(key, task);
      return task;
    },
    close(task) {
      // A newer one for the same request may be there already.
      if (open.get(task.key) === task) open.delete(task.key);
    },
  };
}
