/** Pixels -> regions, each with its colour or gradient. */
import { depths, edgeWidth, findFringes, settleBorders } from './borders.js';
import { colourAt, fitFill } from './fill.js';
import { joinGradients } from './gradients.js';
import type { Labels } from './labels.js';
import { toOklab } from './oklab.js';
import { joinRegions } from './regions.js';
import { findLost, findSeparate, homesOf, putBack, type Separate } from './separate.js';
import { findSuperpixels } from './superpixels.js';
import type { Fill } from './vectors.js';

/** More layers than this nobody edits. */
const MOST_LAYERS = 200;

/** After the first, borders lie as the colours say, and colours are those of regions with such borders. */
const ROUNDS = 2;

/** The core of a region is what lies this deep in it, as a part of its greatest depth; soft edges reach no deeper than `SOFTEST` pixels. */
const CORE = 0.6;
const SOFTEST = 6;

/** What is traced. */
export type Canvas = {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3] */
  readonly rgb: Uint8Array;
  /** The same in OKLab. */
  readonly lab: Float32Array;
};

export type Segmented = {
  readonly labels: Labels;
  /** Of each region. */
  readonly fills: readonly Fill[];
  /** How wide edges are, in pixels. */
  readonly soft: number;
};

/** @returns the regions that make layers, and those that a person would miss in them */
export function segment(canvas: Canvas): Segmented & { readonly wanted: readonly Separate[] } {
  const { width, height, rgb, lab } = canvas;
  const joined = joinRegions(lab, width, height, findSuperpixels(lab, width, height), MOST_LAYERS);
  const wanted = findSeparate(joined.fine, lab, width, height);
  let { labels } = joined;
  let fills = fitFills(labels, canvas);
  let soft = 1;
  for (let round = 0; round < ROUNDS; round++) {
    const swallowed = findLost(wanted, lab, colourOf({ labels, fills }, width));
    if (swallowed.length > 0) {
      labels = putBack(labels, swallowed);
      fills = fitFills(labels, canvas);
    }
    soft = edgeWidth(labels, rgb, width, height, fills);
    const fringes = findFringes(labels, rgb, width, depths(labels, width, height), fills, soft);
    const homes = homesOf(wanted, labels);
    labels = settleBorders(labels, rgb, width, height, fills, new Set([...fringes].filter((one) => !homes.has(one))));
    fills = fitFills(labels, canvas);
  }
  labels = joinGradients(labels, rgb, width, fills, cores(labels, depths(labels, width, height)));
  return { labels, fills: fitFills(labels, canvas), soft, wanted };
}

/** The same with regions apart that the layers did not show. */
export function segmentFiner(segmented: Segmented, lost: readonly Separate[], canvas: Canvas): Segmented {
  const labels = putBack(segmented.labels, lost);
  return { labels, fills: fitFills(labels, canvas), soft: segmented.soft };
}

function fitFills(labels: Labels, { width, height, rgb }: Canvas): Fill[] {
  return cores(labels, depths(labels, width, height)).map((pixels) => fitFill(rgb, width, pixels));
}

/** What a pixel looks like where each region has its fill. OKLab. */
function colourOf({ labels, fills }: Pick<Segmented, 'labels' | 'fills'>, width: number) {
  return (pixel: number) => {
    const fill = fills[labels.of[pixel] as number] as Fill;
    const [red, green, blue] = colourAt(fill, (pixel % width) + 0.5, Math.floor(pixel / width) + 0.5);
    return toOklab([Math.round(red), Math.round(green), Math.round(blue)]);
  };
}

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
