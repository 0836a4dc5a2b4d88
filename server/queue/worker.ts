/**
 * A worker: takes one run at a time out of the queues of its packs, and draws it with its Engine.
 *
 * A lock says that it draws; it is renewed for as long as it does, and lasts as long as some pictures, so that a worker that ends or
 * stands still is noticed in a time that suits its pictures. BullMQ gives its run to another then.
 */
import { randomUUID } from 'node:crypto';
import { type Job, Worker } from 'bullmq';
import type { Pack } from '../../models/families/packs.js';
import { type Engine, GenerateError } from '../../models/protocol.js';
import { BULL_PREFIX, type Order, queueName } from './dispatch.js';
import { keyOf, type SharedRedis } from './redis.js';
import { createBell } from './run-engine.js';
import { isWanted, sayOfRun } from './runs.js';
import { showWorker, WORKER_BEAT } from './workers.js';

/** Milliseconds that a lock lasts: some times a picture's own time, within these bounds. */
const LOCK = { least: 2000, most: 30_000, pictures: 3 } as const;
/** Milliseconds between two looks into the queues where nobody says that there is something. */
const IDLE = 1000;
/** A run that was begun so often and never ended takes its workers down. */
const ATTEMPTS = 5;

export type WorkerOptions = {
  readonly shared: SharedRedis;
  readonly engine: Engine;
  readonly packs: readonly Pack[];
  readonly provider: string;
  readonly onFault?: (message: string) => void;
  readonly lock?: { readonly least: number; readonly most: number; readonly pictures: number };
};

export type QueueWorker = {
  readonly drawn: number;
  /** Ends; what it draws goes back to the queue. */
  close(): Promise<void>;
};

export async function startWorker(options: WorkerOptions): Promise<QueueWorker> {
  const { shared, engine, packs, provider, onFault = () => {}, lock = LOCK } = options;
  const { redis } = shared;
  const id = randomUUID();
  const bell = createBell();
  let typical: number | null = null;
  let current: { readonly run: string; readonly stop: AbortController } | undefined;
  let [drawn, closing] = [0, false];
  const lockTime = () => Math.round(Math.min(lock.most, Math.max(lock.least, (typical ?? 0) * lock.pictures)));

  const shown = await showWorker(shared, id, packs);
  const tell = () =>
    shown.tell({ packs: packs.map((pack) => pack.id), provider, typical, busy: current !== undefined });
  const connection = shared.connection();
  const queues = packs.map((pack) => {
    const queue = new Worker<Order>(queueName(pack.id), null, {
      connection,
      prefix: BULL_PREFIX,
      autorun: false,
      lockDuration: lock.least,
      stalledInterval: lock.least / 2,
      // How often is for the run to count (ATTEMPTS), which says in words that it fails.
      maxStalledCount: 1_000_000,
    });
    queue.on('error', () => {});
    return queue;
  });
  const deaf = [
    await shared.listen(keyOf('unwanted'), (run) => {
      if (run !== null && run === current?.run) current.stop.abort();
    }),
    ...(await Promise.all(packs.map((pack) => shared.listen(keyOf('work', pack.id), bell.ring)))),
  ];
  for (const queue of queues) await queue.startStalledCheckTimer();
  await tell();
  shared.publish(keyOf('crew'), id);
  const beat = setInterval(() => void tell().catch(() => undefined), WORKER_BEAT.every).unref();

  async function loop(): Promise<void> {
    for (let first = 0; !closing; first += 1) {
      let found = false;
      // Packs take turns, so that none waits for another that never ends.
      for (let at = 0; at < queues.length && !found && !closing; at += 1) {
        const queue = queues[(first + at) % queues.length] as Worker<Order>;
        found = await takeOne(queue).catch((error: Error) => {
          if (!closing) onFault(error.stack ?? error.message);
          return false;
        });
      }
      if (!found && !closing) await bell.heard(IDLE);
    }
  }

  async function takeOne(queue: Worker<Order>): Promise<boolean> {
    const token = randomUUID();
    const job: Job<Order> | undefined = await queue.getNextJob(token, { block: false });
    if (!job) return false;
    const { run, request } = job.data;
    const stop = new AbortController();
    current = { run, stop };
    let lost = false;
    const renew = () =>
      job.extendLock(token, lockTime()).catch(() => {
        // Another worker has it by now, or nobody.
        lost = true;
        stop.abort();
      });
    // What it was fetched with holds until the first renewal.
    const renewing = setInterval(() => void renew(), Math.min(lock.least, lockTime()) / 3);
    try {
      // BullMQ counts how often it was given to a worker.
      if (job.attemptsStarted > ATTEMPTS)
        await sayOfRun(redis, run, {
          type: 'error',
          code: 'engine-failed',
          message: `This request was begun ${ATTEMPTS} times and its worker ended each time.`,
        });
      else if (await isWanted(redis, run)) await draw(run, request, stop.signal);
    } finally {
      clearInterval(renewing);
      current = undefined;
    }
    if (lost) return true;
    if (closing && stop.signal.aborted) await job.moveToWait(token).catch(() => undefined);
    else await job.moveToCompleted(null, token, false).catch(() => undefined);
    return true;
  }

  async function draw(run: string, request: Order['request'], signal: AbortSignal): Promise<void> {
    const began = Date.now();
    let over = false;
    let said: Promise<unknown> = Promise.resolve();
    try {
      for await (const event of engine(request, signal)) {
        // Who ends, or has lost the run to another, does not speak for it any more.
        if (signal.aborted) continue;
        if (event.type === 'progress') shared.publish(keyOf('saying', run), JSON.stringify(event));
        else {
          // Said in order, on one connection; the next one need not wait until this one is on disk.
          await said;
          said = sayOfRun(redis, run, event);
          said.catch(() => undefined);
          over = event.type === 'done';
        }
      }
      await said;
    } catch (error) {
      if (signal.aborted) return;
      onFault(error instanceof Error ? (error.stack ?? error.message) : String(error));
      const message = error instanceof GenerateError ? error.message : 'Twostep failed in a way that nobody expected.';
      await sayOfRun(redis, run, { type: 'error', code: 'engine-failed', message });
    }
    if (!over) return;
    drawn += 1;
    const took = Date.now() - began;
    typical = typical === null ? took : typical * 0.8 + took * 0.2;
  }

  const ended = loop();
  return {
    get drawn() {
      return drawn;
    },
    async close() {
      closing = true;
      clearInterval(beat);
      current?.stop.abort();
      bell.ring();
      await ended;
      for (const deafen of deaf) deafen();
      await shown.leave().catch(() => undefined);
      await Promise.all(queues.map((queue) => queue.close().catch(() => undefined)));
      connection.disconnect();
    },
  };
}
