/** Words for colours and layers, as a person would label them. */
import { toOklab } from './oklab.js';
import type { Colour, Fill, Shape } from './vectors.js';

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

/** "yellow circle", "blue to white", "green". */
export function nameLayer(fill: Fill, shape: Shape): string {
  const colour = fill.kind === 'solid' ? nameColour(fill.colour) : nameGradient(fill);
  return [colour, nameShape(shape)].filter(Boolean).join(' ');
}

function nameGradient({ stops }: Extract<Fill, { kind: 'gradient' }>): string {
  const words = [stops[0], stops.at(-1)].map((stop) => nameColour(stop?.colour ?? [0, 0, 0]));
  return words[0] === words[1] ? `${words[0]} gradient` : `${words[0]} to ${words[1]}`;
}

function nameShape(shape: Shape): string {
  switch (shape.kind) {
    case 'ellipse':
      return shape.radii[0] === shape.radii[1] ? 'circle' : 'ellipse';
    case 'rectangle':
      return 'rectangle';
    case 'path':
      return '';
    default:
      return shape satisfies never;
  }
}
