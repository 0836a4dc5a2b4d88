/** A picture carries the request that made it, so that it can be made again. */
import { GenerateError, GenerateRequest } from '../protocol.js';
import { upgradeRequestText } from '../request/upgrade.js';
import { wordsOf } from '../wildcards.js';
import { encodePng, type RgbImage, readPngText } from './png.js';
import { toXmp } from './xmp.js';

/** Where the request lies in a PNG: JSON in ASCII, so that every program that keeps tEXt keeps it. */
export const KEYWORD = 'twostep';

/**
 * The PNG of one picture.
 * @param request of this picture alone: `seeds` holds its one seed
 */
export function encodePicture(image: RgbImage, request: GenerateRequest): Uint8Array {
  return encodePng(image, requestToText(request));
}

/** Text chunks of a request: the whole of it, and what other programs show of a picture. */
export function requestToText(request: GenerateRequest): Record<string, string> {
  // Parsing brings the keys into one order: equal requests give equal bytes.
  const json = JSON.stringify(GenerateRequest.parse(request));
  return {
    Software: 'Twostep',
    Description: wordsOf(request),
    [KEYWORD]: escapeToAscii(json),
    'XML:com.adobe.xmp': toXmp({ request: null, prompt: null }),
  };
}

/**
 * The request that a picture carries, brought up to this version.
 * @throws GenerateError `invalid-request` when this is not a PNG of ours, or the request in it is damaged or of a newer version
 */
export function requestFromPng(bytes: Uint8Array): GenerateRequest {
  return requestFromText(requestTextFromPng(bytes));
}

/**
 * The request of one picture from the JSON that the picture carries, brought up to this version.
 * @throws GenerateError `invalid-request`
 */
export function requestFromText(text: string): GenerateRequest {
  const upgraded = upgradeRequestText(text);
  if (!upgraded.ok) throw new GenerateError('invalid-request', `In this picture: ${upgraded.message}`);
  const { request } = upgraded;
  if (request.seeds.length !== 1)
    throw new GenerateError(
      'invalid-request',
      `The request in this picture names ${request.seeds.length} seeds; one picture has one.`,
    );
  return request;
}

/**
 * The request that a picture carries, as it stands there: JSON of any version.
 * @throws GenerateError `invalid-request` when this is not a PNG of ours
 */
export function requestTextFromPng(bytes: Uint8Array): string {
  const text = readText(bytes).get(KEYWORD);
  if (text !== undefined) return text;
  throw withoutRequest();
}

export const withoutRequest = (): GenerateError =>
  new GenerateError(
    'invalid-request',
    'This picture carries no request: it was not made by Twostep, or a program dropped it.',
  );

function readText(bytes: Uint8Array): Map<string, string> {
  try {
    return readPngText(bytes);
  } catch (error) {
    throw new GenerateError('invalid-request', `The picture can not be read: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

function escapeToAscii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
