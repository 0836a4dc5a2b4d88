/** A ring of many points -> few curves and lines, with corners where it has corners. */
import fitCurve, { type fitCubic } from 'fit-curve';
import type { Outline, Point, Segment } from './vectors.js';

/** As a module of CommonJS it has the second function on the first; its types say otherwise. */
const fitBetween = (fitCurve as typeof fitCurve & { readonly fitCubic: typeof fitCubic }).fitCubic;

/** Pixels between the points that are looked at. */
const STEP = 0.7;

/** A curve may be this far from the points that it stands for, and a line from those between its ends. Pixels; times the looseness. */
const OFF = 0.4;
const STRAIGHT = 0.35;

/** Rounds of smoothing: between corners always, since curves take their direction from points that lie next to each other; and for each unit of looseness above 1. */
const ROUNDS = 4;
const ROUNDS_MORE = 8;

/** A corner turns by this within `REACH` points, and by most of it within half of them. Degrees. */
const TURN = 42;
const REACH = 6;
const MOST_WITHIN_HALF = 0.62;

/**
 * @param looseness 1 where edges are as sharp as pixels allow; more where they are soft, and their place is less certain
 */
export function fitOutline(ring: readonly Point[], looseness: number): Outline {
  const points = smoothed(resample(ring), Math.round((looseness - 1) * ROUNDS_MORE), true);
  const corners = findCorners(points);
  const sharp = corners.map((corner) => sharpen(points, corner));
  const [first] = corners;
  if (first === undefined) return smooth(smoothed(points, ROUNDS, true), looseness);
  const segments: Segment[] = [];
  for (const [index, corner] of corners.entries()) {
    const next = corners[(index + 1) % corners.length] as number;
    const length = (next - corner + points.length - 1) % points.length;
    const between = Array.from({ length }, (_, step) => points[(corner + 1 + step) % points.length] as Point);
    // Points that stand nearer to the corner than it was moved would bend the curve back.
    const from = sharp[index] as Point;
    const to = sharp[(index + 1) % sharp.length] as Point;
    const inner = between.filter((point) => distance(point, from) > STEP && distance(point, to) > STEP);
    segments.push(...fitPiece(smoothed([from, ...inner, to], ROUNDS, false), looseness));
  }
  return { from: sharp[0] as Point, segments };
}

/** Equal steps along the ring. */
function resample(ring: readonly Point[]): Point[] {
  const lengths = ring.map((point, index) => distance(point, ring[(index + 1) % ring.length] as Point));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const count = Math.max(8, Math.round(total / STEP));
  const points: Point[] = [];
  let [edge, before] = [0, 0];
  for (let index = 0; index < count; index++) {
    const along = (total * index) / count;
    while (edge < ring.length - 1 && before + (lengths[edge] as number) < along) before += lengths[edge++] as number;
    const part = (along - before) / (lengths[edge] || 1);
    points.push(between(ring[edge] as Point, ring[(edge + 1) % ring.length] as Point, part));
  }
  return points;
}

/** Each point in the middle of its neighbours, so often; ends stay, and points on the picture's border. */
function smoothed(points: readonly Point[], times: number, closed: boolean): Point[] {
  let at = [...points];
  for (let time = 0; time < times; time++)
    at = at.map((point, index): Point => {
      if (!closed && (index === 0 || index === at.length - 1)) return point;
      const [before, after] = [at.at(index - 1) as Point, at[(index + 1) % at.length] as Point];
      // Exactly level or upright is the picture's border.
      if (isAligned(point, before) || isAligned(point, after)) return point;
      return [(before[0] + 2 * point[0] + after[0]) / 4, (before[1] + 2 * point[1] + after[1]) / 4];
    });
  return at;
}

const isAligned = (a: Point, b: Point) => a[0] === b[0] || a[1] === b[1];

