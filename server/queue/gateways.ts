/** Which gateways are alive, and what becomes of the jobs of those that are not: the first that notices takes them over. */
import { createScript, keyOf, type SharedRedis } from './redis.js';

/** Milliseconds. A gateway that did not show within `gone` has ended, or stands still. */
export const GATEWAY_BEAT = { every: 1000, gone: 5000 } as const;

/** ARGV: the one that is gone, who takes its jobs. One that is back meanwhile keeps them. */
const TAKE_OVER = createScript(`
  if redis.call('EXISTS', '@gateway:' .. ARGV[1]) == 1 then return 0 end
  local ids = redis.call('SMEMBERS', '@open:' .. ARGV[1])
  for _, id in ipairs(ids) do redis.call('SMOVE', '@open:' .. ARGV[1], '@open:' .. ARGV[2], id) end
  redis.call('SREM', '@gateways', ARGV[1])
  return #ids`);

export type Gateways = {
  /** @returns how many jobs of others are this gateway's now */
  takeOver(): Promise<number>;
  /** Ids of the jobs that are this gateway's. */
  mine(): Promise<ReadonlySet<string>>;
  /** Says that this one ends, so that others take its jobs at once. */
  leave(): Promise<void>;
};

export async function joinGateways({ redis, publish }: SharedRedis, id: string): Promise<Gateways> {
  const beat = async () => {
    await redis.multi().set(keyOf('gateway', id), '1', 'PX', GATEWAY_BEAT.gone).sadd(keyOf('gateways'), id).exec();
  };
  await beat();
  const timer = setInterval(() => void beat().catch(() => undefined), GATEWAY_BEAT.every).unref();
  return {
    async takeOver() {
      let taken = 0;
      for (const other of await redis.smembers(keyOf('gateways')))
        if (other !== id && (await redis.exists(keyOf('gateway', other))) === 0)
          taken += Number(await TAKE_OVER(redis, other, id));
      return taken;
    },
    mine: async () => new Set(await redis.smembers(keyOf('open', id))),
    async leave() {
      clearInterval(timer);
      await redis.del(keyOf('gateway', id));
      publish(keyOf('left'), id);
    },
  };
}
