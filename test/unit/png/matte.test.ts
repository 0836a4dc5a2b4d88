/** A7: a picture without its background looks as before on the old one, and shows nothing of it on any other. */
import { describe, expect, it } from 'vitest';
import { groundOf } from '../../../models/run/ground.js';
import { matte } from '../../../models/run/matte.js';
import type { RgbImage } from '../../../models/run/png.js';
import { readFlat } from '../../support/flat-files.js';
import { flat, paintPixels } from '../../support/flat-pictures.js';

type Colour = readonly [number, number, number];

/** @returns [height, width, 3] */
function over({ rgb, alpha }: RgbImage, behind: Colour): number[] {
  return Array.from(rgb, (value, at) => {
    const share = (alpha?.[Math.floor(at / 3)] ?? 255) / 255;
    return share * value + (1 - share) * (behind[at % 3] as number);
  });
}

function cut(picture: RgbImage): Required<RgbImage> {
  const found = matte(picture, 1);
  if (!found?.alpha) throw new Error('no background was found');
  return { ...found, alpha: found.alpha };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const lightness = (values: readonly number[], pixel: number) =>
  ((values[3 * pixel] as number) + (values[3 * pixel + 1] as number) + (values[3 * pixel + 2] as number)) / 3;

/** Levels that nobody sees on an edge of one pixel. */
const SEEN = 8;

const ON_WHITE = '<rect width="256" height="256" fill="#fff"/>';

describe('a picture without its background', () => {
  it.each(['a-yellow-sun-icon-2', 'a-yellow-sun-icon-4', 'a-house-icon-8', 'an-orange-ring-on-navy-1'])(
    '%s looks as before on the old one',
    async (name) => {
      const picture = await readFlat(name);
      const behind = groundOf(picture) ?? [0, 0, 0];
      const off = over(cut(picture), behind).map((value, at) => Math.abs(value - (picture.rgb[at] as number)));
      expect(mean(off)).toBeLessThan(2);
      expect(off.filter((value) => value > 32).length / off.length).toBeLessThan(0.005);
    },
  );

  it('has no light fringe on black and no dark one on white', async () => {
    const dark = await flat(`${ON_WHITE}<circle cx="128" cy="128" r="70" fill="#183070"/>`);
    const onBlack = over(cut(dark), [0, 0, 0]);
    const most = lightness([0x18, 0x30, 0x70], 0) + SEEN;
    expect(
      Array.from({ length: 256 * 256 }, (_, pixel) => lightness(onBlack, pixel)).every((value) => value <= most),
    ).toBe(true);
    const light = await flat(
      '<rect width="256" height="256" fill="#101c40"/><circle cx="128" cy="128" r="70" fill="#ffdc60"/>',
    );
    const onWhite = over(cut(light), [255, 255, 255]);
    const least = lightness([0xff, 0xdc, 0x60], 0) - SEEN;
    expect(
      Array.from({ length: 256 * 256 }, (_, pixel) => lightness(onWhite, pixel)).every((value) => value >= least),
    ).toBe(true);
  });

  it('shows nothing of it on magenta: every pixel is the thing, magenta, or between the two', async () => {
    const picture = cut(await readFlat('a-yellow-sun-icon-2'));
    const onMagenta = over(picture, [255, 0, 255]);
    // The old background is beige: more blue than the yellow of the sun has, and more green than magenta has.
    let beige = 0;
    for (let pixel = 0; pixel < 256 * 256; pixel++)
      if ((onMagenta[3 * pixel + 1] as number) > 205 && (onMagenta[3 * pixel + 2] as number) > 140) beige += 1;
    expect(beige).toBe(0);
  });

  it('is empty at its corners and whole in the middle of the thing', async () => {
    const { alpha } = cut(await flat(`${ON_WHITE}<circle cx="128" cy="128" r="70" fill="#183070"/>`));
    expect([alpha[0], alpha[255], alpha[128 * 256 + 128]]).toEqual([0, 0, 255]);
    // The area of the circle, edges counted by their share.
    expect(mean([...alpha]) / 255).toBeCloseTo((Math.PI * 70 * 70) / 65_536, 3);
  });

  it('has a hole where a ring has one, and none where a highlight is', async () => {
    const ring = cut(
      await flat(`${ON_WHITE}<circle cx="128" cy="128" r="60" fill="none" stroke="#c33" stroke-width="30"/>`),
    );
    expect(ring.alpha[128 * 256 + 128]).toBe(0);
    const shiny = cut(
      await flat(
        `${ON_WHITE}<circle cx="128" cy="128" r="70" fill="#c33"/><circle cx="128" cy="128" r="4" fill="#fff"/>`,
      ),
    );
    expect(shiny.alpha[128 * 256 + 128]).toBe(255);
  });

  it('is not made of one that stands on no even background', () => {
    expect(
      matte(
        paintPixels(64, 64, (x) => [x * 4, 90, 200]),
        1,
      ),
    ).toBeNull();
  });
});
