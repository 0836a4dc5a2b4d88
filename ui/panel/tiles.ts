/** The pictures in view, as a part of the state. Addresses of pictures that leave the view are released here. */
import type { GenerateRequest } from '../../models/protocol.js';
import { groundOf } from '../../models/run/ground.js';
import { isPattern } from '../../models/run/pattern.js';
import type { Beyond } from '../../plugin/messages.js';
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
  const change = (key: string, changes: Partial<Tile>) =>
    set({ tiles: get().tiles.map((tile) => (tile.key === key ? { ...tile, ...changes } : tile)) });
  const looks = new WeakMap<Uint8Array, Promise<Beyond | null>>();
  const look = (bytes: Uint8Array): Promise<Beyond | null> => {
    // What can not be read is placed all the same, and the canvas says what is wrong with it.
    const known = looks.get(bytes) ?? pictures.read(bytes).then(beyondOf, () => null);
    looks.set(bytes, known);
    return known;
  };
  return {
    of,
    change,
    beyond: async ({ bytes }: Tile) => (bytes ? look(bytes) : null),
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
      if (state === 'done') void look(bytes).then((beyond) => change(tile.key, { beyond }));
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

function beyondOf(image: Parameters<typeof groundOf>[0]): Beyond | null {
  if (isPattern(image)) return 'again';
  const ground = groundOf(image);
  if (!ground) return null;
  const [r, g, b] = ground;
  return { r: r / 255, g: g / 255, b: b / 255 };
}
