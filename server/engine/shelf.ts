/** The packs that are in memory: opened when first wanted, closed when the memory is needed or nobody came for a while. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GenerateError } from '../../models/protocol.js';
import type { OpenPack } from '../../models/run/open.js';
import type { PackFolder } from '../packs/folder.js';
import { readPackFolder, verifyPack } from '../packs/folder.js';

export type ShelfOptions = {
  /** Bytes of all open packs together. A graph takes about what its file takes. */
  readonly budget: number;
  /** Milliseconds */
  readonly idle: number;
  open(found: PackFolder): OpenPack;
  onChange(packs: readonly string[]): void;
};

export type Shelf = {
  /** Runs `work` with the pack of this folder, which stays open meanwhile. @throws GenerateError */
  use<T>(folder: string, work: (open: OpenPack) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

type Entry = {
  opening: Promise<OpenPack>;
  bytes: number;
  users: number;
  used: number;
  /** Which pack.json it was opened by. */
  readonly stamp: string;
  timer?: NodeJS.Timeout;
};

export function createShelf({ budget, idle, open, onChange }: ShelfOptions): Shelf {
  const entries = new Map<string, Entry>();
  let clock = 0;

  const taken = () => [...entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const tell = () => void names().then(onChange);
  const names = async () => {
    const packs = await Promise.allSettled([...entries.values()].map(({ opening }) => opening));
    return packs.flatMap((result) => (result.status === 'fulfilled' ? [result.value.pack.id] : []));
  };

  async function remove(folder: string): Promise<void> {
    const entry = entries.get(folder);
    if (!entry || entry.users > 0) return;
    clearTimeout(entry.timer);
    entries.delete(folder);
    await (await entry.opening.catch(() => undefined))?.close();
    tell();
  }

  async function makeRoom(bytes: number, name: string): Promise<void> {
    if (bytes > budget)
      throw new GenerateError(
        'out-of-memory',
        `Pack ${name} needs some ${gigabytes(bytes)}, and ${gigabytes(budget)} are allowed on this machine.`,
      );
    const idlers = [...entries].filter(([, { users }]) => users === 0).sort(([, a], [, b]) => a.used - b.used);
    for (const [folder] of idlers) {
      if (taken() + bytes <= budget) return;
      await remove(folder);
    }
  }

  async function load(folder: string, entry: Entry): Promise<OpenPack> {
    const found = await readPackFolder(folder);
    await verifyPack(found);
    const bytes = found.pack.files.reduce((sum, { size }) => sum + size, 0);
    await makeRoom(bytes, found.pack.id);
    entry.bytes = bytes;
    return open(found);
  }

  return {
    async use(folder, work) {
      const stamp = await stampOf(folder);
      // Somebody put another pack of this name there. Whoever still draws with the one before finishes first.
      if (entries.get(folder)?.stamp !== stamp) await remove(folder);
      let entry = entries.get(folder);
      if (!entry) {
        const fresh: Entry = { opening: Promise.reject(), bytes: 0, users: 0, used: 0, stamp };
        fresh.opening.catch(() => undefined);
        fresh.opening = load(folder, fresh);
        entries.set(folder, fresh);
        fresh.opening.then(tell, () => entries.delete(folder));
        entry = fresh;
      }
      clearTimeout(entry.timer);
      entry.users += 1;
      entry.used = clock += 1;
      try {
        return await work(await entry.opening);
      } finally {
        entry.users -= 1;
        if (entry.users === 0) entry.timer = setTimeout(() => void remove(folder).catch(() => undefined), idle).unref();
      }
    },
    async close() {
      for (const folder of [...entries.keys()]) await remove(folder);
    },
  };
}

/** Changes when the pack is replaced; a folder without one fails where it is opened. */
async function stampOf(folder: string): Promise<string> {
  const found = await stat(join(folder, 'pack.json')).catch(() => undefined);
  return found ? `${found.ino} ${found.mtimeMs} ${found.size}` : '';
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
