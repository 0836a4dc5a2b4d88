/** The pictures in view, as a part of the state. Addresses of pictures that leave the view are released here. */
import type { GenerateRequest } from '../../models/protocol.js';
import type { Pictures } from './pictures.js';
import type { State, Tile } from './state.js';
import type { Store } from './store.js';

export type Tiles = ReturnType<typeof createTiles>;

export function createTiles({ get, set }: Store<State>, pictures: Pictures) {
  const of = (key: string | null) => get().tiles.find((tile) => tile.key === key);
  const release = (tiles: readonly Tile[]) => {
    // The address of a small copy belongs to the history.
    for (const { url, state } of tiles) if (url && state !== 'faded') pictures.release(url);
  };
  return {
    of,
    change: (key: string, changes: Partial<Tile>) =>
      set({ tiles: get().tiles.map((tile) => (tile.key === key ? { ...tile, ...changes } : tile)) }),
    /** Other pictures take the place of those in view; tiles that stay keep their addresses. */
    replace(tiles: readonly Tile[], changes: Partial<State> = {}): void {
      release(get().tiles.filter(({ key, url }) => !tiles.some((tile) => tile.key === key && tile.url === url)));
      set({ tiles, ...changes });
    },
    /** A draft or the picture arrives. */
    fill(tile: Tile, state: 'draft' | 'done', bytes: Uint8Array): Tile {
      const filled: Tile = { ...tile, state, url: pictures.show(bytes), bytes: state === 'done' ? bytes : null };
      release([tile]);
      set({ tiles: get().tiles.map((one) => (one.key === tile.key ? filled : one)) });
      return filled;
    },
  };
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
