/**
 * Figma's plugin API over a document of ours, as strict as the real one: the plugin's own code runs on it in the playground
 * and in the tests.
 */
import type {
  DropEvent,
  Host,
  NewFrame,
  NewNode,
  NodeChanges,
  ParameterInput,
  RunEvent,
  SolidPaint,
} from '../../../plugin/host.js';
import { tellChanges } from './changes.js';
import { PAGE, type StandInDocument } from './document.js';
import { createNodes } from './nodes.js';
import { CLIENT_STORAGE, checkImage, checkMessage, checkNotice, checkPluginData } from './rules.js';
import { readSvg } from './svg.js';

export type StandInOptions = {
  readonly document: StandInDocument;
  readonly editorType?: string;
  readonly readOnly?: boolean;
  /** Of Slides: the layer that is the slide in view. */
  readonly focusedSlide?: string;
  /** Events and calls that this editor does not know. */
  readonly missing?: readonly string[];
  /** Names of relaunch buttons in the manifest. */
  readonly relaunch?: readonly string[];
  /** What the plugin keeps on this machine. */
  readonly storage?: Map<string, string>;
  /** Of the file: its images by hash, and what plugins keep in it. */
  readonly images?: Map<string, Uint8Array>;
  readonly root?: Map<string, string>;
  readonly center?: () => { x: number; y: number };
  onShow?(html: string, size: { width: number; height: number }): void;
  onResize?(width: number, height: number): void;
  onMessage?(message: unknown): void;
  onNotify?(text: string): void;
};

export type StandIn = {
  readonly host: Host;
  readonly images: ReadonlyMap<string, Uint8Array>;
  /** The node object that plugins get for a layer. */
  node(id: string): NewNode;
  run(event: RunEvent): void;
  /** @returns what the plugin said: false when it took the drop */
  drop(event: DropEvent): boolean;
  input(event: ParameterInput): void;
  /** A message from the panel. */
  post(message: unknown): void;
  close(): void;
};

