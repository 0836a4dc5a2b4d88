/** Layers as an SVG that Figma, browsers and drawing programs read alike: shapes, fills, ids, one group. */
import type { Colour, Layer, Outline, Point, Shape, Vectors } from './vectors.js';

export type SvgNotes = {
  /** Name of the group. */
  readonly title: string;
  /** XML that tells what made the picture, to be kept with it: `toRdf`'s. */
  readonly metadata: string;
};

export function toSvg({ width, height, layers }: Vectors, { title, metadata }: SvgNotes): string {
  const gradients = layers.flatMap(({ fill }, index) => {
    if (fill.kind === 'solid') return [];
    const [from, to] = [fill.from, fill.to];
    const stops = fill.stops.map(({ at, colour }) => `<stop offset="${digits(at, 3)}" stop-color="${hex(colour)}"/>`);
    const line = `x1="${digits(from[0])}" y1="${digits(from[1])}" x2="${digits(to[0])}" y2="${digits(to[1])}"`;
    return [
      `    <linearGradient id="fill-${index + 1}" gradientUnits="userSpaceOnUse" ${line}>${stops.join('')}</linearGradient>`,
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `  <title>${toText(title)}</title>`,
    `  <metadata>${metadata}</metadata>`,
    ...(gradients.length > 0 ? ['  <defs>', ...gradients, '  </defs>'] : []),
    '  <g id="picture">',
    ...layers.map((layer, index) => `    ${element(layer, index)}`),
    '  </g>',
    '</svg>',
    '',
  ].join('\n');
}

/** A layer's name where names may hold no spaces. */
const idOf = (name: string) => name.replaceAll(' ', '-');

function element({ name, fill, shape }: Layer, index: number): string {
  const paint = fill.kind === 'solid' ? hex(fill.colour) : `url(#fill-${index + 1})`;
  return `${shapeElement(shape, `id="${idOf(name)}" fill="${paint}"`)}`;
}

function shapeElement(shape: Shape, attributes: string): string {
  switch (shape.kind) {
    case 'rectangle': {
      const { x, y, width, height } = shape;
      return `<rect ${attributes} x="${digits(x)}" y="${digits(y)}" width="${digits(width)}" height="${digits(height)}"/>`;
    }
    case 'ellipse': {
      const [[cx, cy], [rx, ry]] = [shape.centre, shape.radii];
      const place = `cx="${digits(cx)}" cy="${digits(cy)}"`;
      if (rx === ry) return `<circle ${attributes} ${place} r="${digits(rx)}"/>`;
      const turn = shape.angle === 0 ? '' : ` transform="rotate(${digits(shape.angle)} ${digits(cx)} ${digits(cy)})"`;
      return `<ellipse ${attributes} ${place} rx="${digits(rx)}" ry="${digits(ry)}"${turn}/>`;
    }
    case 'path':
      return `<path ${attributes} fill-rule="evenodd" d="${shape.outlines.map(path).join('')}"/>`;
    default:
      return shape satisfies never;
  }
}

function path({ from, segments }: Outline): string {
  const steps = segments.map((segment) =>
    segment.kind === 'line'
      ? `L${pair(segment.to)}`
      : `C${pair(segment.out)} ${pair(segment.into)} ${pair(segment.to)}`,
  );
  return `M${pair(from)}${steps.join('')}Z`;
}

const pair = ([x, y]: Point) => `${digits(x)} ${digits(y)}`;

/** A hundredth of a pixel is finer than anybody sees. */
const digits = (value: number, places = 2) => String(Number(value.toFixed(places)));

const hex = (colour: Colour) => `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`;

/** Text as XML takes it: control characters and halves of characters are not allowed at all, three others are written otherwise. */
function toText(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n\r]|\p{Cs}|[\ufffe\uffff]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
