/** What an import has made so far: what was finished before an interruption is found again; a failed import leaves nothing. */
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { PackFile } from '../pack.js';
import { takePartialFolder } from './partial-folder.js';
import { ImportError } from './recipe.js';

const State = z.strictObject({
  /** What everything here was made from. */
  sources: z.string(),
  parts: z.record(z.string(), z.array(PackFile)),
  hashes: z.record(z.string(), z.string()),
});
type State = z.infer<typeof State>;

const STATE = 'import-state.json';

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
    throw new ImportError(
      `"${out}" is there already. "twostep pack remove ${basename(out)}" removes it from your packs; or choose another folder with --out.`,
    );
  const partial = await takePartialFolder(out);
  const { folder } = partial;
  let state = await readState(join(folder, STATE));
  if (state?.sources !== sources) {
    await partial.empty();
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
      await partial.finish();
    },
    discard: partial.discard,
    release: partial.release,
  };
}

async function readState(path: string): Promise<State | undefined> {
  try {
    return State.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined; // Nothing begun, or cut off while it was written.
  }
}

async function allThere(folder: string, files: readonly PackFile[]): Promise<boolean> {
  for (const file of files)
    if ((await stat(join(folder, file.path)).catch(() => undefined))?.size !== file.size) return false;
  return true;
}
