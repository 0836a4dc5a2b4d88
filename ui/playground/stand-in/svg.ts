/**
 * What Figma makes of an SVG: a frame, in it groups and shapes with their names, boxes and fills. Of SVG it knows what the tracer writes and refuses the
 * rest by name, so that nothing is written that was never read.
 */

export type SvgNode = {
  readonly type: 'GROUP' | 'RECTANGLE' | 'ELLIPSE' | 'VECTOR';
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Of its parent among the nodes, or -1 for the frame. */
  readonly parent: number;
  /** Of one colour, `#rrggbb`. */
  readonly colour?: string;
};

export type SvgFrame = { readonly width: number; readonly height: number; readonly nodes: readonly SvgNode[] };

const SHAPES: { readonly [tag: string]: SvgNode['type'] } = {
  rect: 'RECTANGLE',
  circle: 'ELLIPSE',
  ellipse: 'ELLIPSE',
  path: 'VECTOR',
};
const OTHERS = ['svg', 'g', 'title', 'metadata', 'defs', 'linearGradient', 'stop'];

/** @throws Error as Figma's, for what is not well formed or not known here */
export function readSvg(svg: string): SvgFrame {
  const nodes: SvgNode[] = [];
  const open: { readonly tag: string; readonly group: number }[] = [];
  let [left, top, width, height] = [0, 0, 0, 0];
  // Inkscape's RDF is there in many files, and passed over.
  const drawn = svg.replace(/(<metadata>).*?(<\/metadata>)/s, '$1$2');
  for (const [, close, tag = '', attributes = '', empty] of drawn.matchAll(/<(\/?)([A-Za-z]+)([^<>]*?)(\/?)>/g)) {
    if (close) {
      if (open.pop()?.tag !== tag) fail(`</${tag}> closes nothing`);
      continue;
    }
    if (!OTHERS.includes(tag) && !SHAPES[tag]) fail(`<${tag}> is not known here`);
    const has = readAttributes(attributes);
    const number = (name: string) => {
      const value = Number(has.get(name));
      if (!Number.isFinite(value)) fail(`${name} of <${tag}> is no number: "${has.get(name)}"`);
      return value;
    };
    if (tag === 'svg') {
      [width, height] = [number('width'), number('height')];
      [left = 0, top = 0] = (has.get('viewBox') ?? '').split(' ').map(Number);
      if (!Number.isFinite(left + top)) fail(`"${has.get('viewBox')}" is no view box`);
    }
    const fill = /^url\(#(.*)\)$/.exec(has.get('fill') ?? '')?.[1];
    if (fill && !svg.includes(`<linearGradient id="${fill}"`)) fail(`there is no gradient "${fill}"`);
    const parent = open.at(-1)?.group ?? -1;
    const type = tag === 'g' ? 'GROUP' : SHAPES[tag];
    if (type) {
      const box = boxOf(tag, has, number);
      const colour = /^#[0-9a-f]{6}$/.exec(has.get('fill') ?? '')?.[0];
      nodes.push({
        type,
        name: has.get('id') ?? tag,
        parent,
        ...box,
        x: box.x - left,
        y: box.y - top,
        ...(colour ? { colour } : {}),
      });
    }
    if (!empty) open.push({ tag, group: tag === 'g' ? nodes.length - 1 : parent });
  }
  if (open.length > 0 || !(width > 0 && height > 0)) fail('it is not whole');
  return {
    width,
    height,
    nodes: nodes.map((node, at) => (node.type === 'GROUP' ? { ...node, ...around(nodes, at) } : node)),
  };
}

function fail(why: string): never {
  throw new Error(`in createNodeFromSvg: the SVG can't be parsed: ${why}`);
}

function readAttributes(text: string): Map<string, string> {
  const rest = text.replace(/\s+([\w-]+)="([^"]*)"/g, '').trim();
  if (rest !== '') fail(`"${rest.slice(0, 40)}" is no attribute`);
  return new Map([...text.matchAll(/\s+([\w-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
}

type Box = Pick<SvgNode, 'x' | 'y' | 'width' | 'height'>;

function boxOf(tag: string, has: ReadonlyMap<string, string>, number: (name: string) => number): Box {
  switch (tag) {
    case 'rect':
      return { x: number('x'), y: number('y'), width: number('width'), height: number('height') };
    case 'circle':
    case 'ellipse': {
      const [rx, ry] = tag === 'circle' ? [number('r'), number('r')] : [number('rx'), number('ry')];
      return { x: number('cx') - rx, y: number('cy') - ry, width: 2 * rx, height: 2 * ry };
    }
    case 'path': {
      const d = has.get('d') ?? '';
      if (!/^(M[-\d. ]+([LC][-\d. ]+)*Z)+$/.test(d)) fail('a path is made of M, L, C and Z here');
      const numbers = d.match(/-?\d+(\.\d+)?/g)?.map(Number) ?? [];
      return bounds(
        numbers.filter((_, at) => at % 2 === 0),
        numbers.filter((_, at) => at % 2 === 1),
      );
    }
    default:
      return { x: 0, y: 0, width: 0, height: 0 };
  }
}

function around(nodes: readonly SvgNode[], group: number): Box {
  const inside = nodes.filter(({ parent, type }) => parent === group && type !== 'GROUP');
  if (inside.length === 0) return { x: 0, y: 0, width: 0, height: 0 };
  return bounds(
    inside.flatMap(({ x, width }) => [x, x + width]),
    inside.flatMap(({ y, height }) => [y, y + height]),
  );
}

function bounds(xs: readonly number[], ys: readonly number[]): Box {
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
