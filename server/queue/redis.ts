/**
 * The connection to Valkey or Redis that gateways and workers share: one for commands, one that listens. Everything lies under one prefix
 * with a version in it; what a later version keeps otherwise gets another prefix.
 */
import { createHash } from 'node:crypto';
import { Redis, type RedisOptions } from 'ioredis';
import { CommandError } from '../node/errors.js';
import { EXIT } from '../node/exit-codes.js';

export const PREFIX = 'twostep:v1';

export const keyOf = (...parts: readonly (string | number)[]): string => [PREFIX, ...parts].join(':');

/** Milliseconds that a server may take to answer when a program starts. */
const PATIENCE = 5000;
/** Milliseconds between two tries of a connection that was lost, at most: a server that is back should not wait for us. */
const RECONNECT = 500;
/** Milliseconds without a byte after which a connection counts as dead; heartbeats go over it every other second. */
const SILENCE = 15_000;

export type SharedRedis = {
  readonly redis: Redis;
  /** Calls the listener with each message of a channel, and with null when messages may have been missed. @returns what ends that */
  listen(channel: string, listener: (message: string | null) => void): Promise<() => void>;
  publish(channel: string, message: string): void;
  /** A connection of its own, as BullMQ wants it. */
  connection(): Redis;
  close(): void;
};

/**
 * @param url `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS
 * @throws CommandError where nothing answers there, or something that is too old or refuses
 */
export async function connectRedis(url: string, onFault: (message: string) => void = () => {}): Promise<SharedRedis> {
  const where = describeAddress(url);
  const options = {
    // What was asked for while the server is away is asked when it is back: a job that was accepted is never given up for that.
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => Math.min(times * 50, RECONNECT),
    connectionName: 'twostep',
  } as const satisfies RedisOptions;
  const opened: Redis[] = [];
  let last = '';
  const open = (more: { readonly socketTimeout?: number } = {}) => {
    const client = new Redis(url, { ...options, ...more });
    client.on('error', (error: Error) => {
      // Each try says the same.
      if (error.message !== last) onFault(`The queue at ${where}: ${error.message}`);
      last = error.message;
    });
    client.on('ready', () => {
      last = '';
    });
    opened.push(client);
    return client;
  };
  const close = () => {
    for (const client of opened) client.disconnect();
  };
  const redis = open({ socketTimeout: SILENCE });
  await checkServer(redis, where).catch((error: unknown) => {
    close();
    throw error;
  });
  const ears = open();
  const listeners = new Map<string, Set<(message: string | null) => void>>();
  ears.on('message', (channel: string, message: string) => {
    for (const listener of listeners.get(channel) ?? []) listener(message);
  });
  ears.on('ready', () => {
    for (const set of listeners.values()) for (const listener of set) listener(null);
  });

  return {
    redis,
    async listen(channel, listener) {
      const known = listeners.get(channel);
      const set = known ?? new Set();
      set.add(listener);
      listeners.set(channel, set);
      if (!known) await ears.subscribe(channel);
      return () => {
        set.delete(listener);
        if (set.size > 0 || listeners.get(channel) !== set) return;
        listeners.delete(channel);
        void ears.unsubscribe(channel).catch(() => undefined);
      };
    },
    publish(channel, message) {
      // Nobody is told that nobody could be told: whoever listens looks by itself as well.
      void redis.publish(channel, message).catch(() => undefined);
    },
    connection: () => open(),
    close,
  };
}

async function checkServer(redis: Redis, where: string): Promise<void> {
  const fail = (why: string) => new CommandError(EXIT.failed, `The queue at ${where} can't be used: ${why}`);
  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const why = `nothing answers there within ${PATIENCE / 1000} s. Is a Valkey or Redis server running?`;
      reject(fail(why));
    }, PATIENCE);
  });
  const info = await Promise.race([redis.info('server'), silent])
    .catch((error: Error) => {
      throw error instanceof CommandError ? error : fail(`${error.message}.`);
    })
    .finally(() => clearTimeout(timer));
  const version = /redis_version:(\d+)\.(\d+)/.exec(info);
  if (Number(version?.[1] ?? 0) * 100 + Number(version?.[2] ?? 0) < 602)
    throw fail(`it is ${version?.[0] ?? 'no Redis server'}; version 6.2 or newer is needed.`);
}

/** Without the password. */
function describeAddress(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || '6379'}`;
}

export type Script = (redis: Redis, ...values: (string | number | Buffer)[]) => Promise<unknown>;

/** @returns runs a script on the server, whole or not at all; the server keeps it by its hash */
export function createScript(lua: string): Script {
  const { source, sha } = prepareScript(lua);
  return (redis, ...values) =>
    redis.evalsha(sha, 0, ...values).catch((error: Error) => {
      if (!error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(source, 0, ...values);
    });
}

/** The same for answers with bytes in them. */
export function createBinaryScript(lua: string): Script {
  const { source, sha } = prepareScript(lua);
  return (redis, ...values) =>
    redis.callBuffer('EVALSHA', sha, 0, ...values).catch((error: Error) => {
      if (!error.message.startsWith('NOSCRIPT')) throw error;
      return redis.callBuffer('EVAL', source, 0, ...values);
    });
}

/** `@` stands for the prefix of all keys and channels. */
function prepareScript(lua: string): { readonly source: string; readonly sha: string } {
  const source = lua.replaceAll('@', `${PREFIX}:`);
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}
