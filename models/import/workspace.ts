/**
 * The folder in which a pack grows: beside its goal, so that one rename finishes it. What was finished before an
 * interruption is found again; a failed import leaves nothing.
 */
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { PackFile } from '../pack.js';
import { ImportError } from './recipe.js';

const State = z.strictObject({
  /** What everything here was made from. */
  sources: z.string(),
  parts: z.record(z.string(), z.array(PackFile)),
  hashes: z.record(z.string(), z.string()),
});
type State = z.infer<typeof State>;

const STATE = 'import-state.json';
const LOCK = 'import.lock';

export type Workspace = {
  readonly folder: string;
  /** The files of a part, made now unless an earlier run finished it. */
  part(name: string, make: () => Promise<PackFile[]>): Promise<PackFile[]>;
  /** A value that is expensive to compute, remembered like a part. */
  hash(key: string, compute: () => Promise<string>): Promise<string>;
  /** Moves the finished pack to its place. */
  finish(): Promise<void>;
  /** Removes everything. */
  discard(): Promise<void>;
  /** Leaves it for the next run. */
  release(): Promise<void>;
};

/**
 * @param sources tells this import from others; another value than last time means beginning anew
 * @throws ImportError when the pack is there already or another process works on it
 */
export async function openWorkspace(out: string, sources: string): Promise<Workspace> {
  if (await stat(out).catch(() => undefined))
    throw new ImportError(`"${out}" is there already. Remove it, or choose another folder with --out.`);
  const folder = `${out}.partial`;
  await mkdir(dirname(out), { recursive: true });
  await mkdir(folder, { recursive: true });
  await takeLock(join(folder, LOCK), out);
  let state = await readState(join(folder, STATE));
  if (state?.sources !== sources) {
    await emptyExceptLock(folder);
    state = { sources, parts: {}, hashes: {} };
  }
  const current: State = state;
  // Parts and hashes end at the same time, and each saves everything.
  let saved = Promise.resolve();
  const save = () => {
    saved = saved.then(async () => {
      const temporary = join(folder, `${STATE}.new`);
      await writeFile(temporary, JSON.stringify(current));
      await rename(temporary, join(folder, STATE));
    });
    return saved;
  };
  return {
    folder,
    async part(name, make) {
      const known = current.parts[name];
      if (known && (await allThere(folder, known))) return known;
      const files = await make();
      current.parts[name] = files;
      await save();
      return files;
    },
    async hash(key, compute) {
      const known = current.hashes[key];
      if (known !== undefined) return known;
      const value = await compute();
      current.hashes[key] = value;
      await save();
      return value;
    },
    async finish() {
      await rm(join(folder, STATE), { force: true });
      await rm(join(folder, LOCK), { force: true });
      await rename(folder, out);
    },
    discard: () => rm(folder, { recursive: true, force: true }),
    release: () => rm(join(folder, LOCK), { force: true }),
  };
}

async function takeLock(path: string, out: string): Promise<void> {
  for (;;)
    try {
      const handle = await open(path, 'wx');
      await handle.writeFile(String(process.pid));
      await handle.close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(await readFile(path, 'utf8').catch(() => ''));
      if (Number.isInteger(owner) && owner > 0 && owner !== process.pid && isAlive(owner))
        throw new ImportError(`Process ${owner} is making "${out}" already.`);
      // Its owner was killed: what it finished is still good.
      await rm(path, { force: true });
    }
}

function isAlive(owner: number): boolean {
  try {
    process.kill(owner, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function readState(path: string): Promise<State | undefined> {
  try {
    return State.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined; // Nothing begun, or cut off while it was written.
  }
}

async function emptyExceptLock(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name !== LOCK) await rm(join(folder, name), { recursive: true, force: true });
}

async function allThere(folder: string, files: readonly PackFile[]): Promise<boolean> {
  for (const file of files)
    if ((await stat(join(folder, file.path)).catch(() => undefined))?.size !== file.size) return false;
  return true;
}
