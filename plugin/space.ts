/** Free space on the page for a new frame. Everything in pixels of the page. */
import type { CanvasNode, Host, Page, Rectangle } from './host.js';

/** Between a picture and what it stands beside. */
const GAP = 40;

/** Figma's own size of a slide. */
const SLIDE = { width: 1920, height: 1080 };

/** A row this long is surely wide enough; then the place is taken as it is. */
const MOST_MOVES = 500;

/**
 * A place for `width` x `height` on a page, to the right of `near` and at its height, where nothing lies; around the middle of the
 * view when there is nothing to be near to. `taken` are places there that are promised to others.
 * @param home the page, or the slide
 */
export function findSpace(
  host: Host,
  home: CanvasNode,
  size: { readonly width: number; readonly height: number },
  near: readonly CanvasNode[],
  taken: readonly Rectangle[],
): Rectangle {
  if (home.type !== 'PAGE') return onSlide(home, size, taken);
  const around = boundsOf(near.map(topmost));
  const { x, y } = host.viewport.center;
  let place: Rectangle = around
    ? { x: Math.round(around.x + around.width + GAP), y: Math.round(around.y), ...size }
    : { x: Math.round(x - size.width / 2), y: Math.round(y - size.height / 2), ...size };
  const obstacles = taken.concat(boxesOf((home as Page).children));
  for (let moves = 0; moves < MOST_MOVES; moves++) {
    const hit = obstacles.find((box) => overlap(box, place));
    if (!hit) break;
    place = { ...place, x: Math.round(hit.x + hit.width + GAP) };
  }
  return place;
}

/** In the middle of a slide, small enough to be whole on it; several lie like cards, so that each can be taken by its edge. */
function onSlide(
  slide: CanvasNode,
  size: { readonly width: number; readonly height: number },
  taken: readonly Rectangle[],
): Rectangle {
  const [across, along] = [slide.width || SLIDE.width, slide.height || SLIDE.height];
  const scale = Math.min(1, (across - 2 * GAP) / size.width, (along - 2 * GAP) / size.height);
  const [width, height] = [Math.round(size.width * scale), Math.round(size.height * scale)];
  const shift = GAP * taken.length;
  return { x: Math.round((across - width) / 2) + shift, y: Math.round((along - height) / 2) + shift, width, height };
}

/** The layer that lies on the page itself: a picture beside a button goes beside its whole artboard. */
function topmost(node: CanvasNode): CanvasNode {
  let at = node;
  while (at.parent && at.parent.type !== 'PAGE' && at.parent.type !== 'DOCUMENT') at = at.parent;
  return at;
}

function boxesOf(nodes: readonly CanvasNode[]): Rectangle[] {
  const boxes: Rectangle[] = [];
  for (const node of nodes) if (!node.removed && node.absoluteBoundingBox) boxes.push(node.absoluteBoundingBox);
  return boxes;
}

function boundsOf(nodes: readonly CanvasNode[]): Rectangle | null {
  const boxes = boxesOf(nodes);
  if (boxes.length === 0) return null;
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  };
}

export function overlap(a: Rectangle, b: Rectangle): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
