/**
 * A lock on a folder that the operating system holds for a process and drops when the process ends, however it ends; nothing of it
 * stays on disk that could be stale. Node knows no flock(2), so it is
 *
 * - on Linux a socket in the abstract namespace, named after the folder's device and inode. Containers with networks of their own
 *   do not see each other's: a folder that two of them share is not protected.
 * - on Windows a named pipe, of which only the first may be made.
 * - elsewhere a file that is opened with O_EXLOCK, which BSD and macOS have instead.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** `O_EXLOCK | O_NONBLOCK` of BSD and macOS (sys/fcntl.h); Node has no names for them. */
const EXCLUSIVE = 0x20 | 0x4;

export type Lock = { release(): Promise<void> };

/**
 * @param folder is there
 * @returns null when another process has it
 */
export async function lockFolder(folder: string): Promise<Lock | null> {
  if (process.platform === 'linux' || process.platform === 'win32') return lockName(await nameOf(folder));
  return lockFile(join(folder, 'lock'));
}

async function nameOf(folder: string): Promise<string> {
  const { dev, ino } = await stat(folder, { bigint: true });
  const name = createHash('sha256').update(`twostep ${dev} ${ino}`).digest('hex').slice(0, 32);
  return process.platform === 'win32' ? `\\\\.\\pipe\\twostep-${name}` : `\0twostep-${name}`;
}

function lockName(name: string): Promise<Lock | null> {
  // It has nothing to say; whoever connects is let go.
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(null);
      else reject(error);
    });
    server.listen({ path: name, exclusive: true }, () => {
      server.unref();
      resolve({ release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}

async function lockFile(path: string): Promise<Lock | null> {
  const flags = constants.O_RDWR | constants.O_CREAT | EXCLUSIVE;
  const file = await open(path, flags, 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EAGAIN' || error.code === 'EWOULDBLOCK') return null;
    throw error;
  });
  return file && { release: () => file.close() };
}
