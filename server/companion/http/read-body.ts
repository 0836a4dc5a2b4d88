/** JSON bodies: of the right type, not too large, and of the shape that is expected. */
import * as z from 'zod';
import { failure, failureOfSchema } from './failure.js';

/** 20,000 characters of prompt, each escaped as \uXXXX, are 120 kB, and 64 seeds one more. */
export const MAXIMUM_BODY_BYTES = 256 * 1024;
/** A request of the core's own carries the picture of an edit and its mask: 7 MB in base64. */
export const MAXIMUM_REQUEST_BYTES = 8 * 1024 * 1024;

/** @param most bytes of the body */
export async function readBody<S extends z.core.$ZodType>(
  request: Request,
  schema: S,
  most: number = MAXIMUM_BODY_BYTES,
): Promise<z.infer<S>> {
  return checkBody(await readJson(request, most), schema);
}

export function checkBody<S extends z.core.$ZodType>(json: unknown, schema: S): z.infer<S> {
  const parsed = z.safeParse(schema, json);
  if (!parsed.success) throw failureOfSchema(parsed.error);
  return parsed.data;
}

/** @param most bytes of the body */
export async function readJson(request: Request, most: number = MAXIMUM_BODY_BYTES): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw failure(
      415,
      'unsupported_media_type',
      'The body must be JSON, with the header Content-Type: application/json.',
    );
  const bytes = await readBytes(request, most);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw failure(400, 'invalid_json', `The body is not JSON: ${(error as Error).message}`);
  }
}

/** The body as it is once unpacked, whatever it holds. */
export async function readBytes(request: Request, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const stated = Number(request.headers.get('content-length') ?? 0);
  if (stated > most) throw tooLarge(most);
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = decoded(request)?.getReader();
  try {
    for (;;) {
      const part = await reader?.read().catch(() => {
        // The client went away in the middle, or what it sent is no gzip: neither is a fault of ours.
        throw failure(400, 'incomplete_body', 'The body ended early, or is not encoded as its headers say.');
      });
      if (!part || part.done) break;
      size += part.value.byteLength;
      if (size > most) throw tooLarge(most);
      parts.push(part.value);
    }
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
  return Buffer.concat(parts);
}

/** The body unpacked; the limit holds for what comes out, so a small body can't become a large one. */
function decoded(request: Request): ReadableStream<Uint8Array> | null {
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() || 'identity';
  switch (encoding) {
    case 'identity':
      return request.body;
    case 'gzip':
    case 'x-gzip':
      return unpacked(request, 'gzip');
    case 'deflate':
      return unpacked(request, 'deflate');
    default:
      throw failure(
        415,
        'unsupported_content_encoding',
        `The body is encoded as "${encoding.slice(0, 40)}"; send it plain, or as gzip or deflate.`,
        { param: 'Content-Encoding', headers: { 'Accept-Encoding': 'gzip, deflate' } },
      );
  }
}

const unpacked = ({ body }: Request, format: 'gzip' | 'deflate') =>
  body?.pipeThrough<Uint8Array>(new DecompressionStream(format)) ?? null;

const tooLarge = (most: number) =>
  failure(413, 'body_too_large', `The body has more than ${most} bytes.`, {
    headers: { Connection: 'close' },
  });
