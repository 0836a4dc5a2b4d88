/** What can be done with a picture, by its key: in the results, or in the history. */
import type { EngineOffer } from '../engines/offer.js';
import type { Canvas } from './canvas.js';
import type { Drawing } from './drawing.js';
import type { Past } from './past.js';
import { fileNameOf, type Pictures } from './pictures.js';
import type { Port } from './port.js';
import { unreadableWords } from './requests.js';
import { newSeed, seedsFrom } from './seeds.js';
import { type Entry, type Notice, placeOf, type State, unplacedOf } from './state.js';
import type { Store } from './store.js';
import { TEXT } from './text.js';
import { blankTile, type Tiles } from './tiles.js';
import { trace } from './vectors.js';

/** Until the menu is painted. Milliseconds. */
const MENU_FIRST = 30;

export function createPictureActions({
  offers,
  store: { get, set },
  notify,
  port,
  pictures,
  tiles,
  past,
  canvas,
  drawing,
}: {
  readonly offers: readonly EngineOffer[];
  readonly store: Store<State>;
  readonly notify: (notice: Notice) => void;
  readonly port: Port;
  readonly pictures: Pictures;
  readonly tiles: Tiles;
  readonly past: Past;
  readonly canvas: Canvas;
  readonly drawing: Drawing;
}) {
  function copyPrompt(prompt: string): void {
    const done = pictures.copy(prompt);
    if (done) port.send({ type: 'notify', text: TEXT.copied });
    else {
      set({ prompt });
      notify({ tone: 'calm', title: TEXT.copyPrompt, detail: TEXT.copyFailed });
    }
    set({ announcement: done ? TEXT.copied : TEXT.copyFailed });
  }

  /** The engine still has the picture as it was drawn, so it needs no drawing again. */
  async function fetchWhole(key: string): Promise<void> {
    const memory = offers.find(({ memory }) => memory)?.memory;
    const bytes = await memory?.whole(key, new AbortController().signal).catch(() => null);
    const tile = tiles.of(key);
    if (tile?.state === 'faded' && bytes) tiles.fill(tile, 'done', bytes);
  }

  return {
    copyPrompt,
    place(key: string) {
      const tile = tiles.of(key);
      if (tile) canvas.place(tile, { job: tile.key, index: 0, where: placeOf(get()).where });
    },
    placeEach: () =>
      canvas.placeEach(
        get().tiles.filter(({ state }) => state === 'done'),
        placeOf(get()).where,
      ),
    /** Those that are not on the canvas yet, beside each other in free space. */
    placeRest: () => canvas.placeEach(unplacedOf(get()), 'beside'),
    drop: canvas.drop,
    vary(key: string) {
      const tile = tiles.of(key);
      if (tile) void drawing.run({ request: { ...tile.request, seeds: seedsFrom(newSeed(), get().settings.count) } });
    },
    /** Same noise, new words: the words are there to be changed, for one picture. */
    reword(key: string) {
      const tile = tiles.of(key);
      if (!tile) return;
      set({ prompt: tile.request.prompt, seed: tile.seed, seedLocked: true, once: 1, wording: get().wording + 1 });
    },
    redraw(key: string) {
      const tile = tiles.of(key);
      if (tile) void drawing.run({ request: tile.request });
    },
    favour(key: string) {
      const tile = tiles.of(key);
      const favourite = !(tile?.favourite ?? get().history.find(({ id }) => id === key)?.favourite);
      if (tile) tiles.change(key, { favourite });
      if (get().history.some(({ id }) => id === key))
        past.change(get().history.map((entry) => (entry.id === key ? { ...entry, favourite } : entry)));
      // A picture that only the engine kept is kept here from now on.
      else if (tile) void past.add({ ...tile, favourite });
    },
    copy(key: string) {
      const tile = tiles.of(key);
      if (tile) copyPrompt(tile.request.prompt);
    },
    save(key: string) {
      const tile = tiles.of(key);
      if (tile?.bytes) pictures.save(tile.bytes, fileNameOf(tile.request.prompt, tile.seed));
    },
    /** Pixels become layers, once for each picture. */
    async trace(key: string): Promise<void> {
      const tile = tiles.of(key);
      if (tile?.state !== 'done' || tile.tracing) return;
      tiles.change(key, { tracing: { state: 'working' } });
      // The menu that asked for it is on screen first.
      await new Promise((resolve) => setTimeout(resolve, MENU_FIRST));
      tiles.change(key, { tracing: await trace(tile, pictures) });
    },
    placeVectors(key: string) {
      const tile = tiles.of(key);
      if (tile) canvas.placeVectors(tile);
    },
    saveVectors(key: string) {
      const tile = tiles.of(key);
      if (tile?.tracing?.state === 'done')
        pictures.save(tile.tracing.svg, fileNameOf(tile.request.prompt, tile.seed, 'svg'));
    },
    remove(key: string) {
      const left = get().tiles.filter((tile) => tile.key !== key);
      tiles.replace(left, { selected: left[0]?.key ?? null });
      past.change(get().history.filter(({ id }) => id !== key));
    },
    /** Brings a picture of the past back: its words and seed, and its small copy until it is fetched or drawn again. */
    open(entry: Entry, small: string) {
      if (!entry.request) {
        const { title, detail } = unreadableWords(entry.unreadable);
        return notify({ tone: 'calm', title, detail });
      }
      const seed = entry.request.seeds[0] ?? 0;
      const known = tiles.of(entry.id);
      if (!get().run) {
        const blank = blankTile(entry.request, seed, entry.id);
        if (known) set({ selected: entry.id });
        else
          tiles.replace([{ ...blank, state: 'faded', url: small, favourite: entry.favourite }], {
            selected: entry.id,
            took: null,
          });
        if (entry.small === null) void fetchWhole(entry.id);
      }
      set({ screen: 'make', prompt: entry.request.prompt, seed, seedLocked: true });
    },
    forget: past.forget,
  };
}
