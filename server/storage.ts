/** The folder of the companion's stores, and what LMDB makes of a disk that is full or can only be read. */
import { constants } from 'node:fs';
import { access, mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

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
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch(async (error: unknown) => {
      // Node says "no such file" of a disk that can only be read; the parent knows better.
      await access(await nearest(folder), constants.W_OK);
      throw error;
    });
    await writeFile(probe, new Uint8Array(NEEDED_BYTES), { flush: true });
  } catch (error) {
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;
    throw new StorageError(
      `Twostep keeps keys, jobs and pictures in "${folder}", but ${reason}. Mend that, or name another folder in TWOSTEP_DATA.`,
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
};

/** The folder itself, or the lowest above it that exists. */
async function nearest(folder: string): Promise<string> {
  const there = await access(folder).then(
    () => true,
    () => false,
  );
  return there || dirname(folder) === folder ? folder : nearest(dirname(folder));
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
