/**
 * A layout map: what stands at every position of a picture, in numbers that the image rows are told (models/graphs.ts, LAYOUT_FIELDS).
 *
 * A network that had to find out for each row which of a sentence's words are about it learned a few drawings in hours; told, it learns a
 * thousand (models/train/LOG.md). The same as models/train/twostep_train/layout.py; a golden file holds the two together.
 */
import { LAYOUT_FIELDS } from '../../graphs.js';
import type { Scene, SceneThing } from '../../run/scene/scene.js';
import { word } from '../../run/scene/scene.js';
import type { Layout } from './part.js';

/** Where the numbers of the thing behind and of the ground begin; the place is the last. */
const BEHIND = LAYOUT_FIELDS.indexOf('behind');
const GROUND = LAYOUT_FIELDS.indexOf('ground');

export type Grid = { readonly rows: number; readonly columns: number };

/** @returns int32 [rows * columns, LAYOUT_FIELDS]; what the pack has no number for is 0 */
export function layoutMap(scene: Scene, layout: Layout, grid: Grid): Int32Array {
  const fields = LAYOUT_FIELDS.length;
  const behindAll = Int32Array.of(
    ...LAYOUT_FIELDS.slice(0, GROUND).map(() => 0),
    numberOf(layout.grounds, 'g', scene.ground) * (layout.variants + 1) + (scene.variant ?? 0),
    numberOf(layout.directions, 'd', scene.direction),
    numberOf(layout.lights, 'l', scene.light),
    ...[0, 1, 2, 3].map((place) => numberOf(layout.colours, 'c', scene.colours[place])),
  );
  const map = new Int32Array(grid.rows * grid.columns * fields);
  for (let row = 0; row < grid.rows; row++)
    for (let column = 0; column < grid.columns; column++) {
      const end = (row * grid.columns + column + 1) * fields;
      map.set(behindAll, end - fields);
      const down = Math.floor((row * layout.sides) / grid.rows);
      map[end - 1] = down * layout.sides + Math.floor((column * layout.sides) / grid.columns);
    }
  for (const thing of scene.things) lay(map, thing, layout, grid);
  return map;
}

/** Later things lie on earlier ones, of which one is still told. */
function lay(map: Int32Array, { token, colour, side, left, top }: SceneThing, layout: Layout, grid: Grid): void {
  const thing = layout.things.indexOf(token) + 1;
  const its = numberOf(layout.colours, 'c', colour);
  for (let y = Math.max(0, -top); y < side && top + y < grid.rows; y++)
    for (let x = Math.max(0, -left); x < side && left + x < grid.columns; x++) {
      const start = ((top + y) * grid.columns + left + x) * LAYOUT_FIELDS.length;
      map.copyWithin(start + BEHIND, start, start + BEHIND);
      const region = Math.floor((y * layout.details) / side) * layout.details + Math.floor((x * layout.details) / side);
      map.set([thing, cellsBelow(side) + y * side + x + 1, thing * layout.details ** 2 + region, its], start);
    }
}

/** How many cells boxes of all smaller sides have together: where the numbers of a side begin. */
const cellsBelow = (side: number): number => ((side - 1) * side * (2 * side - 1)) / 6;

const numberOf = (words: readonly string[], kind: string, id: string | null | undefined): number =>
  id === null || id === undefined ? 0 : words.indexOf(word(kind, id)) + 1;
