import { describe, expect, it } from 'vitest';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { encodePicture, requestFromPng, requestToText } from '../../../models/run/metadata.js';
import { encodePng, readPngText } from '../../../models/run/png.js';
import { OLD_REQUEST, TODAY } from '../../support/golden-requests.js';

const image = { width: 2, height: 1, rgb: Uint8Array.of(1, 2, 3, 4, 5, 6) };
const request: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'ein "Café"\n漢字 😀 \u0000\u007f\u2028',
  pack: 'starter',
  seeds: [2 ** 53 - 1],
  schedule: { kind: 'mixed', resampled: 12 },
  sampling: { guidance: 7.5, topK: 1000, topP: 1, temperature: 0.9 },
  size: { width: 256, height: 320 },
  draft: false,
};

/** A picture whose request is this text. */
const pictureWith = (json: string) => encodePng(image, { twostep: json });

describe('a picture carries its request', () => {
  it('whole, in characters that survive every program', () => {
    const bytes = encodePicture(image, request);
    expect(requestFromPng(bytes)).toEqual(request);
    expect(readPngText(bytes).get('twostep')).toMatch(/^[\x20-\x7e]+$/);
    expect(requestToText({ ...request, prompt: 'a cat' })).toMatchObject({ Software: 'Twostep', Description: 'a cat' });
  });

  it('at the largest prompt that a request may have', () => {
    const long = { ...request, prompt: '漢'.repeat(20_000) };
    expect(requestFromPng(encodePicture(image, long))).toEqual(long);
  });

  it('D2: of version 1, which had no number, it is read as that of today', () => {
    expect(requestFromPng(pictureWith(JSON.stringify(OLD_REQUEST)))).toEqual(TODAY);
  });

  it('in the same bytes however the request was put together', () => {
    const { prompt, ...rest } = request;
    expect(encodePicture(image, { ...rest, prompt })).toEqual(encodePicture(image, request));
  });

  it.each([
    ['no picture', new Uint8Array(4), 'The picture can not be read: this is not a PNG'],
    ['no request', encodePng(image, { Software: 'other' }), 'This picture carries no request'],
    ['no JSON', pictureWith('{"prompt":'), 'In this picture: The request is not JSON: "{"prompt":".'],
    [
      'other keys',
      pictureWith(JSON.stringify({ ...request, url: 'x' })),
      'In this picture: The request is not valid: request: ',
    ],
    [
      'a newer version',
      pictureWith('{"version":3000,"words":"x"}'),
      'This was made by a newer Twostep (request version 3000',
    ],
    ['a wrong seed', pictureWith(JSON.stringify({ ...request, seeds: [-1] })), 'is not valid: seeds.0: '],
    ['two seeds', pictureWith(JSON.stringify({ ...request, seeds: [1, 2] })), 'names 2 seeds; one picture has one.'],
  ])('and %s is refused with the reason', (_, bytes, message) => {
    expect(() => requestFromPng(bytes)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
    expect(() => requestFromPng(bytes)).toThrow(message);
  });
});
