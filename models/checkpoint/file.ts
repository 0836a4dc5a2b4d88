/** Files as byte sources: with open.ts, the only place here that knows node:fs. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { CheckpointError, refusalOf } from './error.js';
import type { ByteSource } from './source.js';

/** Node refuses to read 2 GiB at once. */
const MAXIMUM_READ_BYTES = 2 ** 30;

export interface OpenFile extends ByteSource {
  close(): Promise<void>;
}

/** @throws CheckpointError when there is no such file, or it is a folder, a pipe or a device. */
export async function openFile(path: string): Promise<OpenFile> {
  let handle: FileHandle;
  let size: number;
  try {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw new CheckpointError(
      path,
      'missing',
      `can't be opened (${codeOf(error)}). Check the path and its permissions.`,
    );
  }
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw new CheckpointError(path, 'missing', 'is not a file. Give the path of a checkpoint.');
    size = status.size;
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    name: path,
    size,
    async readInto(offset, target) {
      let done = 0;
      while (done < target.length) {
        const length = Math.min(target.length - done, MAXIMUM_READ_BYTES);
        const { bytesRead } = await handle.read(target, done, length, offset + done).catch((error: unknown) => {
          const fault = `can't be read at byte ${offset + done} (${codeOf(error)}).`;
          throw new CheckpointError(path, 'missing', `${fault} Open the checkpoint again, and check its disk.`);
        });
        if (bytesRead === 0) {
          throw refusalOf(path).damaged(
            `ends before byte ${offset + done + 1}, but had ${size} bytes when it was opened. Wait until it is complete, and open it again.`,
          );
        }
        done += bytesRead;
      }
    },
    close: () => handle.close(),
  };
}

/** The short name of a system error, such as ENOENT. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}
