/**
 * What Figma does beyond the playground's stand-in, laid over it for the tests: several pages of which one is in view, the order of layers, rows that lay
 * out what is in them, instances that take nothing in, colour styles, the view, and events of nodes.
 */
import type {
  CanvasNode,
  Container,
  Host,
  NewFrame,
  NewNode,
  NodeChanges,
  Page,
  PaintStyle,
  Rectangle,
  SolidPaint,
} from '../../plugin/host.js';
import { changesBetween } from '../../ui/playground/stand-in/changes.js';
import { type Layer, type Layers, PAGE, type StandInDocument } from '../../ui/playground/stand-in/document.js';
import type { StandIn } from '../../ui/playground/stand-in/host.js';

export type FakeLayer = Layer & {
  readonly visible?: boolean;
  readonly layoutMode?: 'NONE' | 'HORIZONTAL';
  readonly itemReverseZIndex?: boolean;
  readonly layoutPositioning?: 'AUTO' | 'ABSOLUTE';
  readonly fillStyleId?: string;
  /** Among its siblings, from the back; those that were never put anywhere lie above, as they were made. */
  readonly order?: number;
};

/** Styles and variables of the file; what a variable is in the first mode, a colour or the id of another one. */
export type FakeColours = {
  readonly styles?: readonly PaintStyle[];
  readonly variables?: Readonly<Record<string, unknown>>;
};

export type FakeDocument = Omit<StandInDocument, 'change'> & {
  change(id: string, changes: Partial<FakeLayer>): void;
};

export const OTHER_PAGE = '0:2';

export type FakeHost = {
  readonly host: Host;
  /** Names of what the view was moved to, oldest first. */
  readonly revealed: readonly (readonly string[])[];
  /** The person goes to another page. */
  goTo(page: string): void;
  /** Of Slides: the person goes to another slide. */
  focus(slide: string): void;
  /** Names of the layers in it, from the back. */
  namesIn(id: string): string[];
};

const HOLDERS = ['FRAME', 'COMPONENT', 'INSTANCE', 'SLIDE', 'GROUP'];

