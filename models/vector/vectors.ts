/** A picture as layers with outlines. Lengths are pixels of the picture that was traced, x to the right, y down. */

export type Point = readonly [x: number, y: number];

/** sRGB, 0..255, whole numbers. */
export type Colour = readonly [red: number, green: number, blue: number];

export type Segment =
  | { readonly kind: 'line'; readonly to: Point }
  /** A cubic Bézier curve. */
  | { readonly kind: 'curve'; readonly out: Point; readonly into: Point; readonly to: Point };

/** Closed: the last segment ends where it began. */
export type Outline = { readonly from: Point; readonly segments: readonly Segment[] };

export type Shape =
  | {
      readonly kind: 'rectangle';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
    }
  /** `angle` in degrees, clockwise. A circle has equal radii. */
  | {
      readonly kind: 'ellipse';
      readonly centre: Point;
      readonly radii: readonly [number, number];
      readonly angle: number;
    }
  /** Even-odd: an outline within another one is a hole. */
  | { readonly kind: 'path'; readonly outlines: readonly Outline[] };

export type Fill =
  | { readonly kind: 'solid'; readonly colour: Colour }
  /** Along the line `from` -> `to`; `at` rises from 0 to 1. Interpolated in sRGB, as SVG and Figma do. */
  | {
      readonly kind: 'gradient';
      readonly from: Point;
      readonly to: Point;
      readonly stops: readonly { readonly at: number; readonly colour: Colour }[];
    };

export type Layer = {
  /** Unique among the layers: "yellow circle", "green region 2". */
  readonly name: string;
  readonly fill: Fill;
  readonly shape: Shape;
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
};

export type Vectors = {
  readonly width: number;
  readonly height: number;
  /** Painted in this order; the first is a rectangle behind everything. */
  readonly layers: readonly Layer[];
  /** Anchor points of all layers: what a person would have to move. */
  readonly points: number;
  /** Share of the picture's pixels that the layers reproduce, 0..1. */
  readonly fidelity: number;
  /** Regions of the picture that stand out from what is around them, of 0.2 % of its area and more. */
  readonly regions: number;
  /** Those of them that the layers do not show. */
  readonly lost: number;
};
