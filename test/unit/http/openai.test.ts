/** The official client, unmodified, against a running companion. */
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestFromPng } from '../../../models/run/metadata.js';
import { encodePng } from '../../../models/run/png.js';
import { createPngEngine, startCompanion, type TestCompanion } from '../../support/companion.js';
import { createFakeEngine } from '../../support/fake-engine.js';
import { noise } from '../../support/flat-pictures.js';

let companion: TestCompanion;
let client: OpenAI;
const engine = createPngEngine();
beforeAll(async () => {
  companion = await startCompanion({ engine });
  client = new OpenAI({ baseURL: `${companion.url}/v1`, apiKey: companion.token, maxRetries: 0 });
});
afterAll(() => companion.close());

const bytesOf = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64');

describe('the openai client', () => {
  it('lists models and finds one', async () => {
    const models = await client.models.list();
    expect(models.data.map(({ id, object }) => [id, object])).toEqual([['test-pack', 'model']]);
    expect((await client.models.retrieve('test-pack')).owned_by).toBe('twostep');
    await expect(client.models.retrieve('none')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });

  it('draws one picture', async () => {
    const answer = await client.images.generate({ prompt: 'red fox', model: 'test-pack', size: '1024x1024' });
    expect(answer).toMatchObject({ output_format: 'png', quality: 'medium', size: '1024x1024', background: 'opaque' });
    const request = requestFromPng(bytesOf(answer.data?.[0]?.b64_json));
    expect(request).toMatchObject({ prompt: 'red fox', schedule: { kind: 'student', steps: 2 } });
    expect(Math.abs(answer.created - Date.now() / 1000)).toBeLessThan(60);
  });

  it('draws four, and again the same ones from their seed', async () => {
    const seed = { seed: 5 } as object;
    const [first, again] = [
      await client.images.generate({ prompt: 'red fox', n: 4, ...seed }),
      await client.images.generate({ prompt: 'red fox', n: 4, ...seed }),
    ];
    expect(first.data?.map(({ b64_json }) => requestFromPng(bytesOf(b64_json)).seeds)).toEqual([[5], [6], [7], [8]]);
    expect(again.data).toEqual(first.data);
  });

  it('takes names of OpenAI’s models for the best pack, and says so', async () => {
    const answer = await client.images.generate({ prompt: 'owl', model: 'gpt-image-1', quality: 'low' });
    expect(answer).toMatchObject({
      quality: 'low',
      twostep: { remarks: ['"gpt-image-1" is not at hand; "test-pack" drew instead.'] },
    });
    expect(engine.requests.at(-1)?.schedule).toEqual({ kind: 'student', steps: 1 });
    await client.images.generate({ prompt: 'owl', quality: 'high' });
    expect(engine.requests.at(-1)?.schedule).toEqual({ kind: 'mixed', resampled: 40 });
  });

  it('streams a draft and the picture', async () => {
    const stream = await client.images.generate({ prompt: 'owl', stream: true, partial_images: 1, size: '1024x1536' });
    const events = [];
    for await (const event of stream) events.push(event);
    expect(events).toMatchObject([
      { type: 'image_generation.partial_image', partial_image_index: 0, size: '1024x1536' },
      { type: 'image_generation.completed', output_format: 'png', usage: { total_tokens: 0 } },
    ]);
    for (const { b64_json } of events) expect(requestFromPng(bytesOf(b64_json)).prompt).toBe('owl');
  });

  it.each([
    ['jpeg', [0xff, 0xd8, 0xff]],
    ['webp', [0x52, 0x49, 0x46, 0x46]],
  ] as const)('gets %s', async (format, magic) => {
    const answer = await client.images.generate({ prompt: 'owl', output_format: format, output_compression: 50 });
    expect(answer.output_format).toBe(format);
    expect([...bytesOf(answer.data?.[0]?.b64_json).subarray(0, magic.length)]).toEqual([...magic]);
  });

  it('asks for a transparent background, and is told where there can be none', async () => {
    const png = await client.images.generate({ prompt: 'owl', background: 'transparent' });
    expect(png.background).toBe('transparent');
    expect(engine.requests.at(-1)?.background).toBe('transparent');
    const jpeg = await client.images.generate({ prompt: 'owl', background: 'transparent', output_format: 'jpeg' });
    expect(jpeg).toMatchObject({ background: 'opaque', twostep: { remarks: [expect.stringMatching(/^JPEG has no/)] } });
    expect(engine.requests.at(-1)?.background).toBe('opaque');
  });

  it('hears which words a picture draws, of choices and of a list', async () => {
    const chosen = await client.images.generate({ prompt: 'a {red|blue} owl', n: 2, seed: 4 } as never);
    expect(chosen.data?.map(({ revised_prompt }) => revised_prompt)).toEqual(['a red owl', 'a blue owl']);
    expect(engine.requests.at(-1)).toMatchObject({ prompt: 'a {red|blue} owl', seeds: [4, 5] });
    const listed = await client.images.generate({ prompt: ['owl', 'fox'], n: 2, seed: 4 } as never);
    expect(listed.data?.map(({ revised_prompt }) => revised_prompt)).toEqual(['owl', 'owl', 'fox', 'fox']);
    const paragraphs = await client.images.generate({ prompt: 'an owl\n\nat night' });
    expect(paragraphs.data?.[0]).not.toHaveProperty('revised_prompt');
    expect(engine.requests.at(-1)?.prompt).toBe('an owl at night');
  });

  it('gets an address that works without a token, for that picture alone', async () => {
    const answer = await client.images.generate({ prompt: 'owl', response_format: 'url', output_format: 'webp' });
    const address = answer.data?.[0]?.url ?? '';
    const picture = await fetch(address);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/webp']);
    expect((await fetch(address.replace(/key=\w{4}/, 'key=0000'))).status).toBe(401);
    expect((await fetch(address.replace('pictures/0', 'pictures/1'))).status).toBe(401);
  });

  it.each([
    [{ prompt: ' ' }, 400, 'empty_prompt', 'prompt'],
    [{ prompt: 'a', model: 'nothing' }, 404, 'model_not_found', 'model'],
    [{ prompt: 'a', size: '10x10' }, 400, 'invalid_value', 'size'],
    [{ prompt: 'a', size: 'large' }, 400, 'invalid_value', 'size'],
    [{ prompt: 'a', n: 11 }, 400, 'invalid_value', 'n'],
    [{ prompt: 'a', n: 2, seeds: [1] }, 400, 'invalid_value', 'n'],
    [{ prompt: 'a', steps: 100 }, 400, 'unsupported_schedule', 'quality'],
    [{ prompt: 'a', output_compression: 30 }, 400, 'invalid_value', 'output_compression'],
    [{ prompt: 'a {b' }, 400, 'invalid_value', 'prompt'],
    [{ prompt: Array(11).fill('a') }, 400, 'invalid_value', 'prompt'],
    [{ prompt: 'a', sise: 1 }, 400, 'unknown_parameter', 'sise'],
    [{}, 400, 'missing_required_parameter', 'prompt'],
  ])('is told what is wrong with %o', async (body, status, code, param) => {
    await expect(client.images.generate(body as never)).rejects.toMatchObject({
      status,
      code,
      param,
      type: status === 404 ? 'not_found_error' : 'invalid_request_error',
    });
  });

  it('is told which formats there are when it asks for another', async () => {
    await expect(client.images.generate({ prompt: 'a', output_format: 'gif' as never })).rejects.toThrow(
      /"png"\|"jpeg"\|"webp"\|"svg"/,
    );
  });

  it('is told that its model edits no pictures, and asks no second time', async () => {
    const eager = new OpenAI({ baseURL: `${companion.url}/v1`, apiKey: companion.token, maxRetries: 2 });
    const image = await toFile(Buffer.from(encodePng(noise(64, 64))), 'owl.png', { type: 'image/png' });
    const refused = { status: 400, type: 'invalid_request_error' };
    const before = engine.requests.length;
    await expect(eager.images.edit({ image, prompt: 'with a hat', model: 'gpt-image-1' })).rejects.toMatchObject({
      ...refused,
      code: 'unsupported_edit',
    });
    await expect(eager.images.createVariation({ image })).rejects.toMatchObject({
      ...refused,
      code: 'missing_parameter',
    });
    expect(engine.requests.length).toBe(before);
  });

  it('is not let in with a wrong key', async () => {
    const stranger = new OpenAI({ baseURL: `${companion.url}/v1`, apiKey: 'sk-wrong', maxRetries: 0 });
    await expect(stranger.images.generate({ prompt: 'a' })).rejects.toMatchObject({
      status: 401,
      code: 'invalid_api_key',
    });
  });
});

/** Bodies as these programs put them together. */
describe('other programs', () => {
  it.each([
    // Open WebUI: the version is Azure's, and is there when one is set; the size is left out when none is.
    ['/v1/images/generations?api-version=2025-04-01', { model: 'dall-e-2', n: 1, size: '512x512' }, 'b64_json'],
    ['/v1/images/generations', { model: 'gpt-image-1', n: 1 }, undefined],
    ['/v1/images/generations', { model: 'test-pack', n: 1, size: '512x512' }, 'b64_json'],
  ])('Open WebUI gets pictures: %s %o', async (path, body, response_format) => {
    const answer = await companion.post(path, {
      ...body,
      prompt: 'owl',
      ...(response_format ? { response_format } : {}),
    });
    const { data } = (await answer.json()) as { data: { b64_json?: string; url?: string }[] };
    expect(data).toHaveLength(1);
    expect(data[0]?.url).toBeUndefined();
    expect(requestFromPng(bytesOf(data[0]?.b64_json)).prompt).toBe('owl');
  });

  it('LibreChat, which asks for DALL-E and reads only the address, gets one', async () => {
    const options = { model: 'dall-e-3', quality: 'standard', style: 'vivid', size: '1024x1024', n: 1 } as const;
    const answer = await client.images.generate({ prompt: 'owl', ...options });
    expect(answer.data?.[0]?.b64_json).toBeUndefined();
    const picture = await fetch(answer.data?.[0]?.url ?? '');
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
  });
});

describe('the openai client, with an engine that', () => {
  it('hangs: aborting cancels the job, plain and streaming', async () => {
    const hanging = createFakeEngine(() => [{ type: 'hang' }]);
    const slow = await startCompanion({ engine: hanging, jobs: { limits: { grace: 50 } } });
    const own = new OpenAI({ baseURL: `${slow.url}/v1`, apiKey: slow.token, maxRetries: 0 });
    for (const stream of [false, true]) {
      const abort = new AbortController();
      const asked = own.images.generate({ prompt: `owl ${stream}`, stream }, { signal: abort.signal });
      const ended = asked.then(async (answer) => {
        if (Symbol.asyncIterator in answer) for await (const _ of answer);
      });
      await expect.poll(() => slow.jobs.counts().running).toBe(1);
      abort.abort();
      await ended.catch((error: Error) => expect(error.message).toMatch(/abort/i));
      await expect.poll(() => slow.jobs.counts().running, { timeout: 5000 }).toBe(0);
    }
    await slow.close();
  });

  it('fails: the error is told before and within a stream', async () => {
    const failing = createFakeEngine(() => [{ type: 'error', code: 'out-of-memory', message: 'No memory left.' }]);
    const poor = await startCompanion({ engine: failing });
    const own = new OpenAI({ baseURL: `${poor.url}/v1`, apiKey: poor.token, maxRetries: 0 });
    await expect(own.images.generate({ prompt: 'owl' })).rejects.toMatchObject({
      status: 503,
      code: 'out_of_memory',
      message: '503 No memory left.',
    });
    const read = async () => {
      for await (const _ of await own.images.generate({ prompt: 'owl', stream: true }));
    };
    await expect(read()).rejects.toMatchObject({ message: expect.stringMatching(/No memory left/) });
    await poor.close();
  });

  it('is busy: 429 with Retry-After', async () => {
    const hanging = createFakeEngine(() => [{ type: 'hang' }]);
    const busy = await startCompanion({ engine: hanging, jobs: { limits: { waiting: 1, waitingReserved: 1 } } });
    const own = new OpenAI({ baseURL: `${busy.url}/v1`, apiKey: busy.token, maxRetries: 0 });
    for (const prompt of ['1', '2']) void own.images.generate({ prompt }).catch(() => undefined);
    await expect.poll(() => busy.jobs.counts()).toMatchObject({ waiting: 1, running: 1 });
    const refused = await own.images.generate({ prompt: '3' }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 429, type: 'rate_limit_error', code: 'queue_full' });
    expect(Number((refused as { headers: Headers }).headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    await busy.close();
  });
});
