/** Finding packs: by folder, by id, or the best at hand. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Pack } from '../../models/pack.js';
import { GenerateError } from '../../models/protocol.js';

const PACK_FILE = 'pack.json';

/** pack.json of a pack with 1000 files is some 200 kB. */
const MAXIMUM_PACK_JSON_BYTES = 4 * 2 ** 20;

export type FoundPack = { readonly folder: string; readonly pack: Pack };
export type DamagedPack = { readonly folder: string; readonly message: string };
export type Shelf = { readonly packs: readonly FoundPack[]; readonly damaged: readonly DamagedPack[] };

/**
 * Reads pack.json; the files that it lists are looked at by `verifyPack`.
 * @throws GenerateError `unknown-pack` when there is none, `damaged-pack` when it is not valid
 */
export async function readPack(folder: string): Promise<FoundPack> {
  const path = join(folder, PACK_FILE);
  const refuse = (why: string, cause?: unknown) => new GenerateError('damaged-pack', `${path} ${why}`, { cause });
  const { size } = await stat(path).catch((cause: unknown) => {
    throw new GenerateError('unknown-pack', `There is no pack in ${folder}: ${PACK_FILE} is missing.`, { cause });
  });
  if (size > MAXIMUM_PACK_JSON_BYTES)
    throw refuse(`has ${size} bytes; a pack.json has at most ${MAXIMUM_PACK_JSON_BYTES}.`);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw refuse(`can not be read: ${(cause as Error).message}`, cause);
  }
  const parsed = Pack.safeParse(value);
  if (parsed.success) return { folder: resolve(folder), pack: parsed.data };
  const faults = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`);
  throw refuse(`is not a valid pack: ${faults.join('; ')}.`);
}

/** All packs in these folders, best first: folders in their order, in each by what it can do and then by id. */
export async function listPacks(folders: readonly string[]): Promise<Shelf> {
  const packs: FoundPack[] = [];
  const damaged: DamagedPack[] = [];
  for (const parent of folders) {
    const here: FoundPack[] = [];
    for (const name of await subfolders(parent)) {
      const folder = join(parent, name);
      try {
        here.push(await readPack(folder));
      } catch (error) {
        if (!(error instanceof GenerateError)) throw error;
        // A folder without pack.json is no pack, and nobody's fault.
        if (error.code === 'damaged-pack') damaged.push({ folder, message: error.message });
      }
    }
    packs.push(...here.sort((a, b) => rank(b.pack) - rank(a.pack) || a.pack.id.localeCompare(b.pack.id)));
  }
  return { packs, damaged };
}

/**
 * @param wanted a folder, or the id of a pack in one of `folders`; undefined asks for the best at hand
 * @throws GenerateError `unknown-pack` or `damaged-pack`
 */
export async function findPack(wanted: string | undefined, folders: readonly string[]): Promise<FoundPack> {
  if (wanted !== undefined) {
    const path = basename(wanted) === PACK_FILE ? dirname(wanted) : wanted;
    if (/[/\\]/.test(wanted) || (await isFile(join(path, PACK_FILE)))) return readPack(path);
  }
  const { packs, damaged } = await listPacks(folders);
  const found = wanted === undefined ? packs[0] : packs.find(({ pack }) => pack.id === wanted);
  if (found) return found;
  const broken = damaged.find(({ folder }) => wanted === undefined || basename(folder) === wanted);
  if (broken) throw new GenerateError('damaged-pack', broken.message);
  if (wanted === undefined)
    throw new GenerateError(
      'unknown-pack',
      `There is no pack at hand; looked in ${folders.join(', ')}. "twostep import" makes one.`,
    );
  const known = packs.length > 0 ? `There are ${packs.map(({ pack }) => pack.id).join(', ')}` : 'There is none';
  throw new GenerateError('unknown-pack', `There is no pack "${wanted}". ${known}; looked in ${folders.join(', ')}.`);
}

/** A student is what this program is about; words say more than classes. */
function rank(pack: Pack): number {
  return (pack.student ? 2 : 0) + (pack.condition.kind === 'text' ? 1 : 0);
}

async function subfolders(parent: string): Promise<string[]> {
  try {
    const entries = await readdir(parent, { withFileTypes: true });
    // Links count: people keep large packs on another disk. Names with a dot are imports under way.
    return entries.flatMap((entry) => (!entry.isFile() && !entry.name.startsWith('.') ? [entry.name] : [])).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

const isFile = (path: string) => stat(path).then((found) => found.isFile(), () => false);
