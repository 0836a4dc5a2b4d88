/** The canvas of an edit: which pixels the model sees, which may change, and what becomes of those that may not. */
import { describe, expect, it } from 'vitest';
import { fixedOf, passesOf, strengthOf, within } from '../../../models/families/llamagen/edit.js';
import { boundsOf, type Canvas, openCanvas } from '../../../models/run/canvas.js';
import { compose } from '../../../models/run/compose.js';
import { toEdit } from '../../../models/run/edit.js';
import { finishEdit } from '../../../models/run/finish.js';
import type { RgbImage } from '../../../models/run/png.js';
import { placeWithin } from '../../../models/run/scene/place-within.js';
import type { Scene } from '../../../models/run/scene/scene.js';
import { flat, noise } from '../../support/flat-pictures.js';

const DRAWN = { width: 64, height: 64 };
const SIZES = { small: 4, medium: 6, large: 12 };
const square = (width: number, height: number, box: { left: number; top: number; right: number; bottom: number }) => ({
  width,
  height,
  open: Uint8Array.from({ length: width * height }, (_, pixel) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return x >= box.left && x < box.right && y >= box.top && y < box.bottom ? 1 : 0;
  }),
});
const even = (width: number, height: number, colour: readonly [number, number, number]): RgbImage => ({
  width,
  height,
  rgb: Uint8Array.from({ length: 3 * width * height }, (_, at) => colour[at % 3] as number),
});
const canvasOf = (
  wishes: Partial<Parameters<typeof openCanvas>[0]> & { image: RgbImage },
  size: { width: number; height: number } = wishes.image,
) => openCanvas({ mask: null, strength: 1, extend: false, ...wishes }, size, DRAWN);

describe('the window that a model sees', () => {
  it('is the whole picture where all may change, with its edges going on beyond another shape', () => {
    const canvas = canvasOf({ image: noise(96, 64) });
    expect(canvas).toMatchObject({ isWhole: true, window: { left: 0, top: -16, width: 96, height: 96 } });
    expect([canvas.working.width, canvas.working.height]).toEqual([64, 64]);
  });

  it('is as small as it may be around a region, so that the region is seen large', () => {
    const mask = square(300, 100, { left: 200, top: 10, right: 250, bottom: 40 });
    const canvas = canvasOf({ image: noise(300, 100), mask });
    expect(canvas.window).toEqual({ left: 175, top: 0, width: 100, height: 100 });
    const seen = boundsOf(canvas.workingOpen, DRAWN);
    // 25 to 75 of 100 pixels are 16 to 48 of 64.
    expect(seen).toEqual({ left: 16, top: 6, width: 32, height: 20 });
  });

  it('holds the whole frame where a region is larger than what fits', () => {
    const mask = square(300, 100, { left: 20, top: 10, right: 280, bottom: 40 });
    expect(canvasOf({ image: noise(300, 100), mask }).window).toEqual({ left: 0, top: -100, width: 300, height: 300 });
  });
});

describe('a picture in a frame of another shape', () => {
  it('is kept whole in the middle, and what is around it is open', () => {
    const canvas = canvasOf({ image: noise(64, 64), extend: true }, { width: 128, height: 64 });
    const closed = canvas.open.map((is) => 1 - is);
    expect(boundsOf(closed, canvas.frame)).toEqual({ left: 32, top: 0, width: 64, height: 64 });
  });

  it('goes on by itself where it stands on one even ground: nothing is drawn', () => {
    const canvas = canvasOf({ image: even(64, 64, [10, 200, 90]), extend: true }, { width: 128, height: 64 });
    expect(canvas.open.includes(1)).toBe(false);
    expect(canvas.frame.rgb.every((value, at) => value === [10, 200, 90][at % 3])).toBe(true);
  });

  it('is cropped where it is not to be extended', () => {
    const canvas = canvasOf({ image: noise(64, 64) }, { width: 128, height: 64 });
    expect(canvas.isWhole).toBe(true);
  });
});

