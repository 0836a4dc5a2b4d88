import { expect, it } from 'vitest';
import { groundOf } from '../../../models/run/ground.js';

/** A picture whose pixel at x, y is what `paint` says. */
function picture(width: number, height: number, paint: (x: number, y: number) => readonly [number, number, number]) {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) rgb.set(paint(x, y), (y * width + x) * 3);
  return { width, height, rgb };
}
const within = (x: number, y: number) => x > 8 && y > 8 && x < 55 && y < 39;

it('finds the colour of even edges, whatever is in the middle', () => {
  const noisy = picture(64, 48, (x, y) => (within(x, y) ? [0, 0, 0] : [99 + ((x * 7 + y) % 9), 204 - (x % 2), 51]));
  expect(groundOf(noisy)).toEqual([103, expect.closeTo(204, -1), 51]);
  expect(groundOf(picture(1, 1, () => [255, 0, 0]))).toEqual([255, 0, 0]);
});

it('lets a few pixels differ, and no more', () => {
  const cut = (length: number) => picture(64, 64, (x, y) => (y === 0 && x < length ? [0, 0, 0] : [250, 250, 250]));
  expect(groundOf(cut(12))).toEqual([250, 250, 250]);
  expect(groundOf(cut(13))).toBeNull();
});

it('finds none where the edges are of several colours', () => {
  expect(groundOf(picture(64, 64, (_, y) => [0, y * 2, 100]))).toBeNull();
  expect(groundOf(picture(64, 64, (x) => (x < 32 ? [255, 0, 0] : [0, 0, 255])))).toBeNull();
});
