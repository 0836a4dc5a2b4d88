/**
 * Jobs: accepted once, finished once.
 *
 * - What `submit` returned is on disk: after a crash it runs again by itself, and as the same request gives the same picture,
 *   its log goes on where it was.
 * - Each engine draws one request at a time (lanes.ts); equal requests that meet are made once, and each job tells it to its own listeners.
 * - A job that nobody listens to any more is cancelled after a moment, unless its client asked to keep it.
 */
import type { Engine, GenerateRequest } from '../../../models/protocol.js';
import { upgradeRequest } from '../../../models/request/upgrade.js';
import { createFairQueue } from './fair-queue.js';
import { EMBEDDED_LANES, type Lanes } from './lanes.js';
import { createLedger } from './ledger.js';
import { BusyError, JOB_LIMITS, type JobLimits } from './limits.js';
import { createLiveJob, isLast, type JobUpdate, type LiveJob } from './live-job.js';
import type { JobNews } from './news.js';
import { createPlaces } from './places.js';
import { createRunner } from './runner.js';
import { type Bare, createJobId, type JobStore, type LoggedEvent, type StoredJob } from './store.js';
import { createTasks, type Task } from './tasks.js';

export type JobOrder = {
  readonly owner: string;
  readonly client: string;
  readonly request: GenerateRequest;
  readonly session?: string | null | undefined;
  readonly keep?: boolean | null | undefined;
};

export type JobsOptions = {
  readonly engine: Engine;
  readonly store: JobStore;
  readonly lanes?: Lanes;
  readonly limits?: Partial<JobLimits>;
  readonly onNews?: (news: JobNews) => void;
  readonly now?: () => number;
  /** Whether a job that nobody listens to here is listened to elsewhere. */
  readonly isAttended?: (id: string) => Promise<boolean>;
};

export type FoundJob = {
  readonly job: StoredJob;
  readonly running: boolean;
  /** What it has said so far; the bytes of pictures may be left out. */
  readonly log: readonly Bare<LoggedEvent>[];
};

export type Jobs = {
  /** @throws BusyError when the queue is full, StorageError when the disk does not take it */
  submit(order: JobOrder): Promise<StoredJob>;
  /** Undefined when there is no such job of this owner. */
  find(owner: string, id: string): Promise<FoundJob | undefined>;
  /** The finished picture of this index. */
  picture(owner: string, id: string, index: number): Promise<Uint8Array | undefined>;
  /** What comes after event number `after` (-1: everything); nothing when there is no such job of this owner. */
  watch(owner: string, id: string, after: number, signal: AbortSignal): AsyncGenerator<JobUpdate>;
  /** @returns false when it was over already */
  cancel(owner: string, id: string): Promise<boolean>;
  /** Cancels everything of an owner whose token was revoked: nobody can fetch it any more. */
  dismiss(owner: string): void;
  /** Drops a job that is over, and its pictures. */
  forget(id: string): Promise<void>;
  counts(): { readonly waiting: number; readonly running: number; readonly limit: number };
  /** Runs again what a crash left behind. A job that can't be read fails alone, in words. */
  restore(): Promise<number>;
  /** Stops; what is not finished goes on at the next start. */
  close(): Promise<void>;
};

/** Jobs of one program among several that share a store. */
export type LocalJobs = Jobs & {
  /** Ids of those that are not over, or were a moment ago. */
  live(): readonly string[];
  /** Cancels what is of this session and older than the job `by`. */
  replace(owner: string, session: string, by: string): void;
  /** Lets go of a job that another program has by now, without a word to its listeners. */
  abandon(id: string): void;
};

