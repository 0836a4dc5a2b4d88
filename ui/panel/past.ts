/** The history in the state, and its shards at the canvas: read once at the start, then written where they change. */
import { addEntry, createArchive, dropOldest, HISTORY_KEYS, readHistory } from './archive.js';
import type { Pictures } from './pictures.js';
import type { Port } from './port.js';
import type { Entry, State, Tile } from './state.js';
import type { Store } from './store.js';

/** So much stays when the storage is full: enough room for a while, and little lost at once. */
const SHORTER = 0.9;

/** A shard that was asked for and did not come yet; no shard looks like it. */
const UNREAD = 'unread';

export type Past = ReturnType<typeof createPast>;

export function createPast({
  store: { get, set },
  port,
  pictures,
  now,
}: {
  readonly store: Store<State>;
  readonly port: Port;
  readonly pictures: Pictures;
  readonly now: () => number;
}) {
  let archive = createArchive();
  /** What came of each shard so far; null when all are read. */
  let awaited: Map<string, string | null> | null = null;

  const write = (history: readonly Entry[]) => {
    for (const change of archive.changes(history)) port.send({ type: 'store', ...change });
  };

  /** Asks the canvas for what it kept. */
  function load(): void {
    for (const key of HISTORY_KEYS) port.send({ type: 'load', key });
  }

  /** Takes a shard that came; other values are not its business. */
  function take(key: string, value: string | null): void {
    if (!awaited?.has(key)) return;
    awaited.set(key, value);
    const shards = [...awaited.values()];
    if (shards.includes(UNREAD)) return;
    awaited = null;
    const recent = get().history;
    const before = readHistory(shards).filter(({ id }) => !recent.some((entry) => entry.id === id));
    const history = [...recent, ...before];
    archive = createArchive(shards);
    set({ history });
    write(history);
  }

  function change(history: readonly Entry[]): void {
    set({ history });
    // Until the old ones are read, a write could go over them.
    if (!awaited) write(history);
  }

  /** A finished picture becomes the newest entry; one that the browser can't make small is left out. */
  async function add(tile: Tile): Promise<void> {
    if (!tile.bytes) return;
    const small = await pictures.shrink(tile.bytes).catch(() => '');
    if (small === '') return;
    const { key: id, request, favourite } = tile;
    change(addEntry(get().history, { id, at: now(), file: get().file, request, small, favourite }));
  }

  return {
    /** From now on shards are awaited, and nothing is written until all have come. */
    expect: () => {
      awaited = new Map(HISTORY_KEYS.map((key) => [key, UNREAD]));
    },
    forget(): void {
      set({ history: [] });
      for (const change of archive.forget()) port.send({ type: 'store', ...change });
    },
    load,
    take,
    change,
    add,
    /** The storage is full: the oldest leave, in view at least; what could not be written is written with the next picture. */
    shorten: () => set({ history: dropOldest(get().history, Math.floor(get().history.length * SHORTER)) }),
  };
}
