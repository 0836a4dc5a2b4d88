/** When the panel has to hear of the selection: when it is another one, and when a selected layer is no longer as it was told. */
import type { CanvasNode, Host, NodeChanges } from './host.js';
import { CANVAS_LIMITS } from './messages.js';
import { quietly } from './quietly.js';

/** What the panel is told of a layer hangs on these. Fills and plugin data, which we write ourselves while we draw, are not among them. */
const TOLD = ['name', 'width', 'height', 'locked', 'visible', 'parent'];

/** Milliseconds: a layer that is pulled to another size changes with every movement of the pointer. */
const PAUSE = 200;

export function watchSelection(host: Host, tell: () => void): void {
  let watched = withParents(host.currentPage.selection);
  let waiting = false;
  const tellNow = () => {
    watched = withParents(host.currentPage.selection);
    tell();
  };
  const hear = ({ nodeChanges }: NodeChanges) => {
    if (waiting) return;
    const matters = ({ type, id, properties = [] }: NodeChanges['nodeChanges'][number]) =>
      watched.has(id) && (type === 'DELETE' || properties.some((property) => TOLD.includes(property)));
    if (!nodeChanges.some(matters)) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      tellNow();
    }, PAUSE);
  };
  onNodeChanges(host, hear);
  host.on('selectionchange', tellNow);
  host.on('currentpagechange', tellNow);
}

/** Tells of changes of the page in view, whichever that is. */
export function onNodeChanges(host: Host, hear: (event: NodeChanges) => void): void {
  let page = host.currentPage;
  const listen = () => {
    // The page may be deleted by now.
    quietly(() => page.off?.('nodechange', hear));
    page = host.currentPage;
    quietly(() => page.on?.('nodechange', hear));
  };
  listen();
  host.on('currentpagechange', listen);
}

/** Ids of the selected layers that the panel is told of, and of all around them: a layer in a locked frame is locked. */
function withParents(selection: readonly CanvasNode[]): Set<string> {
  const ids = new Set<string>();
  for (const node of selection.slice(0, CANVAS_LIMITS.nodes))
    for (let at: CanvasNode | null = node; at && !at.removed; at = at.parent) ids.add(at.id);
  return ids;
}
