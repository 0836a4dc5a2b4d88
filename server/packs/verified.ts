/** What was verified when, kept between runs: a stamp (hash, size, times, inode) for each file of each pack folder. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod/mini';
import { cacheFolder } from './places.js';

const Stamps = z.record(z.string(), z.string());

export type Verified = {
  get(path: string): string | undefined;
  set(path: string, stamp: string): void;
  /** Writes what was added; a cache that can't be written only costs time. */
  save(): Promise<void>;
};

export async function openVerified(folder: string): Promise<Verified> {
  const name = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 32);
  const directory = join(cacheFolder(), 'verified');
  const path = join(directory, `${name}.json`);
  const stamps = new Map(Object.entries(await readStamps(path)));
  let changed = false;
  return {
    get: (file) => stamps.get(file),
    set(file, stamp) {
      stamps.set(file, stamp);
      changed = true;
    },
    async save() {
      if (!changed) return;
      const temporary = `${path}.${process.pid}`;
      await mkdir(directory, { recursive: true })
        .then(() => writeFile(temporary, JSON.stringify(Object.fromEntries(stamps))))
        .then(() => rename(temporary, path))
        .catch(() => undefined);
    },
  };
}

async function readStamps(path: string): Promise<Record<string, string>> {
  try {
    return Stamps.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return {}; // Nothing verified yet, or a file of an older kind: verify again.
  }
}
