/** The files of a published model, into a folder of downloads: each gone on with where an earlier try ended, and checked. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { sha256OfFile } from '../../models/onnx/hash.js';
import { Sha256 } from '../../models/pack.js';
import { GenerateError } from '../../models/protocol.js';
import { fetchFile, type Patience } from './fetch-file.js';
import type { Hub, HubFile } from './hub.js';

export type FetchEvent =
  | { readonly type: 'progress'; readonly bytes: number; readonly total: number; readonly path: string }
  /** The hub says no hash of it: what came is noted, and has to be the same from then on. */
  | { readonly type: 'noted'; readonly path: string; readonly sha256: string };

/** "repository/path" -> SHA-256 of what came first. */
const Noted = z.record(z.string().max(2000), Sha256);

/** Where a file lies below the folder of downloads, each repository in a folder of its own. */
export const placeOf = ({ repository, path }: Pick<HubFile, 'repository' | 'path'>): string =>
  join(repository.replace('/', '--'), ...path.split('/'));

/** @throws GenerateError `unknown-pack` when it can't be had, `damaged-pack` when it is not what it was or what the hub says */
export async function* fetchPublished(
  hub: Hub,
  files: readonly HubFile[],
  { downloads, notes, ...patience }: { readonly downloads: string; readonly notes: string } & Patience,
): AsyncGenerator<FetchEvent> {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let finished = 0;
  for (const file of files) {
    const key = `${file.repository}/${file.path}`;
    const known = file.sha256 ?? (await readNotes(notes))[key] ?? null;
    const wanted = { path: placeOf(file), size: file.size, sha256: known };
    for await (const bytes of fetchFile(hub.address(file), wanted, downloads, patience))
      yield { type: 'progress', bytes: finished + bytes, total, path: file.path };
    finished += file.size;
    yield { type: 'progress', bytes: finished, total, path: file.path };
    if (known !== null) continue;
    const sha256 = await sha256OfFile(join(downloads, wanted.path), { signal: patience.signal });
    await mkdir(dirname(notes), { recursive: true });
    await writeFile(notes, `${JSON.stringify({ ...(await readNotes(notes)), [key]: sha256 }, null, 1)}\n`);
    yield { type: 'noted', path: key, sha256 };
  }
}

async function readNotes(path: string): Promise<z.infer<typeof Noted>> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return {};
  try {
    return Noted.parse(JSON.parse(text));
  } catch (cause) {
    throw new GenerateError(
      'damaged-pack',
      `"${path}" holds no hashes any more: ${(cause as Error).message.slice(0, 200)}. Remove it to note them anew.`,
      { cause },
    );
  }
}
