/** Folders that people name for what a command makes, tried before the work is done. */
import { rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './make-folder.js';
import { explainFault, StorageError } from './storage.js';

export type Prepared = {
  /** Removes what was made for nothing: folders that are empty still. */
  tidy(): Promise<void>;
};

/**
 * Finds out whether files can be written there, before the work for them is done.
 * @param purpose as in "The pictures"
 * @throws StorageError
 */
export async function prepareOutput(folder: string, purpose: string): Promise<Prepared> {
  const probe = join(folder, `.twostep-${process.pid}.probe`);
  let made: string[] = [];
  try {
    made = await makeFolder(folder);
    await writeFile(probe, 'x');
  } catch (error) {
    const isFile = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const reason = isFile ? 'it is there already. It is no folder' : explainFault(error);
    const message = `${folder}: ${reason}. ${purpose} can't go there; name another folder with --out.`;
    throw new StorageError(message, { cause: error });
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
  return {
    async tidy() {
      for (const path of made.reverse()) await rmdir(path).catch(() => undefined); // It holds something: it is wanted.
    },
  };
}
