/** Checkpoints become a pack: its parts made one after the other, resumable, and there all at once or not at all. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256OfFile } from '../onnx/hash.js';
import type { Pack, PackFile } from '../pack.js';
import { describePack, describeUnmade } from './describe-pack.js';
import { resolveFolder } from './folders.js';
import type { Opened } from './importer.js';
import { importerOf } from './importers.js';
import type { Recipe, Role } from './recipe.js';
import { listSources, type SourceFile } from './sources.js';
import { STORAGE, type StorageName } from './storage.js';
import { watch } from './watch.js';
import { openWorkspace, type Workspace } from './workspace.js';

export type ImportJob = {
  readonly recipe: Recipe;
  readonly files: Readonly<Partial<Record<Role, string>>>;
  /** Folder of the pack that is to be made. */
  readonly out: string;
  readonly storage: StorageName;
};

export type ImportEvent =
  /** `fraction` is of all bytes to be read and written, 0..1. */
  | { readonly type: 'progress'; readonly label: string; readonly fraction: number }
  | { readonly type: 'done'; readonly id: string; readonly folder: string; readonly bytes: number };

/**
 * Makes the pack. Stopped by the signal or by a kill it leaves what is finished for the next run; failed it leaves nothing.
 *
 * @throws ImportError, CheckpointError, NetworkError: sentences that say what does not fit
 */
export async function* importPack(job: ImportJob, signal: AbortSignal): AsyncGenerator<ImportEvent, void> {
  const { recipe, out } = job;
  const files: ImportJob['files'] = Object.fromEntries(
    await Promise.all(
      Object.entries(job.files).map(async ([role, path]) => [
        role,
        path === undefined ? path : await resolveFolder(path),
      ]),
    ),
  );
  const sourceFiles = await listSources(files);
  const opened = await importerOf(recipe)(recipe, files, STORAGE[job.storage]);
  let workspace: Workspace | undefined;
  try {
    // What the recipe gets wrong is said now, not after gigabytes.
    describeUnmade(recipe, opened, sourceFiles, job.storage);
    const identity = sourceFiles.map(({ role, name, size, modified }) => [role, name, size, modified]);
    workspace = await openWorkspace(out, JSON.stringify([recipe, job.storage, identity]));
    yield* makeParts(job, opened, sourceFiles, workspace, signal);
  } catch (error) {
    if (!signal.aborted) await workspace?.discard();
    throw error;
  } finally {
    await workspace?.release();
    await opened.close();
  }
}

async function* makeParts(
  { recipe, out, storage }: ImportJob,
  { parts, fields }: Opened,
  sourceFiles: readonly SourceFile[],
  workspace: Workspace,
  signal: AbortSignal,
): AsyncGenerator<ImportEvent, void> {
  const total = [...parts.map(({ bytes }) => bytes), ...sourceFiles.map(({ size }) => size)].reduce((a, b) => a + b, 1);
  const under = new AbortController();
  const stop = AbortSignal.any([signal, under.signal]);
  let done = 0;
  const begun: Promise<unknown>[] = [];
  const begin = <T>(bytes: number, work: (onBytes: (bytes: number) => void) => Promise<T>): Promise<T> => {
    let seen = 0;
    const reach = (now: number) => {
      done += now - seen;
      seen = now;
    };
    const result = work((more) => reach(Math.min(bytes, seen + more))).then((value) => {
      reach(bytes); // What an earlier run finished reports nothing on the way.
      return value;
    });
    result.catch(() => {}); // Thrown when its turn comes.
    begun.push(result);
    return result;
  };
  const progress = (label: string) => (): ImportEvent => ({ type: 'progress', label, fraction: done / total });

  const made: PackFile[] = [];
  // Beside the writing, because it is another core's work and another file's.
  const origins = begin(
    sourceFiles.reduce((sum, { size }) => sum + size, 0),
    (onBytes) => hashSources(sourceFiles, workspace, { signal: stop, onBytes }),
  );
  try {
    for (const { name, bytes, make } of parts) {
      const work = begin(bytes, (onBytes) =>
        workspace.part(name, () => make(workspace.folder, { signal: stop, onBytes })),
      );
      made.push(...(yield* watch(work, progress(`writing ${name}`))));
      signal.throwIfAborted();
    }
    yield* watch(origins, progress('noting the origin of the files'));
  } finally {
    // Nothing may write here any more once the next one may.
    under.abort();
    await Promise.allSettled(begun);
  }
  const provenance = await origins;
  const pack = describePack(recipe, fields, { files: made, provenance, storage });
  await writeFile(join(workspace.folder, 'pack.json'), `${JSON.stringify(pack, null, 2)}\n`);
  await workspace.finish();
  yield { type: 'done', id: pack.id, folder: out, bytes: pack.files.reduce((sum, { size }) => sum + size, 0) };
}

async function hashSources(
  sourceFiles: readonly SourceFile[],
  workspace: Workspace,
  how: { signal: AbortSignal; onBytes(bytes: number): void },
): Promise<Pack['provenance']['sources']> {
  const found: Pack['provenance']['sources'] = [];
  for (const { role, path, name, size } of sourceFiles) {
    const sha256 = await workspace.hash(path, () => sha256OfFile(path, how));
    found.push({ role, file: name, size, sha256 });
  }
  return found;
}
