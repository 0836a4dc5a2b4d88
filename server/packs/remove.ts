/** Taking a pack of the person's own away, with what was left where it was fetched or made. */
import { lstat, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { takePartialFolder } from '../../models/import/partial-folder.js';
import { GenerateError } from '../../models/protocol.js';
import { type ListedPack, listPacks } from './list.js';
import { userPackFolder } from './places.js';

export type Removable = {
  /** What the person may call it: its id, or the name of its folder where that is all there is. */
  readonly name: string;
  readonly folder: string;
  /** What is in the folder and in what was left beside it. */
  readonly files: number;
  readonly bytes: number;
};

/**
 * Looks among the person's own packs, by id and then by folder, for those that are damaged, and for what a `twostep pull` or an import left.
 *
 * @throws GenerateError `invalid-request` for a pack that comes with the program, `unknown-pack` naming what there is
 */
export async function findRemovable(wanted: string): Promise<Removable> {
  const root = resolve(userPackFolder());
  const listed = await listPacks();
  const own = listed.filter(({ folder }) => dirname(resolve(folder)) === root);
  const found = own.find((pack) => nameOf(pack) === wanted) ?? own.find(({ folder }) => basename(folder) === wanted);
  // Only what is in the folder of packs can be meant: no path of anybody's is made of the name.
  const names = await readdir(root).catch((): string[] => []);
  const name = found ? basename(found.folder) : wanted;
  const left = names.find((one) => one === `${name}.partial`);
  if (found || left !== undefined) {
    const folder = join(root, name);
    const sizes = [await measure(folder), await measure(`${folder}.partial`)];
    return {
      name: found ? nameOf(found) : name,
      folder,
      files: sizes.reduce((sum, { files }) => sum + files, 0),
      bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }
  if (listed.some((pack) => nameOf(pack) === wanted))
    throw new GenerateError(
      'invalid-request',
      `Pack "${wanted}" comes with the program and stays as long as it does; only your own packs can be removed.`,
    );
  throw new GenerateError(
    'unknown-pack',
    `There is no pack "${wanted}" among your own in "${root}"; there are: ${own.map(nameOf).join(', ') || 'none'}.`,
  );
}

/**
 * All at once: it is first moved to where packs are made, which nothing lists, so that an interruption leaves no half of a pack.
 *
 * @throws ImportError when it is being fetched or made at the moment
 */
export async function removePack({ folder }: Removable): Promise<void> {
  const partial = await takePartialFolder(folder);
  try {
    await partial.empty();
    if (await lstat(folder).catch(() => undefined)) await rename(folder, join(partial.folder, 'removed'));
    await partial.discard();
  } finally {
    await partial.release();
  }
}

const nameOf = (pack: ListedPack) => (pack.state === 'ready' ? pack.pack.id : basename(pack.folder));

/** Follows no links. */
async function measure(path: string): Promise<{ files: number; bytes: number }> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return { files: 0, bytes: 0 };
  if (!found.isDirectory()) return { files: 1, bytes: found.size };
  const sum = { files: 0, bytes: 0 };
  for (const name of await readdir(path)) {
    const { files, bytes } = await measure(join(path, name));
    sum.files += files;
    sum.bytes += bytes;
  }
  return sum;
}
