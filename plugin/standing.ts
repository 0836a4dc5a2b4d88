/** What became of pictures that were placed: the person may undo, redo, delete, or paint over them, and the panel shows which are on the canvas. */
import { isOurFill } from './fills.js';
import type { CanvasNode, Host } from './host.js';
import { CANVAS_LIMITS } from './messages.js';
import { quietly } from './quietly.js';
import { onNodeChanges } from './watch.js';

/** Milliseconds: a change of many layers comes in many parts. */
const PAUSE = 100;

/** Placings that are watched: more than the panel has in view. The oldest are forgotten. */
const WATCHED = 200;

/** A layer, and the entry of its plugin data that says it carries this picture. */
export type Sign = { readonly id: string; readonly key: string; readonly value: string };

export type Standing = {
  /** @returns the mark of this placing */
  add(signs: readonly Sign[]): number;
};

export function watchStanding(host: Host, tell: (mark: number, names: string[]) => void): Standing {
  const marks = new Map<number, { readonly signs: readonly Sign[]; told: string }>();
  let count = 0;
  let waiting = false;

  async function check(): Promise<void> {
    for (const [mark, entry] of Array.from(marks)) {
      const names: string[] = [];
      const ids: string[] = [];
      for (const sign of entry.signs) {
        const node = await host.getNodeByIdAsync(sign.id);
        if (!node || !carries(node, sign)) continue;
        ids.push(sign.id);
        if (names.length < CANVAS_LIMITS.nodes) names.push(node.name.slice(0, CANVAS_LIMITS.name));
      }
      if (ids.join() === entry.told || marks.get(mark) !== entry) continue;
      entry.told = ids.join();
      tell(mark, names);
    }
  }
  const soon = () => {
    if (waiting || marks.size === 0) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      // A node that can't be read now is looked at again with the next change.
      void check().catch(() => undefined);
    }, PAUSE);
  };
  onNodeChanges(host, ({ nodeChanges }) => {
    const matters = ({ type, properties = [] }: (typeof nodeChanges)[number]) =>
      type !== 'PROPERTY_CHANGE' || properties.some((name) => name === 'fills' || name === 'pluginData');
    if (nodeChanges.some(matters)) soon();
  });
  // In editors that tell of no changes, undo at least moves the selection.
  host.on('selectionchange', soon);

  return {
    add(signs) {
      count += 1;
      marks.set(count, { signs, told: signs.map(({ id }) => id).join() });
      const [oldest] = Array.from(marks.keys());
      if (marks.size > WATCHED && oldest !== undefined) marks.delete(oldest);
      return count;
    },
  };
}

function carries(node: CanvasNode, { key, value }: Sign): boolean {
  let is = false;
  quietly(() => {
    is = !node.removed && node.getPluginData(key) === value && isOurFill(node, value, key);
  });
  return is;
}