export function createFakeHost(
  standIn: StandIn,
  document: FakeDocument,
  options: {
    readonly missing?: readonly string[];
    readonly center?: () => { x: number; y: number };
    readonly bounds?: Rectangle;
    readonly slide: { focused: string | undefined };
    readonly colours?: FakeColours;
  },
): FakeHost {
  const has = (call: string) => !options.missing?.includes(call);
  const { slide } = options;
  const layers = () => document.layers() as ReadonlyMap<string, FakeLayer>;
  const layerOf = (id: string) => {
    const layer = layers().get(id);
    if (!layer) throw new Error(`The node with id "${id}" does not exist`);
    return layer;
  };
  const childrenOf = (id: string) =>
    [...layers().values()]
      .filter(({ parent }) => parent === id)
      .sort((a, b) => (a.order ?? Number.MAX_VALUE) - (b.order ?? Number.MAX_VALUE));
  const rootOf = (from: Layers, id: string): string => {
    const layer = from.get(id);
    return layer ? rootOf(from, layer.parent) : id;
  };

  const isInstance = (id: string): boolean => {
    const layer = layers().get(id);
    return layer !== undefined && (layer.type === 'INSTANCE' || isInstance(layer.parent));
  };
  const isInRow = ({ parent, layoutPositioning }: FakeLayer) =>
    (layers().get(parent)?.layoutMode ?? 'NONE') !== 'NONE' && layoutPositioning !== 'ABSOLUTE';
  /** Items of a row stand one after the other, from its left edge. */
  const layOut = (id: string) => {
    let { x } = layers().get(id) ?? { x: 0 };
    for (const child of childrenOf(id).filter(isInRow)) {
      document.change(child.id, { x });
      x += child.width;
    }
  };
  const insert = (call: string, id: string, index: number, child: NewNode) => {
    const others = childrenOf(id).filter((other) => other.id !== child.id);
    if (isInstance(id))
      throw new Error(`in ${call}: Cannot move node. New parent is an instance or is inside of an instance`);
    if (!(index >= 0 && index <= others.length)) throw new Error(`in ${call}: there is no index ${index}`);
    // The numbers stay as they are, and count from the new parent's corner.
    const [right, down] = [child.x, child.y];
    document.change(child.id, { parent: id, layoutPositioning: 'AUTO' });
    const order = [...others.slice(0, index), layerOf(child.id), ...others.slice(index)];
    for (const [at, layer] of order.entries()) document.change(layer.id, { order: at });
    layOut(id);
    [child.x, child.y] = [right, down];
  };

  /** Gives the stand-in's node what it lacks. */
  const complete = (id: string) => {
    const node = standIn.node(id);
    const own = Object.getOwnPropertyDescriptors(node);
    const read = (name: string, get: () => unknown, set?: (value: never) => void) =>
      Object.defineProperty(node, name, { configurable: true, enumerable: true, get, ...(set ? { set } : {}) });
    read('parent', () => pages.get(layerOf(id).parent) ?? own.parent.get?.call(node));
    for (const axis of ['x', 'y'] as const)
      read(
        axis,
        () => own[axis].get?.call(node),
        (value) => {
          // The row says where its items stand.
          if (!isInRow(layerOf(id))) own[axis].set?.call(node, value);
        },
      );
    read('visible', () => layerOf(id).visible ?? true);
    read(
      'layoutPositioning',
      () => layerOf(id).layoutPositioning ?? 'AUTO',
      (layoutPositioning: 'AUTO' | 'ABSOLUTE') => {
        const { parent } = layerOf(id);
        if (layoutPositioning === 'ABSOLUTE' && (layers().get(parent)?.layoutMode ?? 'NONE') === 'NONE')
          throw new Error('in set_layoutPositioning: the parent of the node has no auto layout');
        document.change(id, { layoutPositioning });
        layOut(parent);
      },
    );
    if (layerOf(id).fills !== null) {
      read('fillStyleId', () => layerOf(id).fillStyleId ?? '');
      Object.defineProperty(node, 'setFillStyleIdAsync', {
        configurable: true,
        value: async (fillStyleId: string) => document.change(id, { fillStyleId }),
      });
    }
    if (!HOLDERS.includes(layerOf(id).type)) return;
    read('children', () => childrenOf(id).map((child) => standIn.node(child.id)));
    read('layoutMode', () => layerOf(id).layoutMode ?? 'NONE');
    read('itemReverseZIndex', () => layerOf(id).itemReverseZIndex ?? false);
    const hold: Pick<Container, 'appendChild' | 'insertChild'> = {
      appendChild: (child) => insert('appendChild', id, childrenOf(id).length, child),
      insertChild: (index, child) => insert('insertChild', id, index, child),
    };
    for (const [name, value] of Object.entries(hold))
      if (!(name in own)) Object.defineProperty(node, name, { configurable: true, value });
  };

  let current = PAGE;
  const loaded = new Set([PAGE]);
  const selections = new Map<string, readonly string[]>();
  const listeners = new Map<string, Set<(event: NodeChanges) => void>>();
  const onPageChange: (() => void)[] = [];
  const makePage = (id: string, name: string): Page & Container => {
    const content = <Value>(call: string, value: () => Value): Value => {
      if (!loaded.has(id)) throw new Error(`in ${call}: the page "${name}" is not loaded`);
      return value();
    };
    const hearing = new Set<(event: NodeChanges) => void>();
    listeners.set(id, hearing);
    const events: Pick<Page, 'on' | 'off'> = {
      on: (_, callback) => content('on', () => void hearing.add(callback)),
      off: (_, callback) => void hearing.delete(callback),
    };
    return {
      id,
      name,
      type: 'PAGE',
      removed: false,
      parent: standIn.host.root,
      get children() {
        return content('get_children', () => childrenOf(id).map((child) => standIn.node(child.id)));
      },
      get selection() {
        const ids = id === current ? document.selection() : (selections.get(id) ?? []);
        return ids.map((selected) => standIn.node(selected));
      },
      get focusedSlide() {
        return slide.focused === undefined ? null : standIn.node(slide.focused);
      },
      getPluginData: () => '',
      setPluginData: () => undefined,
      appendChild: (child) =>
        content('appendChild', () => insert('appendChild', id, childrenOf(id).length, child as NewNode)),
      ...(has('nodechange') ? events : {}),
    };
  };
  const pages = new Map([PAGE, OTHER_PAGE].map((id, at) => [id, makePage(id, `Page ${at + 1}`)]));
  const pageOf = (id: string) => pages.get(id) as Page & Container;

  /** Callbacks run later, with all that happened until then, and whoever did it. */
  const announce = (before: Layers) => {
    const now = layers();
    for (const [page, hearing] of listeners) {
      const isHere = (id: string) => rootOf(now.has(id) ? now : before, id) === page;
      const nodeChanges = changesBetween(before, now, (id) => pages.has(id)).filter(({ id }) => isHere(id));
      if (nodeChanges.length > 0) for (const callback of [...hearing]) callback({ nodeChanges });
    }
  };
  let known: Layers = new Map();
  let toldUntil: Layers | null = null;
  const follow = () => {
    const [before, now] = [known as ReadonlyMap<string, FakeLayer>, layers()];
    known = now;
    if (toldUntil === null) {
      toldUntil = before;
      setTimeout(() => {
        const from = toldUntil ?? known;
        toldUntil = null;
        announce(from);
      }, 0);
    }
    for (const [id, { fills, fillStyleId }] of now) {
      const was = before.get(id);
      if (!was) complete(id);
      // Whoever writes fills takes the layer off its style.
      else if (fillStyleId && was.fillStyleId === fillStyleId && was.fills !== fills)
        document.change(id, { fillStyleId: '' });
    }
  };
  for (const id of layers().keys()) complete(id);
  known = layers();
  document.subscribe((what) => what === 'layers' && follow());

  const revealed: string[][] = [];
  let seen: Rectangle | null = null;
  const view = {
    get bounds(): Rectangle {
      const { x, y } = options.center?.() ?? { x: 0, y: 0 };
      return seen ?? options.bounds ?? { x: x - 800, y: y - 500, width: 1600, height: 1000 };
    },
    scrollAndZoomIntoView(nodes: readonly CanvasNode[]) {
      revealed.push(nodes.map(({ name }) => name));
      seen = nodes[0]?.absoluteBoundingBox ?? seen;
    },
  };
  const viewport: Host['viewport'] = has('viewport')
    ? (Object.defineProperties(view, { center: { get: () => standIn.host.viewport.center } }) as typeof view &
        Host['viewport'])
    : standIn.host.viewport;

  /** What is made goes onto the slide or the page in view. */
  const here = <Node extends NewNode>(node: Node): Node => {
    if (slide.focused === undefined && current !== PAGE) document.change(node.id, { parent: current });
    return node;
  };
  const host: Host = {
    ...standIn.host,
    get currentPage() {
      return pageOf(current);
    },
    viewport,
    on(type: never, callback: never) {
      if (type === 'currentpagechange') onPageChange.push(callback);
      standIn.host.on(type, callback);
    },
    createFrame: () => here(standIn.host.createFrame()),
    createRectangle: () => here(standIn.host.createRectangle()),
    createNodeFromSvg: (svg) => here(standIn.host.createNodeFromSvg?.(svg) as NewFrame),
    ...(options.colours ? coloursOf(options.colours) : {}),
  };
  return {
    host,
    revealed,
    goTo(page) {
      selections.set(current, document.selection());
      current = page;
      loaded.add(page);
      document.select(selections.get(page) ?? []);
      for (const callback of onPageChange) callback();
    },
    focus(id) {
      slide.focused = id;
    },
    namesIn: (id) => childrenOf(id).map(({ name }) => name),
  };
}

function coloursOf({ styles = [], variables = {} }: FakeColours): Pick<Host, 'getLocalPaintStylesAsync' | 'variables'> {
  const known = Object.entries(variables).map(([id, value]) => ({
    id,
    name: `colour/${id}`,
    variableCollectionId: 'collection',
    valuesByMode: { light: value, dark: { r: 0, g: 0, b: 0, a: 1 } },
  }));
  return {
    getLocalPaintStylesAsync: async () => styles,
    variables: {
      getLocalVariablesAsync: async () => known,
      getVariableByIdAsync: async (id) => known.find((one) => one.id === id) ?? null,
      getVariableCollectionByIdAsync: async () => ({ defaultModeId: 'light' }),
      setBoundVariableForPaint: (paint, field, variable) =>
        ({ ...paint, boundVariables: { [field]: { type: 'VARIABLE_ALIAS', id: variable?.id } } }) as SolidPaint,
    },
  };
}
