/** A traced picture as layers: Figma reads the SVG, and what it makes is named, scaled and put in its place. */
import { type Binding, bind } from './colours.js';
import { homeOf, reveal } from './frame.js';
import type { CanvasNode, Container, Host, NewFrame, VectorNode } from './host.js';
import type { Hindrance, ToCanvas } from './messages.js';
import { quietly } from './quietly.js';
import { Refused, refusalOf } from './refused.js';
import { findSpace } from './space.js';
import type { Sign } from './standing.js';
import { hindranceOf, REQUEST_KEY } from './targets.js';

export type VectorsMessage = Extract<ToCanvas, { type: 'place-vectors' }>;

type Placed = {
  readonly names: string[];
  readonly hindered: { name: string; hindrance: Hindrance }[];
  readonly signs: readonly Sign[];
  readonly rest: Promise<unknown> | undefined;
};

/** Layers that take others in, with coordinates of their own. */
const CONTAINERS = ['FRAME', 'COMPONENT'];

/** Into the selected frame, which they cover, or into a frame of their own in free space. One layer at most: outlines are not shared like fills. */
export function createVectors(host: Host, message: VectorsMessage, bindings: readonly Binding[]): Placed {
  if (typeof host.createNodeFromSvg !== 'function') throw new Refused('unsupported');
  const selection = host.currentPage.selection.filter((node) => !node.removed);
  const target = message.where === 'selection' && selection.length === 1 ? selection[0] : undefined;
  const surface = target && hindranceOf(target) === null && takesLayers(target) ? target : undefined;
  const picture = surface ? continued(message, surface) : message;
  const frame = readSvg(host, picture.svg);
  try {
    frame.name = message.title;
    frame.clipsContent = true;
    frame.fills = [];
    nameShapes(frame, message.layers);
    const hindered = surface ? cover(frame, picture, surface) : stand(host, frame, picture, selection, target);
    frame.setPluginData(REQUEST_KEY, message.request);
    quietly(() => frame.setRelaunchData({ regenerate: '', vary: '', 'copy-prompt': '' }));
    const rest = bindings.length > 0 ? bind(leavesOf(frame), bindings) : undefined;
    return { names: [frame.name], hindered, signs: [{ id: frame.id, key: REQUEST_KEY, value: message.request }], rest };
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

/** Whether layers can be put into it: an instance, and all in it, has those of its component. */
function takesLayers(node: CanvasNode): boolean {
  for (let at = node.parent; at; at = at.parent) if (at.type === 'INSTANCE') return false;
  return CONTAINERS.includes(node.type);
}

/** A layer in which others can stand, and which the picture is to cover. */
function cover(frame: NewFrame, picture: VectorsMessage, target: CanvasNode): Placed['hindered'] {
  const [width, height] = [target.width || 1, target.height || 1];
  const scale = Math.max(width / picture.width, height / picture.height);
  const container = target as Container;
  frame.rescale(scale);
  if (container.insertChild) container.insertChild(bottomOf(container), frame);
  else container.appendChild(frame);
  // In the row it would move the others, and could not be put anywhere. Only what is in such a frame may be taken out of its row.
  if (container.layoutMode && container.layoutMode !== 'NONE') frame.layoutPositioning = 'ABSOLUTE';
  frame.x = (width - picture.width * scale) / 2;
  frame.y = (height - picture.height * scale) / 2;
  return [];
}

/** Where a fill would be: below the frame's own layers. Only what we put there before lies deeper, or it would hide the new one. */
function bottomOf({ children, itemReverseZIndex }: Container): number {
  const upwards = itemReverseZIndex ? children.slice().reverse() : children;
  const own = upwards.findIndex((child) => child.getPluginData(REQUEST_KEY) === '');
  const ours = own < 0 ? children.length : own;
  return itemReverseZIndex ? children.length - ours : ours;
}

function stand(
  host: Host,
  frame: NewFrame,
  picture: VectorsMessage,
  selection: readonly CanvasNode[],
  target: CanvasNode | undefined,
): Placed['hindered'] {
  const place = findSpace(host, homeOf(host), { width: picture.width, height: picture.height }, selection, []);
  // On a slide there may be less room than the picture has pixels.
  if (place.width < picture.width) frame.rescale(place.width / picture.width);
  frame.x = place.x;
  frame.y = place.y;
  reveal(host, frame);
  if (!target) return [];
  return [{ name: target.name.slice(0, 100), hindrance: hindranceOf(target) ?? 'no-layers' }];
}

/** The lowest layer of what models/vector writes, where it is a rectangle of one colour. */
const GROUND = /<g id="picture">\s*<rect [^>]*fill="#[^>]*>/;

/**
 * A picture on one ground in the shape of the layer that it is to cover: its lowest layer, the ground, grows to both sides. As it is, where it has
 * none, or where that layer is not one colour over the whole picture.
 */
function continued(picture: VectorsMessage, { width = 1, height = 1 }: CanvasNode): VectorsMessage {
  if (!picture.beyond || picture.beyond === 'again') return picture;
  const scale = Math.min(width / picture.width, height / picture.height);
  const [wide, tall] = [width / scale, height / scale];
  const [left, top] = [(picture.width - wide) / 2, (picture.height - tall) / 2];
  const at = (x: number, y: number) => `x="${x}" y="${y}" width="${wide}" height="${tall}"`;
  const whole = `width="${picture.width}" height="${picture.height}"`;
  const larger = picture.svg.replace(`${whole} viewBox="0 0 ${picture.width} ${picture.height}"`, () => {
    return `width="${wide}" height="${tall}" viewBox="${left} ${top} ${wide} ${tall}"`;
  });
  // A transparent picture has no layer that could grow: it stands in the middle, whole.
  if (picture.beyond === 'nothing')
    return larger === picture.svg ? picture : { ...picture, svg: larger, width: wide, height: tall };
  const svg = larger.replace(GROUND, (ground) => ground.replace(`x="0" y="0" ${whole}`, at(left, top)));
  return svg.includes(at(left, top)) ? { ...picture, svg, width: wide, height: tall } : picture;
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
