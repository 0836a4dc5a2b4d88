/**
 * Layers in the colours of a palette: which of their colours becomes which.
 *
 * - Lightness keeps its order: what was lighter than something else is never darker afterwards, so light still falls
 *   where it fell, and the picture reads as before.
 * - Every colour of the palette is used where the picture has as many, and none twice before all are used.
 * - Under that, the assignment with the least error: squared distances in OKLab by area, the picture's lightness
 *   stretched to the palette's, and beside that what two regions lose that touch and become one.
 *
 * Sorted by lightness, an assignment is a division of the picture's colours into runs, so dynamic programming finds the
 * best one.
 */
import { nameLayers } from './names.js';
import { toOklab } from './oklab.js';
import { outlinesOf } from './outlines.js';
import { cover } from './render.js';
import { scaleLayers } from './scale.js';
import type { Colour, Fill, Layer, Vectors } from './vectors.js';

/** Colours that are nearer than this are one in the picture. OKLab. */
const SAME = 0.03;

/** A picture has few colours; of a tracing with more, those of the smallest areas go with the nearest. */
const MOST = 32;

/** Pixels of the longer side at which areas and borders are measured. */
const MEASURED = 96;

/** What it costs that all borders of a picture vanish, beside squared distances of OKLab. */
const BORDERS = 0.5;

type Lab = readonly [number, number, number];

/** A colour of the picture, with the layers' fills that have it. */
type Source = {
  readonly lab: Lab;
  /** Share of the picture, 0..1. */
  area: number;
  readonly colours: Set<string>;
};

/**
 * @param palette 2 colours or more
 * @returns the same layers, each stop of a gradient by itself, named by their new colours
 */
export function recolour(vectors: Vectors, palette: readonly Colour[]): Vectors {
  const become = assign(vectors, palette);
  const changed = (colour: Colour): Colour => become.get(colour.join()) ?? colour;
  const layers = vectors.layers.map(({ fill, shape, box }) => ({ fill: refilled(fill, changed), shape, box }));
  return { ...vectors, layers: nameLayers(layers, [], undefined) };
}

/** Fills' colours -> the palette's, by "red,green,blue". */
export function assign(vectors: Vectors, palette: readonly Colour[]): ReadonlyMap<string, Colour> {
  const targets = distinct(palette)
    .map((colour) => ({ colour, lab: toOklab(colour) as Lab }))
    .sort((a, b) => a.lab[0] - b.lab[0]);
  const { sources, borders } = measure(vectors);
  if (targets.length === 0 || sources.length === 0) return new Map();
  const choice = bestRuns(
    sources,
    targets.map(({ lab }) => lab),
    borders,
  );
  return new Map(
    sources.flatMap(({ colours }, index) =>
      [...colours].map((colour) => [colour, (targets[choice[index] ?? 0] as (typeof targets)[0]).colour] as const),
    ),
  );
}

function refilled(fill: Fill, changed: (colour: Colour) => Colour): Fill {
  if (fill.kind === 'solid') return { kind: 'solid', colour: changed(fill.colour) };
  return { ...fill, stops: fill.stops.map(({ at, colour }) => ({ at, colour: changed(colour) })) };
}

function distinct(palette: readonly Colour[]): Colour[] {
  return [...new Map(palette.map((colour) => [colour.join(), colour])).values()];
}

/** The picture's colours, darkest first, and how much of its inner borders lies between each two of them. */
function measure(vectors: Vectors): { sources: readonly Source[]; borders: readonly (readonly number[])[] } {
  const scale = Math.min(1, MEASURED / Math.max(vectors.width, vectors.height));
  const [width, height] = [vectors.width, vectors.height].map((side) => Math.max(1, Math.round(side * scale))) as [
    number,
    number,
  ];
  const layers = scaleLayers(vectors, width, height);
  const top = topmost(layers, width, height);
  const areas = new Float64Array(layers.length);
  for (const layer of top) if (layer >= 0) areas[layer]! += 1 / top.length;

  const sources: Source[] = [];
  const byLayer = layers.map(({ fill }, layer) =>
    coloursOf(fill).map((colour, _, { length }) => {
      const [lab, area] = [toOklab(colour) as Lab, (areas[layer] as number) / length];
      const known = sources.find((source) => distance(source.lab, lab) < SAME);
      const source = known ?? { lab, area: 0, colours: new Set<string>() };
      if (!known) sources.push(source);
      source.area += area;
      source.colours.add(colour.join());
      return source;
    }),
  );
  const merged = fewer(sources);
  const order = [...new Set(merged.values())].sort((a, b) => a.lab[0] - b.lab[0] || b.area - a.area);
  const placeOf = (layer: number) =>
    (byLayer[layer] ?? []).map((source) => order.indexOf(merged.get(source) ?? source));
  return {
    sources: order,
    borders: bordersOf(
      top,
      width,
      layers.map((_, layer) => placeOf(layer)),
      order.length,
    ),
  };
}