export function createJobs({ engine, store, onNews = () => {}, now = Date.now, ...options }: JobsOptions): LocalJobs {
  const limits = { ...JOB_LIMITS, ...options.limits };
  const { lanes = EMBEDDED_LANES } = options;
  const queue = createFairQueue<Task>(
    { limit: limits.waiting, perOwner: limits.waitingPerToken, reserved: limits.waitingReserved },
    ({ lane }) => lane,
  );
  const tasks = createTasks(now, lanes.of);
  const ledger = createLedger({ store, onNews, now, onAlone: leaveAlone });
  const { live } = ledger;
  const runner = createRunner({ engine, lanes, queue, tasks, ledger, store, onNews, now });
  const places = createPlaces(ledger, queue, runner, lanes);
  lanes.onChange?.(runner.pump);

  function leaveAlone(job: LiveJob): void {
    const { keep, id } = job.stored;
    if (keep || runner.closing) return;
    setTimeout(async () => {
      if (job.watchers > 0 || job.stored.state !== 'waiting' || runner.closing) return;
      // Whoever came back to another gateway may leave that one as well; where nobody can be asked it is looked again.
      if (await options.isAttended?.(id).catch(() => true)) leaveAlone(job);
      else if (job.watchers === 0 && !runner.closing) stop(id, 'The client went away.');
    }, limits.grace).unref();
  }

  /** Cancels one job; the run goes on while others want it. */
  function stop(id: string, message: string): boolean {
    const found = live.get(id);
    if (found?.job.stored.state !== 'waiting') return false;
    const { job, task } = found;
    ledger.record(job, { type: 'error', code: 'cancelled', message });
    if (task.jobs.size > 0) return true;
    tasks.close(task);
    if (!queue.remove(task)) task.cancel.abort();
    places.tell();
    return true;
  }

  /** @param by the newer one; ids rise with time */
  function replace(owner: string, session: string, by = 'job_~'): void {
    for (const [id, { job }] of live)
      if (job.stored.owner === owner && job.stored.session === session && id < by)
        stop(id, 'A newer request took its place.');
  }

  /** Undefined where a picture of it is lost. */
  async function logOf(id: string): Promise<LoggedEvent[] | undefined> {
    try {
      return await store.log(id);
    } catch (error) {
      onNews({ type: 'fault', message: `Job ${id} can not go on: ${(error as Error).message}` });
      return undefined;
    }
  }

  return {
    async submit(order) {
      if (runner.closing) throw new BusyError(5);
      const { owner, client, request, session = null, keep } = order;
      let entered = false;
      if (session) replace(owner, session);
      const task = tasks.take(request, (fresh) => {
        entered = queue.push({ owner, client }, fresh);
        return entered;
      });
      if (!task) {
        onNews({ type: 'refused' });
        // When this client finds a place, not when everyone has been served.
        const typical = runner.typical(lanes.of(request)) ?? 1000;
        throw new BusyError(Math.max(1, Math.ceil((typical * queue.untilPlace(owner)) / 1000)));
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
      ledger.attach(stored, [], task);
      onNews({ type: entered ? 'accepted' : 'joined' });
      runner.pump();
      if (entered) places.tell();
      await accepted.catch((error: unknown) => {
        // What could not be written down was not accepted.
        stop(id, 'It could not be kept.');
        throw error;
      });
      return stored;
    },
    async find(owner, id) {
      const found = live.get(id);
      const job = found?.job.stored ?? (await store.get(id));
      if (job?.owner !== owner) return undefined;
      const running = job.state === 'waiting' && (found?.task.running ?? false);
      return { job, running, log: found?.job.log ?? (await store.outline(id)) };
    },
    async picture(owner, id, index) {
      const found = live.get(id)?.job;
      if ((found?.stored ?? (await store.get(id)))?.owner !== owner) return undefined;
      if (!found) return store.picture(id, index);
      const event = found.log.find((one) => one.type === 'picture' && one.index === index);
      return event?.type === 'picture' ? event.bytes : undefined;
    },
    async *watch(owner, id, after, signal) {
      const found = live.get(id)?.job;
      if (found) {
        if (found.stored.owner !== owner) return;
        queueMicrotask(places.tell);
        return yield* found.watch(after, signal);
      }
      const stored = await store.get(id);
      if (stored?.owner !== owner) return;
      const over = createLiveJob(stored, await store.log(id));
      // Nothing comes any more, also where a store from before lacks its last event.
      over.suspend();
      yield* over.watch(after, signal);
    },
    async cancel(owner, id) {
      return live.get(id)?.job.stored.owner === owner && stop(id, 'Cancelled.');
    },
    dismiss(owner) {
      for (const [id, { job }] of live) if (job.stored.owner === owner) stop(id, 'Its key was revoked.');
    },
    async forget(id) {
      await ledger.drop(id);
      await store.remove(id);
    },
    counts: () => ({ waiting: queue.size, running: runner.running(), limit: limits.waiting }),
    async restore() {
      const jobs = (await store.waiting()).filter(({ id }) => !live.has(id));
      for (const stored of jobs) {
        const read = upgradeRequest(stored.request);
        const log = await logOf(stored.id);
        if (!read.ok || !log) {
          ledger.fail(
            stored,
            (await store.outline(stored.id)).length,
            read.ok ? 'Its pictures are damaged.' : read.message,
          );
          continue;
        }
        const task = tasks.take(read.request, (fresh) => {
          queue.restore(stored, fresh);
          return true;
        });
        if (!task) continue;
        const bytes = log.reduce((sum, event) => sum + ('bytes' in event ? event.bytes.length : 0), 0);
        const job = ledger.attach({ ...stored, bytes }, log, task);
        const last = log.find(isLast);
        if (last) ledger.settle(job, last);
        else if (stored.attempts >= limits.attempts)
          ledger.record(job, {
            type: 'error',
            code: 'engine-failed',
            message: `This job was begun ${stored.attempts} times and the program ended each time.`,
          });
        if (task.jobs.size === 0 && queue.remove(task)) tasks.close(task);
        onNews({ type: 'restored' });
      }
      runner.pump();
      return jobs.length;
    },
    live: () => [...live.keys()],
    replace,
    abandon(id) {
      const found = live.get(id);
      if (!found) return;
      const { job, task } = found;
      task.jobs.delete(job);
      job.suspend();
      void ledger.drop(id);
      if (task.jobs.size > 0) return;
      tasks.close(task);
      if (!queue.remove(task)) task.cancel.abort();
    },
    async close() {
      places.close();
      const stopped = runner.stop();
      for (const { job } of live.values()) job.suspend();
      await stopped;
      await ledger.written();
    },
  };
}
