/** What every Engine must keep to that starts from pictures, and what those say that can't (models/protocol.ts, `edit`). */
import { expect, it } from 'vitest';
import type { GenerateRequest } from '../../models/protocol.js';
import { fromBase64 } from '../../models/run/base64.js';
import { toEdit } from '../../models/run/edit.js';
import { requestFromPng } from '../../models/run/metadata.js';
import type { RgbImage } from '../../models/run/png.js';
import { decodePng } from '../../models/run/read-png.js';
import { collect, picturesOf, type Subject } from './engine-conformance.js';

/** Two colours that no ground is of, so that nothing of it could be taken for one. */
export function pictureFor({ width, height }: GenerateRequest['size']): RgbImage {
  const rgb = new Uint8Array(3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const isLight = ((x * 4) / width + (y * 4) / height) % 2 < 1;
    rgb.set(isLight ? [230, 90 + Math.floor((80 * x) / width), 40] : [30, 60, 120], 3 * pixel);
  }
  return { width, height, rgb };
}

/** The lower right quarter. */
export function quarterOf({ width, height }: GenerateRequest['size']) {
  const open = Uint8Array.from({ length: width * height }, (_, pixel) =>
    pixel % width >= width / 2 && Math.floor(pixel / width) >= height / 2 ? 1 : 0,
  );
  return { width, height, open };
}

/** @param changes whether it draws at all: a fake does not */
export function describeEdits({ name, create, request }: Subject, { changes = true } = {}): void {
  const image = pictureFor(request.size);
  const mask = quarterOf(request.size);
  const edited = (edit: GenerateRequest['edit']): GenerateRequest => ({ ...request, edit });
  const pixels = async (wanted: GenerateRequest) => {
    const events = await collect(await create(), wanted);
    expect(events.filter(({ type }) => type === 'error')).toEqual([]);
    return picturesOf(events).map(({ bytes }) => ({ bytes, rgb: decodePng(bytes).rgb }));
  };

  it(`${name} leaves what is outside of a mask as it is, bit for bit`, async () => {
    const [made] = await pixels(edited(toEdit({ image, mask })));
    const differs = [...mask.open.keys()].filter((pixel) =>
      [0, 1, 2].some((part) => made?.rgb[3 * pixel + part] !== image.rgb[3 * pixel + part]),
    );
    expect(differs.filter((pixel) => !mask.open[pixel])).toEqual([]);
    if (changes) expect(differs.length).toBeGreaterThan(mask.open.length / 16);
  });

  it(`${name} changes nothing where nothing of it is to change`, async () => {
    const [made] = await pixels(edited(toEdit({ image, strength: 0 })));
    expect(Buffer.from(made?.rgb ?? []).equals(image.rgb)).toBe(true);
  });

  it(`${name} makes the same of the same picture, and its picture carries all that takes`, async () => {
    const wanted = edited(toEdit({ image, strength: 0.5 }));
    const [[first], [second]] = [await pixels(wanted), await pixels(wanted)];
    expect(first && second && Buffer.from(first.bytes).equals(second.bytes)).toBe(true);
    if (!changes) return;
    const carried = requestFromPng(first?.bytes ?? new Uint8Array());
    expect(JSON.stringify(carried.edit)).toBe(JSON.stringify(wanted.edit));
    expect(Buffer.from(decodePng(fromBase64(carried.edit?.image ?? '')).rgb).equals(image.rgb)).toBe(true);
  });

  it(`${name} says so where the picture was not kept`, async () => {
    const events = await collect(await create(), edited({ ...toEdit({ image }), image: null }));
    expect(events.at(-1)).toMatchObject({
      type: 'error',
      code: 'unsupported-edit',
      message: expect.stringContaining('was not kept'),
    });
  });
}

export function describeRefusedEdits({ name, create, request }: Subject): void {
  it(`${name} starts from no picture, and says what to do`, async () => {
    const edit = toEdit({ image: pictureFor(request.size) });
    const events = await collect(await create(), { ...request, edit });
    expect(events.map(({ type }) => type)).toEqual(['error']);
    expect(events[0]).toMatchObject({
      code: 'unsupported-edit',
      message: expect.stringMatching(/Choose (another|a) model/),
    });
  });
}
