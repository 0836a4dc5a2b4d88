/**
 * A pack on disk. Its files come from strangers: pack.json is checked, every file has the size and SHA-256 that it states, graphs are
 * made of what graphs may be made of, and no path, link or name leads out of the folder. A file whose size, time and inode are those of the last check is
 * not read again.
 */

import { lstat, open, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isGraph, Pack } from '../../models/families/packs.js';
import { sha256OfFile } from '../../models/onnx/hash.js';
import type { PackFile } from '../../models/pack.js';
import { GenerateError } from '../../models/protocol.js';
import type { PackFiles } from '../../models/run/open.js';
import { checkGraphFile } from './graph-file.js';
import { openVerified, type Verified } from './verified.js';

/** The published recipes make 5 kB; a thousand ideas and files stay below 1 MB. */
const MAXIMUM_MANIFEST_BYTES = 4 * 2 ** 20;
/** Tokenizers and label lists; flan-T5's tokenizer.json has 2.4 MB, a codebook 0.5 MB. */
const MAXIMUM_READ_BYTES = 256 * 2 ** 20;

export type PackFolder = {
  readonly folder: string;
  readonly pack: Pack;
};

export type VerifyProgress = (done: { readonly bytes: number; readonly total: number; readonly path: string }) => void;

/**
 * Reads and checks pack.json; looks at no other file.
 *
 * @throws GenerateError `unknown-pack` when there is none, `damaged-pack` when it is not valid
 */
export async function readPackFolder(folder: string): Promise<PackFolder> {
  const path = join(folder, 'pack.json');
  const size = await stat(path).then(
    (found) => found.size,
    () => {
      throw new GenerateError('unknown-pack', `There is no pack at "${folder}": it has no pack.json.`);
    },
  );
  const refuse = (why: string) => new GenerateError('damaged-pack', `The pack at "${folder}" is not valid: ${why}.`);
  if (size > MAXIMUM_MANIFEST_BYTES)
    throw refuse(`its pack.json has ${size} bytes, more than ${MAXIMUM_MANIFEST_BYTES}`);
  let json: unknown;
  try {
    // Some editors put a mark before the text, which is not JSON.
    json = JSON.parse((await readFile(path, 'utf8')).replace(/^\ufeff/, ''));
  } catch (error) {
    throw refuse(`its pack.json is not JSON (${(error as Error).message})`);
  }
  const parsed = Pack.safeParse(json);
  if (!parsed.success)
    throw refuse(
      parsed.error.issues
        .slice(0, 5)
        .map((issue) => `${issue.path.join('.') || 'pack.json'}: ${issue.message}`)
        .join('; '),
    );
  return { folder: resolve(folder), pack: parsed.data };
}

/** Raised when `checkGraph` refuses more than before, so that what it let in is looked at again. */
const GRAPHS_CHECKED = 'graph 1';

/**
 * Checks every file of a pack against pack.json, and every graph for what it is made of.
 *
 * @param options.again reads files that have not changed since the last check as well
 * @throws GenerateError `damaged-pack` naming all files at fault, or the graph that is refused
 */
export async function verifyPack(
  found: PackFolder,
  options: { again?: boolean; onProgress?: VerifyProgress; signal?: AbortSignal } = {},
): Promise<void> {
  const { folder, pack } = found;
  const { again = false, onProgress, signal } = options;
  const faults: string[] = [];
  const verified = await openVerified(folder);
  const total = pack.files.reduce((sum, file) => sum + file.size, 0);
  let finished = 0;
  try {
    for (const file of pack.files) {
      signal?.throwIfAborted();
      let read = 0;
      const onBytes = (more: number) => {
        read += more;
        onProgress?.({ bytes: finished + Math.min(read, file.size), total, path: file.path });
      };
      const fault = await verifyFile(found, file, verified, { again, onBytes, ...(signal ? { signal } : {}) });
      if (fault) faults.push(fault);
      finished += file.size;
      onProgress?.({ bytes: finished, total, path: file.path });
    }
  } finally {
    // Stopped in the middle of gigabytes, the next time goes on from here.
    await verified.save();
  }
  if (faults.length > 0)
    throw new GenerateError(
      'damaged-pack',
      `Pack "${pack.id}" at "${folder}" is damaged: ${faults.slice(0, 5).join('; ')}${faults.length > 5 ? ` and ${faults.length - 5} more` : ''}. Remove it with "twostep pack remove ${pack.id}", and import or download it again.`,
    );
}

type HowToVerify = { readonly again: boolean; readonly signal?: AbortSignal; onBytes(bytes: number): void };

async function verifyFile(
  { folder, pack }: PackFolder,
  file: PackFile,
  verified: Verified,
  { again, ...how }: HowToVerify,
): Promise<string | undefined> {
  const path = join(folder, file.path);
  const link = await linkOnTheWay(folder, file.path);
  if (link !== undefined) return `"${link}" is a link`;
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile()) return `"${file.path}" is missing`;
  if (found.size !== file.size) return `"${file.path}" has ${found.size} bytes instead of ${file.size}`;
  const graph = isGraph(pack, file.path);
  const content = graph ? `${file.sha256} ${GRAPHS_CHECKED}` : file.sha256;
  const stamp = [content, found.size, found.mtimeMs, found.ctimeMs, found.ino].join(' ');
  if (!again && stamp === verified.get(file.path)) return undefined;
  const sha256 = await sha256OfFile(path, how);
  if (sha256 !== file.sha256) return `"${file.path}" has another content than pack.json states`;
  if (graph) checkGraphFile(folder, pack, file.path);
  verified.set(file.path, stamp);
  return undefined;
}

/** A link inside a pack could lead anywhere, so none is followed. */
async function linkOnTheWay(folder: string, path: string): Promise<string | undefined> {
  const segments = path.split('/');
  for (let depth = 1; depth <= segments.length; depth++) {
    const part = segments.slice(0, depth).join('/');
    const found = await lstat(join(folder, part)).catch(() => undefined);
    if (found?.isSymbolicLink()) return part;
  }
  return undefined;
}

/** The files of a verified pack for `openPack`: graphs by path, so that ONNX Runtime maps their data. */
export function filesOf({ folder, pack }: PackFolder): PackFiles {
  const listed = (path: string) => {
    const file = pack.files.find((one) => one.path === path);
    if (!file) throw new GenerateError('damaged-pack', `Pack "${pack.id}" does not list "${path}".`);
    return file;
  };
  return {
    graph: async (path) => join(folder, listed(path).path),
    async read(path) {
      const { size } = listed(path);
      if (size > MAXIMUM_READ_BYTES)
        throw new GenerateError('damaged-pack', `"${path}" of pack "${pack.id}" has ${size} bytes, too many to read.`);
      const handle = await open(join(folder, path));
      try {
        return await handle.readFile();
      } finally {
        await handle.close();
      }
    },
  };
}
