/**
 * Fetching a pack: pack.json first, then its files, each gone on with where an earlier try ended, and all of it in place at once or
 * not at all.
 */

import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isGraph, Pack } from '../../models/families/packs.js';
import { type PartialFolder, takePartialFolder } from '../../models/import/partial-folder.js';
import { ImportError } from '../../models/import/recipe.js';
import type { PackFile } from '../../models/pack.js';
import { GenerateError } from '../../models/protocol.js';
import { type Answer, isSafe } from './ask.js';
import { askWhile, damaged, fetchFile, PATIENCE, type Patience, unreachable } from './fetch-file.js';
import { checkGraphFile } from './graph-file.js';
import { watchIdle } from './idle-timeout.js';
import { embeddedIds } from './list.js';

export type PullEvent =
  | { readonly type: 'progress'; readonly bytes: number; readonly total: number; readonly path: string }
  | { readonly type: 'done'; readonly folder: string; readonly pack: string };

export type PullOptions = {
  /** Address of a pack.json, or of the folder that holds it. */
  readonly url: string;
  /** Folder of packs; the pack goes into one of its own there, called by its id. */
  readonly into: string;
  /** Whether the pack may take the place of another one of its id. Without it, it may not. */
  mayReplace?(conflict: Conflict): Promise<boolean>;
} & Pick<Patience, 'signal'> &
  Partial<Patience>;

/** What the person is asked. */
export type Conflict = {
  readonly pack: string;
  /** `embedded`: it comes with the program and would be hidden; `own`: it would be gone. */
  readonly kind: 'embedded' | 'own';
  readonly url: string;
};

/** The published recipes make 5 kB. */
const MAXIMUM_MANIFEST_BYTES = 4 * 2 ** 20;
/** pack.json until the pack is whole. No file of a pack can be called so (models/pack.ts, PackPath). */
const MANIFEST = 'pack.json~';

/** @throws GenerateError `unknown-pack` when it can't be had, `damaged-pack` when it is not what it says it is */
export async function* pullPack({
  url,
  into,
  signal,
  retries = PATIENCE.retries,
  silence = PATIENCE.silence,
  mayFollow = async () => false,
  mayReplace = async () => false,
}: PullOptions): AsyncGenerator<PullEvent> {
  const manifest = manifestUrl(url);
  const text = await readManifest(manifest, { signal, silence, mayFollow });
  const pack = parseManifest(text, manifest);
  const folder = join(into, pack.id);
  await settle(pack.id, 'embedded');
  // Asked before anything is made or fetched, and looked at again once nobody else can change it.
  const before = await readText(folder, 'pack.json');
  if (before !== undefined && before !== text) await settle(pack.id, 'own');
  const partial = await takePartialFolder(folder).catch((error: unknown) => {
    throw error instanceof ImportError ? new GenerateError('unknown-pack', error.message, { cause: error }) : error;
  });
  try {
    // Looked for only now: until a moment ago somebody else may have fetched it.
    const present = await readText(folder, 'pack.json');
    if (present !== undefined) {
      if (present === text) {
        await partial.discard();
        return yield { type: 'done', folder, pack: pack.id };
      }
      if (present !== before) await settle(pack.id, 'own');
    }
    await begin(partial, text);
    const total = pack.files.reduce((sum, { size }) => sum + size, 0);
    let finished = 0;
    for (const file of pack.files) {
      const url = new URL(file.path, manifest);
      for await (const bytes of fetchFile(url, file, partial.folder, { signal, retries, silence, mayFollow }))
        yield { type: 'progress', bytes: finished + bytes, total, path: file.path };
      if (isGraph(pack, file.path)) await checkFetched(partial.folder, pack, file);
      finished += file.size;
      yield { type: 'progress', bytes: finished, total, path: file.path };
    }
    await rename(join(partial.folder, MANIFEST), join(partial.folder, 'pack.json'));
    await takePlace(partial, folder);
    yield { type: 'done', folder, pack: pack.id };
  } finally {
    await partial.release();
  }

  /** A pack is asked for by its id: a stranger's must not be drawn with in place of the one that is meant. */
  async function settle(id: string, kind: Conflict['kind']): Promise<void> {
    if (kind === 'embedded' && !(await embeddedIds()).has(id)) return;
    if (await mayReplace({ pack: id, kind, url: manifest.href })) return signal.throwIfAborted();
    throw new GenerateError(
      'unknown-pack',
      kind === 'embedded'
        ? `The pack at "${manifest.href}" is called "${id}", as the one that comes with the program, which it would hide. To have it nevertheless, say --replace.`
        : `Another pack "${id}" is at "${folder}" already. To have this one in its place, say --replace, or remove it first: "twostep pack remove ${id}".`,
    );
  }
}

