/** Circles, ellipses and rectangles, where an outline is one within a fraction of a pixel. */
import type { Point, Shape } from './vectors.js';

/** A point of the edge may be this far from the shape. Pixels of the traced picture; what smoothed edges of clean shapes give is below 0.3. */
const OFF = 0.55;
/** And the root of the mean square this far. */
const OFF_USUALLY = 0.28;

/** Fewer points say nothing about a shape. */
const FEWEST = 8;

/** @param ring closed, without repetition of the first */
export function recognise(ring: readonly Point[]): Shape | null {
  if (ring.length < FEWEST) return null;
  return rectangle(ring) ?? ellipse(ring);
}

function rectangle(ring: readonly Point[]): Shape | null {
  const middle = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] as number;
  const [left, right] = [Math.min(...ring.map(([x]) => x)), Math.max(...ring.map(([x]) => x))];
  const [top, bottom] = [Math.min(...ring.map(([, y]) => y)), Math.max(...ring.map(([, y]) => y))];
  // Where each side runs: the middle one of the points that are near it and not near a corner.
  const along = (value: number, low: number, high: number) => value > low + 1 && value < high - 1;
  const side = (at: number, axis: 0 | 1, low: number, high: number) => {
    const near = ring.filter((point) => Math.abs(point[axis] - at) < 1 && along(point[(1 - axis) as 0 | 1], low, high));
    return near.length < 2 ? null : middle(near.map((point) => point[axis]));
  };
  const sides = [
    side(left, 0, top, bottom),
    side(top, 1, left, right),
    side(right, 0, top, bottom),
    side(bottom, 1, left, right),
  ];
  if (sides.some((at) => at === null)) return null;
  const [x, y, xEnd, yEnd] = sides as [number, number, number, number];
  const off = ring.map((point) =>
    Math.min(...[point[0] - x, point[0] - xEnd, point[1] - y, point[1] - yEnd].map(Math.abs)),
  );
  return fits(off) ? { kind: 'rectangle', x, y, width: xEnd - x, height: yEnd - y } : null;
}

/** From the moments of the area within; a circle where both radii are nearly the same. */
function ellipse(ring: readonly Point[]): Shape | null {
  let [area, xSum, ySum] = [0, 0, 0];
  const [x0, y0] = ring[0] as Point;
  const edges = ring.map((point, index) => {
    const next = ring[(index + 1) % ring.length] as Point;
    const [ax, ay, bx, by] = [point[0] - x0, point[1] - y0, next[0] - x0, next[1] - y0];
    return { ax, ay, bx, by, cross: ax * by - bx * ay };
  });
  for (const { ax, ay, bx, by, cross } of edges) {
    area += cross / 2;
    xSum += ((ax + bx) * cross) / 6;
    ySum += ((ay + by) * cross) / 6;
  }
  if (Math.abs(area) < 4) return null;
  const [cx, cy] = [xSum / area, ySum / area];
  let [xx, xy, yy] = [0, 0, 0];
  for (const { ax, ay, bx, by, cross } of edges) {
    xx += ((ax * ax + ax * bx + bx * bx) * cross) / 12;
    yy += ((ay * ay + ay * by + by * by) * cross) / 12;
    xy += ((ax * by + 2 * ax * ay + 2 * bx * by + bx * ay) * cross) / 24;
  }
  [xx, xy, yy] = [xx / area - cx * cx, xy / area - cx * cy, yy / area - cy * cy];
  // The moments of an ellipse are a quarter of its radii squared.
  const spread = Math.hypot((xx - yy) / 2, xy);
  const [large, small] = [(xx + yy) / 2 + spread, (xx + yy) / 2 - spread];
  if (!(small > 0)) return null;
  let radii: [number, number] = [2 * Math.sqrt(large), 2 * Math.sqrt(small)];
  let angle = Math.atan2(2 * xy, xx - yy) / 2;
  if (radii[0] - radii[1] < Math.max(0.5, 0.02 * radii[0])) {
    radii = [Math.sqrt(radii[0] * radii[1]), Math.sqrt(radii[0] * radii[1])];
    angle = 0;
  }
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const off = ring.map(([x, y]) => {
    const [right, down] = [x - x0 - cx, y - y0 - cy];
    const [u, v] = [(right * cos + down * sin) / radii[0], (down * cos - right * sin) / radii[1]];
    // First-order distance to the curve: the value over the length of its gradient.
    const value = Math.hypot(u, v);
    return (value - 1) / (Math.hypot(u / radii[0], v / radii[1]) / value);
  });
  if (!fits(off)) return null;
  return { kind: 'ellipse', centre: [cx + x0, cy + y0], radii, angle: (angle * 180) / Math.PI };
}

function fits(off: readonly number[]): boolean {
  const square = off.reduce((sum, distance) => sum + distance * distance, 0) / off.length;
  return Math.sqrt(square) < OFF_USUALLY && off.every((distance) => Math.abs(distance) < OFF);
}
