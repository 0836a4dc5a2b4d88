/**
 * The folder in which a pack grows: beside its goal, so that one rename finishes it, and for one at a time. What lies in it is kept
 * for the next try until it is finished or discarded.
 */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isAlive } from './alive.js';
import { ImportError } from './recipe.js';

const ENDING = '.partial';
const LOCK = 'import.lock';

/** Locks of this process: the number in a lock file may be ours and yet be that of one that was killed. */
const held = new Set<string>();

export type PartialFolder = {
  readonly folder: string;
  /** Removes what an earlier try left. */
  empty(): Promise<void>;
  /** Moves it to its place. */
  finish(): Promise<void>;
  /** Removes it. */
  discard(): Promise<void>;
  /** Leaves it for the next try; does nothing after one of the others. */
  release(): Promise<void>;
};

/** Whether a folder of this name is no pack, but may become one. */
export const isPartial = (name: string): boolean => name.endsWith(ENDING);

/**
 * @param out where the pack is to be
 * @throws ImportError when somebody else works on it
 */
export async function takePartialFolder(out: string): Promise<PartialFolder> {
  const folder = `${out}${ENDING}`;
  await mkdir(dirname(out), { recursive: true });
  await mkdir(folder, { recursive: true });
  const lock = join(folder, LOCK);
  await take(lock, out);
  const unlock = async () => {
    if (held.delete(lock)) await rm(lock, { force: true });
  };
  return {
    folder,
    async empty() {
      for (const name of await readdir(folder))
        if (name !== LOCK) await rm(join(folder, name), { recursive: true, force: true });
    },
    async finish() {
      await unlock();
      await rename(folder, out);
    },
    async discard() {
      await rm(folder, { recursive: true, force: true });
      await unlock();
    },
    release: unlock,
  };
}

async function take(lock: string, out: string): Promise<void> {
  const refuse = (owner: number) => new ImportError(`Process ${owner} is making "${out}" already.`);
  if (held.has(lock)) throw refuse(process.pid);
  held.add(lock);
  try {
    for (;;)
      try {
        const handle = await open(lock, 'wx');
        await handle.writeFile(String(process.pid));
        await handle.close();
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
        if (owner !== process.pid && isAlive(owner)) throw refuse(owner);
        // Its owner was killed: what it finished is still good.
        await rm(lock, { force: true });
      }
  } catch (error) {
    held.delete(lock);
    throw error;
  }
}
