/**
 * Regions as a stack: those that reach farther lie below, and each goes on beneath what lies above it, so that no gap shows
 * between two edges and a layer that is taken away leaves no hole.
 */
import type { Labels } from './labels.js';

/** How far a region goes on beneath its upper neighbours. Pixels; far enough that the hidden edge can be smooth. */
const BENEATH = 4;

export const OUTSIDE = 0;
export const SHOWN = 1;
export const BENEATH_OTHERS = 2;
/** Beneath others and not in the layer: whether it were would not be seen. */
export const HIDDEN_OUTSIDE = 3;

export type Box = { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };

export type Stacked = {
  readonly region: number;
  /** Right and bottom are not in it. */
  readonly box: Box;
  /** [bottom - top, right - left] of `OUTSIDE`, `SHOWN`, `BENEATH_OTHERS`, `HIDDEN_OUTSIDE`. */
  readonly mask: Uint8Array;
};

/** @returns lowest first */
export function stack(labels: Labels, width: number, height: number): Stacked[] {
  const boxes = boxesOf(labels, width, height);
  const filled = boxes.map((box, region) => fillHoles(labels, width, region, box));
  const areas = filled.map((mask) => mask.reduce((area, value) => area + (value > 0 ? 1 : 0), 0));
  const order = boxes.map((_, region) => region).sort((a, b) => (areas[b] as number) - (areas[a] as number) || a - b);
  const rank = new Int32Array(labels.count);
  for (const [place, region] of order.entries()) rank[region] = place;
  return order.map((region) => {
    const box = grow(boxes[region] as Box, BENEATH, width, height);
    const mask = place(filled[region] as Uint8Array, boxes[region] as Box, box);
    const isUpper = (x: number, y: number) =>
      (rank[labels.of[y * width + x] as number] as number) > (rank[region] as number);
    for (let step = 0; step < BENEATH; step++) goBeneath(mask, box, isUpper);
    markHidden(mask, box, isUpper);
    return { region, box, mask };
  });
}

function boxesOf({ of, count }: Labels, width: number, height: number): Box[] {
  const boxes = Array.from({ length: count }, () => ({ left: width, top: height, right: 0, bottom: 0 }));
  for (let y = 0, pixel = 0; y < height; y++)
    for (let x = 0; x < width; x++, pixel++) {
      const box = boxes[of[pixel] as number]!;
      box.left = Math.min(box.left, x);
      box.top = Math.min(box.top, y);
      box.right = Math.max(box.right, x + 1);
      box.bottom = Math.max(box.bottom, y + 1);
    }
  return boxes;
}

/** The region with all that it encloses: what can't be reached from the edge of its box. */
function fillHoles(labels: Labels, width: number, region: number, box: Box): Uint8Array {
  const [columns, rows] = [box.right - box.left, box.bottom - box.top];
  // What is not reached from outside stays beneath others.
  const mask = new Uint8Array(columns * rows).fill(BENEATH_OTHERS);
  for (let y = 0, at = 0; y < rows; y++)
    for (let x = 0; x < columns; x++, at++)
      if (labels.of[(y + box.top) * width + x + box.left] === region) mask[at] = SHOWN;
  const open: number[] = [];
  const reach = (at: number) => {
    if (mask[at] !== BENEATH_OTHERS) return;
    mask[at] = OUTSIDE;
    open.push(at);
  };
  for (let x = 0; x < columns; x++) {
    reach(x);
    reach((rows - 1) * columns + x);
  }
  for (let y = 0; y < rows; y++) {
    reach(y * columns);
    reach(y * columns + columns - 1);
  }
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const x = at % columns;
    if (x > 0) reach(at - 1);
    if (x < columns - 1) reach(at + 1);
    if (at >= columns) reach(at - columns);
    if (at < mask.length - columns) reach(at + columns);
  }
  return mask;
}

const grow = ({ left, top, right, bottom }: Box, by: number, width: number, height: number): Box => ({
  left: Math.max(0, left - by),
  top: Math.max(0, top - by),
  right: Math.min(width, right + by),
  bottom: Math.min(height, bottom + by),
});

function place(mask: Uint8Array, from: Box, to: Box): Uint8Array {
  const [columns, wide] = [from.right - from.left, to.right - to.left];
  const next = new Uint8Array(wide * (to.bottom - to.top));
  for (let y = from.top; y < from.bottom; y++) {
    const row = (y - from.top) * columns;
    next.set(mask.subarray(row, row + columns), (y - to.top) * wide + from.left - to.left);
  }
  return next;
}

/** One pixel farther, where an upper region is. */
function goBeneath(mask: Uint8Array, box: Box, isUpper: (x: number, y: number) => boolean): void {
  const columns = box.right - box.left;
  const before = mask.slice();
  for (let at = 0; at < mask.length; at++) {
    if (before[at] !== OUTSIDE) continue;
    const x = at % columns;
    const touches =
      (x > 0 && before[at - 1] !== OUTSIDE) ||
      (x < columns - 1 && before[at + 1] !== OUTSIDE) ||
      (at >= columns && before[at - columns] !== OUTSIDE) ||
      (at < mask.length - columns && before[at + columns] !== OUTSIDE);
    if (touches && isUpper(x + box.left, Math.floor(at / columns) + box.top)) mask[at] = BENEATH_OTHERS;
  }
}

function markHidden(mask: Uint8Array, box: Box, isUpper: (x: number, y: number) => boolean): void {
  const columns = box.right - box.left;
  for (let at = 0; at < mask.length; at++)
    if (mask[at] === OUTSIDE && isUpper((at % columns) + box.left, Math.floor(at / columns) + box.top))
      mask[at] = HIDDEN_OUTSIDE;
}
