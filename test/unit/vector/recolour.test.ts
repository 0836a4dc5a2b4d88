import { describe, expect, it } from 'vitest';
import { toOklab } from '../../../models/vector/oklab.js';
import { assign, colourOf, recolour } from '../../../models/vector/recolour.js';
import { vectorise } from '../../../models/vector/vectorise.js';
import type { Colour, Layer, Vectors } from '../../../models/vector/vectors.js';
import { flat } from '../../support/flat-pictures.js';

const rectangle = (colour: Colour, x: number, width: number, y = 0, height = 100): Layer => ({
  name: '',
  fill: { kind: 'solid', colour },
  shape: { kind: 'rectangle', x, y, width, height },
  box: { x, y, width, height },
});
const vectorsOf = (...layers: readonly Layer[]): Vectors => ({
  width: 100,
  height: 100,
  layers,
  points: 4 * layers.length,
  fidelity: 1,
  regions: layers.length,
  lost: 0,
});
const [BLACK, DARK, GREY, LIGHT, WHITE] = [
  [0, 0, 0],
  [60, 60, 60],
  [128, 128, 128],
  [190, 190, 190],
  [255, 255, 255],
] as const;
const GREYS = [BLACK, DARK, GREY, LIGHT, WHITE] as const;
const stripes = vectorsOf(...GREYS.map((colour, index) => rectangle(colour, 20 * index, 20)));
const lightness = (colour: Colour) => toOklab(colour)[0];
const newColours = (palette: readonly string[], vectors = stripes) =>
  recolour(vectors, palette.map(colourOf)).layers.map(({ fill }) => (fill.kind === 'solid' ? fill.colour : []));

describe('layers in a palette', () => {
  it('keep the order of their lightness', () => {
    for (const palette of [
      ['#ff0000', '#00ff00', '#0000ff', '#ffff00', '#222222'],
      ['#ffffff', '#000000'],
      ['#123456', '#234567', '#345678'],
    ]) {
      const lights = newColours(palette).map((colour) => lightness(colour as unknown as Colour));
      expect([...lights].sort((a, b) => a - b)).toEqual(lights);
    }
  });

  it('use every colour, and none twice before all are used', () => {
    const five = ['#1b1b3a', '#693668', '#a74482', '#f84aa7', '#ffe3ec'];
    expect(newColours(five)).toEqual(five.map(colourOf));
    expect(new Set(newColours(['#000000', '#ff0000', '#ffffff']).map(String)).size).toBe(3);
    const many = Array.from({ length: 30 }, (_, index) => `#${(index * 8).toString(16).padStart(2, '0').repeat(3)}`);
    expect(new Set(newColours(many).map(String)).size).toBe(5);
  });

  it('take what comes nearest where there is more than enough', () => {
    const red = vectorsOf(rectangle([250, 250, 250], 0, 100), rectangle([200, 30, 40], 20, 40));
    expect(newColours(['#ffffff', '#0044ff', '#e01020', '#00a040'], red)).toEqual([
      [255, 255, 255],
      [224, 16, 32],
    ]);
  });

  it('that touch stay two where others could be one', () => {
    // Three greys, of which the two nearest in lightness touch along the whole picture.
    const [a, b, c]: readonly Colour[] = [
      [0, 0, 0],
      [110, 110, 110],
      [150, 150, 150],
    ];
    const apart = vectorsOf(
      rectangle(c as Colour, 0, 100),
      rectangle(b as Colour, 0, 50),
      rectangle(a as Colour, 90, 4, 90, 4),
    );
    const [light, middle] = newColours(['#000000', '#ffffff'], apart);
    expect(light).not.toEqual(middle);
  });

  it('are named by their colours, and their gradients change stop by stop', () => {
    const sky = vectorsOf({
      ...rectangle(WHITE, 0, 100),
      fill: {
        kind: 'gradient',
        from: [0, 0],
        to: [0, 100],
        stops: [
          { at: 0, colour: DARK },
          { at: 1, colour: WHITE },
        ],
      },
    });
    const [layer] = recolour(sky, [colourOf('#0b3d2e'), colourOf('#ffd166')]).layers;
    expect(layer?.fill).toMatchObject({
      stops: [
        { at: 0, colour: [11, 61, 46] },
        { at: 1, colour: [255, 209, 102] },
      ],
    });
    expect(layer?.name).toMatch(/^dark \w+ to \w+ background$/);
  });

  it('are the same each time, whatever the order of the palette', () => {
    const palette = ['#ff3562', '#1b1b3a', '#ffe3ec', '#693668'].map(colourOf);
    expect(recolour(stripes, palette)).toEqual(recolour(stripes, [...palette].reverse()));
  });

  it('are assigned in a moment, however many colours there are', () => {
    const layers = Array.from({ length: 200 }, (_, index) =>
      rectangle([(index * 37) % 256, (index * 91) % 256, (index * 53) % 256], index / 2, 0.5),
    );
    const palette = Array.from({ length: 64 }, (_, index): Colour => [index * 4, 255 - index * 4, (index * 29) % 256]);
    const before = process.cpuUsage();
    expect(assign(vectorsOf(...layers), palette).size).toBe(200);
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(5);
  });
});

it('a picture that was drawn in a palette is traced in exactly its colours', async () => {
  const image = await flat(
    '<rect width="256" height="256" fill="#0c3e2e"/><circle cx="120" cy="130" r="60" fill="#ffd165"/>',
  );
  const said = [colourOf('#0b3d2e'), colourOf('#ffd166')].map((rgb) => ({ name: 'own', rgb }));
  const colours = vectorise(image, { known: [], said }).layers.map(({ fill }) => fill);
  expect(colours).toEqual([
    { kind: 'solid', colour: [11, 61, 46] },
    { kind: 'solid', colour: [255, 209, 102] },
  ]);
});
