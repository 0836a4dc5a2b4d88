/**
 * Small pieces of one colour, from which regions are put together: graph-based segmentation (Felzenszwalb and Huttenlocher,
 * 2004). Pixels are joined across the smallest differences first, while the difference is not larger than what is usual
 * within the two pieces.
 */
import { compact, type Labels } from './labels.js';

/** Differences are sorted into this many drawers, up to `MOST`; beyond it nothing is joined. OKLab. */
const DRAWERS = 2048;
const MOST = 0.25;

/** How much a piece of one pixel forgives; of n pixels, an n-th of it. OKLab. */
const FORGIVING = 0.04;

/** Joining the pieces costs time for each of them: a picture of noise is forgiven more until it has so few. */
const MOST_PIECES = 4000;

/** @param lab [height, width, 3] */
export function findSuperpixels(lab: Float32Array, width: number, height: number): Labels {
  const edges = sortEdges(lab, width, height);
  for (let forgiving = FORGIVING; ; forgiving *= 2) {
    const labels = join(edges, width * height, forgiving);
    if (labels.count <= MOST_PIECES) return labels;
  }
}

type Edges = { readonly from: Uint32Array; readonly to: Uint32Array; readonly weight: Float32Array };

/** Edges between neighbours, smallest difference first. */
function sortEdges(lab: Float32Array, width: number, height: number): Edges {
  const pixels = width * height;
  const differences = new Float32Array(2 * pixels).fill(-1);
  const starts = new Uint32Array(DRAWERS + 1);
  const drawerOf = (difference: number) => Math.min(DRAWERS - 1, Math.floor((difference / MOST) * DRAWERS));
  for (let pixel = 0; pixel < pixels; pixel++)
    for (let down = 0; down < 2; down++) {
      if (down ? pixel + width >= pixels : (pixel + 1) % width === 0) continue;
      const other = pixel + (down ? width : 1);
      const difference = Math.hypot(
        (lab[pixel * 3] as number) - (lab[other * 3] as number),
        (lab[pixel * 3 + 1] as number) - (lab[other * 3 + 1] as number),
        (lab[pixel * 3 + 2] as number) - (lab[other * 3 + 2] as number),
      );
      differences[pixel * 2 + down] = difference;
      starts[drawerOf(difference) + 1]! += 1;
    }
  for (let drawer = 0; drawer < DRAWERS; drawer++) starts[drawer + 1]! += starts[drawer] as number;
  const count = starts[DRAWERS] as number;
  const edges = { from: new Uint32Array(count), to: new Uint32Array(count), weight: new Float32Array(count) };
  for (let at = 0; at < differences.length; at++) {
    const weight = differences[at] as number;
    if (weight < 0) continue;
    const place = starts[drawerOf(weight)]!++;
    const pixel = at >> 1;
    edges.from[place] = pixel;
    edges.to[place] = pixel + (at & 1 ? width : 1);
    edges.weight[place] = weight;
  }
  return edges;
}

function join({ from, to, weight }: Edges, pixels: number, forgiving: number): Labels {
  const parent = Uint32Array.from({ length: pixels }, (_, pixel) => pixel);
  const size = new Uint32Array(pixels).fill(1);
  /** Largest difference within a piece, with what it forgives. */
  const limit = new Float32Array(pixels).fill(forgiving);
  const find = (pixel: number) => {
    let root = pixel;
    while (parent[root] !== root) {
      parent[root] = parent[parent[root] as number] as number;
      root = parent[root] as number;
    }
    return root;
  };
  for (let edge = 0; edge < weight.length; edge++) {
    const a = find(from[edge] as number);
    const b = find(to[edge] as number);
    const difference = weight[edge] as number;
    if (a === b || difference > Math.min(limit[a] as number, limit[b] as number, Math.max(MOST, forgiving))) continue;
    const large = (size[a] as number) >= (size[b] as number) ? a : b;
    const small = large === a ? b : a;
    parent[small] = large;
    size[large]! += size[small] as number;
    limit[large] = difference + forgiving / (size[large] as number);
  }
  return compact(Int32Array.from({ length: pixels }, (_, pixel) => find(pixel)));
}
