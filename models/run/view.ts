/** What a picture says of the scene that is drawn into it: where the new thing belongs, and on which ground. */
import type { Vocabulary } from '../vocabulary.js';
import { boundsOf, type Canvas } from './canvas.js';
import { groundOf } from './ground.js';
import type { RgbImage } from './png.js';
import type { Pins } from './scene/compose-scene.js';
import type { Region } from './scene/place-within.js';

export type View = {
  /** Tokens, to fractions; null where the scene's own layout holds. */
  readonly region: Region | null;
  /** Of the plan: what the picture has, for what neither prompt nor plan says. */
  readonly pins: Pins;
};

/** Levels, of 255, by which a pixel differs from the ground where something stands. */
const STANDS_OUT = 40;

/** Share of its box that a drawing leaves free. */
const MARGIN = 0.2;

/** @param grid tokens of a side */
export function viewOf(canvas: Canvas, grid: number, vocabulary: Pick<Vocabulary, 'words'>): View {
  const { working, workingOpen, isWhole } = canvas;
  const ground = groundOf(working);
  const where = isWhole ? ground && boundsOf(standsOut(working, ground), working) : boundsOf(workingOpen, working);
  const [across, down] = [grid / working.width, grid / working.height];
  return {
    region: where && grown(where, isWhole ? MARGIN : 0, { across, down }),
    pins: ground ? { background: nearestColour(ground, vocabulary) } : {},
  };
}

const grown = (
  { left, top, width, height }: Region,
  margin: number,
  { across, down }: { across: number; down: number },
): Region => ({
  left: (left - (margin * width) / 2) * across,
  top: (top - (margin * height) / 2) * down,
  width: width * (1 + margin) * across,
  height: height * (1 + margin) * down,
});

const standsOut = ({ rgb }: RgbImage, ground: readonly number[]): Uint8Array =>
  Uint8Array.from({ length: rgb.length / 3 }, (_, pixel) =>
    ground.some((value, part) => Math.abs((rgb[3 * pixel + part] as number) - value) > STANDS_OUT) ? 1 : 0,
  );

function nearestColour(colour: readonly number[], { words }: Pick<Vocabulary, 'words'>): string {
  const distance = (rgb: string) =>
    colour.reduce((sum, value, part) => sum + (value - Number.parseInt(rgb.slice(2 * part, 2 * part + 2), 16)) ** 2, 0);
  const [first, ...rest] = words.colour;
  return rest.reduce(
    (best, one) => (distance(one.rgb) < distance(best.rgb) ? one : best),
    first ?? { id: 'white', rgb: 'FFFFFF' },
  ).id;
}
