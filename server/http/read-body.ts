/** JSON bodies: of the right type, not too large, and of the shape that is expected. */
import type * as z from 'zod';
import { failure, failureOfSchema } from './failure.js';

/** 20,000 characters of prompt, each escaped as \uXXXX, are 120 kB, and 64 seeds one more. */
export const MAXIMUM_BODY_BYTES = 256 * 1024;

export async function readBody<S extends z.ZodType>(request: Request, schema: S): Promise<z.infer<S>> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw failure(
      415,
      'unsupported_media_type',
      'The body must be JSON, with the header Content-Type: application/json.',
    );
  const stated = Number(request.headers.get('content-length') ?? 0);
  if (stated > MAXIMUM_BODY_BYTES) throw tooLarge();
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    size += part.byteLength;
    if (size > MAXIMUM_BODY_BYTES) throw tooLarge();
    parts.push(part);
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts)));
  } catch (error) {
    throw failure(400, 'invalid_json', `The body is not JSON: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw failureOfSchema(parsed.error);
  return parsed.data;
}

const tooLarge = () =>
  failure(413, 'body_too_large', `The body has more than ${MAXIMUM_BODY_BYTES} bytes.`, {
    headers: { Connection: 'close' },
  });