function findCorners(points: readonly Point[]): number[] {
  const count = points.length;
  const reach = Math.max(2, Math.min(REACH, Math.floor(count / 6)));
  const at = (index: number) => points[((index % count) + count) % count] as Point;
  const turnAt = (index: number, reach: number) => {
    const [before, here, after] = [at(index - reach), at(index), at(index + reach)];
    return angleBetween([here[0] - before[0], here[1] - before[1]], [after[0] - here[0], after[1] - here[1]]);
  };
  const turns = points.map((_, index) => turnAt(index, reach));
  const near = (index: number) =>
    Array.from({ length: 2 * reach + 1 }, (_, step) => (index - reach + step + count) % count);
  return turns.flatMap((turn, index) => {
    if (turn < TURN) return [];
    // The largest of its neighbourhood; of equal ones the first.
    for (const other of near(index)) {
      const there = turns[other] as number;
      if (there > turn || (there === turn && other < index)) return [];
    }
    const half = Math.max(...[-1, 0, 1].map((step) => turnAt(index + step, Math.max(1, reach >> 1))));
    return half >= MOST_WITHIN_HALF * turn ? [index] : [];
  });
}

/** Where the lines before and after a corner meet: the pixels around it have rounded it. */
function sharpen(points: readonly Point[], corner: number): Point {
  const count = points.length;
  const at = (index: number) => points[((index % count) + count) % count] as Point;
  const here = at(corner);
  const [a, b, c, d] = [at(corner - 6), at(corner - 2), at(corner + 2), at(corner + 6)];
  const [ux, uy, vx, vy] = [b[0] - a[0], b[1] - a[1], c[0] - d[0], c[1] - d[1]];
  const cross = ux * vy - uy * vx;
  if (Math.abs(cross) < 0.2 * Math.hypot(ux, uy) * Math.hypot(vx, vy)) return here;
  const along = ((c[0] - b[0]) * vy - (c[1] - b[1]) * vx) / cross;
  const meet: Point = [b[0] + ux * along, b[1] + uy * along];
  return distance(meet, here) < 1.5 ? meet : here;
}

/** A ring without corners begins where it is straightest; both ends of the curve get the same tangent there. */
function smooth(points: readonly Point[], looseness: number): Outline {
  const closed = [...points, points[0] as Point];
  const [after, before] = [points[2] as Point, points.at(-2) as Point];
  const length = distance(after, before) || 1;
  const tangent: [number, number] = [(after[0] - before[0]) / length, (after[1] - before[1]) / length];
  const curves = fitBetween<[number, number]>(
    closed.map(mutable),
    tangent,
    [-tangent[0], -tangent[1]],
    (OFF * looseness) ** 2,
  );
  return { from: points[0] as Point, segments: curves.map(toSegment) };
}

/** From corner to corner. */
function fitPiece(points: readonly Point[], looseness: number): Segment[] {
  const [from, to] = [points[0] as Point, points.at(-1) as Point];
  if (points.every((point) => distanceToLine(point, from, to) < STRAIGHT * looseness)) return [{ kind: 'line', to }];
  return fitCurve(points.map(mutable), (OFF * looseness) ** 2).map(toSegment);
}

const toSegment = ([, out, into, to]: number[][]): Segment => ({
  kind: 'curve',
  out: [out![0]!, out![1]!],
  into: [into![0]!, into![1]!],
  to: [to![0]!, to![1]!],
});

const mutable = ([x, y]: Point): [number, number] => [x, y];
const distance = (a: Point, b: Point) => Math.hypot(a[0] - b[0], a[1] - b[1]);
const between = (a: Point, b: Point, part: number): Point => [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part];

function angleBetween(a: Point, b: Point): number {
  const cross = a[0] * b[1] - a[1] * b[0];
  return (Math.abs(Math.atan2(cross, a[0] * b[0] + a[1] * b[1])) * 180) / Math.PI;
}

function distanceToLine(point: Point, from: Point, to: Point): number {
  const [right, down] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(right, down);
  if (length === 0) return distance(point, from);
  return Math.abs((point[0] - from[0]) * down - (point[1] - from[1]) * right) / length;
}