describe('new pixels', () => {
  const image = noise(64, 64);
  const mask = square(64, 64, { left: 16, top: 16, right: 48, bottom: 48 });

  it('take over within the region, softly along its edge, and nowhere else', () => {
    const canvas = canvasOf({ image, mask });
    const made = compose(canvas, even(64, 64, [255, 255, 255]));
    const changed = [...mask.open.keys()].filter((pixel) => made.rgb[3 * pixel] !== image.rgb[3 * pixel]);
    expect(changed.every((pixel) => mask.open[pixel] === 1)).toBe(true);
    const at = (x: number, y: number) => made.rgb[3 * (y * 64 + x)] as number;
    const before = image.rgb[3 * (32 * 64 + 16)] as number;
    expect(at(16, 32)).toBe(Math.round(before + (255 - before) / 2));
    expect(at(32, 32)).toBe(255);
  });

  it('get the shade of the even ground that the picture stands on', async () => {
    const picture = await flat(
      '<rect width="256" height="256" fill="#a0e6c3"/><circle cx="128" cy="128" r="40" fill="#222"/>',
    );
    const region = square(256, 256, { left: 8, top: 8, right: 72, bottom: 72 });
    const canvas = openCanvas({ image: picture, mask: region, strength: 1, extend: false }, picture, DRAWN);
    const made = compose(canvas, even(256, 256, [176, 240, 210]));
    expect([...made.rgb.subarray(3 * (40 * 256 + 40), 3 * (40 * 256 + 40) + 3)]).toEqual([0xa0, 0xe6, 0xc3]);
    const other = compose(canvas, even(256, 256, [255, 0, 0]));
    expect([...other.rgb.subarray(3 * (40 * 256 + 40), 3 * (40 * 256 + 40) + 3)]).toEqual([255, 0, 0]);
  });

  it('are not needed where nothing may change, and a pattern stays as it is', () => {
    const canvas: Canvas = { ...canvasOf({ image, mask }), open: new Uint8Array(64 * 64) };
    const { image: finished } = finishEdit(
      canvas,
      noise(64, 64),
      { size: DRAWN, background: 'opaque', palette: [] },
      {},
    );
    expect(Buffer.from(finished.rgb).equals(image.rgb)).toBe(true);
  });
});

describe('a scene', () => {
  const scene: Scene = {
    things: [{ token: 'kfox', colour: null, side: 12, left: 2, top: 2 }],
    ground: 'plain',
    colours: ['mint'],
    direction: null,
    light: null,
    variant: null,
  };

  it.each([
    [
      { left: 0, top: 0, width: 6, height: 6 },
      { side: 6, left: 0, top: 0 },
    ],
    [
      { left: 10, top: 10, width: 5, height: 5 },
      { side: 6, left: 10, top: 10 },
    ],
    [
      { left: 4, top: 4, width: 10, height: 10 },
      { side: 12, left: 3, top: 3 },
    ],
    [
      { left: 7, top: 7, width: 1, height: 1 },
      { side: 4, left: 6, top: 6 },
    ],
  ])('has its thing within %j, in a size that was trained', (region, box) => {
    expect(placeWithin(scene, region, SIZES, 16).things[0]).toMatchObject(box);
  });

  it('keeps several things apart and on the grid', () => {
    const two = {
      ...scene,
      things: [4, 6].map((left, at) => ({ ...scene.things[0]!, side: 6, left: left + 4 * at, top: 5 })),
    };
    const [first, second] = placeWithin(two, { left: 8, top: 8, width: 8, height: 8 }, SIZES, 16).things;
    expect(second!.left).toBeGreaterThan(first!.left);
    for (const { left, top, side } of [first!, second!]) {
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
      expect(Math.max(left, top) + side).toBeLessThanOrEqual(16);
    }
  });
});

describe('the codes that stay', () => {
  const start = { codes: new Int32Array(8), open: Uint8Array.of(1, 1, 1, 1, 1, 1, 0, 0) };
  const surprise = Float64Array.of(0.1, 9, 0.2, 8, 0.3, 7, 99, 99);

  it('are those that follow most from the words, and all that may not change', () => {
    expect([...fixedOf(start, 0.5, surprise)]).toEqual([1, 0, 1, 0, 1, 0, 1, 1]);
    expect([...fixedOf(start, 1, null)]).toEqual([0, 0, 0, 0, 0, 0, 1, 1]);
    expect([...fixedOf(start, 0, surprise)]).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('share the steps out among the others', () => {
    expect(within([0, 4], Uint8Array.of(1, 0, 1, 0, 1, 0, 0, 1))).toEqual([0, 5]);
    expect(within([0, 4], new Uint8Array(8).fill(1))).toEqual([0, 0]);
  });

  it('are read again, so that new ones fit', () => {
    const edit = toEdit({ image: noise(16, 16), strength: 0.3 });
    expect([passesOf({ edit }), passesOf({ edit }, 9), passesOf({ edit: null }, 0)]).toEqual([2, 9, 0]);
    expect([strengthOf({ edit }), strengthOf({ edit: null })]).toEqual([0.3, 1]);
  });
});
