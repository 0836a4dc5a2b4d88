/** The canvas as it was left: layers, their images and the file's own data, in the browser's database. A reload brings it back. */
import { type Layer, PAGE, type StandInDocument } from './stand-in/document.js';

const DATABASE = 'twostep-playground';
const STORE = 'canvas';
const DOCUMENT = 'document';
const IMAGE = 'image ';

/** Milliseconds: a placed image is many changes. */
const PAUSE = 50;

type Written = {
  readonly layers: readonly Layer[];
  readonly root: readonly (readonly [string, string])[];
};

export type KeptCanvas = Written & { readonly images: ReadonlyMap<string, Uint8Array> };

export type Keep = {
  /** @returns null where nothing was kept, or nothing that can be read */
  load(): Promise<KeptCanvas | null>;
  save(canvas: KeptCanvas): Promise<void>;
};

/** @returns null in windows without a database, such as those opened from a file */
export async function openKeep(indexedDB: IDBFactory | undefined): Promise<Keep | null> {
  try {
    if (!indexedDB) return null;
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    const database = await settled(opening);
    /** Hashes that are in the database. */
    const known = new Set<string>();
    return {
      async load() {
        const store = database.transaction(STORE).objectStore(STORE);
        const [keys, values] = await Promise.all([settled(store.getAllKeys()), settled(store.getAll())]);
        const entries = new Map(keys.map((key, at) => [String(key), values[at] as unknown]));
        const document = entries.get(DOCUMENT);
        if (!isWritten(document)) return null;
        const images = new Map<string, Uint8Array>();
        for (const [key, bytes] of entries)
          if (key.startsWith(IMAGE) && bytes instanceof Uint8Array) images.set(key.slice(IMAGE.length), bytes);
        for (const hash of images.keys()) known.add(hash);
        return { ...document, images };
      },
      async save({ layers, root, images }) {
        const used = new Set(layers.flatMap(hashesOf));
        const transaction = database.transaction(STORE, 'readwrite');
        const store = transaction.objectStore(STORE);
        store.put({ layers, root } satisfies Written, DOCUMENT);
        for (const hash of used) {
          const bytes = images.get(hash);
          if (bytes && !known.has(hash)) store.put(bytes, IMAGE + hash);
          known.add(hash);
        }
        for (const hash of known)
          if (!used.has(hash)) {
            store.delete(IMAGE + hash);
            known.delete(hash);
          }
        await new Promise<void>((resolve, reject) => {
          transaction.oncomplete = () => resolve();
          transaction.onabort = () => reject(transaction.error);
        });
      },
    };
  } catch {
    return null;
  }
}

/** Saves what was done, a moment later; placeholders of images under way are no part of it. @returns saves at once */
export function keepSaving(
  keep: Keep,
  document: StandInDocument,
  rest: () => Omit<KeptCanvas, 'layers'>,
  fail: () => void,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let saved = document.committed();
  const save = () => {
    clearTimeout(timer);
    const layers = document.committed();
    if (layers === saved) return;
    saved = layers;
    keep.save({ layers: [...layers.values()], ...rest() }).catch(fail);
  };
  document.subscribe((what) => {
    if (what === 'selection') return;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  return save;
}

const settled = <Value>(request: IDBRequest<Value>) =>
  new Promise<Value>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

function hashesOf({ fills }: Layer): string[] {
  if (!Array.isArray(fills)) return [];
  return fills.flatMap((fill: { readonly imageHash?: unknown }) =>
    typeof fill.imageHash === 'string' ? [fill.imageHash] : [],
  );
}

/** Written by us, or by an older version of us: what the canvas would stumble over is not taken. */
function isWritten(value: unknown): value is Written {
  if (typeof value !== 'object' || value === null) return false;
  const { layers, root } = value as { readonly layers?: unknown; readonly root?: unknown };
  if (!Array.isArray(layers) || !Array.isArray(root)) return false;
  const ids = new Set<unknown>([PAGE, ...layers.map((layer: { readonly id?: unknown } | null) => layer?.id)]);
  return layers.every(
    (layer: Partial<Layer> | null) =>
      typeof layer?.id === 'string' &&
      typeof layer.type === 'string' &&
      ids.has(layer.parent) &&
      [layer.x, layer.y, layer.width, layer.height].every(Number.isFinite),
  );
}
