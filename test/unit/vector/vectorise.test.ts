import { describe, expect, it } from 'vitest';
import { suits } from '../../../models/vector/suits.js';
import { toSvg } from '../../../models/vector/svg.js';
import { vectorise } from '../../../models/vector/vectorise.js';
import type { Layer, Shape } from '../../../models/vector/vectors.js';
import {
  BLUE,
  difference,
  drawSvg,
  flat,
  noise,
  paintPixels,
  polygon,
  SCENE,
  star,
} from '../../support/flat-pictures.js';

const NOTES = { title: 'words', metadata: '' };
type Of<Kind extends Shape['kind']> = Extract<Shape, { kind: Kind }>;
const shapeOf = <Kind extends Shape['kind']>(layer: Layer | undefined, kind: Kind): Of<Kind> => {
  expect(layer?.shape.kind).toBe(kind);
  return layer?.shape as Of<Kind>;
};

describe('shapes', () => {
  it('finds a circle where it is, to a tenth of a pixel, and draws no nick into it', async () => {
    const picture = await flat(`${BLUE}<circle cx="120.3" cy="131.7" r="70" fill="#ffd23c"/>`);
    const vectors = vectorise(picture);
    expect(vectors.layers.map(({ name }) => name)).toEqual(['blue background', 'yellow circle']);
    const { centre, radii } = shapeOf(vectors.layers[1], 'ellipse');
    expect(Math.hypot(centre[0] - 120.3, centre[1] - 131.7)).toBeLessThan(0.1);
    expect(Math.abs(radii[0] - 70)).toBeLessThan(0.1);
    expect(radii[1]).toBe(radii[0]);
    expect(vectors.layers[1]?.fill).toEqual({ kind: 'solid', colour: [255, 210, 60] });
    // Drawn at four times the size it is still the circle that was meant, not its pixels.
    const large = await drawSvg(toSvg(vectors, NOTES), 4);
    const truth = await drawSvg(
      `<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256">${BLUE}<circle cx="120.3" cy="131.7" r="70" fill="#ffd23c"/></svg>`,
      4,
    );
    expect(difference(large, truth, 60)).toBeLessThan(0.0005);
  });

  it('keeps circles of every size apart from squares', async () => {
    const radii = [4, 6, 9, 14, 22];
    const dots = radii.map((r, at) => `<circle cx="${25 + at * 48}" cy="${60 + at * 20}" r="${r}" fill="#c22"/>`);
    const { layers } = vectorise(
      await flat(`${BLUE}${dots.join('')}<rect x="30" y="180" width="90" height="40" fill="#fff"/>`),
    );
    expect(layers.filter(({ shape }) => shape.kind === 'ellipse').length).toBe(5);
    const white = shapeOf(
      layers.find(({ name }) => name === 'white rectangle'),
      'rectangle',
    );
    for (const [got, wanted] of [
      [white.x, 30],
      [white.y, 180],
      [white.width, 90],
      [white.height, 40],
    ] as const)
      expect(Math.abs(got - wanted)).toBeLessThan(0.1);
  });

  it('turns an ellipse as it was turned', async () => {
    const { layers } = vectorise(
      await flat(`${BLUE}<ellipse cx="120" cy="115" rx="60" ry="28" transform="rotate(25 120 115)" fill="#fe8"/>`),
    );
    const { radii, angle } = shapeOf(layers[1], 'ellipse');
    expect(Math.abs(angle - 25)).toBeLessThan(1);
    expect(Math.abs(radii[0] - 60) + Math.abs(radii[1] - 28)).toBeLessThan(0.5);
  });

  it('keeps the corners of a star, and needs few points for it', async () => {
    const corners = star(5, 100, 45);
    const { layers, points } = vectorise(await flat(`${BLUE}${polygon(corners, '#ffd23c')}`));
    const [outline] = shapeOf(layers[1], 'path').outlines;
    expect(points).toBeLessThanOrEqual(16);
    const ends = (outline?.segments ?? []).map(({ to }) => to);
    for (const [x, y] of corners)
      expect(Math.min(...ends.map((to) => Math.hypot(to[0] - x, to[1] - y)))).toBeLessThan(1);
    expect(outline?.segments.every(({ kind }) => kind === 'line')).toBe(true);
  });

  it('goes on beneath what lies above, so that a layer that is taken away leaves no hole', async () => {
    const { layers } = vectorise(
      await flat(`${BLUE}<circle cx="128" cy="128" r="90" fill="#e33"/><circle cx="128" cy="128" r="40" fill="#fff"/>`),
    );
    expect(layers.map(({ name }) => name)).toEqual(['blue background', 'red circle', 'white circle']);
  });

  it('cuts shapes at the border of the picture exactly', async () => {
    const { layers } = vectorise(await flat(`${BLUE}<rect x="0" y="150" width="256" height="106" fill="#2a8c57"/>`));
    const { x, width, y, height } = shapeOf(layers[1] ?? layers[0], 'rectangle');
    expect([x, width, y + height]).toEqual([0, 256, 256]);
  });
});

