/**
 * The bytes of pictures, each kept once however many jobs have it: the key is their hash, and a list says which events hold it.
 * All writes are parts of a transaction that the caller begins.
 */
import { createHash } from 'node:crypto';
import type { RootDatabase } from 'lmdb';

export type Contents = {
  /** @returns whether these bytes were new */
  put(id: string, number: number, bytes: Uint8Array): boolean;
  get(id: string, number: number): Uint8Array | undefined;
  thumbnail(id: string, number: number): Uint8Array | undefined;
  putThumbnail(id: string, number: number, bytes: Uint8Array): void;
  /** Lets go of what a job holds; what nobody holds any more is removed. @returns bytes that became free */
  release(id: string): number;
  /** Bytes of all pictures. */
  size(): number;
};

/** The same picture goes to many jobs. */
const hashes = new WeakMap<Uint8Array, string>();

function hashOf(bytes: Uint8Array): string {
  const known = hashes.get(bytes);
  if (known) return known;
  const hash = createHash('sha256').update(bytes).digest('base64url');
  hashes.set(bytes, hash);
  return hash;
}

export function openContents(root: RootDatabase): Contents {
  const bytesOf = root.openDB<Uint8Array, string>({ name: 'contents', encoding: 'binary' });
  const thumbnails = root.openDB<Uint8Array, string>({ name: 'thumbnails', encoding: 'binary' });
  const hashOfEvent = root.openDB<string, [string, number]>({ name: 'pictures' });
  /** With the length of the bytes. */
  const holders = root.openDB<number, [string, string, number]>({ name: 'holders' });

  /** Where they lay before, one for each event. */
  const old = root.openDB<Uint8Array, [string, number, string]>({ name: 'blobs', encoding: 'binary' });
  const oldKeys = (id: string, first: number, last: number) => [
    ...old.getKeys({ start: [id, first, ''], end: [id, last, '\uffff'] }),
  ];

  const held = (hash: string) =>
    [...holders.getKeys({ start: [hash, ''], end: [hash, '\uffff'], limit: 1 })].length > 0;

  return {
    put(id, number, bytes) {
      const hash = hashOf(bytes);
      const fresh = !bytesOf.doesExist(hash);
      if (fresh) bytesOf.put(hash, bytes);
      hashOfEvent.put([id, number], hash);
      holders.put([hash, id, number], bytes.byteLength);
      return fresh;
    },
    get(id, number) {
      const hash = hashOfEvent.get([id, number]);
      if (hash !== undefined) return bytesOf.get(hash);
      const key = oldKeys(id, number, number).find(([, , kind]) => kind !== 'thumbnail');
      return key && old.get(key);
    },
    thumbnail(id, number) {
      const hash = hashOfEvent.get([id, number]);
      return hash === undefined ? undefined : thumbnails.get(hash);
    },
    putThumbnail(id, number, bytes) {
      const hash = hashOfEvent.get([id, number]);
      if (hash !== undefined) thumbnails.put(hash, bytes);
    },
    release(id) {
      let freed = 0;
      for (const key of oldKeys(id, 0, Number.MAX_SAFE_INTEGER)) old.remove(key);
      for (const { key, value: hash } of [
        ...hashOfEvent.getRange({ start: [id, 0], end: [id, Number.MAX_SAFE_INTEGER] }),
      ]) {
        const length = holders.get([hash, id, key[1]]) ?? 0;
        holders.remove([hash, id, key[1]]);
        hashOfEvent.remove(key);
        if (held(hash)) continue;
        bytesOf.remove(hash);
        thumbnails.remove(hash);
        freed += length;
      }
      return freed;
    },
    size() {
      let [total, last] = [0, ''];
      for (const { key, value } of holders.getRange({})) {
        if (key[0] !== last) total += value;
        last = key[0];
      }
      return total;
    },
  };
}