/** Those beyond `MOST` go with what is nearest to them. */
function fewer(sources: readonly Source[]): ReadonlyMap<Source, Source> {
  const bySize = [...sources].sort((a, b) => b.area - a.area);
  const kept = bySize.slice(0, MOST);
  return new Map(
    bySize.map((source, rank) => {
      if (rank < MOST) return [source, source];
      const [near] = [...kept].sort((a, b) => distance(a.lab, source.lab) - distance(b.lab, source.lab)) as [Source];
      near.area += source.area;
      for (const colour of source.colours) near.colours.add(colour);
      return [source, near];
    }),
  );
}

const coloursOf = (fill: Fill): readonly Colour[] =>
  fill.kind === 'solid' ? [fill.colour] : fill.stops.map(({ colour }) => colour);

/** @returns [height, width]: the layer that is seen at each pixel, -1 for none */
function topmost(layers: readonly Layer[], width: number, height: number): Int32Array {
  const top = new Int32Array(width * height).fill(-1);
  for (const [index, { shape }] of layers.entries()) {
    const coverage = cover(outlinesOf(shape), 0, 0, width, height);
    for (let pixel = 0; pixel < top.length; pixel++) if ((coverage[pixel] as number) > 0.5) top[pixel] = index;
  }
  return top;
}

/** @returns [colours, colours], symmetric: shares of all borders between two colours, which sum to 1 over pairs */
function bordersOf(top: Int32Array, width: number, places: readonly (readonly number[])[], count: number): number[][] {
  const borders = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  let total = 0;
  const add = (one: number | undefined, other: number | undefined) => {
    if (one === undefined || other === undefined || one === other || one < 0 || other < 0) return;
    for (const a of places[one] ?? [])
      for (const b of places[other] ?? []) {
        const share = 1 / ((places[one]?.length ?? 1) * (places[other]?.length ?? 1));
        borders[a]![b]! += share;
        borders[b]![a]! += share;
      }
    total += 1;
  };
  for (let pixel = 0; pixel < top.length; pixel++) {
    if ((pixel + 1) % width !== 0) add(top[pixel], top[pixel + 1]);
    add(top[pixel], top[pixel + width]);
  }
  return borders.map((row) => row.map((length) => length / Math.max(1, total)));
}

/**
 * @param sources, targets both darkest first
 * @returns for each source the index of its target, rising
 */
function bestRuns(
  sources: readonly Source[],
  targets: readonly Lab[],
  borders: readonly (readonly number[])[],
): readonly number[] {
  const [n, m] = [sources.length, targets.length];
  const stretched = stretch(sources, targets);
  const away = sources.map(({ area }, index) =>
    targets.map((target) => area * distance(stretched[index] as Lab, target) ** 2),
  );
  // Of two targets for one source each, or of one source for each target: whichever there is enough for.
  const longest = n <= m ? 1 : n;
  const fewest = Math.min(n, m);
  /** Least cost of the first i sources with the first j targets, of which `used` were taken; and the run that ended there. */
  const cost = table(n + 1, m + 1, fewest + 1);
  const from = table(n + 1, m + 1, fewest + 1);
  for (let j = 0; j <= m; j++) cost[0]![j]![0] = 0;
  for (let j = 1; j <= m; j++)
    for (let i = 0; i <= n; i++)
      for (let used = 0; used <= fewest; used++) {
        // Target j - 1 is left out.
        let [best, run] = [cost[i]![j - 1]![used] as number, 0];
        let sum = 0;
        for (let length = 1; length <= Math.min(longest, i) && used > 0; length++) {
          const first = i - length;
          sum += away[first]![j - 1] as number;
          for (let other = first + 1; other < i; other++) sum += BORDERS * (borders[first]![other] as number);
          const total = (cost[first]![j - 1]![used - 1] as number) + sum;
          if (total < best) [best, run] = [total, length];
        }
        cost[i]![j]![used] = best;
        from[i]![j]![used] = run;
      }
  const choice = new Array<number>(n).fill(0);
  for (let i = n, j = m, used = fewest; i > 0 && j > 0; j--) {
    const run = from[i]![j]![used] as number;
    for (let taken = 0; taken < run; taken++) choice[--i] = j - 1;
    if (run > 0) used -= 1;
  }
  return choice;
}

const table = (a: number, b: number, c: number): number[][][] =>
  Array.from({ length: a }, () => Array.from({ length: b }, () => new Array<number>(c).fill(Number.POSITIVE_INFINITY)));

/** The picture's colours with their lightness over the palette's range: contrast is what is there, not how light it was. */
function stretch(sources: readonly Source[], targets: readonly Lab[]): readonly Lab[] {
  const [low, high] = [sources[0]?.lab[0] ?? 0, sources.at(-1)?.lab[0] ?? 1];
  const [dark, light] = [targets[0]?.[0] ?? 0, targets.at(-1)?.[0] ?? 1];
  const factor = high > low ? (light - dark) / (high - low) : 0;
  return sources.map(({ lab: [lightness, a, b] }) => [dark + (lightness - low) * factor, a, b]);
}

const distance = (a: Lab, b: Lab) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** "#1a2b3c" -> its parts. */
export const colourOf = (hex: string): Colour => [partOf(hex, 1), partOf(hex, 3), partOf(hex, 5)];

const partOf = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
