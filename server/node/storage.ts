/** The folder of the companion's stores, and what LMDB makes of a disk that is full or can only be read. */
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './make-folder.js';

/** The disk did not take what was to be written. The message is a sentence for the person. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

/** What two fresh stores and the note of who runs take; below that a start would only fail later, and less clearly. */
const NEEDED_BYTES = 512 * 1024;

/**
 * Makes the folder and tries it, before anything is opened in it.
 * @throws StorageError saying what hinders
 */
export async function prepareFolder(folder: string): Promise<void> {
  const probe = join(folder, `probe-${process.pid}`);
  try {
    await makeFolder(folder, 0o700);
    await writeFile(probe, new Uint8Array(NEEDED_BYTES), { flush: true });
  } catch (error) {
    throw new StorageError(
      `Twostep keeps keys, jobs and pictures in "${folder}", but ${explainFault(error)}. Mend that, or name another folder in TWOSTEP_DATA.`,
      { cause: error },
    );
  } finally {
    // If it can't be removed, it could not be written either.
    await rm(probe, { force: true }).catch(() => undefined);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk can only be read',
  EACCES: 'it may not be written to',
  EPERM: 'it may not be written to',
  ENOTDIR: 'a part of that path is not a folder',
  EEXIST: 'a file has that name',
  EFBIG: 'files may not become so large there',
  EIO: 'the disk reported an error',
};

/** What hinders writing, as the rest of a sentence. */
export const explainFault = (error: unknown): string =>
  REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;

/** Whether an error of Node's says that a disk takes no more. */
export const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '');

/** A disk that takes no more, in the words that `written` has. Other errors stay what they are. */
export function orStorageError(error: unknown, folder: string): unknown {
  if (isFull(error))
    return new StorageError(`The disk of "${folder}" is full. Make room and try again.`, { cause: error });
  if (((error as NodeJS.ErrnoException).code ?? '') in REASONS)
    return new StorageError(`"${folder}" could not be written to: ${explainFault(error)}.`, { cause: error });
  return error;
}

/** A write of LMDB's. @throws StorageError */
export async function written<T>(write: Promise<T>, folder: string): Promise<T> {
  try {
    return await write;
  } catch (error) {
    const { bavail, bsize } = await statfs(folder);
    const full = bavail * bsize < NEEDED_BYTES;
    throw new StorageError(
      full
        ? `The disk of "${folder}" is full. Make room and try again.`
        : `"${folder}" could not be written to: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}

/**
 * When a commit fails, LMDB rejects a promise for each write in it and one more inside the error, and several of them are given to
 * nobody. Who began the write is told by its own; the others must not end the program. Its errors have numbers for codes, where
 * those of Node have words.
 */
export const isFailedCommit = (error: unknown): boolean =>
  error instanceof Error &&
  !(error instanceof DOMException) &&
  ('commitError' in error || typeof (error as { code?: unknown }).code === 'number');
