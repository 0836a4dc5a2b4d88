/** What is measured is what others draw: our pixels against librsvg's. */
import { describe, expect, it } from 'vitest';
import { measureFidelity } from '../../../models/vector/fidelity.js';
import { cover, render } from '../../../models/vector/render.js';
import { toSvg } from '../../../models/vector/svg.js';
import { vectorise } from '../../../models/vector/vectorise.js';
import type { Outline, Point } from '../../../models/vector/vectors.js';
import { BLUE, difference, drawSvg, flat, paintPixels, SCENE } from '../../support/flat-pictures.js';

const outline = (first: Point, ...rest: Point[]): Outline => ({
  from: first,
  segments: [...rest, first].map((to) => ({ kind: 'line', to })),
});

describe('cover', () => {
  it('gives the exact share of each pixel', () => {
    const half = cover([outline([0.5, 0], [2, 0], [2, 2], [0.5, 2])], 0, 0, 3, 2);
    expect([...half]).toEqual([0.5, 1, 0, 0.5, 1, 0]);
    const [triangle] = cover([outline([0, 0], [1, 0], [0, 1])], 0, 0, 1, 1);
    expect(triangle).toBeCloseTo(0.5, 6);
  });

  it('leaves holes open, and covers what begins left of the window', () => {
    const ring = [outline([0, 0], [3, 0], [3, 3], [0, 3]), outline([1, 1], [2, 1], [2, 2], [1, 2])];
    expect([...cover(ring, 0, 0, 3, 3)]).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 1]);
    expect([...cover([outline([-5, 0], [1, 0], [1, 1], [-5, 1])], 0, 0, 2, 1)]).toEqual([1, 0]);
  });
});

describe('render', () => {
  it.each([
    ['a scene', SCENE],
    ['a circle', `${BLUE}<circle cx="120.3" cy="131.7" r="70" fill="#ffd23c"/>`],
    [
      'a turned ellipse',
      `${BLUE}<ellipse cx="120" cy="115" rx="60" ry="28" transform="rotate(25 120 115)" fill="#fe8"/>`,
    ],
  ])('draws %s as librsvg does', async (_, shapes) => {
    const vectors = vectorise(await flat(shapes));
    const { width, height, layers } = vectors;
    const ours = { width, height, rgb: render(layers, width, height) };
    expect(difference(ours, await drawSvg(toSvg(vectors, { title: '', metadata: '' })), 12)).toBeLessThan(0.002);
  });
});

describe('fidelity', () => {
  it('is the share of pixels that have the colour', () => {
    const left = paintPixels(10, 10, (x) => (x < 3 ? [255, 0, 0] : [30, 60, 200]));
    const right = paintPixels(10, 10, () => [30, 60, 200]);
    expect(measureFidelity(left, left)).toBe(1);
    expect(measureFidelity(left, right)).toBeCloseTo(0.7, 6);
  });
});