describe('gradients', () => {
  it('fits one with three stops, and gives it one layer', async () => {
    const { layers, fidelity, points } = vectorise(await flat(SCENE));
    expect(layers.length).toBe(4);
    expect(fidelity).toBeGreaterThan(0.995);
    expect(points).toBeLessThan(60);
    const sky = layers[0]?.fill;
    if (sky?.kind !== 'gradient') throw new Error('the sky has one colour');
    expect(Math.abs(sky.to[0] - sky.from[0])).toBeLessThan(1);
    const stops = sky.stops.length;
    expect(stops).toBeGreaterThanOrEqual(3);
    expect(stops).toBeLessThanOrEqual(4);
    expect(layers.slice(1).every(({ fill }) => fill.kind === 'solid')).toBe(true);
  });

  it('finds a slanted direction', async () => {
    const { layers } = vectorise(
      paintPixels(256, 256, (x, y) => {
        const at = (x * 0.8 + y * 0.6) / 360;
        return [Math.round(20 + 200 * at), Math.round(120 - 60 * at), Math.round(220 - 150 * at)];
      }),
    );
    expect(layers.length).toBe(1);
    const fill = layers[0]?.fill;
    if (fill?.kind !== 'gradient') throw new Error('no gradient was found');
    const angle = Math.atan((fill.to[1] - fill.from[1]) / (fill.to[0] - fill.from[0]));
    expect(Math.abs(angle - Math.atan(0.75))).toBeLessThan(0.03);
  });

  it('sees none where there is one colour with noise on it', () => {
    const grains = noise(128, 128).rgb;
    const { layers } = vectorise(
      paintPixels(128, 128, (x, y) => [118 + ((grains[y * 128 + x] as number) % 5), 160, 90]),
    );
    expect(layers.map(({ fill }) => fill.kind)).toEqual(['solid']);
  });
});

describe('what is soft or rough', () => {
  it('gives a blurred edge no layer of its own', async () => {
    const soft = paintPixels(160, 160, (x, y) => {
      const inside = 1 / (1 + Math.exp((Math.hypot(x - 80, y - 80) - 45) / 1.5));
      return [Math.round(40 + 200 * inside), Math.round(90 + 100 * inside), Math.round(220 - 160 * inside)];
    });
    const { layers } = vectorise(soft);
    expect(layers.map(({ name }) => name)).toEqual(['blue background', 'yellow circle']);
    expect(Math.abs(shapeOf(layers[1], 'ellipse').radii[0] - 45)).toBeLessThan(0.7);
  });

  it('keeps a stripe whose colour lies between its neighbours’', async () => {
    const { layers } = vectorise(
      await flat(
        '<rect width="256" height="256" fill="#fff"/><rect y="100" width="256" height="9" fill="#888"/><rect y="109" width="256" height="147" fill="#111"/>',
      ),
    );
    expect(layers.map(({ name }) => name)).toContain('grey rectangle');
  });
});

describe('limits', () => {
  it('says that noise is nothing for vectors, and does not drown in it', () => {
    const vectors = vectorise(noise(256, 256));
    expect(suits(vectors)).toBe('too-little-kept');
    expect(vectors.layers.length).toBeLessThanOrEqual(200);
    expect(vectors.fidelity).toBeLessThan(0.2);
  });

  it('is not deceived by a large picture of noise, whose average is one grey', () => {
    expect(suits(vectorise(noise(4096, 64)))).toBe('too-little-kept');
  });

  it.each([
    [1, 1, 1],
    [2, 1, 0.5],
    [1, 300, 1],
    [16, 16, 1],
    [4096, 16, 0.999],
  ])('takes a picture of %i x %i', (width, height, least) => {
    const vectors = vectorise(paintPixels(width, height, (x) => (x < width / 2 ? [250, 210, 40] : [40, 90, 220])));
    expect([vectors.width, vectors.height]).toEqual([width, height]);
    expect(vectors.fidelity).toBeGreaterThanOrEqual(least);
    for (const { box } of vectors.layers)
      for (const value of Object.values(box)) expect(Number.isFinite(value)).toBe(true);
  });

  it('traces 4096 x 4096 pixels in their own coordinates', async () => {
    const vectors = vectorise(
      await flat(
        '<rect width="4096" height="4096" fill="#fff"/><circle cx="2000" cy="2100" r="900" fill="#111"/>',
        4096,
        4096,
      ),
    );
    const { centre, radii } = shapeOf(vectors.layers[1], 'ellipse');
    expect(Math.hypot(centre[0] - 2000, centre[1] - 2100)).toBeLessThan(3);
    expect(Math.abs(radii[0] - 900)).toBeLessThan(3);
  });

  it('gives the same layers for the same picture', async () => {
    const picture = await flat(SCENE);
    expect(vectorise(picture)).toEqual(vectorise(picture));
  });
});
