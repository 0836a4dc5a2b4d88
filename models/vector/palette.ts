/**
 * One colour for what is meant to be one colour. A decoder gives each ray of a yellow sun a yellow of its own; people want one that they can
 * change in one place, and the one that they asked for.
 */
import type { Labels } from './labels.js';
import { toOklab } from './oklab.js';
import type { Colour, Fill } from './vectors.js';

export type NamedColour = { readonly name: string; readonly rgb: Colour };

/** Colours nearer than this are meant to be the same. OKLab. */
const SAME = 0.045;
/** Of a small region, all of whose pixels are near an edge, the colour is less certain. Its share of the picture, and how far its colour may be. */
const SMALL = 0.01;
const SAME_SMALL = 0.08;
/** Two that touch were found to be two; only what nobody sees makes them one. */
const SAME_TOUCHING = 0.03;
/** A colour of the prompt counts where it is this near, and nearer than every other that has a name. */
const SNAP = 0.12;

type Lab = readonly [number, number, number];

/** Fills of regions, equal where they are meant to be the same. */
export function unifyColours(fills: readonly Fill[], labels: Labels, width: number): Fill[] {
  const areas = new Float64Array(labels.count);
  for (const region of labels.of) areas[region]! += 1 / labels.of.length;
  const touching = touchingOf(labels, width);
  const order = fills
    .flatMap((fill, region) => (fill.kind === 'solid' ? [{ region, colour: fill.colour }] : []))
    .sort((a, b) => (areas[b.region] as number) - (areas[a.region] as number) || a.region - b.region);
  const groups: { regions: number[]; fill: Fill; lab: Lab }[] = [];
  for (const { region, colour } of order) {
    const lab = toOklab(colour);
    const nearEnough = (group: (typeof groups)[number]) => {
      if (group.regions.some((other) => touching.has(pairOf(region, other, labels.count)))) return SAME_TOUCHING;
      return (areas[region] as number) < SMALL ? SAME_SMALL : SAME;
    };
    const found = groups
      .filter((group) => distance(group.lab, lab) < nearEnough(group))
      .sort((a, b) => distance(a.lab, lab) - distance(b.lab, lab))[0];
    // The largest region gives the colour: it is the one with most pixels far from every edge.
    if (found) found.regions.push(region);
    else groups.push({ regions: [region], fill: { kind: 'solid', colour }, lab });
  }
  const next = [...fills];
  for (const { regions, fill } of groups) for (const region of regions) next[region] = fill;
  return next;
}

/**
 * Colours that the prompt names, exactly as they are meant. Not where two regions that touch would become one.
 * @param said colours that the prompt names
 * @param known all that have a name, those among them
 */
export function snapColours(
  fills: readonly Fill[],
  labels: Labels,
  width: number,
  said: readonly NamedColour[],
  known: readonly NamedColour[],
): Fill[] {
  if (said.length === 0) return [...fills];
  const touching = touchingOf(labels, width);
  const meant = fills.map((fill) => (fill.kind === 'solid' ? meantBy(fill.colour, said, known) : null));
  return fills.map((fill, region) => {
    const colour = meant[region];
    if (!colour) return fill;
    const merges = fills.some(
      (other, at) =>
        other !== fill && meant[at]?.join() === colour.join() && touching.has(pairOf(region, at, labels.count)),
    );
    return merges ? fill : { kind: 'solid', colour };
  });
}

function meantBy(colour: Colour, said: readonly NamedColour[], known: readonly NamedColour[]): Colour | null {
  const lab = toOklab(colour);
  const away = ({ rgb }: NamedColour) => distance(toOklab(rgb), lab);
  const nearest = [...known, ...said].sort((a, b) => away(a) - away(b))[0];
  const wanted = said.find(({ rgb }) => rgb.join() === nearest?.rgb.join());
  return wanted && away(wanted) < SNAP ? wanted.rgb : null;
}

const pairOf = (a: number, b: number, count: number) => Math.min(a, b) * count + Math.max(a, b);

function touchingOf({ of, count }: Labels, width: number): ReadonlySet<number> {
  const pairs = new Set<number>();
  for (let pixel = 0; pixel < of.length; pixel++) {
    const own = of[pixel] as number;
    const [right, below] = [of[pixel + 1], of[pixel + width]];
    if ((pixel + 1) % width !== 0 && right !== undefined && right !== own) pairs.add(pairOf(own, right, count));
    if (below !== undefined && below !== own) pairs.add(pairOf(own, below, count));
  }
  return pairs;
}

const distance = (a: Lab, b: Lab) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
