/** The picture that a request starts from: packed into it, unpacked again, and what strangers may put there instead. */
import { zlibSync } from 'fflate';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type Edit, GenerateRequest, LIMITS } from '../../../models/protocol.js';
import { upgradeRequest } from '../../../models/request/upgrade.js';
import { fromBase64, toBase64 } from '../../../models/run/base64.js';
import { checkEdit, maskOf, openEdit, toEdit } from '../../../models/run/edit.js';
import { encodePicture, requestFromPng } from '../../../models/run/metadata.js';
import { encodePng, type RgbImage } from '../../../models/run/png.js';
import { decodePng, readPngHeader } from '../../../models/run/read-png.js';
import { noise } from '../../support/flat-pictures.js';
import { TODAY } from '../../support/golden-requests.js';

const same = (one: Uint8Array | undefined, other: Uint8Array | undefined) =>
  one !== undefined && other !== undefined && Buffer.from(one).equals(other);
const withAlpha = (image: RgbImage): RgbImage => ({
  ...image,
  alpha: Uint8Array.from({ length: image.width * image.height }, (_, pixel) => (pixel * 37) % 256),
});

describe('a PNG', () => {
  it.each([
    ['RGB', noise(37, 21)],
    ['RGBA', withAlpha(noise(16, 33))],
  ])('of ours in %s has its pixels again', (_, image) => {
    const read = decodePng(encodePng(image));
    expect([read.width, read.height]).toEqual([image.width, image.height]);
    expect(same(read.rgb, image.rgb)).toBe(true);
    expect(read.alpha === undefined ? image.alpha === undefined : same(read.alpha, image.alpha)).toBe(true);
  });

  it.each([0, 1, 2, 3, 4, 5])('of libpng is read at every choice of filters (level %d)', async (compressionLevel) => {
    const image = noise(40, 24);
    const raw = { raw: { width: 40, height: 24, channels: 3 as const } };
    const adaptiveFiltering = compressionLevel % 2 === 0;
    const png = await sharp(image.rgb, raw).blur(0.6).png({ compressionLevel, adaptiveFiltering }).toBuffer();
    const truth = await sharp(png).raw().toBuffer();
    expect(same(decodePng(png).rgb, truth)).toBe(true);
  });

  it('of another kind is refused by name', async () => {
    const palette = await sharp(noise(8, 8).rgb, { raw: { width: 8, height: 8, channels: 3 } })
      .png({ palette: true })
      .toBuffer();
    expect(() => decodePng(palette)).toThrow(/colour type 3 .* only 8 bits of RGB or RGBA/);
    expect(() => decodePng(Uint8Array.of(1, 2, 3))).toThrow('this is not a PNG');
  });

  it('that says more pixels than it holds, or holds more, is refused and takes no more memory than its header says', () => {
    const honest = encodePng(noise(16, 16));
    const lying = honest.slice();
    new DataView(lying.buffer).setUint32(16, 17);
    expect(() => decodePng(lying)).toThrow(/does not hold the \d+ bytes|filter/);
    const huge = honest.slice();
    new DataView(huge.buffer).setUint32(16, 100_000);
    expect(() => decodePng(huge)).toThrow('100000 x 16 pixels; 1 to 4096 a side are read');
    const bomb = replaceData(honest, zlibSync(new Uint8Array(50_000_000)));
    expect(() => decodePng(bomb)).toThrow('does not hold');
    expect(() => decodePng(replaceData(honest, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)))).toThrow('can not be unpacked');
    expect(() => decodePng(honest.subarray(0, honest.length - 12))).toThrow('before its IEND chunk');
  });
});

function replaceData(png: Uint8Array, data: Uint8Array): Uint8Array {
  const start = 33;
  const length = new DataView(png.buffer, png.byteOffset).getUint32(start);
  const chunk = new Uint8Array(12 + data.length);
  chunk.set(png.subarray(start + 4, start + 8), 4);
  new DataView(chunk.buffer).setUint32(0, data.length);
  chunk.set(data, 8);
  return Buffer.concat([png.subarray(0, start), chunk, png.subarray(start + 12 + length)]);
}

describe('an edit', () => {
  const image = noise(32, 24);
  const open = Uint8Array.from({ length: 32 * 24 }, (_, pixel) => (pixel % 32 < 10 ? 1 : 0));
  const mask = { width: 32, height: 24, open };

  it('has its pixels and its mask again', () => {
    const opened = openEdit(toEdit({ image, mask, strength: 0.4 }));
    expect(same(opened.image.rgb, image.rgb)).toBe(true);
    expect(same(opened.mask?.open, open)).toBe(true);
    expect(opened).toMatchObject({ strength: 0.4, extend: false });
  });

  it('draws all of a marked region anew where nobody says how much', () => {
    expect(toEdit({ image, mask }).strength).toBe(1);
    expect(toEdit({ image }).strength).toBeLessThan(1);
  });

  it('puts what is transparent on white', () => {
    const clear = { ...image, alpha: new Uint8Array(32 * 24) };
    expect(openEdit(toEdit({ image: clear })).image.rgb.every((value) => value === 255)).toBe(true);
    expect(maskOf(clear)?.open.every((value) => value === 1)).toBe(true);
    expect(maskOf(image)).toBeNull();
  });

  it('lies in the PNG of what was made of it, and comes out of it as it went in', () => {
    const request: GenerateRequest = { ...TODAY, seeds: [3], edit: toEdit({ image, mask }) };
    const png = encodePicture(noise(20, 20), request);
    expect(JSON.stringify(requestFromPng(png))).toBe(JSON.stringify(GenerateRequest.parse(request)));
  });

  it('of a version that knew none is none', () => {
    const { edit: _, ...before } = TODAY;
    expect(upgradeRequest({ ...before, version: 3 })).toMatchObject({ ok: true, request: { edit: null } });
  });

  it('whose picture was not kept says so, and can still be read', () => {
    const edit: Edit = { ...toEdit({ image }), image: null };
    expect(GenerateRequest.safeParse({ ...TODAY, edit }).success).toBe(true);
    expect(() => checkEdit(edit)).toThrow('was not kept with it. Choose that picture again');
  });

  it('names what is wrong with strangers', () => {
    const edit = toEdit({ image, mask });
    const small = toBase64(encodePng(withAlpha(noise(8, 8))));
    expect(() => checkEdit({ ...edit, mask: small })).toThrow('The mask has 8 x 8 pixels and the picture 32 x 24');
    expect(() => checkEdit({ ...edit, image: toBase64(new Uint8Array(60)) })).toThrow(
      'The picture to start from can not be read: this is not a PNG',
    );
    expect(GenerateRequest.safeParse({ ...TODAY, edit: { ...edit, image: '###' } }).success).toBe(false);
    const long = 'AAAA'.repeat(LIMITS.pictureBytes / 3 + 2);
    expect(GenerateRequest.safeParse({ ...TODAY, edit: { ...edit, image: long } }).success).toBe(false);
    expect(() => toEdit({ image: noise(1400, 1100) })).toThrow(
      /has \d+ bytes as a PNG, and a request has room for 4194304/,
    );
  });

  it('reads base64 as Node does', () => {
    const bytes = noise(100, 111).rgb;
    expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    expect(same(fromBase64(toBase64(bytes)), bytes)).toBe(true);
    expect(readPngHeader(encodePng(noise(3, 5)))).toEqual({ width: 3, height: 5, channels: 3 });
  });
});
