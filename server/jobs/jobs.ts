/**
 * Jobs: accepted once, finished once.
 *
 * - What `submit` returned is on disk: after a crash it runs again by itself, and as the same request gives the same picture,
 *   its log goes on where it was.
 * - One request runs at a time; equal requests that meet are made once, and each job tells it to its own listeners.
 * - A job that nobody listens to any more is cancelled after a moment, unless its client asked to keep it.
 */
import { type Engine, GenerateError, type GenerateEvent, GenerateRequest } from '../../models/protocol.js';
import { createFairQueue } from './fair-queue.js';
import { createLiveJob, isLast, type JobUpdate, type LiveJob } from './live-job.js';
import { type Bare, createJobId, type JobStore, type LoggedEvent, type StoredJob } from './store.js';

export type JobOrder = {
  readonly owner: string;
  readonly client: string;
  readonly request: GenerateRequest;
  readonly session?: string | null | undefined;
  readonly keep?: boolean | null | undefined;
};

/** What happens, for the metrics and the log. */
export type JobNews =
  | { readonly type: 'accepted' | 'joined' | 'refused' | 'restored' }
  | { readonly type: 'finished'; readonly job: StoredJob; readonly last: LoggedEvent; readonly waited: number }
  | { readonly type: 'fault'; readonly message: string };

export type JobsOptions = {
  readonly engine: Engine;
  readonly store: JobStore;
  readonly limits?: Partial<JobLimits>;
  readonly onNews?: (news: JobNews) => void;
  readonly now?: () => number;
};

export const JOB_LIMITS = {
  /** Requests that wait, of everyone: at 100 ms each the last one waits for half a minute. */
  waiting: 256,
  /** Of one client, so that the others find a place: a contact sheet asked for picture by picture. */
  waitingPerClient: 128,
  /** Milliseconds that a client has to come back before its job is cancelled. */
  grace: 1500,
  /** A job that was begun so often and never ended takes the program down. */
  attempts: 5,
} as const;
type JobLimits = { readonly [Key in keyof typeof JOB_LIMITS]: number };

/** Milliseconds that a job stays in memory after its end. */
const LINGER = 200;
/** Writes under way before the engine waits for them. */
const UNWRITTEN = 256;

/** The queue is full. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
  constructor(/** Seconds until there is probably a place. */ readonly retryAfter: number) {
    super(`Too many requests are waiting. Try again in ${retryAfter} s.`);
  }
}

export type FoundJob = {
  readonly job: StoredJob;
  readonly running: boolean;
  /** What it has said so far; the bytes of pictures may be left out. */
  readonly log: readonly Bare<LoggedEvent>[];
};

export type Jobs = {
  /** @throws BusyError when the queue is full */
  submit(order: JobOrder): Promise<StoredJob>;
  /** Undefined when there is no such job of this owner. */
  find(owner: string, id: string): FoundJob | undefined;
  /** The finished picture of this index. */
  picture(owner: string, id: string, index: number): Uint8Array | undefined;
  watch(owner: string, id: string, after: number, signal: AbortSignal): AsyncGenerator<JobUpdate> | undefined;
  /** @returns false when it was over already */
  cancel(owner: string, id: string): boolean;
  /** Drops a job that is over, and its pictures. */
  forget(id: string): Promise<void>;
  counts(): { readonly waiting: number; readonly running: number; readonly limit: number };
  /** Runs again what a crash left behind. */
  restore(): number;
  /** Stops; what is not finished goes on at the next start. */
  close(): Promise<void>;
};

/** One run of the engine for all jobs that ask for the same. */
type Task = {
  readonly key: string;
  readonly request: GenerateRequest;
  readonly log: LoggedEvent[];
  readonly jobs: Set<LiveJob>;
  readonly cancel: AbortController;
  queued: number;
  running: boolean;
};

