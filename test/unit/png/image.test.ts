import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { focusOf } from '../../../models/run/focus.js';
import { coverCrop, fitTo, toRgb } from '../../../models/run/image.js';
import type { RgbImage } from '../../../models/run/png.js';

/** Pictures resized by Pillow 12 (Image.resize with LANCZOS, `box` the centred crop) and bytes by numpy in float32. */
const pillow: { resized: { width: number; height: number; rgb: number[] }[]; values: number[]; bytes: number[] } =
  JSON.parse(readFileSync(new URL('./pillow.json', import.meta.url), 'utf8'));

/**
 * The pattern that was given to Pillow: of so little contrast that its first pass, which keeps bytes, clips nothing.
 */
function pattern(): RgbImage {
  const [width, height] = [24, 16];
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++)
        rgb[(y * width + x) * 3 + c] =
          90 +
          Math.floor(
            ((Math.floor(x / 6) + Math.floor(y / 5)) % 2
              ? (x * x * (c + 3) + y * y * 7 + x * y * (c * 5 + 1) + c * 90) % 256
              : 40 * c + x * 4 + y) / 4,
          );
  return { width, height, rgb };
}

describe('toRgb', () => {
  it("equals save_image's arithmetic in float32, values beyond -1..1 clamped", () => {
    const count = pillow.values.length;
    const image = new Float32Array(count * 3);
    image.set(pillow.values);
    image.set(pillow.values.toReversed(), count);
    const { rgb } = toRgb(image, count, 1);
    const channel = (c: number) => Array.from({ length: count }, (_, pixel) => rgb[pixel * 3 + c]);
    expect(channel(0)).toEqual(pillow.bytes);
    expect(channel(1)).toEqual(pillow.bytes.toReversed());
    expect(new Set(channel(2))).toEqual(new Set([128]));
  });

  it('refuses another shape, and a picture that is not a number', () => {
    expect(() => toRgb(new Float32Array(11), 2, 2)).toThrow('11 numbers are not an image [3, 2, 2]');
    expect(() => toRgb(Float32Array.of(0, 0, Number.NaN), 1, 1)).toThrow('not a number at pixel 0');
  });
});

describe('coverCrop', () => {
  it('returns the very picture when the size is right', () => {
    const image = pattern();
    expect(coverCrop(image, 24, 16)).toBe(image);
  });

  it.each(pillow.resized.map((expected) => [expected.width, expected.height, expected] as const))(
    'crops and scales to %d x %d as Pillow does',
    (width, height, expected) => {
      const { rgb } = coverCrop(pattern(), width, height);
      expect(rgb.length).toBe(expected.rgb.length);
      // Pillow rounds to bytes between its two passes and to 22-bit weights; we keep floats.
      const differences = expected.rgb.map((value, at) => Math.abs(value - rgb[at]!));
      expect(Math.max(...differences)).toBeLessThanOrEqual(2);
      expect(differences.filter((difference) => difference > 1).length).toBeLessThan(differences.length / 100);
    },
  );

  it('keeps a plain colour plain at every size', () => {
    const image = { width: 16, height: 16, rgb: new Uint8Array(16 * 16 * 3).fill(77) };
    for (const [width, height] of [
      [100, 16],
      [7, 90],
      [4096, 16],
      [1, 1],
    ] as const)
      expect(new Set(coverCrop(image, width, height).rgb)).toEqual(new Set([77]));
  });
});

