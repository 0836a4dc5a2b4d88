/** The request that a picture carries, in each of the formats that pictures of ours come in. */
import { GenerateError, type GenerateRequest } from '../../models/protocol.js';
import { requestFromPng, requestFromText, withoutRequest } from '../../models/run/metadata.js';
import { fromXml, requestTextFromXmp } from '../../models/run/xmp.js';

/** The largest of ours, 4096 x 4096 pixels of noise as a PNG, has 50 MB. */
const MAXIMUM_BYTES = 100_000_000;

/** @throws GenerateError `invalid-request` when this is no picture of ours, or the request in it is damaged or of a newer version */
export async function requestFromPicture(bytes: Uint8Array): Promise<GenerateRequest> {
  if (bytes.length > MAXIMUM_BYTES)
    throw new GenerateError('invalid-request', `This file has ${bytes.length} bytes, more than any picture of ours.`);
  switch (sniff(bytes)) {
    case 'png':
      return requestFromPng(bytes);
    case 'jpeg or webp':
      return fromFound(requestTextFromXmp(await readXmp(bytes)));
    case 'xml': {
      const text = new TextDecoder().decode(bytes);
      // Up to version 0.1 the request stood in the element alone.
      const bare = /<metadata>(\{[^<]*\})<\/metadata>/.exec(text)?.[1];
      return fromFound(requestTextFromXmp(text) ?? (bare === undefined ? undefined : fromXml(bare)));
    }
    case null:
      throw new GenerateError('invalid-request', 'This file is no PNG, JPEG, WebP or SVG, so it carries no request.');
  }
}

function fromFound(text: string | undefined): GenerateRequest {
  if (text === undefined) throw withoutRequest();
  return requestFromText(text);
}

/** The file's own packet, found by libvips; no pixel is decoded. */
async function readXmp(bytes: Uint8Array): Promise<string> {
  const sharp = (await import('sharp')).default;
  const metadata = await sharp(bytes)
    .metadata()
    .catch((error: Error) => {
      throw new GenerateError('invalid-request', `The picture can not be read: ${error.message}.`, { cause: error });
    });
  return metadata.xmp?.toString('utf8') ?? '';
}

function sniff(bytes: Uint8Array): 'png' | 'jpeg or webp' | 'xml' | null {
  const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  if (start.startsWith('\x89PNG')) return 'png';
  if (start.startsWith('\xff\xd8\xff') || /^RIFF.{4}WEBP/s.test(start)) return 'jpeg or webp';
  return /^(\xef\xbb\xbf)?\s*</.test(start) ? 'xml' : null;
}
