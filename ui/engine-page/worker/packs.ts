/** Which packs can be drawn with: those that are stored, and those that the page's own host has. */

import { Pack } from '../../../models/families/packs.js';
import { GenerateError } from '../../../models/protocol.js';
import type { Shelf } from '../messages.js';
import { fetchPack, type Progress } from './fetch-pack.js';
import type { Store } from './store.js';

/** Beside the worker's script: packs/index.json, a list of pack.json; and packs/<id>/ with the files. */
const own = (path: string) => new URL(`packs/${path}`, self.location.href).href;

export async function readShelf(store: Store, device: string): Promise<Shelf> {
  const packs = await store.packs();
  const { quota } = await navigator.storage.estimate();
  return {
    device,
    stored: packs.map((pack) => ({ pack, bytes: pack.files.reduce((sum, { size }) => sum + size, 0) })),
    offered: (await offered()).filter(({ id }) => !packs.some((pack) => pack.id === id)),
    used: await store.used(),
    quota: quota ?? null,
  };
}

/** The pack as it is stored, fetched from the page's own host where it is not. */
export async function* ensurePack(store: Store, id: string, signal: AbortSignal): AsyncGenerator<Progress, Pack> {
  const stored = await store.find(id);
  // The browser may have erased files and left the record.
  if (stored && (await isWhole(store, stored))) return stored;
  if (!(await offered()).some((pack) => pack.id === id))
    throw new GenerateError(
      stored ? 'engine-unavailable' : 'unknown-pack',
      stored
        ? `The browser has erased files of ${stored.name}, and this page's host does not have it. Download it again.`
        : `Pack "${id}" is neither stored in this browser nor on this page's host.`,
    );
  yield* fetchPack(store, id, own(`${id}/`), signal);
  const fetched = await store.find(id);
  if (!fetched) throw new GenerateError('damaged-pack', `The host's pack "${id}" goes by another id.`);
  return fetched;
}

async function isWhole(store: Store, pack: Pack): Promise<boolean> {
  for (const file of pack.files) if ((await store.size(file)) !== file.size) return false;
  return true;
}

/** A host that has none, or that is away, offers nothing: what is stored works without it. */
async function offered(): Promise<Pack[]> {
  const response = await fetch(own('index.json'), { cache: 'no-cache', mode: 'same-origin' }).catch(() => null);
  const list: unknown = response?.ok ? await response.json().catch(() => null) : null;
  return Array.isArray(list)
    ? list.flatMap((one) => {
        const parsed = Pack.safeParse(one);
        return parsed.success ? [parsed.data] : [];
      })
    : [];
}
