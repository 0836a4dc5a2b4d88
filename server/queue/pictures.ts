/** The bytes of pictures, each once by their hash, with a life time: what nobody holds any more goes by itself. */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { keyOf } from './redis.js';

/** Milliseconds. Jobs are kept for a day; an hour more, so that none is listed whose picture is gone. */
export const LIFE = 25 * 3_600_000;

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url');

/** Puts a picture there, or prolongs its life. */
export async function putPicture(redis: Redis, hash: string, bytes: Uint8Array): Promise<void> {
  await redis.set(keyOf('picture', hash), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 'PX', LIFE);
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
