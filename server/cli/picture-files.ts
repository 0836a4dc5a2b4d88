/** Pictures on disk: a name that tells what it is, nothing overwritten, never half a file. */
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../node/errors.js';
import { EXIT } from '../node/exit-codes.js';
import { makeFolder } from '../node/make-folder.js';
import { orStorageError } from '../node/storage.js';
import { MAXIMUM_FILE_BYTES } from '../pictures/source.js';

/** What pictures are written as. */
export const PICTURE_FORMATS = ['png', 'svg'] as const;
export type PictureFormat = (typeof PICTURE_FORMATS)[number];

/** After this many pictures of one prompt and seed in one folder something is wrong. */
const MAXIMUM_COPIES = 10_000;

/**
 * Writes `<stem>.<ending>`, or `<stem>-2.<ending>` and so on when that is taken.
 * @returns the path
 */
export async function writePicture(
  folder: string,
  stem: string,
  ending: PictureFormat,
  bytes: Uint8Array | string,
): Promise<string> {
  await makeFolder(folder);
  const temporary = join(folder, `.${stem}.${process.pid}.tmp`);
  try {
    await writeFile(temporary, bytes);
    const path = await reserve(folder, stem, ending);
    await rename(temporary, path);
    return path;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw orStorageError(error, folder);
  }
}

/**
 * A picture that somebody named, to start from.
 *
 * @throws CommandError `usage` where there is none, or one that is too large
 */
export async function readInputFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size <= MAXIMUM_FILE_BYTES) return await readFile(path);
    throw new CommandError(EXIT.usage, `${path} has ${size} bytes; at most ${MAXIMUM_FILE_BYTES} are read.`);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(EXIT.usage, `${path} can not be read: ${(error as Error).message}.`, { cause: error });
  }
}

/** Makes an empty file under the first free name, so that nobody else takes it. */
async function reserve(folder: string, stem: string, ending: PictureFormat): Promise<string> {
  for (let copy = 1; copy <= MAXIMUM_COPIES; copy++) {
    const path = join(folder, `${stem}${copy === 1 ? '' : `-${copy}`}.${ending}`);
    try {
      await (await open(path, 'wx')).close();
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  throw new Error(`${folder} holds ${MAXIMUM_COPIES} pictures named ${stem} already`);
}
