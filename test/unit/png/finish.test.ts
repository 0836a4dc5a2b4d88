/** A6, A7: larger than it was drawn a flat picture is crisp; without its background it is so at every size and shape. */
import { describe, expect, it } from 'vitest';
import { finishImage } from '../../../models/run/finish.js';
import { coverCrop, fitTo } from '../../../models/run/image.js';
import type { RgbImage } from '../../../models/run/png.js';
import { readFlat } from '../../support/flat-files.js';
import { difference, drawSvg, flat, noise, paintPixels } from '../../support/flat-pictures.js';

const MATTE = { transparency: 'matte' } as const;
const opaque = (width: number, height = width) => ({
  size: { width, height },
  background: 'opaque' as const,
  palette: [],
});
const transparent = (width: number, height = width) => ({
  size: { width, height },
  background: 'transparent' as const,
  palette: [],
});
const SHAPES = '<rect width="256" height="256" fill="#2b6cf0"/><circle cx="120.3" cy="131.7" r="70" fill="#ffd23c"/>';

describe('a flat picture', () => {
  it('is crisp at four times the size: nearer to the truth than enlarged pixels', async () => {
    const picture = await flat(SHAPES);
    const truth = await drawSvg(`<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256">${SHAPES}</svg>`, 4);
    const drawn = finishImage(picture, opaque(1024), {}).image;
    expect(difference(drawn, truth, 40)).toBeLessThan(0.0005);
    expect(difference(coverCrop(picture, 1024, 1024), truth, 40)).toBeGreaterThan(0.003);
  });

  it('stays as it was drawn where it is hardly enlarged', async () => {
    const picture = await flat(SHAPES);
    expect(finishImage(picture, opaque(256), {}).image.rgb).toEqual(picture.rgb);
    expect(finishImage(picture, opaque(300), {}).image).toEqual(fitTo(picture, 300, 300));
  });

  it('in a wide shape is continued as before, and crisp', async () => {
    const picture = await flat(SHAPES);
    const wide = finishImage(picture, opaque(1200, 512), {}).image;
    expect([wide.width, wide.height]).toEqual([1200, 512]);
    expect(difference(wide, fitTo(picture, 1200, 512), 40)).toBeLessThan(0.02);
  });
});

describe('a picture that is not flat', () => {
  it('is scaled', () => {
    const grains = noise(64, 64);
    expect(finishImage(grains, opaque(128), {}).image).toEqual(fitTo(grains, 128, 128));
  });
});

describe('a transparent background', () => {
  const corner = ({ alpha }: RgbImage) => alpha?.[0];

  it.each([
    ['as it was drawn', 256, 256],
    ['enlarged', 512, 512],
    ['enlarged and wide', 1200, 512],
    ['wide', 512, 256],
  ])('%s', async (_, width, height) => {
    const { image, staysOpaque } = finishImage(
      await readFlat('a-yellow-sun-icon-2'),
      transparent(width, height),
      MATTE,
    );
    expect([image.width, image.height, staysOpaque, corner(image)]).toEqual([width, height, false, 0]);
    expect(image.alpha?.[Math.floor(height / 2) * width + width / 2]).toBe(255);
  });

  it('is not there where the picture stands on none, or the pack knows of none, and that is said', async () => {
    const slope = paintPixels(64, 64, (x) => [x * 4, 90, 200]);
    expect(finishImage(slope, transparent(64), MATTE)).toEqual({
      image: slope,
      staysOpaque: true,
      keepsColours: false,
    });
    const sun = await readFlat('a-yellow-sun-icon-2');
    expect(finishImage(sun, transparent(256), {})).toEqual({ image: sun, staysOpaque: true, keepsColours: false });
  });
});

describe('a palette', () => {
  const palette = ['#0b3d2e', '#ffd166', '#fffaf0'];
  const coloursIn = ({ rgb }: RgbImage) => {
    const counts = new Map<string, number>();
    for (let at = 0; at < rgb.length; at += 3) {
      const colour = rgb.subarray(at, at + 3).join();
      counts.set(colour, (counts.get(colour) ?? 0) + 3 / rgb.length);
    }
    return [...counts].filter(([, share]) => share > 0.01).map(([colour]) => colour);
  };

  it('gives a flat picture its colours, at every size, with a background and without', async () => {
    const picture = await flat(SHAPES);
    for (const size of [256, 600]) {
      const { image, keepsColours } = finishImage(picture, { ...opaque(size), palette }, MATTE);
      expect(keepsColours).toBe(false);
      expect(coloursIn(image).sort()).toEqual(['11,61,46', '255,209,102']);
    }
    const cut = finishImage(picture, { ...transparent(256), palette }, MATTE);
    expect([cut.staysOpaque, cut.keepsColours]).toEqual([false, false]);
    expect(cut.image.alpha?.[0]).toBe(0);
    expect(coloursIn(cut.image)).toContain('255,209,102');
  });

  it('is not for noise, nor for packs whose pictures are not flat: they stay as they were drawn', async () => {
    const speckled = noise(128, 128);
    const kept = finishImage(speckled, { ...opaque(128), palette }, MATTE);
    expect(kept.keepsColours).toBe(true);
    expect(Buffer.from(kept.image.rgb).equals(Buffer.from(speckled.rgb))).toBe(true);
    const picture = await flat(SHAPES);
    const photograph = finishImage(picture, { ...opaque(256), palette }, {});
    expect(photograph.keepsColours).toBe(true);
    expect(Buffer.from(photograph.image.rgb).equals(Buffer.from(picture.rgb))).toBe(true);
  });
});
