/**
 * Jobs of several gateways as one: each gateway has its own (companion/jobs), and here is what it takes to be asked for those of another:
 * to hear them, cancel them, replace them by a newer request of their session, and take them over where their gateway ended.
 */
import * as z from 'zod';
import type { GenerateEvent } from '../../models/protocol.js';
import { upgradeRequest } from '../../models/request/upgrade.js';
import type { LocalJobs } from '../companion/jobs/jobs.js';
import { isLast } from '../companion/jobs/live-job.js';
import type { JobStore } from '../companion/jobs/store.js';
import { GATEWAY_BEAT, type Gateways } from './gateways.js';
import { keyOf, type SharedRedis } from './redis.js';
import { createBell } from './run-engine.js';
import { findRun, runKey } from './runs.js';

/** What one gateway has the others do. */
const Command = z.discriminatedUnion('type', [
  z.object({ type: z.literal('cancel'), owner: z.string(), id: z.string() }),
  z.object({ type: z.literal('dismiss'), owner: z.string() }),
  z.object({ type: z.literal('replace'), owner: z.string(), session: z.string(), by: z.string() }),
]);
type Command = z.infer<typeof Command>;

type Progress = Extract<GenerateEvent, { type: 'progress' }>;

/** Milliseconds between two looks into the log of another gateway's job, beside those that it is told of. */
const LOOK_EVERY = 1000;
/** Milliseconds that a listener at another gateway counts for, after each look. */
const ATTENDED = 4000;
/** Milliseconds for which the gateway that has a job may be asked to cancel it. */
const PATIENCE = 3000;

export type SharedJobsOptions = {
  readonly local: LocalJobs;
  readonly store: JobStore;
  readonly shared: SharedRedis;
  readonly gateways: Gateways;
  /** Told before the jobs are suspended: who stops listening then does not end a run. */
  readonly onClosing: () => void;
  readonly onFault: (message: string) => void;
};

/** Whether somebody listens to a job at any gateway. */
export const isAttended = async ({ redis }: SharedRedis, id: string): Promise<boolean> =>
  (await redis.exists(keyOf('attended', id))) === 1;

export async function createSharedJobs(options: SharedJobsOptions): Promise<LocalJobs> {
  const { local, store, shared, gateways, onClosing, onFault } = options;
  const { redis } = shared;
  const me = crypto.randomUUID();
  let closing = false;

  const tell = (command: Command) => shared.publish(keyOf('commands'), JSON.stringify({ ...command, from: me }));
  const deaf = [
    await shared.listen(keyOf('commands'), (message) => {
      if (message === null) return;
      const { from, ...rest } = JSON.parse(message) as { from?: unknown };
      const read = Command.safeParse(rest);
      if (from !== me && read.success) obey(read.data);
    }),
    await shared.listen(keyOf('left'), () => lookAfter()),
  ];

  function obey(command: Command): void {
    switch (command.type) {
      case 'cancel':
        void local.cancel(command.owner, command.id);
        return;
      case 'dismiss':
        local.dismiss(command.owner);
        return;
      case 'replace':
        local.replace(command.owner, command.session, command.by);
        return;
      default:
        command satisfies never;
    }
  }

  /** Lets go of jobs that are another gateway's by now, and goes on with those that are this one's. */
  async function settle(): Promise<void> {
    if (closing) return;
    await gateways.takeOver();
    const before = local.live();
    const mine = await gateways.mine();
    for (const id of before) {
      // One that is just over is in no list either.
      if (mine.has(id) || (await store.get(id))?.state !== 'waiting') continue;
      if (!(await gateways.mine()).has(id)) local.abandon(id);
    }
    if (!closing) await local.restore();
  }
  let settling: Promise<void> | undefined;
  function lookAfter(): void {
    if (closing) return;
    settling ??= settle()
      .catch((error: Error) => onFault(`Jobs of other gateways could not be looked after: ${error.message}`))
      .finally(() => {
        settling = undefined;
      });
  }
  const timer = setInterval(lookAfter, GATEWAY_BEAT.every).unref();

  return {
    ...local,
    async submit(order) {
      const job = await local.submit(order);
      if (order.session) tell({ type: 'replace', owner: order.owner, session: order.session, by: job.id });
      return job;
    },
    async *watch(owner, id, after, signal) {
      let next = after + 1;
      const news = createBell();
      const ears = [await shared.listen(keyOf('told', id), news.ring)];
      let progress: Progress | undefined;
      let fraction = 0;
      /** Of a job of another gateway: what its worker says of how far it is. */
      async function hearProgress(request: unknown): Promise<void> {
        const read = upgradeRequest(request);
        const run = read.ok ? await findRun(redis, runKey(read.request)) : null;
        if (run === null) return;
        const hear = (message: string | null) => {
          if (message) progress = JSON.parse(message);
          news.ring();
        };
        ears.push(await shared.listen(keyOf('saying', run), hear));
      }
      signal.addEventListener('abort', news.ring, { once: true });
      try {
        for (;;) {
          if (local.live().includes(id)) {
            for await (const update of local.watch(owner, id, next - 1, signal)) {
              if (update.number !== null) next = update.number + 1;
              yield update;
              if (update.number !== null && isLast(update.event)) return;
            }
          }
          if (signal.aborted || closing) return;
          const job = await store.get(id);
          if (job?.owner !== owner) return;
          // While it is not over its client may have left the gateway that has it for this one.
          if (job.state === 'waiting') await redis.set(keyOf('attended', id), '1', 'PX', ATTENDED);
          const known = await store.outline(id);
          if (known.length > next)
            for (const event of (await store.log(id)).slice(next)) {
              yield { number: next, event };
              next += 1;
              if (isLast(event)) return;
            }
          if (job.state !== 'waiting') return;
          if (ears.length === 1) await hearProgress(job.request);
          if (progress && progress.fraction >= fraction) {
            fraction = progress.fraction;
            yield { number: null, event: progress };
          }
          progress = undefined;
          if (!local.live().includes(id)) await news.heard(LOOK_EVERY);
        }
      } finally {
        signal.removeEventListener('abort', news.ring);
        for (const deafen of ears) deafen();
      }
    },
    async cancel(owner, id) {
      if (await local.cancel(owner, id)) return true;
      const isWaiting = async () => {
        const job = await store.get(id);
        return job?.owner === owner && job.state === 'waiting';
      };
      if (local.live().includes(id) || !(await isWaiting())) return false;
      for (const until = Date.now() + PATIENCE; Date.now() < until; ) {
        tell({ type: 'cancel', owner, id });
        await new Promise((resolve) => setTimeout(resolve, 50));
        if (!(await isWaiting())) return true;
        if (await local.cancel(owner, id)) return true;
      }
      return false;
    },
    async restore() {
      await settling;
      lookAfter();
      await settling;
      return local.live().length;
    },
    dismiss(owner) {
      local.dismiss(owner);
      tell({ type: 'dismiss', owner });
    },
    async close() {
      closing = true;
      clearInterval(timer);
      onClosing();
      await settling;
      await local.close();
      for (const deafen of deaf) deafen();
      await gateways.leave();
    },
  };
}
