/**
 * A picture -> few, clean layers. Read it from top to bottom: pixels become regions with a colour or a gradient each
 * (segment.ts), equal colours become one, the regions are stacked, and their edges become shapes and curves.
 */
import { coverCrop } from '../run/image.js';
import type { RgbImage } from '../run/png.js';
import { traceRings } from './contour.js';
import { fitOutline } from './curves.js';
import { measureFidelity } from './fidelity.js';
import { nameLayers } from './names.js';
import { pixelsToOklab, toOklab } from './oklab.js';
import { countPoints, outlinesOf, signedArea } from './outlines.js';
import { type NamedColour, snapColours, unifyColours } from './palette.js';
import { recognise } from './recognise.js';
import { flatten, render } from './render.js';
import { scaleLayer } from './scale.js';
import { type Canvas, type Segmented, segment, segmentFiner } from './segment.js';
import { findLost, type Separate } from './separate.js';
import { type Stacked, stack } from './stack.js';
import type { Fill, Layer, Shape, Vectors } from './vectors.js';

/** A larger picture is made smaller before: no pack draws more detail than this, and time grows with it. Pixels, of 384 x 384. */
const LARGEST = 147_456;

/** Edges this wide are sharp; outlines of softer ones are drawn more freely, up to this much. */
const SHARP = 2;
const LOOSEST = 2.5;

/** A hole or an island that is smaller is a speck. Pixels² of the traced picture. */
const SPECK = 3;

/** What is known of a picture beside its pixels (models/run/vocabulary/told.ts). */
export type Told = {
  /** Colours that have a name where it was drawn. */
  readonly known: readonly NamedColour[];
  /** Those of them that the prompt names: they are meant exactly. */
  readonly said: readonly NamedColour[];
  /** What it shows, where that is one thing: "sun". */
  readonly thing?: string;
};

const NOTHING: Told = { known: [], said: [] };

/** The same picture gives the same layers, in every runtime. */
export function vectorise(image: RgbImage, told: Told = NOTHING): Vectors {
  const scale = Math.min(1, Math.sqrt(LARGEST / (image.width * image.height)));
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const { rgb } = coverCrop(image, width, height);
  const canvas: Canvas = { width, height, rgb, lab: pixelsToOklab(rgb) };

  const { wanted, ...segmented } = segment(canvas);
  let traced = traceLayers(segmented, canvas, told, wanted);
  if (traced.lost.length > 0) {
    const finer = traceLayers(segmentFiner(segmented, traced.lost, canvas), canvas, told, wanted);
    if (finer.lost.length < traced.lost.length) traced = finer;
  }

  const { layers, pixels, lost } = traced;
  return {
    width: image.width,
    height: image.height,
    layers: layers.map((layer) => scaleLayer(layer, image.width / width, image.height / height)),
    points: layers.reduce((count, { shape }) => count + countPoints(shape), 0),
    fidelity: measureFidelity(image, { width, height, rgb: pixels }),
    regions: wanted.length,
    lost: lost.length,
  };
}

type Traced = {
  readonly layers: readonly Layer[];
  /** [height, width, 3]: what they look like. */
  readonly pixels: Uint8Array;
  /** What they do not show. */
  readonly lost: readonly Separate[];
};

function traceLayers(segmented: Segmented, canvas: Canvas, told: Told, wanted: readonly Separate[]): Traced {
  const { labels, soft } = segmented;
  const { width, height, rgb, lab } = canvas;
  const fills = unifyColours(segmented.fills, labels, width);
  const meant = snapColours(fills, labels, width, told.said, told.known);
  const looseness = Math.min(LOOSEST, Math.max(1, 1 + (soft - SHARP) / 3));
  const shapes = stack(labels, width, height).flatMap((one, place) => {
    // Edges lie where the colours say that the picture has, not those that were made of them.
    const shape = place === 0 ? backdrop(width, height) : shapeOf(one, segmented.fills);
    return shape ? [{ region: one.region, shape, box: boxOf(shape) }] : [];
  });
  const filledWith = (from: readonly Fill[]) =>
    shapes.map(({ region, ...rest }) => ({ fill: from[region] as Fill, ...rest }));
  // A colour that is meant otherwise than it was drawn is no fault of the tracing.
  const pixels = render(filledWith(fills), width, height);
  const shown = (pixel: number) =>
    toOklab([pixels[3 * pixel] as number, pixels[3 * pixel + 1] as number, pixels[3 * pixel + 2] as number]);
  return { layers: nameLayers(filledWith(meant), told.said, told.thing), pixels, lost: findLost(wanted, lab, shown) };

  function shapeOf(one: Stacked, own: readonly Fill[]): Shape | null {
    const rings = traceRings(one, rgb, labels, width, height, own).filter((ring) => Math.abs(signedArea(ring)) > SPECK);
    const [only] = rings;
    const known = rings.length === 1 && only ? recognise(only) : null;
    if (known) return known;
    const outlines = rings.map((ring) => fitOutline(ring, looseness));
    return outlines.length === 0 ? null : { kind: 'path', outlines };
  }
}

const backdrop = (width: number, height: number): Shape => ({ kind: 'rectangle', x: 0, y: 0, width, height });

function boxOf(shape: Shape): Layer['box'] {
  const points = outlinesOf(shape).flatMap((outline) => flatten(outline));
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
