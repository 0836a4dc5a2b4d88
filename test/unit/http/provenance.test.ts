/** C6: pictures of every format carry their request, and say that a model made them. */
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { encodePicture, requestFromPng } from '../../../models/run/metadata.js';
import { requestTextFromXmp, toXmp } from '../../../models/run/xmp.js';
import { requestFromPicture } from '../../../server/drawing/picture-request.js';
import { createPngEngine, startCompanion, type TestCompanion } from '../../support/companion.js';

const MADE_BY_MODEL = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

let companion: TestCompanion;
beforeAll(async () => {
  companion = await startCompanion({ engine: createPngEngine() });
});
afterAll(() => companion.close());

async function draw(prompt: string, format: string): Promise<Uint8Array> {
  const answer = await companion.post('/v1/images/generations', {
    prompt,
    seed: 7,
    size: '64x64',
    output_format: format,
  });
  const { data } = (await answer.json()) as { data: { b64_json: string }[] };
  return Buffer.from(data[0]?.b64_json ?? '', 'base64');
}

const REQUEST: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'owl',
  pack: 'test-pack',
  seeds: [7],
  schedule: { kind: 'student', steps: 2 },
  sampling: null,
  size: { width: 64, height: 64 },
  draft: false,
};

const PROMPT = 'ein "Café" <b>&amp; 漢字 😀 \u0000\u0007\u007f\u2028\ufffe end';

describe.each(['png', 'jpeg', 'webp', 'svg'])('C6: %s', (format) => {
  it('carries its whole request', async () => {
    const [picture, png] = [await draw(PROMPT, format), await draw(PROMPT, 'png')];
    expect(await requestFromPicture(picture)).toEqual(requestFromPng(png));
  });

  it('says that a model made it, in IPTC’s word', async () => {
    const bytes = await draw('owl', format);
    const { xmp } = await sharp(bytes).metadata();
    const text = format === 'svg' ? Buffer.from(bytes).toString() : xmp?.toString();
    expect(text).toContain(`<Iptc4xmpExt:DigitalSourceType>${MADE_BY_MODEL}</Iptc4xmpExt:DigitalSourceType>`);
  });

  it.each(['漢', 'a&b'])('carries the longest prompt that may be: %s', async (unit) => {
    // A JPEG has place for 60,000 bytes.
    const prompt = unit.repeat(Math.floor((format === 'jpeg' ? 19_000 : 20_000) / unit.length));
    expect((await requestFromPicture(await draw(prompt, format))).prompt).toBe(prompt);
  });
});

describe('C6: the request in a picture', () => {
  it('of a JPEG is left out where there is no place for it, and what made it is not', async () => {
    const bytes = await draw('\u0001'.repeat(20_000), 'jpeg');
    expect((await sharp(bytes).metadata()).xmp?.toString()).toContain(MADE_BY_MODEL);
    await expect(requestFromPicture(bytes)).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it('is read after a program wrote the packet anew', () => {
    const json = JSON.stringify({ prompt: `it's <"&> ${String.fromCharCode(10)}` });
    expect(requestTextFromXmp(toXmp({ request: json, prompt: null }))).toBe(json);
    const quoted = json.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
    expect(requestTextFromXmp(`<rdf:Description rdf:about="" twostep:request="${quoted}"/>`)).toBe(json);
    const numbered = [...json].map((letter) => `&#x${letter.charCodeAt(0).toString(16)};`).join('');
    expect(requestTextFromXmp(`<twostep:request>${numbered}</twostep:request>`)).toBe(json);
  });

  it('of an SVG from before is read', async () => {
    const json = JSON.stringify({ ...REQUEST, prompt: 'a < b & c' });
    const escaped = json.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const svg = `<svg xmlns="http://www.w3.org/2000/svg"><metadata>${escaped}</metadata></svg>`;
    expect((await requestFromPicture(Buffer.from(svg))).prompt).toBe('a < b & c');
  });

  it.each([
    ['nothing', Buffer.alloc(0), /no PNG, JPEG, WebP or SVG/],
    ['text', Buffer.from('hello'), /no PNG, JPEG, WebP or SVG/],
    ['half a JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0xff]), /can not be read|carries no request/],
    ['a WebP of nothing', Buffer.from('RIFF\x04\0\0\0WEBP'), /can not be read/],
    ['a strange SVG', Buffer.from('<svg><metadata>x</metadata></svg>'), /carries no request/],
    ['a wrong request', Buffer.from('<svg><twostep:request>{"seeds":[]}</twostep:request></svg>'), /./],
  ])('%s is refused with a reason', async (_, bytes, message) => {
    await expect(requestFromPicture(bytes)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(message),
    });
  });

  it('of a picture from a camera is told to be missing', async () => {
    const image = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });
    for (const bytes of [await image.jpeg().toBuffer(), await image.webp().toBuffer(), await image.png().toBuffer()])
      await expect(requestFromPicture(bytes)).rejects.toThrow(/carries no request/);
  });

  it('makes equal requests equal files still', () => {
    const image = { width: 1, height: 1, rgb: Uint8Array.of(1, 2, 3) };
    expect(encodePicture(image, REQUEST)).toEqual(encodePicture(image, { ...REQUEST }));
  });
});
