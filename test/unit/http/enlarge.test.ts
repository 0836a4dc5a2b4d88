import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '../../../models/run/png.js';
import { decodePng } from '../../../models/run/read-png.js';
import { startCompanion, type TestCompanion } from '../../support/companion.js';
import { noise, paintPixels } from '../../support/flat-pictures.js';

let companion: TestCompanion;
beforeAll(async () => {
  process.env['TWOSTEP_UPSCALER'] = '/nowhere';
  companion = await startCompanion();
});
afterAll(async () => {
  delete process.env['TWOSTEP_UPSCALER'];
  await companion.close();
});

const disc = paintPixels(128, 96, (x, y) => (Math.hypot(x - 60, y - 50) < 30 ? [255, 210, 60] : [43, 108, 240]));
const base64 = (image: Parameters<typeof encodePng>[0]) => Buffer.from(encodePng(image, {})).toString('base64');
const ask = async (path: string, body: unknown) => {
  const answer = await companion.post(path, body);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

describe('POST /v1/images/upscale', () => {
  it.each([
    [undefined, 2],
    [4, 4],
  ])('draws a flat picture from its layers (scale %s)', async (scale, times) => {
    const { status, body } = await ask('/v1/images/upscale', { image: base64(disc), ...(scale ? { scale } : {}) });
    expect([status, body['by'], body['size']]).toEqual([200, 'layers', `${128 * times}x${96 * times}`]);
    const { width, height, rgb } = decodePng(
      Buffer.from((body['data'] as { b64_json: string }[])[0]?.b64_json ?? '', 'base64'),
    );
    expect([width, height]).toEqual([128 * times, 96 * times]);
    const at = (x: number, y: number) => [...rgb.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
    expect([at(0, 0), at(60 * times, 50 * times)]).toEqual([
      [43, 108, 240],
      [255, 210, 60],
    ]);
  });

  it('says what to do where it takes an upscaler and none is there', async () => {
    const { status, body } = await ask('/v1/images/upscale', {
      image: `data:image/png;base64,${base64(noise(64, 64))}`,
    });
    expect(status).toBe(400);
    expect(body['error']).toMatchObject({ message: expect.stringContaining('npm install @upscalerjs/esrgan-slim') });
    const layers = await ask('/v1/images/upscale', { image: base64(noise(64, 64)), by: 'layers' });
    expect(layers.body['error']).toMatchObject({ message: expect.stringContaining('does not come apart') });
  });

  it.each([
    ['no picture', { image: 'aGVsbG8=' }, 'this is not a PNG'],
    ['no base64', { image: '<svg/>' }, 'is not base64 of a PNG'],
    ['another scale', { image: 'aGVsbG8=', scale: 3 }, 'scale'],
    [
      'more pixels than are made',
      { image: base64({ width: 2048, height: 1280, rgb: new Uint8Array(3 * 2048 * 1280) }), scale: 4 },
      'would become 8192 x 5120',
    ],
    ['a word too many', { image: 'aGVsbG8=', prompt: 'a fox' }, 'prompt'],
  ])('refuses %s', async (_, body, message) => {
    const answer = await ask('/v1/images/upscale', body);
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([400, expect.stringContaining(message)]);
  });
});

describe('POST /v1/images/vectorize', () => {
  it('makes layers of any PNG, and says what they keep', async () => {
    const { status, body } = await ask('/v1/images/vectorize', { image: base64(disc) });
    expect(status).toBe(200);
    expect(body['svg']).toMatch(/<circle id="yellow-circle" fill="#ffd23c"/);
    expect(body['vectors']).toMatchObject({ suits: 'yes', layers: 2 });
  });

  it('says of noise that it does not suit', async () => {
    const { body } = await ask('/v1/images/vectorize', { image: base64(noise(64, 64)) });
    expect(body['vectors']).toMatchObject({ suits: 'too-little-kept' });
  });
});
