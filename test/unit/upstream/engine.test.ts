/** Other image servers as Engines: our own companion, and the manners of those that people run. */
import { once } from 'node:events';
import sharp from 'sharp';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { GenerateError, type GenerateRequest } from '../../../models/protocol.js';
import { buildRequest } from '../../../models/request/build.js';
import { requestFromPng } from '../../../models/run/metadata.js';
import { type Decode, decodePicture } from '../../../server/pictures/decode.js';
import { createUpstreamEngine, type UpstreamEngineOptions } from '../../../server/upstream/engine.js';
import { targetOfUpstream, type UpstreamModel } from '../../../server/upstream/models.js';
import type { Upstream } from '../../../server/upstream/settings.js';
import { createPngEngine, startCompanion } from '../../support/companion.js';
import { collect, describeEngine, picturesOf } from '../../support/engine-conformance.js';
import { createFakeEngine } from '../../support/fake-engine.js';
import { answerJson, type ImageServer, type Manners, startImageServer } from '../../support/image-server.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** As the process that decodes tells its failures. */
const decode: Decode = (picture) =>
  decodePicture(picture).catch((error: Error) => {
    throw new GenerateError('engine-failed', `The picture that came can not be read: ${error.message}.`);
  });

function modelAt(url: string, changes: Partial<Upstream> = {}, model = 'sketch'): UpstreamModel {
  const upstream: Upstream = {
    name: 'studio',
    url: `${url}/v1`,
    keyEnv: null,
    models: [model],
    size: { width: 64, height: 64 },
    without: [],
    ...changes,
  };
  return { id: `studio/${model}`, upstream, model };
}

const requestFor = (model: UpstreamModel, wishes: Partial<GenerateRequest> = {}): GenerateRequest =>
  buildRequest(targetOfUpstream(model), { prompt: 'a red circle', seeds: [7], ...wishes });

const engineFor = (model: UpstreamModel, options: Partial<UpstreamEngineOptions> = {}) =>
  createUpstreamEngine(model, { decode, environment: {}, ...options });

async function serve(manners: Manners): Promise<ImageServer> {
  const server = await startImageServer(manners);
  closing.push(server.close);
  return server;
}

const png = (width = 64, height = 64, red = 200) =>
  sharp({ create: { width, height, channels: 3, background: { r: red, g: 20, b: 20 } } })
    .png()
    .toBuffer();

describe('our own companion', async () => {
  const companion = await startCompanion({ engine: createPngEngine(5) });
  afterAll(companion.close);
  const model = modelAt(companion.url, { keyEnv: 'STUDIO_KEY' }, 'test-pack');
  describeEngine({
    name: 'a companion as upstream',
    create: async () => engineFor(model, { environment: { STUDIO_KEY: companion.token } }),
    request: requestFor(model),
  });

  it('says what went wrong there, in its own words', async () => {
    const failing = await startCompanion({
      engine: createFakeEngine([{ type: 'error', code: 'unknown-words', message: 'Nothing is known of "qwx".' }]),
    });
    closing.push(failing.close);
    const other = modelAt(failing.url, { keyEnv: 'STUDIO_KEY' }, 'test-pack');
    const events = await collect(engineFor(other, { environment: { STUDIO_KEY: failing.token } }), requestFor(other));
    expect(events.at(-1)).toMatchObject({
      type: 'error',
      message: expect.stringContaining('Nothing is known of "qwx".'),
    });
  });

  it('stops there when it is cancelled here', async () => {
    const hanging = await startCompanion({
      engine: createFakeEngine([{ type: 'hang' }]),
      jobs: { limits: { grace: 10 } },
    });
    closing.push(hanging.close);
    const other = modelAt(hanging.url, { keyEnv: 'STUDIO_KEY' }, 'test-pack');
    const stop = new AbortController();
    const drawing = collect(
      engineFor(other, { environment: { STUDIO_KEY: hanging.token } }),
      requestFor(other),
      stop.signal,
    );
    await vi.waitFor(() => expect(hanging.jobs.counts().running).toBe(1));
    stop.abort();
    expect((await drawing).at(-1)).toMatchObject({ type: 'error', code: 'cancelled' });
    await vi.waitFor(() => expect(hanging.jobs.counts().running).toBe(0), 5000);
  });

  it('shows its draft', async () => {
    const events = await collect(
      engineFor(model, { environment: { STUDIO_KEY: companion.token } }),
      requestFor(model, { draft: true, prompt: 'with a draft' }),
    );
    expect(events.filter(({ type }) => type === 'draft' || type === 'picture').map(({ type }) => type)).toEqual([
      'draft',
      'picture',
    ]);
  });
});

