/** Colours of the file: its colour styles and variables, and layers that are bound to them. */
import type { CanvasNode, ColourVariable, Host, Paint, SolidPaint } from './host.js';
import { CANVAS_LIMITS, type Colour, type FileColour } from './messages.js';

/** A variable may name another one, and that another. */
const DEEPEST = 8;

/** Styles first, as they stand in the file; what is no single opaque colour is left out. Editors without styles or variables have none. */
export async function readColours(host: Host): Promise<FileColour[]> {
  const found = [...(await stylesOf(host)), ...(await variablesOf(host))];
  return found.slice(0, CANVAS_LIMITS.colours);
}

async function stylesOf(host: Host): Promise<FileColour[]> {
  if (typeof host.getLocalPaintStylesAsync !== 'function') return [];
  const styles = await host.getLocalPaintStylesAsync().catch(() => []);
  const found: FileColour[] = [];
  for (const { id, name, paints } of styles) {
    const [paint] = paints;
    if (paints.length !== 1 || !paint || !isOpaque(paint)) continue;
    found.push({ kind: 'style', id, name: shorten(name), colour: toHex(paint.color) });
  }
  return found;
}

async function variablesOf(host: Host): Promise<FileColour[]> {
  const { variables } = host;
  if (!variables || typeof variables.getLocalVariablesAsync !== 'function') return [];
  const found: FileColour[] = [];
  for (const variable of await variables.getLocalVariablesAsync('COLOR').catch(() => [])) {
    const colour = await colourIn(host, variable, DEEPEST).catch(() => null);
    if (colour) found.push({ kind: 'variable', id: variable.id, name: shorten(variable.name), colour: toHex(colour) });
  }
  return found;
}

/** In the first mode of its collection: that of a file that has no others. */
async function colourIn(host: Host, variable: ColourVariable, depth: number): Promise<Colour | null> {
  const { variables } = host;
  if (!variables || depth === 0) return null;
  const collection = await variables.getVariableCollectionByIdAsync(variable.variableCollectionId);
  const value = collection ? variable.valuesByMode[collection.defaultModeId] : undefined;
  if (typeof value !== 'object' || value === null) return null;
  if ('id' in value) {
    const other = await variables.getVariableByIdAsync(String(value.id));
    return other ? colourIn(host, other, depth - 1) : null;
  }
  const { r, g, b, a = 1 } = value as Colour & { readonly a?: number };
  return a === 1 ? { r, g, b } : null;
}

const isOpaque = (paint: Paint): paint is SolidPaint =>
  paint.type === 'SOLID' && ((paint as { readonly opacity?: number }).opacity ?? 1) === 1;

/** What gives layers of one colour that colour from now on. */
export type Binding = { readonly colour: string; put(node: CanvasNode): Promise<void> };

/** Those that are still there. */
export async function findBindings(host: Host, bound: readonly FileColour[]): Promise<Binding[]> {
  const found: Binding[] = [];
  for (const { kind, id, colour } of bound) {
    if (found.some((known) => known.colour === colour)) continue;
    if (kind === 'style') {
      found.push({ colour, put: async (node) => node.setFillStyleIdAsync?.(id) });
      continue;
    }
    const variable = await host.variables?.getVariableByIdAsync(id).catch(() => null);
    if (variable) found.push({ colour, put: async (node) => paintWith(host, node, variable) });
  }
  return found;
}

function paintWith(host: Host, node: CanvasNode, variable: ColourVariable): void {
  const { fills } = node;
  if (!Array.isArray(fills)) return;
  node.fills = (fills as readonly Paint[]).map((paint) =>
    paint.type === 'SOLID' && host.variables
      ? host.variables.setBoundVariableForPaint(paint as SolidPaint, 'color', variable)
      : paint,
  );
}

/** Layers that are filled with one of the colours get it from the file. What can't be bound keeps the colour as it is. */
export function bind(nodes: readonly CanvasNode[], bindings: readonly Binding[]): Promise<unknown> {
  const works = nodes.map((node) => {
    const { fills } = node;
    const [paint, ...more] = Array.isArray(fills) ? (fills as readonly Paint[]) : [];
    if (!paint || more.length > 0 || paint.type !== 'SOLID') return Promise.resolve();
    const colour = toHex((paint as SolidPaint).color);
    const binding = bindings.find((one) => one.colour === colour);
    return binding ? binding.put(node).catch(() => undefined) : Promise.resolve();
  });
  return Promise.all(works);
}

const shorten = (name: string) => name.slice(0, CANVAS_LIMITS.name);

export const toHex = ({ r, g, b }: Colour): string => {
  const digits = [r, g, b].map((part) => `0${Math.round(part * 255).toString(16)}`.slice(-2));
  return `#${digits.join('')}`;
};
