/** The images in view, as a part of the state: the run in front, and earlier ones. Addresses of images that leave the view are released here. */
import type { GenerateRequest } from '../../models/protocol.js';
import { groundOf } from '../../models/run/ground.js';
import { isPattern } from '../../models/run/pattern.js';
import type { Beyond } from '../../plugin/messages.js';
import type { Pictures } from './pictures.js';
import type { Batch, State, Tile } from './state.js';
import type { Store } from './store.js';

export type Tiles = ReturnType<typeof createTiles>;

/** Images of earlier runs that stay in the list: some ten runs. */
const EARLIER = 40;
/** Bytes of their PNGs: large images leave sooner. */
const EARLIER_BYTES = 64_000_000;

/** The image of a layer is in front only while that layer is selected. */
const LAYER = 'layer ';
export const layerKey = (id: string) => LAYER + id;
export const isOfLayer = ({ key }: Tile) => key.startsWith(LAYER);

export function createTiles({ get, set }: Store<State>, pictures: Pictures) {
  const of = (key: string | null) => allOf(get()).find((tile) => tile.key === key);
  /** Taken out of the list; their addresses live until they can't be brought back any more. */
  let removed: readonly Tile[] = [];
  const release = (tiles: readonly Tile[]) => {
    // The address of a small copy belongs to the history.
    for (const { url, state } of tiles) if (url && state !== 'faded') pictures.release(url);
  };
  /** Tiles that stay keep their addresses. */
  const put = (tiles: readonly Tile[], earlier: readonly Batch[], changes: Partial<State> = {}): void => {
    const next = allOf({ tiles, earlier });
    release(allOf(get()).filter(({ key, url }) => !next.some((tile) => tile.key === key && tile.url === url)));
    set({ tiles, earlier, ...changes });
  };
  const swap = (key: string, work: (tile: Tile) => Tile) => {
    const inside = (tiles: readonly Tile[]) => tiles.map((tile) => (tile.key === key ? work(tile) : tile));
    const { tiles, earlier } = get();
    set({ tiles: inside(tiles), earlier: earlier.map((batch) => ({ ...batch, tiles: inside(batch.tiles) })) });
  };
  const change = (key: string, changes: Partial<Tile>) => swap(key, (tile) => ({ ...tile, ...changes }));
  const looks = new WeakMap<Uint8Array, Promise<Beyond | null>>();
  const look = (bytes: Uint8Array): Promise<Beyond | null> => {
    // What can not be read is placed all the same, and the canvas says what is wrong with it.
    const known = looks.get(bytes) ?? pictures.read(bytes).then(beyondOf, () => null);
    looks.set(bytes, known);
    return known;
  };
  return {
    of,
    all: () => allOf(get()),
    change,
    beyond: async ({ bytes }: Tile) => (bytes ? look(bytes) : null),
    /** The run in front has these tiles from now on. */
    replace: (tiles: readonly Tile[], changes: Partial<State> = {}) => put(tiles, get().earlier, changes),
    /** Another run comes to the front. What is finished of the one before becomes the newest earlier run. */
    begin(tiles: readonly Tile[], changes: Partial<State> = {}): void {
      const mine = new Set(tiles.map(({ key }) => key));
      const rest = (list: readonly Tile[]) => list.filter((tile) => !mine.has(tile.key) && isLasting(tile));
      const batches = [batchOf(get().tiles), ...get().earlier];
      put(tiles, bounded(batches.map((batch) => ({ ...batch, tiles: rest(batch.tiles) }))), changes);
    },
    /** The run in front came to nothing: the one before it comes back. */
    goBack(changes: Partial<State> = {}): void {
      const [last, ...earlier] = get().earlier;
      put(last?.tiles ?? [], earlier, { selected: last?.tiles[0]?.key ?? null, ...changes });
    },
    /** Takes images out of the list. @returns a way to bring them back */
    remove(keys: readonly string[], changes: Partial<State> = {}): () => void {
      const before = get();
      const stay = (list: readonly Tile[]) => list.filter(({ key }) => !keys.includes(key));
      release(removed);
      const gone = allOf(before).filter(({ key }) => keys.includes(key));
      removed = gone;
      const earlier = before.earlier.map((batch) => ({ ...batch, tiles: stay(batch.tiles) }));
      set({ tiles: stay(before.tiles), earlier: bounded(earlier), ...changes });
      return () => {
        // Where another removal came since, the addresses are gone.
        if (removed !== gone) return;
        removed = [];
        put(...putBack(before, get(), gone), { selected: gone[0]?.key ?? before.selected });
      };
    },
    /** A draft or the picture arrives. */
    fill(tile: Tile, state: 'draft' | 'done', bytes: Uint8Array): Tile {
      const filled: Tile = { ...tile, state, url: pictures.show(bytes), bytes: state === 'done' ? bytes : null };
      release([tile]);
      swap(tile.key, () => filled);
      if (state === 'done') void look(bytes).then((beyond) => change(tile.key, { beyond }));
      return filled;
    },
  };
}

type Lists = Pick<State, 'tiles' | 'earlier'>;

const allOf = ({ tiles, earlier }: Lists) => [...tiles, ...earlier.flatMap(({ tiles }) => tiles)];

const batchOf = (tiles: readonly Tile[]): Batch => ({ id: tiles[0]?.key ?? '', tiles });

const isLasting = (tile: Tile) => (tile.state === 'done' || tile.state === 'faded') && !isOfLayer(tile);

/** Without empty runs, and not more than may stay: the oldest leave. */
function bounded(batches: readonly Batch[]): readonly Batch[] {
  const kept: Batch[] = [];
  let [images, bytes] = [0, 0];
  for (const batch of batches) {
    if (batch.tiles.length === 0) continue;
    images += batch.tiles.length;
    bytes += batch.tiles.reduce((sum, tile) => sum + (tile.bytes?.length ?? 0), 0);
    if (images > EARLIER || bytes > EARLIER_BYTES) break;
    kept.push(batch);
  }
  return kept;
}

/** @returns the lists of now with what was taken out of those of before, each image where it was; runs that came since stay in front */
function putBack(before: Lists, now: Lists, gone: readonly Tile[]): [readonly Tile[], readonly Batch[]] {
  const current = new Map([...gone, ...allOf(now)].map((tile) => [tile.key, tile]));
  const old = [batchOf(before.tiles), ...before.earlier].map(({ id, tiles }) => ({
    id,
    tiles: tiles.flatMap(({ key }) => current.get(key) ?? []),
  }));
  const known = new Set(old.flatMap(({ tiles }) => tiles.map(({ key }) => key)));
  const since = [batchOf(now.tiles), ...now.earlier].map(({ id, tiles }) => ({
    id,
    tiles: tiles.filter(({ key }) => !known.has(key)),
  }));
  const [front, ...earlier] = [...since, ...old].filter(({ tiles }) => tiles.length > 0);
  return [front?.tiles ?? [], bounded(earlier)];
}

/** The place of a picture that is not drawn yet. */
export const blankTile = (request: GenerateRequest, seed: number, key: string): Tile => ({
  key,
  seed,
  request: { ...request, seeds: [seed] },
  state: 'waiting',
  url: null,
  bytes: null,
  ...request.size,
  favourite: false,
  placed: [],
});

function beyondOf(image: Parameters<typeof groundOf>[0]): Beyond | null {
  if (image.alpha?.some((opacity) => opacity < 255)) return 'nothing';
  if (isPattern(image)) return 'again';
  const ground = groundOf(image);
  if (!ground) return null;
  const [r, g, b] = ground;
  return { r: r / 255, g: g / 255, b: b / 255 };
}