/** What each of them was seen to send and refuse. */
const SERVERS: readonly { name: string; manners: Manners; calls: number; sent: Record<string, unknown> }[] = [
  {
    // https://localai.io: addresses of its own, `step` for steps.
    name: 'LocalAI: an address on itself',
    async manners({ path }, response) {
      if (path === '/generated-images/b64.png') return void response.end(await png());
      answerJson(response, 200, { created: 1, id: 'x', data: [{ url: 'generated-images/b64.png', b64_json: '' }] });
    },
    calls: 2,
    sent: { n: 1, seed: 7, step: 20 },
  },
  {
    name: "stable-diffusion.cpp's server: base64 without a type of its own",
    async manners(_, response) {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(
        JSON.stringify({ created: 1, data: [{ b64_json: (await png()).toString('base64') }], output_format: 'png' }),
      );
    },
    calls: 1,
    sent: { n: 1, seed: 7 },
  },
  {
    name: 'vLLM-Omni: null for what there is not',
    async manners(_, response) {
      const b64_json = (await png()).toString('base64');
      answerJson(response, 200, { created: 1, data: [{ b64_json, url: null, revised_prompt: null }] });
    },
    calls: 1,
    sent: { num_inference_steps: 20 },
  },
  {
    name: 'SGLang: refuses what it does not know, field by field',
    async manners({ body }, response) {
      const extra = ['step', 'steps', 'quality'].find((field) => field in body);
      if (extra)
        return answerJson(response, 422, {
          detail: [{ type: 'extra_forbidden', loc: ['body', extra], msg: 'Extra inputs are not permitted', input: 1 }],
        });
      answerJson(response, 200, { data: [{ b64_json: (await png()).toString('base64') }] });
    },
    calls: 4,
    sent: { num_inference_steps: 20, quality: undefined, step: undefined, steps: undefined },
  },
  {
    name: 'Open WebUI: a bare list of addresses without a host',
    async manners({ path }, response) {
      if (path.startsWith('/api/v1/files/')) return void response.end(await png());
      answerJson(response, 200, [{ url: '/api/v1/files/1/content' }]);
    },
    calls: 2,
    sent: { size: '64x64' },
  },
  {
    name: 'OpenAI: no seed, no steps, no response_format',
    async manners({ body }, response) {
      const unknown = ['response_format', 'seed', 'steps', 'step', 'num_inference_steps'].find(
        (field) => field in body,
      );
      if (unknown)
        return answerJson(response, 400, {
          error: {
            message: `Unknown parameter: '${unknown}'.`,
            type: 'invalid_request_error',
            param: unknown,
            code: 'unknown_parameter',
          },
        });
      const count = body['n'] as number;
      const b64_json = (await png()).toString('base64');
      answerJson(response, 200, { created: 1, data: Array.from({ length: count }, () => ({ b64_json })) });
    },
    calls: 6,
    sent: { quality: 'high', seed: undefined, response_format: undefined },
  },
  {
    name: 'a data URL, as some proxies make of base64',
    async manners(_, response) {
      answerJson(response, 200, { data: [{ url: `data:image/png;base64,${(await png()).toString('base64')}` }] });
    },
    calls: 1,
    sent: {},
  },
];

describe.each(SERVERS)('$name', ({ manners, calls, sent }) => {
  it('gives a picture with our request in it', async () => {
    const server = await serve(manners);
    const model = modelAt(server.url);
    const request = requestFor(model, { schedule: { kind: 'upstream', quality: 'high', steps: 20 } });
    const events = await collect(engineFor(model), request);
    expect(events.at(-1)).toMatchObject({ type: 'done' });
    const [picture] = picturesOf(events);
    expect(requestFromPng(picture?.bytes ?? new Uint8Array())).toEqual(request);
    expect(server.asked.length).toBe(calls);
    const last = server.asked.findLast(({ method }) => method === 'POST');
    for (const [name, value] of Object.entries(sent)) expect(last?.body[name]).toEqual(value);
  });
});

