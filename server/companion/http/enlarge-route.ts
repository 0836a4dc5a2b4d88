/** `POST /v1/images/upscale` and `/v1/images/vectorize`: a client's picture larger, and as layers with outlines. Both are ours. */
import type { Hono } from 'hono';
import { type UpscaleAnswer, UpscaleRequest, type VectorizeAnswer, VectorizeRequest } from '../../../models/api.js';
import { LIMITS } from '../../../models/protocol.js';
import type { ClientPng } from '../../upscale/client-png.js';
import type { Companion, Variables } from './companion.js';
import { failure } from './failure.js';
import { checkBody, readJson } from './read-body.js';

/** Pictures that wait while one is enlarged. Each is held in memory, as up to 50 MB of pixels. */
const WAITING = 8;

/** Pixels of the larger picture: what Figma takes. */
const MOST = LIMITS.side ** 2;

/** Read when somebody asks: tracer and upscaler have nothing to do with a start. */
const tools = async () => ({
  ...(await import('../../upscale/client-png.js')),
  ...(await import('../../upscale/enlarge.js')),
  ...(await import('../../upscale/off-thread.js')),
});

export function addEnlarge(app: Hono<Variables>, { trace }: Companion): void {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  /** One after the other: each takes all cores. */
  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (waiting >= WAITING)
      throw failure(429, 'too_many_pictures', `${WAITING} pictures are waiting to be enlarged. Ask again in a while.`, {
        headers: { 'Retry-After': '10' },
      });
    waiting += 1;
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine.finally(() => {
      waiting -= 1;
    });
  }

  app.post('/v1/images/upscale', async (context) => {
    const { image, scale, by } = checkBody(await readJson(context.req.raw), UpscaleRequest);
    const { signal } = context.req.raw;
    const answer = await inTurn(async (): Promise<UpscaleAnswer> => {
      signal.throwIfAborted();
      const { readClientPng, enlarge, createFromLayers, toPng } = await tools();
      const options = { scale: scale ?? 2, way: by ?? 'auto', most: MOST, fromLayers: createFromLayers(trace) };
      for await (const event of enlarge(read(image, readClientPng).image, options, signal)) {
        if (event.type !== 'picture') continue;
        const { width, height } = event.image;
        const b64_json = (await toPng(event.image)).toString('base64');
        return { created: now(), data: [{ b64_json }], size: `${width}x${height}`, by: event.by };
      }
      throw new Error('enlarging ended without a picture');
    });
    return context.json(answer);
  });

  app.post('/v1/images/vectorize', async (context) => {
    const { image } = checkBody(await readJson(context.req.raw), VectorizeRequest);
    const { svg, ...vectors } = await trace(read(image, (await tools()).readClientPng).rewritten());
    return context.json({ created: now(), svg, vectors } satisfies VectorizeAnswer);
  });
}

const now = () => Math.floor(Date.now() / 1000);

/** base64, with or without the head of a data URL. */
function read(image: string, decode: (bytes: Uint8Array) => ClientPng): ClientPng {
  try {
    return decode(Buffer.from(image.replace(/^data:image\/png;base64,/, ''), 'base64'));
  } catch (error) {
    throw failure(400, 'invalid_value', `"image": ${(error as Error).message}.`, { param: 'image' });
  }
}
