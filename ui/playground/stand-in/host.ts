/**
 * Figma's plugin API over a document of ours, as strict as the real one: the plugin's own code runs on it in the playground
 * and in the tests.
 */
import type {
  CanvasNode,
  DropEvent,
  Host,
  NewFrame,
  NewNode,
  Paint,
  ParameterInput,
  RunEvent,
} from '../../../plugin/host.js';
import { type Layer, PAGE, type StandInDocument } from './document.js';
import { CLIENT_STORAGE, checkFills, checkImage, checkMessage, checkNotice, checkPluginData } from './rules.js';
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

const MIXED = Symbol('figma.mixed');

/** Layers that others can be put into. */
const CONTAINERS = ['FRAME', 'COMPONENT'];

export function createStandIn(options: StandInOptions): StandIn {
  const { document, editorType = 'figma', storage = new Map(), relaunch = [] } = options;
  const images = new Map<string, Uint8Array>();
  const callbacks = new Map<string, ((event: never) => unknown)[]>();
  const nodes = new Map<string, NewNode>();
  const rootData = new Map<string, string>();
  let shown = false;

  const write = (call: string) => {
    if (options.readOnly) throw new Error(`in ${call}: the file is open in read-only mode`);
  };
  const layerOf = (id: string): Layer => {
    const layer = document.layers().get(id);
    if (!layer) throw new Error(`The node with id "${id}" does not exist`);
    return layer;
  };
  const change = (call: string, id: string, changes: Partial<Layer>) => {
    write(call);
    layerOf(id);
    document.change(id, changes);
  };

  /** Coordinates of a layer are those within the frame around it; groups have none of their own. */
  const originOf = (id: string): { readonly x: number; readonly y: number } => {
    const around = document.layers().get(layerOf(id).parent);
    if (!around) return { x: 0, y: 0 };
    return CONTAINERS.includes(around.type) ? around : originOf(around.id);
  };

  /** Like Figma's, it answers nothing but `id` and `removed` once it is gone. */
  const makeNode = (id: string): NewNode => {
    const node = {
      id,
      get removed() {
        return !document.layers().has(id);
      },
      get name() {
        return layerOf(id).name;
      },
      set name(name: string) {
        change('set_name', id, { name });
      },
      get type() {
        return layerOf(id).type;
      },
      get parent(): CanvasNode | null {
        const { parent } = layerOf(id);
        return parent === PAGE ? page : nodeOf(parent);
      },
      get locked() {
        return layerOf(id).locked;
      },
      get x() {
        return layerOf(id).x - originOf(id).x;
      },
      set x(x: number) {
        change('set_x', id, { x: x + originOf(id).x });
      },
      get y() {
        return layerOf(id).y - originOf(id).y;
      },
      set y(y: number) {
        change('set_y', id, { y: y + originOf(id).y });
      },
      get width() {
        return layerOf(id).width;
      },
      get height() {
        return layerOf(id).height;
      },
      get absoluteBoundingBox() {
        return boundsOf(layerOf(id));
      },
      resize(width: number, height: number) {
        if (!(width >= 0.01 && height >= 0.01)) throw new Error(`in resize: ${width} x ${height} is too small`);
        change('resize', id, { width, height });
      },
      getPluginData: (key: string) => layerOf(id).data[key] ?? '',
      setPluginData(key: string, value: string) {
        checkPluginData(key, value);
        change('setPluginData', id, { data: { ...layerOf(id).data, [key]: value } });
      },
      setRelaunchData(data: Readonly<Record<string, string>>) {
        for (const command of Object.keys(data))
          if (!relaunch.includes(command))
            throw new Error(`in setRelaunchData: "${command}" is not among the manifest's relaunchButtons`);
        change('setRelaunchData', id, { relaunch: Object.keys(data) });
      },
      remove() {
        write('remove');
        layerOf(id);
        document.remove(id);
      },
    };
    if (CONTAINERS.includes(layerOf(id).type))
      Object.defineProperty(node, 'appendChild', {
        value(child: NewNode) {
          if (isWithin(id, child.id)) throw new Error('in appendChild: a node can not be put into itself');
          // The numbers stay as they are, and count from the new frame's corner.
          const { x, y } = layerOf(id);
          const [right, down] = [child.x, child.y];
          change('appendChild', child.id, { parent: id, x: x + right, y: y + down });
        },
      });
    if (layerOf(id).fills !== null)
      Object.defineProperty(node, 'fills', {
        enumerable: true,
        get: () => {
          const { fills } = layerOf(id);
          return fills === 'mixed' ? MIXED : freeze(structuredClone(fills ?? []));
        },
        set: (fills: readonly Paint[]) => {
          checkFills(fills, (hash) => images.has(hash));
          change('set_fills', id, { fills: freeze(structuredClone(fills)) });
        },
      });
    return node;
  };
  const nodeOf = (id: string): NewNode => {
    const node = nodes.get(id) ?? makeNode(id);
    nodes.set(id, node);
    return node;
  };
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
  };
  const check = (call: string) => {
    if (options.missing?.includes(call)) throw new TypeError(`in ${call}: not available in this editor`);
  };

  /** A frame that others can be put into, scaled with them, and asked for them. */
  const frameOf = (id: string): NewFrame => {
    const node = nodeOf(id);
    return Object.defineProperties(node, {
      children: {
        configurable: true,
        get: () => [...document.layers().values()].filter(({ parent }) => parent === id).map((child) => childOf(child)),
      },
      clipsContent: { configurable: true, writable: true, value: true },
      rescale: {
        configurable: true,
        value(scale: number) {
          if (!(scale >= 0.01)) throw new Error(`in rescale: ${scale} is below 0.01`);
          const { x, y } = layerOf(id);
          for (const layer of [...document.layers().values()].filter(({ id: other }) => isWithin(other, id)))
            change('rescale', layer.id, {
              x: x + (layer.x - x) * scale,
              y: y + (layer.y - y) * scale,
              width: layer.width * scale,
              height: layer.height * scale,
            });
        },
      },
    }) as NewFrame;
  };
  const childOf = ({ id, type }: Layer) => (type === 'GROUP' ? frameOf(id) : nodeOf(id));
  const isWithin = (id: string, ancestor: string): boolean => {
    const layer = document.layers().get(id);
    return layer !== undefined && (id === ancestor || isWithin(layer.parent, ancestor));
  };
  const createFromSvg = (svg: string): NewFrame => {
    check('createNodeFromSvg');
    write('createNodeFromSvg');
    const { width, height, nodes: parts } = readSvg(svg);
    const { focusedSlide: slide } = options;
    const frame = document.add({ type: 'FRAME', name: 'svg', width, height, svg, ...(slide ? { parent: slide } : {}) });
    const ids: string[] = [];
    for (const { parent, type, ...part } of parts)
      ids.push(document.add({ ...part, type, parent: ids[parent] ?? frame, fills: type === 'GROUP' ? null : [] }));
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

/** Of a rotated layer: the upright rectangle around it, turned about its upper left corner as Figma does. */
function boundsOf({ x, y, width, height, rotation }: Layer) {
  const angle = (-rotation * Math.PI) / 180;
  const corners = [
    [0, 0],
    [width, 0],
    [0, height],
    [width, height],
  ].map(([right = 0, down = 0]) => [
    x + right * Math.cos(angle) - down * Math.sin(angle),
    y + right * Math.sin(angle) + down * Math.cos(angle),
  ]);
  const [across, along] = [0, 1].map((axis) => corners.map((corner) => corner[axis] as number)) as [number[], number[]];
  const [left, top] = [Math.min(...across), Math.min(...along)];
  return { x: left, y: top, width: Math.max(...across) - left, height: Math.max(...along) - top };
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}

/** FNV-1a: pictures need only be told apart. */
function hashOf(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${(hash >>> 0).toString(16)}-${bytes.length}`;
}
