/** Any shape as outlines, and how many points a person would have to move. */
import type { Outline, Point, Shape } from './vectors.js';

/** Handles of a quarter of a circle, in radii. */
const HANDLE = 0.5522847498;

export function outlinesOf(shape: Shape): readonly Outline[] {
  switch (shape.kind) {
    case 'path':
      return shape.outlines;
    case 'rectangle': {
      const { x, y, width, height } = shape;
      const corners: Point[] = [
        [x + width, y],
        [x + width, y + height],
        [x, y + height],
        [x, y],
      ];
      return [{ from: [x, y], segments: corners.map((to) => ({ kind: 'line', to })) }];
    }
    case 'ellipse':
      return [ellipse(shape)];
    default:
      return shape satisfies never;
  }
}

export function countPoints(shape: Shape): number {
  return outlinesOf(shape).reduce((count, { segments }) => count + segments.length, 0);
}

/** What a shape covers, nearly: curves count as the lines between their handles. Holes are not covered. Pixels². */
export function areaOf(shape: Shape): number {
  const areas = outlinesOf(shape).map(({ from, segments }) => {
    const points = [
      from,
      ...segments.flatMap((segment) =>
        segment.kind === 'line' ? [segment.to] : [segment.out, segment.into, segment.to],
      ),
    ];
    return Math.abs(signedArea(points));
  });
  return 2 * Math.max(...areas) - areas.reduce((sum, area) => sum + area, 0);
}

/** Of a closed ring: positive where it runs clockwise on a screen. */
export function signedArea(ring: readonly Point[]): number {
  return ring.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = ring[(index + 1) % ring.length] as Point;
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);
}

function ellipse({ centre, radii, angle }: Extract<Shape, { kind: 'ellipse' }>): Outline {
  const [cos, sin] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  const at = (x: number, y: number): Point => [
    centre[0] + radii[0] * x * cos - radii[1] * y * sin,
    centre[1] + radii[0] * x * sin + radii[1] * y * cos,
  ];
  const quarter = (turn: number) => {
    const [c, s] = [Math.round(Math.cos((turn * Math.PI) / 2)), Math.round(Math.sin((turn * Math.PI) / 2))];
    const place = (x: number, y: number) => at(x * c - y * s, x * s + y * c);
    return { kind: 'curve' as const, out: place(1, HANDLE), into: place(HANDLE, 1), to: place(0, 1) };
  };
  return { from: at(1, 0), segments: [quarter(0), quarter(1), quarter(2), quarter(3)] };
}