export function createJobs({ engine, store, onNews = () => {}, now = Date.now, ...options }: JobsOptions): Jobs {
  const limits = { ...JOB_LIMITS, ...options.limits };
  const queue = createFairQueue<Task>({ limit: limits.waiting, perClient: limits.waitingPerClient });
  const tasks = new Map<string, Task>();
  const live = new Map<string, { job: LiveJob; task: Task }>();
  const writes = new Set<Promise<void>>();
  let current: { task: Task; over: Promise<void> } | undefined;
  let closing = false;
  /** Milliseconds that a run took lately. */
  let typical: number | null = null;
  let placesTimer: NodeJS.Timeout | undefined;

  function write(promise: Promise<void>): void {
    const kept = promise.catch((error: Error) =>
      onNews({ type: 'fault', message: `The store failed: ${error.message}` }),
    );
    writes.add(kept);
    void kept.then(() => writes.delete(kept));
  }

  function attach(stored: StoredJob, log: LoggedEvent[], task: Task): void {
    const job = createLiveJob(stored, log);
    task.jobs.add(job);
    live.set(stored.id, { job, task });
    // What the run has said already, and this job has not.
    for (const event of task.log.slice(log.length)) record(job, event);
    job.onAlone = () => {
      if (stored.keep || closing) return;
      setTimeout(() => {
        if (job.watchers === 0 && !closing) stop(stored.id, 'The client went away.');
      }, limits.grace).unref();
    };
  }

  function taskFor(request: GenerateRequest, enter: (task: Task) => boolean): Task | undefined {
    const key = JSON.stringify(GenerateRequest.parse(request));
    const found = tasks.get(key);
    if (found) return found;
    const task: Task = {
      key,
      request,
      log: [],
      jobs: new Set(),
      cancel: new AbortController(),
      queued: now(),
      running: false,
    };
    if (!enter(task)) return undefined;
    tasks.set(key, task);
    return task;
  }

  /** Writes an event down for a job and tells its listeners. */
  function record(job: LiveJob, event: LoggedEvent): void {
    const number = job.log.length;
    job.add(event);
    if ('bytes' in event) job.stored = { ...job.stored, bytes: job.stored.bytes + event.bytes.byteLength };
    write(store.append(job.stored.id, number, event));
    if (isLast(event)) settle(job, event);
  }

  function settle(job: LiveJob, last: LoggedEvent): void {
    const { stored } = job;
    const found = live.get(stored.id);
    const state = last.type !== 'error' ? 'done' : last.code === 'cancelled' ? 'cancelled' : 'failed';
    job.stored = { ...stored, state, finished: now() };
    found?.task.jobs.delete(job);
    // Until it is on disk as it ended, what is in memory is what is true; and its client may just be about to listen.
    const forget = () => void setTimeout(() => live.delete(stored.id), LINGER).unref();
    write(store.put(job.stored).finally(forget));
    onNews({ type: 'finished', job: job.stored, last, waited: found ? found.task.queued - stored.created : 0 });
  }

  /** Cancels one job; the run goes on while others want it. */
  function stop(id: string, message: string): boolean {
    const found = live.get(id);
    if (found?.job.stored.state !== 'waiting') return false;
    const { job, task } = found;
    record(job, { type: 'error', code: 'cancelled', message });
    if (task.jobs.size > 0) return true;
    tasks.delete(task.key);
    if (!queue.remove(task)) task.cancel.abort();
    tellPlaces();
    return true;
  }

  function replaceSession({ owner, session }: JobOrder): void {
    if (!session) return;
    for (const [id, { job }] of live)
      if (job.stored.owner === owner && job.stored.session === session) stop(id, 'A newer request took its place.');
  }

  /** At most five times a second: with hundreds of clients it is a walk through the whole queue. */
  function tellPlaces(): void {
    placesTimer ??= setTimeout(() => {
      placesTimer = undefined;
      tellPlacesNow();
    }, 200).unref();
  }

  function tellPlacesNow(): void {
    for (const task of new Set([...live.values()].map((one) => one.task))) {
      if (task.running) continue;
      const ahead = Math.max(0, queue.ahead(task)) + (current ? 1 : 0);
      const remaining = typical === null ? null : Math.round(typical * ahead);
      for (const job of task.jobs) if (job.watchers > 0) job.tell({ type: 'queued', ahead, remaining });
    }
  }

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
      if (job.stored.attempts > 1) write(store.put(job.stored));
    }
    try {
      for await (const event of engine(task.request, task.cancel.signal)) {
        if (closing) return;
        spread(task, event);
        // A disk that is slower than the engine holds it up, not the memory.
        if (writes.size > UNWRITTEN) await Promise.all(writes);
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
      if (tasks.get(task.key) === task) tasks.delete(task.key);
    }
  }

  function spread(task: Task, event: GenerateEvent): void {
    if (event.type === 'progress') {
      for (const job of task.jobs) job.tell(event);
      return;
    }
    // Nobody who asks from now on may join a run that is over.
    if (isLast(event)) tasks.delete(task.key);
    const number = task.log.push(event) - 1;
    for (const job of [...task.jobs]) if (number >= job.log.length) record(job, event);
  }

  return {
    async submit(order) {
      if (closing) throw new BusyError(5);
      const { owner, client, request, session = null, keep } = order;
      let entered = false;
      replaceSession(order);
      const task = taskFor(request, (fresh) => {
        entered = queue.push(client, fresh);
        return entered;
      });
      if (!task) {
        onNews({ type: 'refused' });
        // By then a quarter of those who wait now will have been served.
        throw new BusyError(Math.max(1, Math.ceil(((typical ?? 1000) * queue.size) / 4000)));
      }
      const created = now();
      const id = createJobId(created);
      const stored: StoredJob = {
        id,
        owner,
        client,
        session: session ?? null,
        keep: keep ?? false,
        request,
        state: 'waiting',
        created,
        finished: null,
        attempts: 0,
        bytes: 0,
      };
      const accepted = store.put({ ...stored, attempts: 1 });
      attach(stored, [], task);
      onNews({ type: entered ? 'accepted' : 'joined' });
      pump();
      if (entered) tellPlaces();
      await accepted;
      return stored;
    },
    find(owner, id) {
      const found = live.get(id);
      const job = found?.job.stored ?? store.get(id);
      if (job?.owner !== owner) return undefined;
      const running = job.state === 'waiting' && (found?.task.running ?? false);
      return { job, running, log: found?.job.log ?? store.outline(id) };
    },
    picture(owner, id, index) {
      const found = live.get(id)?.job;
      if ((found?.stored ?? store.get(id))?.owner !== owner) return undefined;
      if (!found) return store.picture(id, index);
      const event = found.log.find((one) => one.type === 'picture' && one.index === index);
      return event?.type === 'picture' ? event.bytes : undefined;
    },
    watch(owner, id, after, signal) {
      const found = live.get(id)?.job;
      if (found) {
        if (found.stored.owner !== owner) return undefined;
        const updates = found.watch(after, signal);
        queueMicrotask(tellPlaces);
        return updates;
      }
      const stored = store.get(id);
      if (stored?.owner !== owner) return undefined;
      return createLiveJob(stored, store.log(id)).watch(after, signal);
    },
    cancel(owner, id) {
      return live.get(id)?.job.stored.owner === owner && stop(id, 'Cancelled.');
    },
    async forget(id) {
      live.delete(id);
      await store.remove(id);
    },
    counts: () => ({ waiting: queue.size, running: current ? 1 : 0, limit: limits.waiting }),
    restore() {
      const jobs = store.waiting().filter(({ id }) => !live.has(id));
      for (const stored of jobs) {
        const log = store.log(stored.id);
        const task = taskFor(stored.request, (fresh) => {
          queue.restore(stored.client, fresh);
          return true;
        });
        if (!task) continue;
        attach(
          { ...stored, bytes: log.reduce((sum, event) => sum + ('bytes' in event ? event.bytes.length : 0), 0) },
          log,
          task,
        );
        const last = log.find(isLast);
        const { job } = live.get(stored.id) ?? {};
        if (job && last) settle(job, last);
        else if (stored.attempts >= limits.attempts && job)
          record(job, {
            type: 'error',
            code: 'engine-failed',
            message: `This job was begun ${stored.attempts} times and the program ended each time.`,
          });
        if (task.jobs.size === 0 && queue.remove(task)) tasks.delete(task.key);
        onNews({ type: 'restored' });
      }
      pump();
      return jobs.length;
    },
    async close() {
      closing = true;
      clearTimeout(placesTimer);
      current?.task.cancel.abort();
      for (const { job } of live.values()) job.suspend();
      await current?.over;
      await Promise.all(writes);
    },
  };
}
