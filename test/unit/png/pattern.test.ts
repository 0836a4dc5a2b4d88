import { expect, it } from 'vitest';
import { isPattern } from '../../../models/run/pattern.js';

/** A grey picture whose pixel at x, y is what `paint` says, not quite even. */
function picture(width: number, height: number, paint: (x: number, y: number) => number) {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const at = 3 * (y * width + x);
      rgb.fill(Math.max(0, Math.min(255, paint(x, y) + ((x * 7 + y * 5) % 9) - 4)), at, at + 3);
    }
  return { width, height, rgb };
}

it.each<[string, (x: number, y: number) => number]>([
  ['stripes', (x) => (x % 16 < 8 ? 200 : 60)],
  ['checks', (x, y) => (x % 32 < 16 === y % 32 < 16 ? 240 : 20)],
  ['slanting stripes', (x, y) => ((x + y) % 16 < 6 ? 90 : 130)],
  ['staggered dots', (x, y) => (Math.hypot(((x + (y & 16)) % 32) - 16, (y % 16) - 8) < 5 ? 30 : 220)],
])('knows %s', (_, paint) => {
  expect(isPattern(picture(64, 64, paint))).toBe(true);
  expect(isPattern(picture(128, 64, paint))).toBe(true);
});

it.each<[string, (x: number, y: number) => number]>([
  ['an even ground', () => 128],
  ['a thing in the middle', (x, y) => (Math.hypot(x - 32, y - 32) < 14 ? 30 : 220)],
  ['two things side by side', (x, y) => (Math.hypot((x % 32) - 16, y - 32) < 9 ? 30 : 220)],
  ['three things in a row', (x, y) => (Math.hypot(((x + 54) % 20) - 10, y - 32) < 7 && x > 2 && x < 62 ? 30 : 220)],
  ['a gradient', (x) => 2 * x + 60],
  ['a horizon', (_, y) => (y < 36 ? 200 : 90)],
])('does not take %s for one', (_, paint) => {
  expect(isPattern(picture(64, 64, paint))).toBe(false);
});

it('says no to what is too small to repeat', () => {
  expect(isPattern(picture(2, 2, (x) => x * 200))).toBe(false);
});