describe('fitTo', () => {
  /** One colour, a little uneven on the right, with a dark square in the middle. */
  const onGround = () => {
    const rgb = new Uint8Array(32 * 32 * 3);
    for (let y = 0; y < 32; y += 1)
      for (let x = 0; x < 32; x += 1)
        rgb.fill(
          x > 10 && x < 21 && y > 10 && y < 21 ? 20 : x === 31 ? 206 : 200,
          (y * 32 + x) * 3,
          (y * 32 + x + 1) * 3,
        );
    return { width: 32, height: 32, rgb };
  };
  const at = ({ width, rgb }: { width: number; rgb: Uint8Array }, x: number, y: number) => rgb[(y * width + x) * 3];

  it('continues a picture on one ground to both sides, all of it to be seen', () => {
    const wide = fitTo(onGround(), 96, 32);
    const middle = Array.from({ length: 26 }, (_, x) => at(wide, 35 + x, 16));
    expect(middle).toEqual(Array.from({ length: 26 }, (_, x) => at(onGround(), 3 + x, 16)));
    expect([at(wide, 0, 0), at(wide, 31, 16), at(wide, 64, 16), at(wide, 95, 31)]).toEqual([200, 200, 200, 200]);
    // From the last column, which is lighter, to the ground without a step.
    expect(at(wide, 63, 16)).toBeLessThan(203);
    const tall = fitTo(onGround(), 16, 64);
    expect([at(tall, 8, 0), at(tall, 8, 63)]).toEqual([200, 200]);
    expect(at(tall, 8, 32)).toBeLessThan(40);
  });

  it('leaves a thing alone that stands at the edge', () => {
    const image = onGround();
    for (const y of [14, 15]) image.rgb.fill(90, y * 32 * 3, (y * 32 + 4) * 3);
    const wide = fitTo(image, 64, 32);
    expect([at(wide, 15, 14), at(wide, 16, 14), at(wide, 19, 15)]).toEqual([200, 90, 90]);
  });

  it('repeats a seamless pattern, also one on an even ground', () => {
    const rgb = new Uint8Array(32 * 32 * 3);
    for (let y = 0; y < 32; y += 1)
      for (let x = 0; x < 32; x += 1) {
        const dot = Math.hypot((x % 16) - 7.5, (y % 16) - 7.5) < 4;
        rgb.fill(dot ? 30 : 200 + ((x + y) % 5), (y * 32 + x) * 3, (y * 32 + x + 1) * 3);
      }
    const dots = { width: 32, height: 32, rgb };
    const wide = fitTo(dots, 120, 32);
    for (const [x, y] of [
      [0, 0],
      [44, 7],
      [76, 31],
      [119, 20],
    ] as const)
      expect(Math.abs(at(wide, x, y)! - at(dots, (x - 44 + 64) % 32, y)!)).toBeLessThanOrEqual(4);
    const tall = fitTo(dots, 64, 160);
    expect(at(tall, 16, 63)).toBeLessThan(60);
    expect([at(tall, 16, 31), at(tall, 48, 127)].every((value) => value! < 60)).toBe(true);
  });

  it('leaves no seam where a pattern meets itself', () => {
    const rgb = new Uint8Array(64 * 64 * 3);
    for (let y = 0; y < 64; y += 1)
      for (let x = 0; x < 64; x += 1) {
        // A decoder's edges: lighter at the left, darker at the right.
        const off = x < 3 ? 20 : x > 60 ? -20 : 0;
        rgb.fill((y % 16 < 8 ? 180 : 60) + off, (y * 64 + x) * 3, (y * 64 + x + 1) * 3);
      }
    const largest = (values: number[]) => Math.max(...values.slice(1).map((value, x) => Math.abs(value - values[x]!)));
    const wide = fitTo({ width: 64, height: 64, rgb }, 160, 64);
    expect(largest(Array.from({ length: 160 }, (_, x) => at(wide, x, 4)!))).toBeLessThanOrEqual(10);
    // And not where a program repeats the square.
    const square = fitTo({ width: 64, height: 64, rgb }, 64, 64);
    expect(largest(Array.from({ length: 128 }, (_, x) => at(square, x % 64, 4)!))).toBeLessThanOrEqual(10);
  });

  it('crops what has no one ground, and what is nearly of that shape', () => {
    const image = pattern();
    expect(fitTo(image, 32, 64)).toEqual(coverCrop(image, 32, 64, focusOf(image, 32, 64)));
    expect(fitTo(onGround(), 128, 127)).toEqual(coverCrop(onGround(), 128, 127));
    expect(fitTo(image, 24, 16)).toBe(image);
  });
});

describe('focusOf', () => {
  /** Sky that grows lighter downwards, ground below, and perhaps a house of 16 x 16 that stands there. */
  const land = (house: { x: number; y: number } | null, turned = false) => {
    const rgb = new Uint8Array(64 * 64 * 3);
    for (let y = 0; y < 64; y += 1)
      for (let x = 0; x < 64; x += 1) {
        const isHouse = house && x >= house.x && x < house.x + 16 && y >= house.y && y < house.y + 16;
        const value = isHouse ? 255 * (((x >> 2) + (y >> 2)) % 2) : y < 32 ? 100 + y : 60;
        const at = 3 * (turned ? x * 64 + y : y * 64 + x);
        rgb.fill(value, at, at + 3);
      }
    return { width: 64, height: 64, rgb };
  };

  it('keeps what stands at the foot of a picture, at its head and at its sides', () => {
    expect(focusOf(land({ x: 20, y: 46 }), 128, 48)).toBeGreaterThan(0.85);
    expect(focusOf(land({ x: 20, y: 2 }), 128, 48)).toBeLessThan(0.15);
    expect(focusOf(land({ x: 20, y: 46 }, true), 48, 128)).toBeGreaterThan(0.85);
    const wide = fitTo(land({ x: 20, y: 46 }), 64, 24);
    // All of the house, which the middle would have cut to two rows.
    expect(wide.rgb.filter((value) => value > 200).length).toBeGreaterThan(200);
  });

  it('is the middle where nothing is to be seen, and where everything is alike', () => {
    const plain = { width: 64, height: 64, rgb: new Uint8Array(64 * 64 * 3).fill(90) };
    expect(focusOf(plain, 128, 48)).toBe(0.5);
    const noise = { ...plain, rgb: plain.rgb.map((_, at) => (at * 7919) % 251) };
    expect(Math.abs(focusOf(noise, 128, 48) - 0.5)).toBeLessThan(0.2);
    // A soft change of light is no edge.
    expect(focusOf({ ...plain, rgb: plain.rgb.map((_, at) => Math.floor(at / 192) * 2) }, 128, 48)).toBe(0.5);
  });
});
