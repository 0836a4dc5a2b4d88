/**
 * Jobs in Valkey or Redis, for several gateways. Each job that is not over is of one gateway, which alone writes it; when that one ends,
 * another takes its jobs (gateways.ts). Whoever lost a job finds its writes refused.
 */
import type { Redis } from 'ioredis';
import type { Bare, JobStore, LoggedEvent, StoredJob } from '../companion/jobs/store.js';
import { StorageError } from '../node/storage.js';
import { getPicture, getThumbnail, hashOf, LIFE, putPicture, putThumbnail } from './pictures.js';
import { createScript, keyOf } from './redis.js';

/** As events lie in a log: pictures by their hash. */
type Entry = { readonly event: Bare<LoggedEvent>; readonly hash?: string; readonly length?: number };

/** ARGV: gateway, id, owner, job, "waiting" or the time of its end. An id that comes anew is this gateway's. */
const PUT = createScript(`
  local old = redis.call('EXISTS', '@job:' .. ARGV[2])
  local mine = redis.call('SISMEMBER', '@open:' .. ARGV[1], ARGV[2])
  if old == 1 and mine == 0 then return 'lost' end
  redis.call('SET', '@job:' .. ARGV[2], ARGV[4])
  redis.call('ZADD', '@owner:' .. ARGV[3], 0, ARGV[2])
  if ARGV[5] == 'waiting' then
    redis.call('SADD', '@open:' .. ARGV[1], ARGV[2])
  else
    redis.call('SREM', '@open:' .. ARGV[1], ARGV[2])
    redis.call('ZADD', '@finished', ARGV[5], ARGV[2])
    redis.call('PUBLISH', '@told:' .. ARGV[2], 'end')
  end
  return 'ok'`);

/**
 * ARGV: gateway, id, number, entry, hash or "", length. What is there already is not there twice. A picture is mostly there before, as who
 * drew it put it there; where it is not, that is said and nothing is written.
 */
const APPEND = createScript(`
  if redis.call('SISMEMBER', '@open:' .. ARGV[1], ARGV[2]) == 0 then return 'lost' end
  local length = redis.call('LLEN', '@log:' .. ARGV[2])
  if length > tonumber(ARGV[3]) then return 'known' end
  if length < tonumber(ARGV[3]) then return 'gap' end
  if ARGV[5] ~= '' and redis.call('PEXPIRE', '@picture:' .. ARGV[5], ${LIFE}) == 0 then return 'absent' end
  redis.call('RPUSH', '@log:' .. ARGV[2], ARGV[4])
  if ARGV[5] ~= '' then
    redis.call('SADD', '@held:' .. ARGV[5], ARGV[2])
    redis.call('HSET', '@sizes', ARGV[5], ARGV[6])
  end
  redis.call('PUBLISH', '@told:' .. ARGV[2], ARGV[3])
  return 'ok'`);

/** ARGV: id, owner. @returns bytes that became free */
const REMOVE = createScript(`
  local freed = 0
  for _, entry in ipairs(redis.call('LRANGE', '@log:' .. ARGV[1], 0, -1)) do
    local hash = cjson.decode(entry).hash
    if hash then
      redis.call('SREM', '@held:' .. hash, ARGV[1])
      if redis.call('EXISTS', '@held:' .. hash) == 0 then
        freed = freed + (tonumber(redis.call('HGET', '@sizes', hash)) or 0)
        redis.call('HDEL', '@sizes', hash)
        redis.call('DEL', '@picture:' .. hash, '@thumbnail:' .. hash)
      end
    end
  end
  redis.call('DEL', '@job:' .. ARGV[1], '@log:' .. ARGV[1])
  redis.call('ZREM', '@owner:' .. ARGV[2], ARGV[1])
  redis.call('ZREM', '@finished', ARGV[1])
  return freed`);

/** Another gateway has the job by now. */
export class LostJobError extends StorageError {
  constructor(id: string) {
    super(`Job ${id} was taken over by another gateway.`);
  }
}

