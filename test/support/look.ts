/**
 * A small eye for flat pictures: the ground, and the things on it with colour, place, size and how full their box is. It knows the
 * palette of the starter pack (models/train/twostep_train/scenes/words.py) and nothing else.
 */
export const PALETTE: Readonly<Record<string, string>> = {
  red: 'E63946',
  orange: 'F77F1B',
  yellow: 'FFCB2E',
  green: '2E9E5B',
  mint: 'A5E3C3',
  teal: '138D90',
  'light blue': '8FD0F7',
  blue: '2F6BED',
  navy: '1C2A5E',
  purple: '7A3FC2',
  lavender: 'C7B5F5',
  pink: 'FA84B0',
  maroon: '7E1D3F',
  brown: '8C5A38',
  beige: 'F6E3C0',
  white: 'FFFFFF',
  gray: '8F96A3',
  black: '17171F',
};
const NAMES = Object.keys(PALETTE);
/** [colours, 3] */
const COLOURS = Object.values(PALETTE).flatMap((hex) =>
  [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)),
);

export type Thing = {
  readonly colour: string;
  /** Middle of its box and the box's sides, as shares of the picture. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Share of its box that it fills: 1 a square, 0.79 a disc, 0.5 a triangle, less a star. */
  readonly fill: number;
};

export type Seen = {
  /** The colour along the edge of the picture, or null when there is no such one. */
  readonly ground: string | null;
  /** Colours that cover at least a hundredth of the picture, most first. */
  readonly colours: readonly string[];
  /** Left to right; things touching each other count as one. */
  readonly things: readonly Thing[];
};

/** Below this share of the picture a spot is noise. */
const SMALLEST = 0.004;

/** @param rgb [height, width, 3] */
export function look(rgb: ArrayLike<number>, width: number, height: number): Seen {
  const names = Int8Array.from({ length: width * height }, (_, at) => nearest(rgb, at * 3));
  const shares = (pixels: Iterable<number>) => {
    const counts = new Map<number, number>();
    let total = 0;
    for (const at of pixels) {
      const name = names[at] as number;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      total++;
    }
    return [...counts].map(([name, count]) => ({ name, share: count / total })).sort((a, b) => b.share - a.share);
  };
  const [edge] = shares(border(width, height));
  const ground = edge && edge.share > 0.6 ? edge.name : null;
  const colours = shares(names.keys()).filter(({ share }) => share >= 0.01);
  const things =
    ground === null ? [] : components(names, ground, width, height).filter(({ share }) => share >= SMALLEST);
  return {
    ground: ground === null ? null : (NAMES[ground] ?? null),
    colours: colours.map(({ name }) => NAMES[name] as string),
    things: things
      .map(({ pixels, box: [left, top, right, bottom] }) => {
        const [w, h] = [right - left + 1, bottom - top + 1];
        const [main] = shares(pixels);
        return {
          colour: NAMES[main?.name ?? 0] as string,
          x: (left + w / 2) / width,
          y: (top + h / 2) / height,
          width: w / width,
          height: h / height,
          fill: pixels.length / (w * h),
        };
      })
      .sort((a, b) => a.x - b.x),
  };
}

function nearest(rgb: ArrayLike<number>, at: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  const [r = 0, g = 0, b = 0] = [rgb[at], rgb[at + 1], rgb[at + 2]];
  for (let index = 0; index < NAMES.length; index++) {
    const distance =
      (r - (COLOURS[3 * index] as number)) ** 2 +
      (g - (COLOURS[3 * index + 1] as number)) ** 2 +
      (b - (COLOURS[3 * index + 2] as number)) ** 2;
    if (distance < least) {
      least = distance;
      best = index;
    }
  }
  return best;
}

function* border(width: number, height: number): Iterable<number> {
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) if (x < 6 || y < 6 || x >= width - 6 || y >= height - 6) yield y * width + x;
}

/** Connected spots of anything but the ground. */
function components(names: Int8Array, ground: number, width: number, height: number) {
  const seen = new Uint8Array(names.length);
  const found: { pixels: number[]; share: number; box: [number, number, number, number] }[] = [];
  for (let start = 0; start < names.length; start++) {
    if (seen[start] || names[start] === ground) continue;
    const pixels = [start];
    const box: [number, number, number, number] = [width, height, 0, 0];
    seen[start] = 1;
    for (const at of pixels) {
      const [x, y] = [at % width, Math.floor(at / width)];
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
      for (const [next, inside] of [
        [at - 1, x > 0],
        [at + 1, x < width - 1],
        [at - width, y > 0],
        [at + width, y < height - 1],
      ] as const)
        if (inside && !seen[next] && names[next] !== ground) {
          seen[next] = 1;
          pixels.push(next);
        }
    }
    found.push({ pixels, share: pixels.length / names.length, box });
  }
  return found;
}
