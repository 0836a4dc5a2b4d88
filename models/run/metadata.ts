/** A picture carries the request that made it, so that it can be made again. */
import { GenerateError, GenerateRequest } from '../protocol.js';
import { encodePng, type RgbImage, readPngText } from './png.js';

/** Where the request lies in a PNG: JSON in ASCII, so that every program that keeps tEXt keeps it. */
const KEYWORD = 'twostep';

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
  return { Software: 'Twostep', Description: request.prompt, [KEYWORD]: escapeToAscii(json) };
}

/**
 * The request that a picture carries.
 * @throws GenerateError `invalid-request` when this is not a PNG of ours, or the request in it is damaged
 */
export function requestFromPng(bytes: Uint8Array): GenerateRequest {
  const text = readText(bytes).get(KEYWORD);
  if (text === undefined)
    throw new GenerateError(
      'invalid-request',
      'This picture carries no request: it was not made by Twostep, or a program dropped it.',
    );
  const parsed = GenerateRequest.safeParse(parseJson(text));
  if (!parsed.success) {
    const faults = parsed.error.issues
      .slice(0, 5)
      .map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`);
    throw new GenerateError('invalid-request', `The request in this picture is not valid: ${faults.join('; ')}.`);
  }
  if (parsed.data.seeds.length !== 1)
    throw new GenerateError(
      'invalid-request',
      `The request in this picture names ${parsed.data.seeds.length} seeds; one picture has one.`,
    );
  return parsed.data;
}

function readText(bytes: Uint8Array): Map<string, string> {
  try {
    return readPngText(bytes);
  } catch (error) {
    throw new GenerateError('invalid-request', `The picture can not be read: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GenerateError('invalid-request', `The request in this picture is not JSON: "${text.slice(0, 60)}".`, {
      cause: error,
    });
  }
}

function escapeToAscii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