describe('what a server can', () => {
  it('is learnt once: what it refused is not sent again', async () => {
    const server = await serve(SERVERS[5]?.manners as Manners);
    const model = modelAt(server.url);
    const engine = engineFor(model);
    await collect(engine, requestFor(model));
    const before = server.asked.length;
    await collect(engine, requestFor(model));
    expect(server.asked.length - before).toBe(1);
  });

  it('that takes no seed gives the pictures of a request in one call, and says which they are', async () => {
    const server = await serve(SERVERS[5]?.manners as Manners);
    const model = modelAt(server.url, { without: ['seed', 'response_format'] });
    const events = await collect(engineFor(model), requestFor(model, { seeds: [7, 8, 9] }));
    expect(picturesOf(events).map(({ seed }) => seed)).toEqual([7, 8, 9]);
    expect(server.asked.map(({ body }) => body['n'])).toEqual([3]);
  });

  it('that gives one picture whatever n says is asked again for the others', async () => {
    const server = await serve(async (_, response) =>
      answerJson(response, 200, { data: [{ b64_json: (await png()).toString('base64') }] }),
    );
    const model = modelAt(server.url, { without: ['seed'] });
    const events = await collect(engineFor(model), requestFor(model, { seeds: [1, 2, 3] }));
    expect([picturesOf(events).length, server.asked.map(({ body }) => body['n'])]).toEqual([3, [3, 1, 1]]);
  });

  it('of another size or kind is fitted to what was asked for', async () => {
    const server = await serve(async (_, response) => {
      const jpeg = await sharp(await png(300, 200))
        .jpeg()
        .toBuffer();
      answerJson(response, 200, { data: [{ b64_json: jpeg.toString('base64') }] });
    });
    const model = modelAt(server.url);
    const [picture] = picturesOf(await collect(engineFor(model), requestFor(model)));
    expect(picture).toMatchObject({ width: 64, height: 64 });
    expect(await sharp(picture?.bytes).metadata()).toMatchObject({ format: 'png', width: 64, height: 64 });
  });

  it('that asks to wait a moment is asked again after it', async () => {
    let times = 0;
    const server = await serve(async (_, response) => {
      times += 1;
      if (times === 1) return answerJson(response, 429, { error: { message: 'slow down' } }, { 'Retry-After': '0' });
      answerJson(response, 200, { data: [{ b64_json: (await png()).toString('base64') }] });
    });
    const model = modelAt(server.url);
    expect((await collect(engineFor(model), requestFor(model))).at(-1)?.type).toBe('done');
  });

  it('says first where the prompt goes', async () => {
    const model = modelAt('https://api.example.com');
    const failing = engineFor(model, { fetch: () => Promise.reject(new TypeError('fetch failed')) });
    const [first] = await collect(failing, requestFor(model));
    expect(first).toEqual({
      type: 'warning',
      code: 'upstream',
      message: 'This leaves your machine: api.example.com gets the prompt, and may keep it and charge for it.',
    });
  });
});

