/** Which packs are there, and which one is meant. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { preferenceOf } from '../../models/families/packs.js';
import { isPartial } from '../../models/import/partial-folder.js';
import { GenerateError } from '../../models/protocol.js';
import { hasFailed } from './first-run.js';
import { type PackFolder, readPackFolder } from './folder.js';
import { embeddedPackFolder, userPackFolder } from './places.js';

export type ListedPack =
  | ({ readonly state: 'ready'; readonly embedded: boolean } & PackFolder)
  | { readonly state: 'broken'; readonly folder: string; readonly reason: string };

/** The person's packs first, then the embedded ones; a user's pack hides an embedded one of the same id. */
export async function listPacks(): Promise<ListedPack[]> {
  const listed: ListedPack[] = [];
  const ids = new Set<string>();
  for (const [root, embedded] of [
    [userPackFolder(), false],
    [embeddedPackFolder(), true],
  ] as const)
    for (const name of (await readdir(root).catch(() => [])).sort()) {
      // What is being fetched or made is no pack yet.
      if (isPartial(name)) continue;
      const folder = join(root, name);
      if (!(await stat(join(folder, 'pack.json')).catch(() => undefined))?.isFile()) continue;
      try {
        const found = await readPackFolder(folder);
        if (ids.has(found.pack.id)) continue;
        ids.add(found.pack.id);
        listed.push({ state: 'ready', embedded, ...found });
      } catch (error) {
        if (!(error instanceof GenerateError)) throw error;
        listed.push({ state: 'broken', folder, reason: error.message });
      }
    }
  return listed;
}

/** What comes with the program. */
export async function embeddedIds(): Promise<ReadonlySet<string>> {
  const root = embeddedPackFolder();
  const ids = new Set<string>();
  for (const name of await readdir(root).catch(() => [])) {
    const found = await readPackFolder(join(root, name)).catch(() => undefined);
    if (found) ids.add(found.pack.id);
  }
  return ids;
}

/**
 * The pack of this id or folder; without one, the best at hand.
 *
 * @throws GenerateError `unknown-pack` naming what there is, `damaged-pack`
 */
export async function findPack(wanted: string | undefined): Promise<PackFolder> {
  if (wanted !== undefined && (await stat(join(wanted, 'pack.json')).catch(() => undefined)))
    return readPackFolder(wanted);
  const packs = (await listPacks()).filter((pack) => pack.state === 'ready');
  if (wanted === undefined) {
    packs.sort((a, b) => preferenceOf(b.pack) - preferenceOf(a.pack));
    // What a pack says of its size is its own word: one that could not draw is not the best, whatever it says.
    for (const pack of packs) if (pack.embedded || !(await hasFailed(pack.folder))) return pack;
    const [best] = packs;
    if (best) return best;
    throw new GenerateError(
      'unknown-pack',
      `There is no pack on this machine yet. Make one with "twostep import"; packs are looked for in "${userPackFolder()}".`,
    );
  }
  const found = packs.find((pack) => pack.pack.id === wanted);
  if (found) return found;
  throw new GenerateError(
    'unknown-pack',
    `There is no pack "${wanted}"${packs.length > 0 ? `; there are: ${packs.map((pack) => pack.pack.id).join(', ')}` : ''}. A folder with a pack.json will do as well.`,
  );
}
