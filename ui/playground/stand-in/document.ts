/** The document behind the stand-in: layers as plain records, and its undo history as the maps of before. */
import type { Paint } from '../../../plugin/host.js';

/** Coordinates are pixels of the page, also of layers inside others. Degrees for the rotation. */
export type Layer = {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly rotation: number;
  readonly radius: number;
  readonly locked: boolean;
  /** 'mixed' where parts of it differ; null for layers without fills. */
  readonly fills: readonly Paint[] | 'mixed' | null;
  readonly text: string;
  /** What a frame that was made of an SVG shows; the layers in it are drawn by it. */
  readonly svg: string | null;
  readonly data: Readonly<Record<string, string>>;
  readonly relaunch: readonly string[];
};

export type Layers = ReadonlyMap<string, Layer>;

export const PAGE = '0:1';

export type StandInDocument = {
  readonly layers: () => Layers;
  readonly selection: () => readonly string[];
  /** Adds a layer on top. @returns its id */
  add(layer: Partial<Omit<Layer, 'id'>>): string;
  change(id: string, changes: Partial<Layer>): void;
  /** With all that is in it. */
  remove(id: string): void;
  select(ids: readonly string[]): void;
  /** What was done since the last commit becomes one step of undo. */
  commit(): void;
  undo(): boolean;
  redo(): boolean;
  /** As the last commit left it, without what is under way. */
  committed(): Layers;
  /** Layers of another time take the place of all. */
  load(layers: readonly Layer[]): void;
  canUndo(): boolean;
  canRedo(): boolean;
  /** What there is now was always there. */
  forgetPast(): void;
  /** Told of every change. */
  subscribe(listener: (what: 'layers' | 'selection' | 'past') => void): () => void;
};

export function createDocument(): StandInDocument {
  let layers: Layers = new Map();
  let selection: readonly string[] = [];
  let past: Layers[] = [layers];
  let future: Layers[] = [];
  let count = 1;
  const listeners = new Set<(what: 'layers' | 'selection' | 'past') => void>();
  const tell = (what: 'layers' | 'selection' | 'past') => {
    for (const listener of [...listeners]) listener(what);
  };
  const select = (ids: readonly string[]) => {
    const next = ids.filter((id) => layers.has(id));
    if (next.join() === selection.join()) return;
    selection = next;
    tell('selection');
  };
  const put = (next: Layers) => {
    layers = next;
    tell('layers');
    select(selection);
  };
  const isInside = (layer: Layer | undefined, id: string): boolean =>
    layer !== undefined && (layer.id === id || isInside(layers.get(layer.parent), id));

  const commit = () => {
    if (layers === past.at(-1)) return;
    past.push(layers);
    future = [];
    tell('past');
  };
  return {
    layers: () => layers,
    selection: () => selection,
    add(layer) {
      count += 1;
      const id = `1:${count}`;
      put(new Map(layers).set(id, { ...BLANK, ...layer, id }));
      return id;
    },
    change(id, changes) {
      const before = layers.get(id);
      if (!before) throw new Error(`The node with id "${id}" does not exist`);
      const [right, down] = [(changes.x ?? before.x) - before.x, (changes.y ?? before.y) - before.y];
      const next = new Map(layers);
      for (const layer of layers.values())
        if (layer.id !== id && isInside(layer, id))
          next.set(layer.id, { ...layer, x: layer.x + right, y: layer.y + down });
      put(next.set(id, { ...before, ...changes, id }));
    },
    remove(id) {
      put(new Map([...layers].filter(([, layer]) => !isInside(layer, id))));
    },
    select,
    commit,
    undo() {
      const now = layers;
      // What was not committed is taken back first, by itself.
      if (layers === past.at(-1)) past = past.length > 1 ? past.slice(0, -1) : past;
      const before = past.at(-1) ?? layers;
      if (before === now) return false;
      future.push(now);
      put(before);
      return true;
    },
    redo() {
      const next = future.pop();
      if (!next) return false;
      past.push(next);
      put(next);
      return true;
    },
    committed: () => past.at(-1) ?? layers,
    load(list) {
      count = list.reduce((most, { id }) => Math.max(most, Number(id.split(':')[1]) || 0), count);
      put(new Map(list.map((layer) => [layer.id, { ...BLANK, ...layer }])));
    },
    canUndo: () => past.length > 1 || layers !== past.at(-1),
    canRedo: () => future.length > 0,
    forgetPast() {
      past = [layers];
      future = [];
      tell('past');
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const BLANK: Omit<Layer, 'id'> = {
  type: 'FRAME',
  name: 'Frame',
  parent: PAGE,
  x: 0,
  y: 0,
  width: 100,
  height: 100,
  rotation: 0,
  radius: 0,
  locked: false,
  fills: [],
  text: '',
  svg: null,
  data: {},
  relaunch: [],
};
