/**
 * Runs: what workers draw, and what they say of it. A run is found by its request, so that equal requests of all gateways are drawn once,
 * and has a log of its own that any gateway can read from the beginning: whoever takes a job over goes on where the other was.
 *
 * A run that is delivered twice says nothing twice, since each event has a name, and equal requests give equal pictures.
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { GenerateRequest } from '../../models/protocol.js';
import type { Bare, LoggedEvent } from '../companion/jobs/store.js';
import { hashOf, putPicture } from './pictures.js';
import { createBinaryScript, createScript, keyOf } from './redis.js';

/** Seconds that a run is kept: without a word, and after its end, when others may still read it. */
const KEPT = { open: 3600, over: 300 } as const;

/** ARGV: key, reader. One that failed or was cancelled is begun anew; one that is done is read again while its log is there. */
const BEGIN = createScript(`
  local run = '@run:' .. ARGV[1]
  local state = redis.call('HGET', run, 'state')
  local number = redis.call('HGET', run, 'number')
  local kept = ${KEPT.open}
  if state == 'done' and redis.call('EXISTS', '@said-log:' .. ARGV[1] .. '.' .. number) == 1 then
    kept = ${KEPT.over}
  elseif state ~= 'open' then
    number = redis.call('HINCRBY', run, 'number', 1)
    redis.call('HSET', run, 'state', 'open')
  end
  local id = ARGV[1] .. '.' .. number
  redis.call('SADD', '@readers:' .. id, ARGV[2])
  for _, key in ipairs({ run, '@said:' .. id, '@said-log:' .. id, '@readers:' .. id }) do
    redis.call('EXPIRE', key, kept)
  end
  return tostring(number)`);

/** The state of a run whose number is still that of its key; else it is over. */
const STATE = `
  local function stateOf(id)
    local key, number = string.match(id, '^(.*)%.(%d+)$')
    local found = redis.call('HMGET', '@run:' .. key, 'state', 'number')
    if found[2] ~= number then return 'over', key end
    return found[1], key
  end`;

/** ARGV: run. Only reads, so that nobody waits for a disk. */
const WANTED = createScript(`${STATE}
  return stateOf(ARGV[1]) == 'open' and 1 or 0`);

/** ARGV: run. @returns 0 where it is not there any more */
const TOUCH = createScript(`${STATE}
  local state, key = stateOf(ARGV[1])
  if state ~= 'open' then return state == 'done' and 1 or 0 end
  for _, name in ipairs({ '@run:' .. key, '@said:' .. ARGV[1], '@said-log:' .. ARGV[1], '@readers:' .. ARGV[1] }) do
    redis.call('EXPIRE', name, ${KEPT.open})
  end
  return 1`);

/** ARGV: run, name of the event, entry, state after it or "". */
const SAY = createScript(`${STATE}
  local state, key = stateOf(ARGV[1])
  if state ~= 'open' then return 0 end
  if redis.call('SADD', '@said:' .. ARGV[1], ARGV[2]) == 0 then return 0 end
  redis.call('RPUSH', '@said-log:' .. ARGV[1], ARGV[3])
  local kept = ${KEPT.open}
  if ARGV[4] ~= '' then
    redis.call('HSET', '@run:' .. key, 'state', ARGV[4])
    kept = ${KEPT.over}
  end
  redis.call('EXPIRE', '@run:' .. key, kept)
  redis.call('EXPIRE', '@said:' .. ARGV[1], kept)
  redis.call('EXPIRE', '@said-log:' .. ARGV[1], kept)
  redis.call('PUBLISH', '@saying:' .. ARGV[1], '')
  return 1`);

/** ARGV: run, reader. The last one that goes ends it. @returns whether it was the last of a run that was not over */
const LEAVE = createScript(`${STATE}
  redis.call('SREM', '@readers:' .. ARGV[1], ARGV[2])
  local state, key = stateOf(ARGV[1])
  if state ~= 'open' or redis.call('EXISTS', '@readers:' .. ARGV[1]) == 1 then return 0 end
  redis.call('HSET', '@run:' .. key, 'state', 'cancelled')
  redis.call('PUBLISH', '@unwanted', ARGV[1])
  return 1`);

type Entry = { readonly event: Bare<LoggedEvent>; readonly hash?: string };

/** @returns the name by which equal requests meet */
export const runKey = (request: GenerateRequest): string =>
  createHash('sha256')
    .update(JSON.stringify(GenerateRequest.parse(request)))
    .digest('base64url')
    .slice(0, 27);

/** Which event it is, whoever says it. */
function nameOf(event: LoggedEvent): string {
  switch (event.type) {
    case 'picture':
    case 'draft':
      return `${event.type} ${event.index}`;
    case 'warning':
      return `warning ${event.code} ${event.message}`;
    case 'done':
    case 'error':
      return 'last';
    default:
      return event satisfies never;
  }
}

export async function beginRun(redis: Redis, key: string, reader: string): Promise<string> {
  return `${key}.${await BEGIN(redis, key, reader)}`;
}

/** The run of this request that is under way or was last; null where there was none lately. */
export async function findRun(redis: Redis, key: string): Promise<string | null> {
  const number = await redis.hget(keyOf('run', key), 'number');
  return number === null ? null : `${key}.${number}`;
}

/** Whether anybody still wants it to be drawn. */
export const isWanted = async (redis: Redis, run: string): Promise<boolean> => (await WANTED(redis, run)) === 1;

/** Keeps a run for longer. @returns false where it is not there, or somebody else ended it */
export const touchRun = async (redis: Redis, run: string): Promise<boolean> => Number(await TOUCH(redis, run)) === 1;

export const leaveRun = async (redis: Redis, run: string, reader: string): Promise<boolean> =>
  (await LEAVE(redis, run, reader)) === 1;

/** @returns false where it was said before, or nobody wants to hear it any more */
export async function sayOfRun(redis: Redis, run: string, event: LoggedEvent): Promise<boolean> {
  const after = event.type === 'done' ? 'done' : event.type === 'error' ? 'failed' : '';
  const say = async (entry: Entry) => (await SAY(redis, run, nameOf(event), JSON.stringify(entry), after)) === 1;
  if (event.type !== 'picture' && event.type !== 'draft') return say({ event });
  const { bytes, ...bare } = event;
  const hash = hashOf(bytes);
  // One connection keeps their order, so that neither waits for the answer to the other.
  const [, said] = await Promise.all([putPicture(redis, hash, bytes), say({ event: bare, hash })]);
  return said;
}

/** ARGV: run, number. @returns entries, each with the bytes of its picture or "" */
const READ = createBinaryScript(`
  local answer = {}
  for _, entry in ipairs(redis.call('LRANGE', '@said-log:' .. ARGV[1], ARGV[2], -1)) do
    local hash = cjson.decode(entry).hash
    answer[#answer + 1] = entry
    answer[#answer + 1] = hash and redis.call('GET', '@picture:' .. hash) or ''
  end
  return answer`);

/** What was said from event number `from` on. */
export async function readRun(redis: Redis, run: string, from: number): Promise<LoggedEvent[]> {
  const parts = (await READ(redis, run, from)) as readonly Buffer[];
  return parts.flatMap((part, at): LoggedEvent[] => {
    if (at % 2 === 1) return [];
    const { event }: Entry = JSON.parse(part.toString('utf8'));
    if (event.type !== 'picture' && event.type !== 'draft') return [event];
    const bytes = parts[at + 1];
    if (!bytes?.length) throw new Error(`picture ${event.index} of run ${run} is lost`);
    return [{ ...event, bytes }];
  });
}
