/**
 * From small pieces to the regions that a person would draw: neighbours are joined where that costs least, until what is left would
 * cost too much. The cost of joining two is the error that it adds, for each pixel of the border that it removes (Koepfler, Lopez and
 * Morel, "A multiscale algorithm for image segmentation by variational method", 1994): a fringe of smoothed pixels has much border
 * and joins first, noise has little error and joins early, a small spot of another colour stays.
 */
import { compact, type Labels } from './labels.js';
import { addPixel, errorOf, errorOfBoth, SUMS } from './statistics.js';

/** Squared OKLab for each pixel of border. */
const DEAREST = 0.04;

/** Up to here even what is small and faint stands apart: 131 pixels (0.2 % of 256 x 256) that differ by 0.04 cost 0.0046. */
const DEAREST_FINE = 0.004;

export type Joined = {
  readonly labels: Labels;
  /** What the regions consisted of while `DEAREST_FINE` was the limit. */
  readonly fine: Labels;
};

/** @param lab [height, width, 3] */
export function joinRegions(lab: Float32Array, width: number, height: number, pieces: Labels, most: number): Joined {
  const { count } = pieces;
  const sums = new Float64Array(count * SUMS);
  const borders: Map<number, number>[] = Array.from({ length: count }, () => new Map());
  const meet = (a: number, b: number) => {
    if (a === b) return;
    borders[a]?.set(b, (borders[a].get(b) ?? 0) + 1);
    borders[b]?.set(a, (borders[b].get(a) ?? 0) + 1);
  };
  for (let pixel = 0, y = 0; y < height; y++)
    for (let x = 0; x < width; x++, pixel++) {
      const piece = pieces.of[pixel] as number;
      addPixel(sums, piece, x, y, lab, pixel);
      if (x + 1 < width) meet(piece, pieces.of[pixel + 1] as number);
      if (y + 1 < height) meet(piece, pieces.of[pixel + width] as number);
    }
  const errors = Float64Array.from({ length: count }, (_, piece) => errorOf(sums, piece));
  const parent = Int32Array.from({ length: count }, (_, piece) => piece);
  /** Grows with each change of a piece, so that costs from before it are known as such. */
  const version = new Uint32Array(count);
  const heap = createHeap();
  const offer = (a: number, b: number, border: number) => {
    const cost = errorOfBoth(sums, a, b) - (errors[a] as number) - (errors[b] as number);
    heap.push({ cost: cost / border, a, b, version: (version[a] as number) + (version[b] as number) });
  };
  for (const [a, others] of borders.entries()) for (const [b, border] of others) if (a < b) offer(a, b, border);

  let left = count;
  let fine: Labels | undefined;
  const rootOf = (piece: number) => {
    let root = piece;
    while (parent[root] !== root) root = parent[root] as number;
    return root;
  };
  for (let best = heap.pop(); best; best = heap.pop()) {
    const { a, b } = best;
    if (parent[a] !== a || parent[b] !== b) continue;
    if (best.version !== (version[a] as number) + (version[b] as number)) {
      offer(a, b, borders[a]?.get(b) ?? 1);
      continue;
    }
    if (best.cost > DEAREST_FINE) fine ??= compact(pieces.of.map(rootOf));
    if (best.cost > DEAREST && left <= most) break;
    const [into, gone] = (borders[a]?.size ?? 0) >= (borders[b]?.size ?? 0) ? [a, b] : [b, a];
    for (let at = 0; at < SUMS; at++) sums[into * SUMS + at]! += sums[gone * SUMS + at] as number;
    errors[into] = errorOf(sums, into);
    parent[gone] = into;
    version[into]! += (version[gone] as number) + 1;
    left -= 1;
    const mine = borders[into] as Map<number, number>;
    mine.delete(gone);
    // The other neighbours' costs have changed as well; they are looked at again when their turn comes.
    for (const [other, border] of borders[gone] as Map<number, number>) {
      if (other === into) continue;
      const together = border + (mine.get(other) ?? 0);
      mine.set(other, together);
      borders[other]?.delete(gone);
      borders[other]?.set(into, together);
      offer(into, other, together);
    }
    borders[gone]?.clear();
  }
  const labels = compact(pieces.of.map(rootOf));
  return { labels, fine: fine ?? labels };
}

type Offer = { readonly cost: number; readonly a: number; readonly b: number; readonly version: number };

/** A binary heap, cheapest first; equal costs in the order of their regions, so that equal pictures give equal layers. */
function createHeap() {
  const heap: Offer[] = [];
  const before = (one: Offer, other: Offer) =>
    one.cost !== other.cost ? one.cost < other.cost : one.a !== other.a ? one.a < other.a : one.b < other.b;
  return {
    push(offer: Offer): void {
      let at = heap.length;
      while (at > 0) {
        const up = (at - 1) >> 1;
        const parent = heap[up] as Offer;
        if (!before(offer, parent)) break;
        heap[at] = parent;
        at = up;
      }
      heap[at] = offer;
    },
    pop(): Offer | undefined {
      const [first] = heap;
      const last = heap.pop();
      if (!last || heap.length === 0) return first;
      let at = 0;
      for (let child = 1; child < heap.length; child = 2 * at + 1) {
        const other = heap[child + 1];
        if (other && before(other, heap[child] as Offer)) child += 1;
        if (!before(heap[child] as Offer, last)) break;
        heap[at] = heap[child] as Offer;
        at = child;
      }
      heap[at] = last;
      return first;
    },
  };
}
