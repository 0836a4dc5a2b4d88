/** What a page tells of its layers, as Figma does: later, with all that happened until then, whoever did it. */
import type { NodeChanges } from '../../../plugin/host.js';
import { type Layer, type Layers, PAGE, type StandInDocument } from './document.js';

/** What NodeChange calls the fields of a layer; the others have no name there. */
const PROPERTIES: { readonly [field: string]: string } = {
  name: 'name',
  x: 'x',
  y: 'y',
  width: 'width',
  height: 'height',
  rotation: 'rotation',
  radius: 'cornerRadius',
  locked: 'locked',
  visible: 'visible',
  fills: 'fills',
  fillStyleId: 'fillStyleId',
  parent: 'parent',
  data: 'pluginData',
  layoutMode: 'layoutMode',
  layoutPositioning: 'layoutPositioning',
};

export function tellChanges(document: StandInDocument, tell: (event: NodeChanges) => void): void {
  let toldUntil: Layers | null = null;
  let known = document.layers();
  document.subscribe((what) => {
    if (what !== 'layers') return;
    const before = known;
    known = document.layers();
    if (toldUntil !== null) return;
    toldUntil = before;
    setTimeout(() => {
      const from = toldUntil ?? known;
      toldUntil = null;
      const nodeChanges = changesBetween(from, document.layers(), (id) => id === PAGE);
      if (nodeChanges.length > 0) tell({ nodeChanges });
    }, 0);
  });
}

/** @param isPage whether an id is that of a page: of layers that come or go together the highest alone is told */
export function changesBetween(
  before: Layers,
  now: Layers,
  isPage: (id: string) => boolean,
): NodeChanges['nodeChanges'][number][] {
  const changes: NodeChanges['nodeChanges'][number][] = [];
  for (const id of new Set([...before.keys(), ...now.keys()])) {
    const [was, is] = [before.get(id), now.get(id)];
    if (!was && is && (before.has(is.parent) || isPage(is.parent))) changes.push({ type: 'CREATE', id });
    if (was && !is && (now.has(was.parent) || isPage(was.parent))) changes.push({ type: 'DELETE', id });
    if (!was || !is) continue;
    const fields = Object.keys({ ...was, ...is }) as (keyof Layer)[];
    const properties = fields.flatMap((field) => (was[field] === is[field] ? [] : (PROPERTIES[field] ?? [])));
    if (properties.length > 0) changes.push({ type: 'PROPERTY_CHANGE', id, properties });
  }
  return changes;
}
