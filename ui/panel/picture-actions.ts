/** What can be done with a picture, by its key: in the results, or in the history. */
import type { GenerateRequest } from '../../models/protocol.js';
import { fileNameOf } from '../../models/request/file-name.js';
import { settled, wordsOf } from '../../models/wildcards.js';
import { CANVAS_LIMITS } from '../../plugin/messages.js';
import type { EngineOffer, Memory } from '../engines/offer.js';
import type { Canvas } from './canvas.js';
import { otherColours } from './colours.js';
import type { Drawing } from './drawing.js';
import type { Past } from './past.js';
import type { Pictures } from './pictures.js';
import type { Port } from './port.js';
import { isSameImage, modelOf, unreadableWords, varied } from './requests.js';
import { type Entry, isOneEach, type Notice, placeOf, runOf, type State, type Tile, unplacedOf } from './state.js';
import type { Store } from './store.js';
import { TEXT } from './text.js';
import { blankTile, type Tiles } from './tiles.js';
import { trace as traceTile } from './vectors.js';

/** Until a menu or a pressed button is painted. Milliseconds. */
const PAINT_FIRST = 30;

/** Pages of the companion's history that are searched for an image: those of a day of much work. */
const PAGES = 20;

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

  /** The engine may still have the image as it was, so that it need not be generated again. */
  async function fetchWhole({ id, request, small }: Entry): Promise<void> {
    const memory = offers.find(({ memory }) => memory)?.memory;
    const { signal } = new AbortController();
    try {
      if (!memory || !request) return;
      const there = small === null ? id : await findKept(memory, request, signal);
      const bytes = there && (await memory.whole(there, signal));
      const tile = tiles.of(id);
      if (tile?.state === 'faded' && bytes) tiles.fill(tile, 'done', bytes);
    } catch {
      // It went away, or keeps this image no more: the small copy stays.
    }
  }

  /** What the big button does, and Ctrl+Enter. */
  function placeChosen(): void {
    const tile = tiles.of(get().selected);
    if (tile?.state !== 'done' || get().run) return;
    if (isOneEach(get())) placeEach();
    else place(tile.key);
  }

  function place(key: string): void {
    const tile = tiles.of(key);
    if (tile) canvas.place(tile, { job: tile.key, index: 0, where: placeOf(get()).where });
  }

  function placeEach(): void {
    const run = runOf(get(), get().selected);
    canvas.placeEach(
      run.filter(({ state }) => state === 'done'),
      placeOf(get()).where,
    );
  }

  /** Pixels become layers, once for each image. */
  async function trace(key: string): Promise<void> {
    const tile = tiles.of(key);
    if (tile?.state !== 'done' || tile.tracing) return;
    tiles.change(key, { tracing: { state: 'working' } });
    // What asked for it is painted first.
    await new Promise((resolve) => setTimeout(resolve, PAINT_FIRST));
    tiles.change(key, { tracing: await traceTile(tile, pictures, vocabularyOf(tile)) });
  }

  /** What was taken away comes back by a button, or by Ctrl+Z, until something else is taken away or generated. */
  function offerUndo(title: string, detail: string, undo: () => void): void {
    const run = () => {
      undo();
      set({ removal: null });
    };
    set({ removal: { tone: 'calm', title, detail, action: { label: TEXT.undo, run } }, announcement: title });
  }

  /** What the model that made it understands. */
  const vocabularyOf = ({ request }: Tile) => modelOf(get(), request)?.vocabulary;

  /** What an image was drawn with, under what the person keeps the same. */
  const planWith = ({ plan }: Tile['request']) => ({ ...plan, ...get().plan });

  /** Whether the model that made it draws flat images. */
  function isFlat(key: string): boolean {
    const tile = tiles.of(key);
    return Boolean(tile && modelOf(get(), tile.request)?.isFlat);
  }

  return {
    vocabularyOf,
    copyPrompt,
    place,
    placeEach,
    placeChosen,
    /** Those that are not on the canvas yet, beside each other in free space. */
    placeRest: () => canvas.placeEach(unplacedOf(get()), 'beside'),
    drop: canvas.drop,
    vary(key: string) {
      const tile = tiles.of(key);
      if (tile) void drawing.run({ request: varied(get(), tile.request) });
    },
    /** Same noise, new words: the words are there to be changed, for one picture. */
    reword(key: string) {
      const tile = tiles.of(key);
      if (!tile) return;
      const { prompt } = settled(tile.request);
      const plan = planWith(tile.request);
      set({ prompt, plan, seed: tile.seed, seedLocked: true, once: 1, wording: get().wording + 1 });
    },
    /** Where it stands on an even background, or on none any more, and an engine can do without. */
    canBeTransparent(key: string): boolean {
      const tile = tiles.of(key);
      return Boolean(tile?.beyond && tile.beyond !== 'again' && modelOf(get(), tile.request)?.transparent);
    },
    /** The same image with its background, or without it. */
    flipBackground(key: string) {
      const tile = tiles.of(key);
      if (!tile) return;
      const background = tile.request.background === 'opaque' ? 'transparent' : 'opaque';
      void drawing.run({ request: { ...tile.request, background } });
    },
    isFlat,
    /** The same image in the chosen colours, or in its own again. */
    recolour(key: string) {
      const tile = tiles.of(key);
      const palette = tile && otherColours(get(), tile);
      if (tile && palette) void drawing.run({ request: { ...tile.request, palette } });
    },
    /** Twice the pixels, where it is flat and Figma takes so many: it is drawn from its layers then, so it stays sharp. */
    canBeLarger(key: string): boolean {
      const tile = tiles.of(key);
      return Boolean(tile && isFlat(key) && 2 * Math.max(tile.width, tile.height) <= CANVAS_LIMITS.side);
    },
    enlargeTwice(key: string) {
      const tile = tiles.of(key);
      if (!tile) return;
      const { width, height } = tile.request.size;
      void drawing.run({ request: { ...tile.request, size: { width: 2 * width, height: 2 * height } } });
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
      if (tile) copyPrompt(settled(tile.request).prompt);
    },
    save(key: string) {
      const tile = tiles.of(key);
      if (tile?.bytes) pictures.save(tile.bytes, fileNameOf(wordsOf(tile.request), tile.seed));
    },
    trace,
    async placeVectors(key: string): Promise<void> {
      await trace(key);
      const tile = tiles.of(key);
      const tracing = tile?.tracing;
      if (!tile || !tracing || tracing.state === 'working') return;
      if (tracing.state === 'done' && tracing.suits) return canvas.placeVectors(tile);
      const detail = tracing.state === 'done' ? tracing.words : TEXT.vectors.failed;
      notify({ about: 'selection', tone: 'calm', title: TEXT.vectors.unsuited, detail });
    },
    saveVectors(key: string) {
      const tile = tiles.of(key);
      if (tile?.tracing?.state === 'done')
        pictures.save(tile.tracing.svg, fileNameOf(wordsOf(tile.request), tile.seed, 'svg'));
    },
    remove(key: string) {
      const { history } = get();
      const entry = history.find(({ id }) => id === key);
      const run = runOf(get(), key);
      const at = run.findIndex((tile) => tile.key === key);
      const next = run[at + 1] ?? run[at - 1] ?? tiles.all().find((tile) => tile.key !== key);
      const bringBack = tiles.remove([key], { selected: next?.key ?? null, preview: null });
      past.change(history.filter(({ id }) => id !== key));
      offerUndo(TEXT.removed, '', () => {
        bringBack();
        if (entry) past.change([...get().history, entry].sort((a, b) => b.at - a.at));
      });
    },
    /** Earlier runs leave the list; in the history they stay. */
    clearEarlier() {
      const keys = get().earlier.flatMap(({ tiles }) => tiles.map(({ key }) => key));
      const selected = get().tiles.find(({ key }) => key === get().selected) ?? get().tiles[0];
      const bringBack = tiles.remove(keys, { selected: selected?.key ?? null });
      offerUndo(TEXT.cleared(keys.length), TEXT.clearedDetail, bringBack);
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
          tiles.begin([{ ...blank, state: 'faded', url: small, favourite: entry.favourite }], {
            selected: entry.id,
            took: null,
          });
        void fetchWhole(entry);
      }
      set({ screen: 'make', prompt: entry.request.prompt, plan: planWith(entry.request), seed, seedLocked: true });
    },
    forget: past.forget,
  };
}

/** @returns the engine's name for an image of the same request, or null */
async function findKept(memory: Memory, request: GenerateRequest, signal: AbortSignal): Promise<string | null> {
  let next: string | null = null;
  for (let page = 0; page < PAGES; page++) {
    const { pictures, next: after }: Awaited<ReturnType<Memory['list']>> = await memory.list(next, signal);
    const same = pictures.find((kept) => isSameImage(kept.request, request));
    if (same) return same.id;
    if (after === null) return null;
    next = after;
  }
  return null;
}
