/**
 * A picture -> few, clean layers. Read it from top to bottom: pixels become small pieces of one colour, pieces become regions, each
 * region gets a colour or a gradient, the regions are stacked, and their edges become shapes and curves.
 */
import { coverCrop } from '../run/image.js';
import type { RgbImage } from '../run/png.js';
import { depths, edgeWidth, findFringes, settleBorders } from './borders.js';
import { traceRings } from './contour.js';
import { fitOutline } from './curves.js';
import { measureFidelity } from './fidelity.js';
import { fitFill } from './fill.js';
import { joinGradients } from './gradients.js';
import type { Labels } from './labels.js';
import { nameLayer } from './names.js';
import { pixelsToOklab } from './oklab.js';
import { countPoints, outlinesOf } from './outlines.js';
import { recognise } from './recognise.js';
import { joinRegions } from './regions.js';
import { flatten, render } from './render.js';
import { type Stacked, stack } from './stack.js';
import { findSuperpixels } from './superpixels.js';
import type { Fill, Layer, Outline, Point, Shape, Vectors } from './vectors.js';

/** A larger picture is made smaller before: no pack draws more detail than this, and time grows with it. Pixels, of 384 x 384. */
const LARGEST = 147_456;

/** More layers than this nobody edits. */
const MOST_LAYERS = 200;

/** After the first, borders lie as the colours say, and colours are those of regions with such borders. */
const ROUNDS = 2;

/** The core of a region is what lies this deep in it, as a part of its greatest depth; soft edges reach no deeper than `SOFTEST` pixels. */
const CORE = 0.6;
const SOFTEST = 6;

/** Edges this wide are sharp; outlines of softer ones are drawn more freely, up to this much. */
const SHARP = 2;
const LOOSEST = 2.5;

/** A hole or an island that is smaller is a speck. Pixels² of the traced picture. */
const SPECK = 3;

/** The same picture gives the same layers, in every runtime. */
export function vectorise(image: RgbImage): Vectors {
  const scale = Math.min(1, Math.sqrt(LARGEST / (image.width * image.height)));
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const { rgb } = coverCrop(image, width, height);
  const lab = pixelsToOklab(rgb);

  let labels = joinRegions(lab, width, height, findSuperpixels(lab, width, height), MOST_LAYERS);
  let fills = fitFills(labels);
  let soft = 1;
  for (let round = 0; round < ROUNDS; round++) {
    soft = edgeWidth(labels, rgb, width, height, fills);
    const fringes = findFringes(labels, rgb, width, depths(labels, width, height), fills, soft);
    labels = settleBorders(labels, rgb, width, height, fills, fringes);
    fills = fitFills(labels);
  }
  labels = joinGradients(labels, rgb, width, fills, cores(labels, depths(labels, width, height)));
  fills = fitFills(labels);
  const looseness = Math.min(LOOSEST, Math.max(1, 1 + (soft - SHARP) / 3));
  const stacked = stack(labels, width, height);
  const layers = named(
    stacked.flatMap((one, place) => {
      const fill = fills[one.region] as Fill;
      const shape = place === 0 ? backdrop(width, height) : shapeOf(one);
      return shape ? [{ fill, shape }] : [];
    }),
  );

  const fidelity = measureFidelity(image, { width, height, rgb: render(layers, width, height) });
  const points = layers.reduce((count, { shape }) => count + countPoints(shape), 0);
  const larger = { right: image.width / width, down: image.height / height };
  return {
    width: image.width,
    height: image.height,
    layers: layers.map((layer) => grow(layer, larger)),
    points,
    fidelity,
  };

  function fitFills(labels: Labels): Fill[] {
    return cores(labels, depths(labels, width, height)).map((pixels) => fitFill(rgb, width, pixels));
  }

  function shapeOf(one: Stacked): Shape | null {
    const rings = traceRings(one, rgb, labels, width, height, fills).filter((ring) => Math.abs(areaOf(ring)) > SPECK);
    const [only] = rings;
    const known = rings.length === 1 && only ? recognise(only) : null;
    if (known) return known;
    const outlines = rings.map((ring) => fitOutline(ring, looseness));
    return outlines.length === 0 ? null : { kind: 'path', outlines };
  }
}

const backdrop = (width: number, height: number): Shape => ({ kind: 'rectangle', x: 0, y: 0, width, height });

/** The pixels of each region that lie well within it, where its colour is not mixed with others. */
function cores({ of, count }: Labels, depth: Uint16Array): number[][] {
  const deepest = new Uint16Array(count);
  for (let pixel = 0; pixel < of.length; pixel++) {
    const region = of[pixel] as number;
    if ((depth[pixel] as number) > (deepest[region] as number)) deepest[region] = depth[pixel] as number;
  }
  const pixels: number[][] = Array.from({ length: count }, () => []);
  for (let pixel = 0; pixel < of.length; pixel++) {
    const region = of[pixel] as number;
    if ((depth[pixel] as number) >= Math.min(SOFTEST, (deepest[region] as number) * CORE)) pixels[region]?.push(pixel);
  }
  return pixels;
}

function named(layers: readonly { readonly fill: Fill; readonly shape: Shape }[]): Layer[] {
  const used = new Map<string, number>();
  return layers.map(({ fill, shape }, place) => {
    const plain =
      place === 0 ? `${nameLayer(fill, { kind: 'path', outlines: [] })} background` : nameLayer(fill, shape);
    const times = (used.get(plain) ?? 0) + 1;
    used.set(plain, times);
    return { name: times === 1 ? plain : `${plain} ${times}`, fill, shape, box: boxOf(shape) };
  });
}

function boxOf(shape: Shape): Layer['box'] {
  const points = outlinesOf(shape).flatMap(flatten);
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

function areaOf(ring: readonly Point[]): number {
  return ring.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = ring[(index + 1) % ring.length] as Point;
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);
}

/** The layer in pixels of the picture as it came. */
function grow(layer: Layer, { right, down }: { readonly right: number; readonly down: number }): Layer {
  const at = ([x, y]: Point): Point => [x * right, y * down];
  const { x, y, width, height } = layer.box;
  return {
    name: layer.name,
    fill:
      layer.fill.kind === 'solid' ? layer.fill : { ...layer.fill, from: at(layer.fill.from), to: at(layer.fill.to) },
    shape: growShape(layer.shape, at, right, down),
    box: { x: x * right, y: y * down, width: width * right, height: height * down },
  };
}

function growShape(shape: Shape, at: (point: Point) => Point, right: number, down: number): Shape {
  switch (shape.kind) {
    case 'rectangle': {
      const [x, y] = at([shape.x, shape.y]);
      return { kind: 'rectangle', x, y, width: shape.width * right, height: shape.height * down };
    }
    case 'ellipse':
      // Sides are rounded to whole pixels when a picture is made smaller, so the two scales differ by less than a pixel in 384.
      return { ...shape, centre: at(shape.centre), radii: [shape.radii[0] * right, shape.radii[1] * right] };
    case 'path':
      return {
        kind: 'path',
        outlines: shape.outlines.map(
          ({ from, segments }): Outline => ({
            from: at(from),
            segments: segments.map((segment) =>
              segment.kind === 'line'
                ? { kind: 'line', to: at(segment.to) }
                : { kind: 'curve', out: at(segment.out), into: at(segment.into), to: at(segment.to) },
            ),
          }),
        ),
      };
    default:
      return shape satisfies never;
  }
}
