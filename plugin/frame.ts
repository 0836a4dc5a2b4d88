/** New frames: on which page or slide they stand, how each editor makes them, and that the person gets to see them. */
import type { CanvasNode, Container, Host, NewNode, Rectangle } from './host.js';
import { quietly } from './quietly.js';
import { overlap } from './space.js';

/** Where this editor puts what is made now: the slide in view, or else the page. */
export function homeOf({ currentPage }: Host): CanvasNode {
  const slide = currentPage.focusedSlide;
  return slide && !slide.removed ? slide : currentPage;
}

/** What carries a picture that fills no layer: a frame, or a rectangle where the editor has no frames for plugins (FigJam). */
export function makeFrame(host: Host, at: Rectangle, home: CanvasNode): NewNode {
  const frame = () => host.createFrame();
  const rectangle = () => host.createRectangle();
  const node = firstOf(host.editorType === 'figjam' ? [rectangle, frame] : [frame, rectangle]);
  // The person went to another page or slide meanwhile. What was in view once is loaded; where it takes nothing, better here than nowhere.
  if (!home.removed && homeOf(host).id !== home.id) quietly(() => (home as Container).appendChild(node));
  node.resize(at.width, at.height);
  node.x = at.x;
  node.y = at.y;
  return node;
}

/** @throws what the last one throws, when none can be done here */
function firstOf(ways: readonly (() => NewNode)[]): NewNode {
  let failure: unknown;
  for (const make of ways)
    try {
      return make();
    } catch (error) {
      failure = error;
    }
  throw failure;
}

/** Scrolls to a new frame, but only where nothing of it is to be seen, and only on the page in view. A slide is in view as a whole. */
export function reveal(host: Host, node: NewNode): void {
  quietly(() => {
    const { viewport, currentPage } = host;
    const box = node.absoluteBoundingBox;
    if (!box || !viewport.bounds || node.parent?.id !== currentPage.id) return;
    if (!overlap(box, viewport.bounds)) viewport.scrollAndZoomIntoView?.([node]);
  });
}