describe('what goes wrong there', () => {
  it.each([
    [
      401,
      { error: { message: 'Incorrect API key', code: 'invalid_api_key' } },
      'engine-unavailable',
      /wants a key.*Incorrect API key/,
    ],
    [404, { object: 'error', message: 'The model `x` does not exist.', code: 404 }, 'unknown-pack', /does not exist/],
    [429, { detail: 'quota' }, 'engine-unavailable', /asked too often: quota/],
    [400, { error: { message: 'No.', code: 'moderation_blocked' } }, 'invalid-request', /does not draw this: No\./],
    [400, { error: 'prompt required' }, 'invalid-request', /refuses the request: prompt required/],
    [500, '<html><h1>502 Bad Gateway</h1></html>', 'engine-failed', /failed with status 500\.$/],
    [500, 'CUDA out of memory', 'engine-failed', /CUDA out of memory/],
    [503, `${'\u001b[31mx'.repeat(2000)}`, 'engine-failed', /x{250,}…$/],
  ])('status %i of %j is told in a sentence', async (status, body, code, words) => {
    const server = await serve((_, response) => {
      response.writeHead(status, { 'Content-Type': typeof body === 'string' ? 'text/html' : 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
    const model = modelAt(server.url);
    const last = (await collect(engineFor(model), requestFor(model))).at(-1);
    expect(last).toMatchObject({ type: 'error', code });
    const message = last?.type === 'error' ? last.message : '';
    expect(message).toMatch(words);
    expect(message).toContain('"studio"');
    expect(message.length).toBeLessThan(450);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there.
    expect(message).not.toMatch(/\u001b/);
  });

  it.each([
    ['nothing', { data: [] }, /without a picture/],
    ['another shape', { result: 'ok' }, /without a picture/],
    [
      'what is no picture',
      { data: [{ b64_json: Buffer.from('<svg/>').toString('base64') }] },
      /can not be read: it is no PNG, JPEG or WebP/,
    ],
    ['half a picture', { data: [{ b64_json: 'iVBORw0KGgoAAAANSUhEUgAA' }] }, /can not be read/],
  ])('an answer of %s is told', async (_, body, words) => {
    const server = await serve((__, response) => answerJson(response, 200, body));
    const model = modelAt(server.url);
    const told = JSON.stringify((await collect(engineFor(model), requestFor(model))).at(-1));
    expect(told).toMatch(words);
  });

  it('a server that is not there, silent, or sends no end is given up', async () => {
    const gone = modelAt('http://127.0.0.1:9');
    expect((await collect(engineFor(gone), requestFor(gone))).at(-1)).toMatchObject({
      code: 'engine-unavailable',
      message: expect.stringMatching(/can't be reached/),
    });
    const silent = modelAt((await serve(() => undefined)).url);
    expect((await collect(engineFor(silent, { patience: 300 }), requestFor(silent))).at(-1)).toMatchObject({
      code: 'engine-unavailable',
      message: expect.stringMatching(/did not answer within 0 s|did not answer/),
    });
    const endless = modelAt(
      (
        await serve(async (_, response) => {
          response.writeHead(200, { 'Content-Type': 'application/json' });
          const part = Buffer.alloc(4_000_000, 0x20);
          const closed = once(response, 'close');
          while (!response.destroyed)
            if (!response.write(part)) await Promise.race([closed, once(response, 'drain').catch(() => undefined)]);
        })
      ).url,
    );
    expect((await collect(engineFor(endless), requestFor(endless))).at(-1)).toMatchObject({
      code: 'engine-failed',
      message: expect.stringMatching(/more than 200000000 bytes/),
    });
  });

  it('a key that is not in the environment is named, and nothing is sent', async () => {
    const server = await serve((_, response) => answerJson(response, 200, {}));
    const model = modelAt(server.url, { keyEnv: 'STUDIO_KEY' });
    expect((await collect(engineFor(model), requestFor(model))).at(-1)).toMatchObject({
      message: expect.stringContaining('STUDIO_KEY'),
    });
    expect(server.asked).toEqual([]);
  });

  it('its picture is fetched from itself or the public net, without the key, and from nowhere near', async () => {
    const other = await serve(async (_, response) => void response.end(await png()));
    const server = await serve((_, response) => answerJson(response, 200, { data: [{ url: `${other.url}/secret` }] }));
    const model = modelAt(server.url);
    expect((await collect(engineFor(model), requestFor(model))).at(-1)).toMatchObject({
      code: 'engine-failed',
      message: expect.stringMatching(/not public/),
    });
    expect(other.asked).toEqual([]);
  });

  it('it sends nobody on to another address', async () => {
    const other = await serve(async (_, response) => void response.end('{}'));
    const server = await serve((_, response) => {
      response.writeHead(307, { Location: `${other.url}/v1/images/generations` });
      response.end();
    });
    const model = modelAt(server.url);
    expect((await collect(engineFor(model), requestFor(model))).at(-1)).toMatchObject({ code: 'engine-unavailable' });
    expect(other.asked).toEqual([]);
  });
});
