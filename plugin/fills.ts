/** Which fills a picture is in a layer, and where among the others they stand. */
import type { CanvasNode, ImagePaint, Paint, SolidPaint } from './host.js';
import type { ToCanvas } from './messages.js';
import { withoutBar } from './placeholder.js';

/** Name of our entry in a layer's plugin data: the hash of the picture that it carries. */
export const IMAGE_KEY = 'image';

/** `none` where it is transparent: a colour below it is the person's. */
export const BACKGROUND_KEY = 'background';

/** A layer whose sides are so nearly the picture's (as a ratio) loses nothing that anybody sees. */
const SAME_SHAPE = 1.02;

/** The picture over the whole layer, cropped; or all of it, and where it does not reach its ground, or the picture again. */
export function paintsFor(
  { width = 1, height = 1 }: CanvasNode,
  picture: Pick<Extract<ToCanvas, { type: 'place' }>, 'width' | 'height' | 'beyond'>,
  imageHash: string,
): Paint[] {
  const shape = (width * picture.height) / (height * picture.width);
  if (!picture.beyond || Math.max(shape, 1 / shape) < SAME_SHAPE)
    return [{ type: 'IMAGE', scaleMode: 'FILL', imageHash } as ImagePaint];
  if (picture.beyond === 'again') {
    const scalingFactor = Math.min(width / picture.width, height / picture.height);
    return [{ type: 'IMAGE', scaleMode: 'TILE', scalingFactor, imageHash } as ImagePaint];
  }
  // A transparent picture: all of it, and what is behind the layer shows through.
  if (picture.beyond === 'nothing') return [{ type: 'IMAGE', scaleMode: 'FIT', imageHash } as ImagePaint];
  const ground: SolidPaint = { type: 'SOLID', color: picture.beyond };
  return [ground, { type: 'IMAGE', scaleMode: 'FIT', imageHash } as ImagePaint];
}

/** Whether the picture is among the layer's fills. Fills that differ within the layer can't be told apart; layers of outlines have none of it. */
export function isOurFill({ fills }: CanvasNode, hash: string, key: string): boolean {
  if (key !== IMAGE_KEY || typeof fills !== 'object') return true;
  return fills.some((fill) => fill.type === 'IMAGE' && (fill as ImagePaint).imageHash === hash);
}

/**
 * The layer's fills with the picture. Our picture of before goes, with its ground, and the new one stands where it stood: what the person put over it stays over it. The
 * first one covers what was there, so that deleting it brings that back.
 */
export function withPicture(node: CanvasNode, paints: readonly Paint[]): Paint[] {
  const { fills } = node;
  const before = withoutBar(typeof fills === 'object' ? fills : []);
  const ours = node.getPluginData(IMAGE_KEY);
  const isOurs = (fill: Paint | undefined) => fill?.type === 'IMAGE' && (fill as ImagePaint).imageHash === ours;
  const isGround = (at: number) =>
    node.getPluginData(BACKGROUND_KEY) !== 'none' &&
    before[at]?.type === 'SOLID' &&
    isOurs(before[at + 1]) &&
    (before[at + 1] as ImagePaint).scaleMode === 'FIT';
  const others = before.filter((fill, at) => !isOurs(fill) && !isGround(at));
  const first = before.findIndex((fill, at) => isOurs(fill) || isGround(at));
  const at = first < 0 ? others.length : first;
  return others.slice(0, at).concat(paints, others.slice(at));
}
