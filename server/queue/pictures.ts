/** The bytes of pictures, each once by their hash, with a life time: what nobody holds any more goes by itself. */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { keyOf } from './redis.js';

/** Milliseconds. Jobs are kept for a day; an hour more, so that none is listed whose picture is gone. */
const LIFE = 25 * 3_600_000;

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url');

/** @returns the hash by which it is found */
export async function putPicture(redis: Redis, bytes: Uint8Array): Promise<string> {
  const hash = hashOf(bytes);
  const key = keyOf('picture', hash);
  // Who draws has put it there before the one who accepted the job does.
  if ((await redis.pexpire(key, LIFE)) === 1) return hash;
  await redis.set(key, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 'PX', LIFE);
  return hash;
}

export async function getPicture(redis: Redis, hash: string): Promise<Uint8Array | undefined> {
  return (await redis.getBuffer(keyOf('picture', hash))) ?? undefined;
}

export async function putThumbnail(redis: Redis, hash: string, bytes: Uint8Array): Promise<void> {
  await redis.set(keyOf('thumbnail', hash), Buffer.from(bytes), 'PX', LIFE);
}

export async function getThumbnail(redis: Redis, hash: string): Promise<Uint8Array | undefined> {
  return (await redis.getBuffer(keyOf('thumbnail', hash))) ?? undefined;
}
