/** The image of the layer that is selected: it is the result shown, so that tiles, prompt and selection are about one thing. */
import type { GenerateRequest } from '../../models/protocol.js';
import type { Target, ToPanel } from '../../plugin/messages.js';
import type { Port } from './port.js';
import { isSameImage } from './requests.js';
import type { State, Tile } from './state.js';
import type { Store } from './store.js';
import { blankTile, isOfLayer, layerKey, type Tiles } from './tiles.js';

export function createLayerImages({
  store: { get, set },
  port,
  tiles,
}: {
  readonly store: Pick<Store<State>, 'get' | 'set'>;
  readonly port: Port;
  readonly tiles: Tiles;
}) {
  /** The tile of a layer whose image the canvas was asked for. */
  let awaited: { readonly id: string; readonly tile: Tile } | null = null;

  function inFront(tile: Tile): void {
    tiles.begin([tile], { selected: tile.key, preview: null, took: null });
  }

  /** Another layer, or none: what was in front before comes back. */
  function leave(): void {
    awaited = null;
    const { tiles: front, run } = get();
    if (!run && front.some(isOfLayer)) tiles.goBack({ preview: null, took: null });
  }

  return {
    leave,
    show(target: Target, request: GenerateRequest): void {
      leave();
      if (get().run) return;
      const known = tiles.all().find((tile) => tile.state === 'done' && isSameImage(tile.request, request));
      if (known) {
        set({ selected: known.key });
        return;
      }
      const tile = blankTile(request, request.seeds[0] ?? 0, layerKey(target.id));
      awaited = { id: target.id, tile: { ...tile, placed: [target.name] } };
      port.send({ type: 'read-image', id: target.id });
    },
    take({ id, bytes }: Extract<ToPanel, { type: 'image' }>): void {
      if (awaited?.id !== id || get().run) return;
      const { tile } = awaited;
      awaited = null;
      const entry = get().history.find(({ request }) => isSameImage(request, tile.request));
      // Without its image, as with a layer of vectors, its small copy or at least its words and seed are shown.
      inFront({ ...tile, state: 'faded', url: entry?.small ?? null, favourite: entry?.favourite ?? false });
      if (bytes) tiles.fill({ ...tile, state: 'faded' }, 'done', bytes);
    },
  };
}
