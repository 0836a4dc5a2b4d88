/**
 * Whether the files of a pack are what pack.json says: present, inside the folder, of the right size and SHA-256.
 *
 * Hashing 5 GB takes seconds, so what was found right is remembered by size and times of each file, and hashed again only
 * when one of these changes. The record lies in the person's cache folder, because a pack may lie where we can't write.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { PackFile } from '../../models/pack.js';
import { GenerateError } from '../../models/protocol.js';
import type { FoundPack } from './shelf.js';

export type VerifyOptions = {
  /** Folder of the records, or null to hash everything and remember nothing. */
  readonly cache: string | null;
  readonly signal?: AbortSignal | undefined;
  /** Called while hashing: bytes behind us and bytes in all. */
  readonly onProgress?: ((done: number, total: number, file: string) => void) | undefined;
};

/** Path in the pack -> "sha256 size mtime ctime inode" of the file that was found right. */
type Remembered = Record<string, string>;

/** Large enough that the disk and not the loop sets the pace. */
const READ_BYTES = 4 * 2 ** 20;

/**
 * @returns sentences about what is wrong; none when the pack is sound
 * @throws the signal's reason when cancelled
 */
export async function verifyPack(found: FoundPack, options: VerifyOptions): Promise<string[]> {
  const { folder, pack } = found;
  const recordPath = options.cache === null ? null : join(options.cache, 'verified', `${hash(folder)}.json`);
  const known = recordPath === null ? {} : await readRecord(recordPath);
  const right: Remembered = {};
  const faults: string[] = [];
  const total = pack.files.reduce((sum, file) => sum + file.size, 0);
  let done = 0;
  for (const file of pack.files) {
    options.signal?.throwIfAborted();
    const fault = await verifyFile(file, found, known, right, {
      ...options,
      onProgress: (bytes) => options.onProgress?.(done + bytes, total, file.path),
    });
    if (fault !== null) faults.push(fault);
    done += file.size;
  }
  if (recordPath !== null && JSON.stringify(known) !== JSON.stringify(right)) await writeRecord(recordPath, right);
  return faults;
}

/** @throws GenerateError `damaged-pack` that names every fault */
export async function requireSoundPack(found: FoundPack, options: VerifyOptions): Promise<void> {
  const faults = await verifyPack(found, options);
  if (faults.length > 0)
    throw new GenerateError('damaged-pack', `Pack ${found.pack.id} in ${found.folder} is damaged: ${faults.join('; ')}.`);
}

async function verifyFile(
  file: PackFile,
  { folder }: FoundPack,
  known: Remembered,
  right: Remembered,
  options: { signal?: AbortSignal | undefined; onProgress: (bytes: number) => void },
): Promise<string | null> {
  const path = join(folder, file.path);
  const real = await realpath(path).catch(() => null);
  if (real === null) return `${file.path} is missing`;
  if (!real.startsWith((await realpath(folder)) + sep)) return `${file.path} leads out of the pack, to ${real}`;
  const { size, mtimeMs, ctimeMs, ino } = await stat(real);
  if (size !== file.size) return `${file.path} has ${size} bytes instead of ${file.size}`;
  const signature = `${file.sha256} ${size} ${mtimeMs} ${ctimeMs} ${ino}`;
  if (known[file.path] !== signature) {
    const sha256 = await hashFile(real, options);
    if (sha256 !== file.sha256) return `${file.path} has the SHA-256 ${sha256} instead of ${file.sha256}`;
  }
  right[file.path] = signature;
  return null;
}

async function hashFile(
  path: string,
  { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress: (bytes: number) => void },
): Promise<string> {
  const digest = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
    signal?.throwIfAborted();
    digest.update(chunk as Uint8Array);
    bytes += (chunk as Uint8Array).byteLength;
    onProgress(bytes);
  }
  return digest.digest('hex');
}

async function readRecord(path: string): Promise<Remembered> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Remembered) : {};
  } catch {
    // None yet, or unreadable: everything is hashed, which is always right.
    return {};
  }
}

async function writeRecord(path: string, record: Remembered): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.${process.pid}`, JSON.stringify(record));
    await rename(`${path}.${process.pid}`, path);
  } catch {
    // A home that can't be written costs the hashing the next time, no more.
  }
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);