export function createStandIn(options: StandInOptions): StandIn {
  const { document, editorType = 'figma', storage = new Map(), relaunch = [] } = options;
  const images = options.images ?? new Map<string, Uint8Array>();
  const callbacks = new Map<string, ((event: never) => unknown)[]>();
  const rootData = options.root ?? new Map<string, string>();
  let shown = false;

  const write = (call: string) => {
    if (options.readOnly) throw new Error(`in ${call}: the file is open in read-only mode`);
  };
  const { nodeOf, frameOf } = createNodes({ document, relaunch, images, page: () => page, write });
  const hearing = new Set<(event: NodeChanges) => void>();
  tellChanges(document, (event) => {
    for (const callback of [...hearing]) callback(event);
  });
  const topLayers = () => [...document.layers().values()].filter(({ parent }) => parent === PAGE);

  const page = {
    id: PAGE,
    name: 'Page 1',
    type: 'PAGE',
    removed: false,
    parent: null,
    get children() {
      return topLayers().map(({ id }) => nodeOf(id));
    },
    get selection() {
      return document.selection().map(nodeOf);
    },
    get focusedSlide() {
      return options.focusedSlide === undefined ? null : nodeOf(options.focusedSlide);
    },
    getPluginData: () => '',
    setPluginData: () => write('setPluginData'),
    on: (_: 'nodechange', callback: (event: NodeChanges) => void) => void hearing.add(callback),
    off: (_: 'nodechange', callback: (event: NodeChanges) => void) => void hearing.delete(callback),
  };
  const check = (call: string) => {
    if (options.missing?.includes(call)) throw new TypeError(`in ${call}: not available in this editor`);
  };

  const createFromSvg = (svg: string): NewFrame => {
    check('createNodeFromSvg');
    write('createNodeFromSvg');
    const { width, height, nodes: parts } = readSvg(svg);
    const { focusedSlide: slide } = options;
    const frame = document.add({ type: 'FRAME', name: 'svg', width, height, svg, ...(slide ? { parent: slide } : {}) });
    const ids: string[] = [];
    for (const { parent, type, colour, ...part } of parts) {
      const fills = type === 'GROUP' ? null : colour ? [solid(colour)] : [];
      ids.push(document.add({ ...part, type, parent: ids[parent] ?? frame, fills }));
    }
    return frameOf(frame);
  };

  const create = (call: string, type: string) => {
    write(call);
    check(call);
    if (type === 'FRAME' && editorType === 'figjam') throw new Error('in createFrame: not available in FigJam');
    const { focusedSlide: parent } = options;
    return nodeOf(
      document.add({ type, name: type === 'FRAME' ? 'Frame' : 'Rectangle', ...(parent ? { parent } : {}) }),
    );
  };
  const KNOWN = ['run', 'drop', 'selectionchange', 'currentpagechange', 'close'];
  const ui: Host['ui'] = {
    onmessage: undefined,
    postMessage(message) {
      if (!shown) throw new Error('in postMessage: there is no panel');
      checkMessage(message);
      options.onMessage?.(structuredClone(message));
    },
    resize(width, height) {
      options.onResize?.(width, height);
    },
  };
  const host: Host = {
    editorType,
    currentPage: page,
    root: {
      id: '0:0',
      name: 'Playground',
      type: 'DOCUMENT',
      removed: false,
      parent: null,
      getPluginData: (key) => rootData.get(key) ?? '',
      setPluginData(key, value) {
        write('setPluginData');
        checkPluginData(key, value);
        rootData.set(key, value);
      },
    },
    viewport: {
      get center() {
        return options.center?.() ?? { x: 0, y: 0 };
      },
    },
    ui,
    clientStorage: {
      getAsync: async (key) => storage.get(key),
      async setAsync(key, value) {
        let total = key.length + value.length;
        for (const [other, kept] of storage) if (other !== key) total += other.length + kept.length;
        if (total > CLIENT_STORAGE)
          throw new Error(`in setAsync: ${total} bytes, at most ${CLIENT_STORAGE} are allowed`);
        storage.set(key, value);
      },
      async deleteAsync(key) {
        storage.delete(key);
      },
      keysAsync: async () => [...storage.keys()],
    },
    parameters: {
      on(_, callback) {
        check('parameters');
        callbacks.set('input', [callback]);
      },
    },
    showUI(html, size) {
      if (html === '') throw new Error('in showUI: the panel is empty');
      shown = true;
      options.onShow?.(html, size);
    },
    on(type: string, callback: (event: never) => unknown) {
      check(type);
      if (!KNOWN.includes(type)) throw new Error(`in on: "${type}" is not an event that is known here`);
      callbacks.set(type, [...(callbacks.get(type) ?? []), callback]);
    },
    createFrame: () => create('createFrame', 'FRAME'),
    createRectangle: () => create('createRectangle', 'RECTANGLE'),
    createNodeFromSvg: createFromSvg,
    createImage(bytes) {
      checkImage(bytes);
      const hash = hashOf(bytes);
      images.set(hash, bytes.slice());
      return { hash };
    },
    getImageByHash(hash) {
      const bytes = images.get(hash);
      return bytes ? { getBytesAsync: async () => bytes.slice() } : null;
    },
    getNodeByIdAsync: async (id) => (document.layers().has(id) ? nodeOf(id) : null),
    commitUndo() {
      check('commitUndo');
      document.commit();
    },
    notify(text) {
      checkNotice(text);
      options.onNotify?.(text);
    },
  };
  const emit = (type: string, event?: unknown) =>
    (callbacks.get(type) ?? []).map((callback) => callback(event as never));
  document.subscribe((what) => what === 'selection' && emit('selectionchange'));
  return {
    host,
    images,
    node: nodeOf,
    run: (event) => void emit('run', event),
    drop: (event) => emit('drop', event).every((result) => result !== false),
    input: (event) => void emit('input', event),
    post(message) {
      checkMessage(message);
      ui.onmessage?.(structuredClone(message), undefined as never);
    },
    close: () => void emit('close'),
  };
}

function solid(colour: string): SolidPaint {
  const part = (at: number) => Number.parseInt(colour.slice(at, at + 2), 16) / 255;
  return { type: 'SOLID', color: { r: part(1), g: part(3), b: part(5) } };
}

/** FNV-1a: pictures need only be told apart. */
function hashOf(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${(hash >>> 0).toString(16)}-${bytes.length}`;
}
