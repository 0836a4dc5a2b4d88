/** Where boxes stand on the grid of tokens; the layouts that training has (models/train/twostep_train/scenes/drawn.py). */
import type { Box } from './scene.js';

export type Way = 'row' | 'column' | 'rows';
export type Sizes = { readonly small: number; readonly medium: number; readonly large: number };
export type SizeName = keyof Sizes;

/** How many of `count` boxes stand in each row, if they stand in several. */
const ROWS: Readonly<Record<number, readonly number[]>> = { 2: [1, 1], 3: [2, 1], 4: [2, 2], 5: [3, 2] };

/** The edge of box `index` of `count` that share the grid evenly. */
const spread = (index: number, count: number, side: number, grid: number): number =>
  Math.round(((grid - count * side) / (count + 1)) * (index + 1) - 1e-6) + index * side;

export function arrange(count: number, side: number, way: Way, grid: number): Box[] {
  const rows =
    way === 'row' ? [count] : way === 'column' ? Array.from({ length: count }, () => 1) : (ROWS[count] ?? [count]);
  return rows.flatMap((number, row) =>
    Array.from({ length: number }, (_, column) => ({
      side,
      left: spread(column, number, side, grid),
      top: spread(row, rows.length, side, grid),
    })),
  );
}

/** One box at a named place: "top left", "center". */
export function placeBox(place: string, side: number, grid: number): Box {
  const room = grid - side;
  const margin = room > 4 ? 1 : 0;
  const along = (before: string, after: string): number =>
    place.includes(before) ? margin : place.includes(after) ? room - margin : Math.floor(room / 2);
  return { side, left: along('left', 'right'), top: along('top', 'bottom') };
}

/** The side of equal boxes, and the ways in which so many may stand. */
export function waysFor(count: number, sizes: Sizes, grid: number): { side: number; ways: readonly Way[] } {
  if (count === 2) return { side: sizes.medium, ways: ['row', 'column'] };
  if (count === 4) return { side: sizes.medium, ways: ['rows'] };
  return { side: sizes.small, ways: sizes.small * count > grid ? ['rows'] : ['row', 'column', 'rows'] };
}

/** A box in the middle of another one's place, smaller by two tokens. */
export const smaller = ({ side, left, top }: Box): Box => ({ side: side - 2, left: left + 1, top: top + 1 });
