/** Which workers are there, with which packs, and how long they take: what gateways must know of them. */

import * as z from 'zod';
import { Pack } from '../../models/families/packs.js';
import { keyOf, type SharedRedis } from './redis.js';

/** Milliseconds. A worker that did not show within `gone` is not counted any more. */
export const WORKER_BEAT = { every: 1000, gone: 5000 } as const;

const Presence = z.object({
  packs: z.array(z.string()),
  provider: z.string(),
  /** Milliseconds that a run takes lately; null before the first. */
  typical: z.number().nullable(),
  busy: z.boolean(),
});
export type Presence = z.infer<typeof Presence>;

/** Milliseconds of work that may wait at a worker beyond what it draws, so that it need not wait for a gateway. */
const AHEAD = 500;
const MOST_AHEAD = 8;

export type Crew = {
  /** Workers that have this pack. */
  of(pack: string): readonly Presence[];
  readonly packs: ReadonlyMap<string, Pack>;
  readonly workers: readonly Presence[];
  /** Runs of this pack that gateways may hand on: what is drawn, and a little more where pictures are quick. */
  slots(pack: string): number;
  onChange(listener: () => void): void;
  close(): void;
};

/** A worker that shows itself. */
export type Shown = { tell(presence: Presence): Promise<void>; leave(): Promise<void> };

export async function showWorker({ redis, publish }: SharedRedis, id: string, packs: readonly Pack[]): Promise<Shown> {
  const known = packs.flatMap((pack) => [pack.id, JSON.stringify(pack)]);
  return {
    async tell(presence) {
      // The whole of it each time: a server that lost its memory knows it again.
      await redis
        .multi()
        .set(keyOf('worker', id), JSON.stringify(presence), 'PX', WORKER_BEAT.gone)
        .sadd(keyOf('workers'), id)
        .hset(keyOf('packs'), ...known)
        .exec();
    },
    async leave() {
      await redis.multi().del(keyOf('worker', id)).srem(keyOf('workers'), id).exec();
      publish(keyOf('crew'), id);
    },
  };
}

/** Looks every second, and whenever a worker says that it came or went. */
export async function watchCrew({ redis, listen }: SharedRedis): Promise<Crew> {
  let workers: readonly Presence[] = [];
  const packs = new Map<string, Pack>();
  const listeners = new Set<() => void>();
  let seen = '';

  async function look(): Promise<void> {
    const ids = (await redis.smembers(keyOf('workers'))).sort();
    const texts = ids.length > 0 ? await redis.mget(ids.map((id) => keyOf('worker', id))) : [];
    for (const [at, id] of ids.entries()) if (texts[at] === null) await redis.srem(keyOf('workers'), id);
    workers = texts.flatMap((text) => {
      const read = text === null ? undefined : Presence.safeParse(JSON.parse(text));
      return read?.success ? [read.data] : [];
    });
    for (const [id, text] of Object.entries(await redis.hgetall(keyOf('packs')))) {
      const read = Pack.safeParse(JSON.parse(text));
      if (read.success) packs.set(id, read.data);
    }
    const now = JSON.stringify(workers);
    if (now === seen) return;
    seen = now;
    for (const listener of listeners) listener();
  }
  const glance = () => void look().catch(() => undefined);
  await look();
  const timer = setInterval(glance, WORKER_BEAT.every).unref();
  const deafen = await listen(keyOf('crew'), glance);
  const of = (pack: string) => workers.filter((one) => one.packs.includes(pack));

  return {
    of,
    packs,
    get workers() {
      return workers;
    },
    slots: (pack) =>
      of(pack).reduce((sum, { typical }) => {
        const ahead = typical === null ? 1 : Math.ceil(AHEAD / Math.max(1, typical));
        return sum + 1 + Math.min(MOST_AHEAD, ahead);
      }, 0),
    onChange: (listener) => void listeners.add(listener),
    close() {
      clearInterval(timer);
      deafen();
    },
  };
}
