/** The node objects that plugins get for layers, as strict as Figma's. */
import type { CanvasNode, NewFrame, NewNode, Paint } from '../../../plugin/host.js';
import { type Layer, PAGE, type StandInDocument } from './document.js';
import { checkFills, checkPluginData } from './rules.js';

export type NodesOptions = {
  readonly document: StandInDocument;
  /** Names of relaunch buttons in the manifest. */
  readonly relaunch: readonly string[];
  readonly images: ReadonlyMap<string, Uint8Array>;
  readonly page: () => CanvasNode;
  /** Throws where the file can't be written. */
  write(call: string): void;
};

export type Nodes = {
  /** The same object for a layer each time. */
  nodeOf(id: string): NewNode;
  frameOf(id: string): NewFrame;
};

const MIXED = Symbol('figma.mixed');

/** Layers that others can be put into. */
const CONTAINERS = ['FRAME', 'COMPONENT'];

export function createNodes({ document, relaunch, images, page, write }: NodesOptions): Nodes {
  const nodes = new Map<string, NewNode>();
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
        return parent === PAGE ? page() : nodeOf(parent);
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
      get characters() {
        return layerOf(id).text;
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
  return { nodeOf, frameOf };
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
