/** Words for colours and layers, as a person would label them. */
import { toOklab } from './oklab.js';
import { areaOf } from './outlines.js';
import type { NamedColour } from './palette.js';
import type { Colour, Fill, Layer, Shape } from './vectors.js';

/** Below this a colour is a grey. OKLab. */
const GREYEST = 0.035;

/** Where a hue begins, in degrees of OKLab, with its word. Red lies around 29, yellow 110, green 142, blue 264. */
const HUES: readonly (readonly [from: number, word: string])[] = [
  [0, 'pink'],
  [16, 'red'],
  [46, 'orange'],
  [84, 'yellow'],
  [118, 'green'],
  [176, 'teal'],
  [222, 'blue'],
  [286, 'purple'],
  [332, 'pink'],
];

export function nameColour(colour: Colour): string {
  const [lightness, a, b] = toOklab(colour);
  const chroma = Math.hypot(a, b);
  if (lightness > 0.96 && chroma < 0.03) return 'white';
  if (lightness < 0.2 && chroma < 0.06) return 'black';
  if (chroma < GREYEST) return lightness > 0.8 ? 'light grey' : lightness < 0.42 ? 'dark grey' : 'grey';
  const hue = ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360;
  const word = HUES.findLast(([from]) => hue >= from)?.[1] ?? 'red';
  const warm = word === 'orange' || word === 'yellow' || word === 'red';
  if (warm && lightness > 0.85 && chroma < 0.09) return 'beige';
  if ((word === 'orange' || word === 'yellow') && lightness < 0.62) return 'brown';
  return lightness > 0.82 && word !== 'yellow' ? `light ${word}` : lightness < 0.42 ? `dark ${word}` : word;
}

type Unnamed = Omit<Layer, 'name'>;

/**
 * "blue background", "yellow circle", "red region", and "yellow sun" for the largest shape where the picture is of one thing. Unique.
 * @param layers lowest first
 * @param said colours that have a name of their own here
 */
export function nameLayers(
  layers: readonly Unnamed[],
  said: readonly NamedColour[],
  thing: string | undefined,
): Layer[] {
  const areas = layers.map(({ shape }) => areaOf(shape));
  const largest = areas.indexOf(Math.max(...areas.slice(1)), 1);
  const used = new Map<string, number>();
  return layers.map((layer, place) => {
    const what = place === 0 ? 'background' : place === largest && thing ? thing : nameShape(layer.shape);
    const plain = `${nameFill(layer.fill, said)} ${what}`;
    const times = (used.get(plain) ?? 0) + 1;
    used.set(plain, times);
    return { name: times === 1 ? plain : `${plain} ${times}`, ...layer };
  });
}

function nameFill(fill: Fill, said: readonly NamedColour[]): string {
  if (fill.kind === 'gradient') return nameGradient(fill);
  const own = said.find(({ rgb }) => rgb.join() === fill.colour.join());
  return own?.name ?? nameColour(fill.colour);
}

function nameGradient({ stops }: Extract<Fill, { kind: 'gradient' }>): string {
  const words = [stops[0], stops.at(-1)].map((stop) => nameColour(stop?.colour ?? [0, 0, 0]));
  return words[0] === words[1] ? `${words[0]} gradient` : `${words[0]} to ${words[1]}`;
}

/** Sides of a square differ by less than this share. */
const SQUARE = 0.03;

function nameShape(shape: Shape): string {
  switch (shape.kind) {
    case 'ellipse':
      return shape.radii[0] === shape.radii[1] ? 'circle' : 'ellipse';
    case 'rectangle':
      return Math.abs(shape.width / shape.height - 1) < SQUARE ? 'square' : 'rectangle';
    case 'path': {
      const [only, ...more] = shape.outlines;
      const straight = more.length === 0 && only?.segments.every(({ kind }) => kind === 'line');
      return straight && only?.segments.length === 3 ? 'triangle' : 'region';
    }
    default:
      return shape satisfies never;
  }
}