/** The one before is put aside by a name that no pack has, and is back where the new one can't take its place. */
async function takePlace(partial: PartialFolder, folder: string): Promise<void> {
  const aside = `${folder}~before.partial`;
  await rm(aside, { recursive: true, force: true });
  const before = await rename(folder, aside).then(
    () => true,
    () => false,
  );
  try {
    await partial.finish();
  } catch (error) {
    if (before) await rename(aside, folder).catch(() => undefined);
    throw error;
  }
  if (before) await rm(aside, { recursive: true, force: true });
}

/** Keeps what was fetched of this very pack; of another version it is worth nothing, which hashes would tell only at the end. */
async function begin(partial: PartialFolder, text: string): Promise<void> {
  // Versions before this one had pack.json there from the beginning.
  const before = (await readText(partial.folder, MANIFEST)) ?? (await readText(partial.folder, 'pack.json'));
  if (before !== text) await partial.empty();
  await writeFile(join(partial.folder, MANIFEST), text);
  await rm(join(partial.folder, 'pack.json'), { force: true });
}

/** A hash says that it is the file of the pack, not that the pack means well: one that is refused never becomes a pack that is listed. */
async function checkFetched(folder: string, pack: Pack, { path }: PackFile): Promise<void> {
  try {
    checkGraphFile(folder, pack, path);
  } catch (error) {
    await rm(join(folder, path));
    throw error;
  }
}

const readText = (folder: string, name: string) => readFile(join(folder, name), 'utf8').catch(() => undefined);

/** Only encrypted, unless it is this very machine. */
function manifestUrl(text: string): URL {
  const refuse = (why: string) => new GenerateError('unknown-pack', `"${text}" ${why}.`);
  if (!URL.canParse(text)) throw refuse('is no address and no name of the registry');
  const url = new URL(text);
  if (!isSafe(url)) throw refuse('does not begin with https');
  if (!url.pathname.endsWith('.json')) url.pathname = `${url.pathname.replace(/\/$/, '')}/pack.json`;
  return url;
}

async function readManifest(
  url: URL,
  { signal, silence, mayFollow }: Pick<Patience, 'signal' | 'silence' | 'mayFollow'>,
): Promise<string> {
  const watch = watchIdle(signal, silence);
  watch.listen();
  let response: Answer | undefined;
  try {
    response = await askWhile(watch, url, {}, mayFollow);
    if (response.status !== 200) throw unreachable(url, `it answered ${response.status}`);
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body) {
      watch.listen();
      size += part.length;
      if (size > MAXIMUM_MANIFEST_BYTES) throw damaged(url, `it has more than ${MAXIMUM_MANIFEST_BYTES} bytes`);
      parts.push(part);
    }
    return Buffer.concat(parts).toString('utf8');
  } catch (error) {
    throw signal.aborted || error instanceof GenerateError ? error : unreachable(url, (error as Error).message);
  } finally {
    response?.discard();
    watch.rest();
  }
}

function parseManifest(text: string, url: URL): Pack {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw damaged(url, `it is not JSON (${(error as Error).message})`);
  }
  const parsed = Pack.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damaged(url, `${issue?.path.join('.') || 'pack.json'}: ${issue?.message}`);
}
