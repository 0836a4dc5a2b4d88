/** Which layers a picture can go into, and why not. */
import type { CanvasNode, Host } from './host.js';
import { CANVAS_LIMITS, type Hindrance, type Target } from './messages.js';

/** Name of our entry in a layer's plugin data: the JSON of the request that its picture was made with. */
export const REQUEST_KEY = 'request';

/** Layers that can have fills but are not surfaces: pictures in letters or in lines are rarely meant. */
const NOT_SURFACES = ['TEXT', 'LINE', 'CONNECTOR', 'HIGHLIGHT', 'WASHI_TAPE', 'TEXT_PATH'];

/** @returns null where the layer can be filled */
export function hindranceOf(node: CanvasNode): Hindrance | null {
  if (node.removed) return 'deleted';
  for (let at: CanvasNode | null = node; at; at = at.parent) if (at.locked) return 'locked';
  if (node.type === 'TEXT') return 'text';
  if (node.type === 'GROUP') return 'group';
  if (!('fills' in node) || NOT_SURFACES.includes(node.type)) return 'no-fill';
  return null;
}

export function describeSelection(host: Host): { readonly targets: Target[]; readonly total: number } {
  const { selection } = host.currentPage;
  return { targets: selection.slice(0, CANVAS_LIMITS.nodes).map(describeNode), total: selection.length };
}

function describeNode(node: CanvasNode): Target {
  const request = node.getPluginData(REQUEST_KEY);
  return {
    id: node.id,
    name: node.name.slice(0, CANVAS_LIMITS.name),
    width: Math.max(1, node.width || 1),
    height: Math.max(1, node.height || 1),
    hindrance: hindranceOf(node),
    // Somebody else's plugin can't write here, but an older version of ours may have.
    request: request !== '' && request.length <= CANVAS_LIMITS.request ? request : null,
  };
}