/** @param gateway whose jobs `waiting` lists, and who may write them */
export function openSharedJobStore(redis: Redis, gateway: string): JobStore {
  const parse = (text: string | null): StoredJob | undefined => (text === null ? undefined : JSON.parse(text));
  const entries = async (id: string, from = 0): Promise<Entry[]> =>
    (await redis.lrange(keyOf('log', id), from, -1)).map((text) => JSON.parse(text));
  const hashAt = async (id: string, index: number): Promise<string | undefined> =>
    (await entries(id)).find(({ event }) => event.type === 'picture' && event.index === index)?.hash;

  async function jobsOf(ids: readonly string[]): Promise<StoredJob[]> {
    if (ids.length === 0) return [];
    const found = await redis.mget(ids.map((id) => keyOf('job', id)));
    return found.flatMap((text) => parse(text) ?? []);
  }

  async function remove(job: StoredJob): Promise<number> {
    return Number(await REMOVE(redis, job.id, job.owner));
  }

  return {
    async put(job) {
      const state = job.state === 'waiting' ? 'waiting' : String(job.finished ?? Date.now());
      if ((await PUT(redis, gateway, job.id, job.owner, JSON.stringify(job), state)) === 'lost')
        throw new LostJobError(job.id);
    },
    async append(id, number, event) {
      const bytes = 'bytes' in event ? event.bytes : undefined;
      const { bytes: _, ...bare } = { bytes, ...event };
      const hash = bytes && hashOf(bytes);
      const entry: Entry = { event: bare, ...(bytes && hash ? { hash, length: bytes.byteLength } : {}) };
      const write = () => APPEND(redis, gateway, id, number, JSON.stringify(entry), hash ?? '', bytes?.byteLength ?? 0);
      let outcome = await write();
      if (outcome === 'absent' && bytes && hash) {
        await putPicture(redis, hash, bytes);
        outcome = await write();
      }
      if (outcome === 'lost') throw new LostJobError(id);
      if (outcome === 'gap') throw new StorageError(`Event ${number} of job ${id} has none before it in the store.`);
    },
    get: async (id) => parse(await redis.get(keyOf('job', id))),
    async log(id) {
      return Promise.all(
        (await entries(id)).map(async ({ event, hash }, number): Promise<LoggedEvent> => {
          if (event.type !== 'picture' && event.type !== 'draft') return event;
          const bytes = hash === undefined ? undefined : await getPicture(redis, hash);
          if (!bytes) throw new Error(`event ${number} of ${id} has lost its picture`);
          return { ...event, bytes };
        }),
      );
    },
    outline: async (id) => (await entries(id)).map(({ event }) => event),
    async picture(id, index) {
      const hash = await hashAt(id, index);
      return hash === undefined ? undefined : getPicture(redis, hash);
    },
    async thumbnail(id, index) {
      const hash = await hashAt(id, index);
      return hash === undefined ? undefined : getThumbnail(redis, hash);
    },
    async putThumbnail(id, index, bytes) {
      const hash = await hashAt(id, index);
      if (hash !== undefined) await putThumbnail(redis, hash, bytes);
    },
    async list(owner, { before, limit }) {
      const from = before === undefined ? '+' : `(${before}`;
      return jobsOf(await redis.zrevrangebylex(keyOf('owner', owner), from, '-', 'LIMIT', 0, limit));
    },
    async waiting() {
      return jobsOf((await redis.smembers(keyOf('open', gateway))).sort());
    },
    async remove(id) {
      const job = parse(await redis.get(keyOf('job', id)));
      if (job) await remove(job);
    },
    async sweep({ age, bytes }, now) {
      const sizes = await redis.hvals(keyOf('sizes'));
      let total = sizes.reduce((sum, size) => sum + Number(size), 0);
      let removed = 0;
      for (;;) {
        const [id, finished] = await redis.zrange(keyOf('finished'), '0', '0', 'WITHSCORES');
        if (id === undefined || (now - Number(finished) <= age && total <= bytes)) return removed;
        const job = parse(await redis.get(keyOf('job', id)));
        if (job) total -= await remove(job);
        else await redis.zrem(keyOf('finished'), id);
        removed += 1;
      }
    },
    // The connection is of the one who made it.
    close: async () => {},
  };
}
