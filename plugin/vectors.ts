/** A traced picture as layers: Figma reads the SVG, and what it makes is named, scaled and put in its place. */
import type { CanvasNode, Container, Host, NewFrame, VectorNode } from './host.js';
import type { Hindrance, ToCanvas } from './messages.js';
import { quietly } from './quietly.js';
import { Refused, refusalOf } from './refused.js';
import { findSpace } from './space.js';
import { hindranceOf, REQUEST_KEY } from './targets.js';

export type VectorsMessage = Extract<ToCanvas, { type: 'place-vectors' }>;

type Placed = { readonly names: string[]; readonly hindered: { name: string; hindrance: Hindrance }[] };

/** Layers that take others in, with coordinates of their own. */
const CONTAINERS = ['FRAME', 'COMPONENT'];

/** Into the selected frame, which they cover, or into a frame of their own in free space. One layer at most: outlines are not shared like fills. */
export function createVectors(host: Host, message: VectorsMessage): Placed {
  if (typeof host.createNodeFromSvg !== 'function') throw new Refused('unsupported');
  const selection = host.currentPage.selection.filter((node) => !node.removed);
  const frame = readSvg(host, message.svg);
  try {
    frame.name = message.title;
    frame.clipsContent = true;
    frame.fills = [];
    nameShapes(frame, message.layers);
    const hindered = put(host, frame, message, selection);
    frame.setPluginData(REQUEST_KEY, message.request);
    quietly(() => frame.setRelaunchData({ regenerate: '', vary: '', 'copy-prompt': '' }));
    return { names: [frame.name], hindered };
  } catch (error) {
    frame.remove();
    throw error;
  }
}

function readSvg(host: Host, svg: string): NewFrame {
  try {
    return (host.createNodeFromSvg as NonNullable<Host['createNodeFromSvg']>)(svg);
  } catch (error) {
    const reason = refusalOf(error);
    const lacking = /not (available|supported)/i.test(String(error));
    throw new Refused(reason === 'unsupported' && !lacking ? 'not-vectors' : reason);
  }
}

function put(
  host: Host,
  frame: NewFrame,
  message: VectorsMessage,
  selection: readonly CanvasNode[],
): Placed['hindered'] {
  const target = message.where === 'selection' && selection.length === 1 ? selection[0] : undefined;
  if (target && hindranceOf(target) === null && CONTAINERS.includes(target.type)) {
    const [width, height] = [target.width || 1, target.height || 1];
    const scale = Math.max(width / message.width, height / message.height);
    frame.rescale(scale);
    (target as Container).appendChild(frame);
    frame.x = (width - message.width * scale) / 2;
    frame.y = (height - message.height * scale) / 2;
    return [];
  }
  const place = findSpace(host, { width: message.width, height: message.height }, selection, []);
  // On a slide there may be less room than the picture has pixels.
  if (place.width < message.width) frame.rescale(place.width / message.width);
  frame.x = place.x;
  frame.y = place.y;
  if (!target) return [];
  return [{ name: target.name.slice(0, 100), hindrance: hindranceOf(target) ?? 'no-layers' }];
}

/** Figma takes names from the ids of the SVG, which have no spaces. Where it made other layers of it, they stay as they are called. */
function nameShapes(frame: NewFrame, names: readonly string[]): void {
  const shapes = leavesOf(frame);
  if (shapes.length !== names.length) return;
  for (const [index, shape] of shapes.entries()) shape.name = names[index] as string;
}

function leavesOf(node: VectorNode): VectorNode[] {
  const { children } = node;
  if (!children) return [node];
  return children.reduce<VectorNode[]>((leaves, child) => leaves.concat(leavesOf(child)), []);
}
