import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and what it lies in, one after the other: Node's own `recursive` asks for ever where a parent is there and nothing
 * can be made in it, as in /proc.
 * @returns those that were made, the lowest last
 */
export async function makeFolder(folder: string, mode?: number): Promise<string[]> {
  const missing: string[] = [];
  let at = resolve(folder);
  for (;;) {
    const found = await stat(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return null;
    });
    if (found?.isDirectory()) break;
    if (found)
      throw Object.assign(new Error(`${at} is not a folder`), { code: missing.length > 0 ? 'ENOTDIR' : 'EEXIST' });
    missing.unshift(at);
    at = dirname(at);
  }
  for (const path of missing)
    await mkdir(path, mode === undefined ? {} : { mode }).catch((error: NodeJS.ErrnoException) => {
      // Somebody else may have made it in this moment; a parent that is there and not there has no place for folders.
      if (error.code === 'ENOENT') throw Object.assign(error, { code: 'EACCES' });
      if (error.code !== 'EEXIST') throw error;
    });
  return missing;
}
