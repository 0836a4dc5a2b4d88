/** What programs send that is not quite OpenAI's: every row of the cases that an address, a header or a field is about. */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { AzureOpenAI } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestFromPng } from '../../../models/run/metadata.js';
import { createPngEngine, startCompanion, type TestCompanion } from '../../support/companion.js';
import { createFakeEngine, drawAll } from '../../support/fake-engine.js';

let companion: TestCompanion;
const engine = createPngEngine();
beforeAll(async () => {
  companion = await startCompanion({ engine });
});
afterAll(() => companion.close());

const GENERATIONS = '/v1/images/generations';
type Answer = {
  data: { b64_json?: string; url?: string; seed: number }[];
  size: string;
  twostep: { job: string; remarks: string[] };
};
const draw = async (body: object, path = GENERATIONS, headers: Record<string, string> = {}): Promise<Answer> => {
  const answer = await companion.post(path, { prompt: 'owl', size: '64x64', ...body }, headers);
  expect(answer.status, await answer.clone().text()).toBe(200);
  return (await answer.json()) as Answer;
};
const said = async (answer: Response) => ((await answer.json()) as { error: { message: string } }).error.message;

/** With headers that `fetch` does not let one set. */
function send(method: string, path: string, headers: Record<string, string>, body?: string) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port: companion.port, method, path, headers }, (answer) => {
      let text = '';
      answer.on('data', (part) => (text += part));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('C2: HEAD', () => {
  it('of a stream gets headers, and nothing is begun or ended by it', async () => {
    const slow = await startCompanion({
      engine: createFakeEngine((one) => [{ type: 'wait', milliseconds: 700 }, ...drawAll(one)]),
      jobs: { limits: { grace: 10 } },
    });
    const answer = await slow.post(GENERATIONS, { prompt: 'owl', stream: true });
    const job = answer.headers.get('x-twostep-job');
    for (let count = 0; count < 20; count++) {
      const head = await slow.request(`/v1/jobs/${job}/events`, { method: 'HEAD' });
      expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    }
    expect(await answer.text()).toContain('image_generation.completed');
    await slow.close();
  });

  it('of a picture gets its type, and nothing is traced for it', async () => {
    const { twostep } = await draw({});
    const head = await companion.request(`/v1/jobs/${twostep.job}/pictures/0.svg`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
  });
});

describe('C3: addresses', () => {
  it.each(['/v1//images/generations', '//v1/images/generations', '/v1/images/generations/'])(
    '%s draws',
    async (path) => {
      expect((await draw({}, path)).data).toHaveLength(1);
    },
  );

  it('a key is still needed, however an address is written', async () => {
    for (const path of ['/v1//models', '//v1/models/', '/health/../v1/models', '//'])
      expect((await fetch(companion.url + path)).status).toBe(401);
    expect((await fetch(`${companion.url}/health/`)).status).toBe(200);
  });

  it.each([
    ['GET', GENERATIONS, 'POST'],
    ['PUT', '/v1/models', 'GET, HEAD'],
    ['HEAD', '/v1/images/edits', 'POST'],
    ['POST', `/v1/jobs/job_${'0'.repeat(32)}`, 'GET, HEAD, DELETE'],
  ])('%s %s is 405, and told what is allowed', async (method, path, allow) => {
    const answer = await companion.request(path, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    if (method !== 'HEAD') expect(await said(answer)).toBe(`${method} is not for this address; it takes ${allow}.`);
  });

  it.each(['/images/generations', '/v1/v1/images/generations', '/api/images/generations'])(
    '%s is not there, and told what is meant',
    async (path) => {
      const answer = await companion.post(path, { prompt: 'owl' });
      expect(answer.status).toBe(404);
      expect(await said(answer)).toContain('Did you mean /v1/images/generations?');
    },
  );

  it('of a container: told how it is let in', async () => {
    const answer = await send('GET', '/health', { Host: 'host.docker.internal:21212' });
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('start it with --allow-host host.docker.internal');
  });

  it.each([
    [{}, /^http:\/\/localhost:1\//],
    [{ 'X-Forwarded-Proto': 'https' }, /^https:\/\/localhost:1\//],
    [{ 'X-Forwarded-Proto': 'https, http', 'X-Forwarded-Host': '127.0.0.1:8443, x' }, /^https:\/\/127.0.0.1:8443\//],
    [{ 'X-Forwarded-Proto': 'javascript', 'X-Forwarded-Host': 'evil.example' }, /^http:\/\/localhost:1\//],
  ])('of pictures behind a proxy with %o', async (headers, expected) => {
    const answer = await send(
      'POST',
      GENERATIONS,
      {
        Host: 'localhost:1',
        Authorization: `Bearer ${companion.token}`,
        'Content-Type': 'application/json',
        ...headers,
      },
      JSON.stringify({ prompt: 'owl', size: '64x64', response_format: 'url' }),
    );
    expect((JSON.parse(answer.body) as Answer).data[0]?.url).toMatch(expected);
  });
});

describe('C3: bodies', () => {
  const packed = (encoding: string, body: Buffer) =>
    companion.request(GENERATIONS, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Encoding': encoding },
      body: new Uint8Array(body),
    });

  it('packed by gzip are read, up to the same size', async () => {
    expect((await packed('gzip', gzipSync('{"prompt":"owl","size":"64x64"}'))).status).toBe(200);
    expect((await packed('gzip', gzipSync('a'.repeat(50_000_000)))).status).toBe(413);
    expect((await packed('gzip', Buffer.from('{"prompt":"owl"}'))).status).toBe(400);
  });

  it('packed otherwise are refused with what is taken', async () => {
    const answer = await packed('zstd', Buffer.from('x'));
    expect([answer.status, answer.headers.get('accept-encoding')]).toEqual([415, 'gzip, deflate']);
    expect(await said(answer)).toContain('send it plain, or as gzip or deflate');
  });

  it.each([
    [{ seed: -1 }, undefined],
    [{ model: '', quality: '', style: '', user: '', response_format: '' }, undefined],
    [{ size: '128X128' }, '128x128'],
    [{ size: '128 × 64' }, '128x64'],
    [{ size: '128' }, '128x128'],
    [{ n: '1', seed: '7', output_compression: '100' }, undefined],
    [{ size: undefined, width: 128, height: '64' }, '128x64'],
    [{ size: undefined, image_size: '128x64', num_images: 1 }, '128x64'],
  ])('%o is taken', async (body, size = '64x64') => {
    const { data, size: drawn, twostep } = await draw(body);
    expect([data.length, drawn]).toEqual([1, size]);
    expect(twostep.remarks.filter((remark) => remark.includes('not used'))).toEqual([]);
  });

  it('seed -1 is any seed, another time another one', async () => {
    const seeds = await Promise.all([1, 2, 3].map(async () => (await draw({ seed: -1 })).data[0]?.seed));
    expect(new Set(seeds).size).toBe(3);
  });
});

describe('C4: what others send', () => {
  it.each([
    ['negative_prompt', 'blur'],
    ['num_inference_steps', 28],
    ['guidance_scale', 7.5],
    ['step', 20],
    ['input_fidelity', 'high'],
    ['style', 'vivid'],
    ['watermark', true],
  ])('%s is taken, and said to be unused', async (name, value) => {
    const { twostep } = await draw({ [name]: value });
    expect(twostep.remarks).toContainEqual(expect.stringMatching(new RegExp(`^"${name}" is not used: .*\\.$`)));
  });

  it.each([
    'openai/gpt-image-1',
    'black-forest-labs/FLUX.1-schnell',
    'dall-e-2',
    'stable-diffusion-xl-1024-v1-0',
    'gpt-5',
  ])('%s is drawn by the best at hand, and that is said', async (model) => {
    const { twostep } = await draw({ model, response_format: 'b64_json' });
    expect(twostep.remarks).toContain(`"${model}" is not at hand; "test-pack" drew instead.`);
  });

  it('a pack behind the name of a provider is that pack', async () => {
    expect(
      (await draw({ model: 'openai/test-pack' })).twostep.remarks.filter((one) => one.includes('at hand')),
    ).toEqual([]);
  });

  it('the key comes in a header of Azure’s', async () => {
    for (const name of ['api-key', 'x-api-key']) {
      const get = (key: string) => fetch(`${companion.url}/v1/models`, { headers: { [name]: key } });
      expect([(await get(companion.token)).status, (await get('wrong')).status]).toEqual([200, 401]);
    }
  });

  it('Azure’s client draws', async () => {
    const options = { endpoint: companion.url, apiKey: companion.token, apiVersion: '2025-04-01-preview' };
    const azure = new AzureOpenAI({ ...options, deployment: 'gpt-image-1', maxRetries: 0 });
    const answer = await azure.images.generate({ prompt: 'owl', n: 1 });
    expect(requestFromPng(Buffer.from(answer.data?.[0]?.b64_json ?? '', 'base64')).prompt).toBe('owl');
  });
});

describe('C5: addresses of pictures', () => {
  it.each(['png', 'jpeg', 'webp', 'svg'])('end in .%s', async (format) => {
    const url = new URL((await draw({ response_format: 'url', output_format: format })).data[0]?.url ?? '');
    expect(url.pathname).toMatch(new RegExp(`/pictures/0\\.${format}$`));
    const picture = await fetch(url);
    expect(picture.headers.get('content-type')).toContain(format === 'svg' ? 'image/svg+xml' : `image/${format}`);
    // Some cut the name out of the address and ask for the rest (LibreChat), or take their own ending.
    url.pathname = url.pathname.replace(/\w+$/, 'jpg');
    expect((await fetch(url)).headers.get('content-type')).toBe('image/jpeg');
  });

  it('given out before work still', async () => {
    const { twostep } = await draw({});
    const path = `/v1/jobs/${twostep.job}/pictures/0`;
    const old = `${companion.url}${path}?key=${companion.tokens.sign(path)}&format=webp&quality=90`;
    const picture = await fetch(old);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/webp']);
    expect((await fetch(old.replace('key=', 'key=0'))).status).toBe(401);
  });
});

/** Sends text, ends its side, and hears all that comes. */
function half(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port: companion.port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(text));
    let answer = '';
    socket.on('data', (part) => (answer += part));
    socket.on('close', () => resolve(answer));
    socket.on('error', () => undefined);
  });
}
const post = (body: string, length = body.length) =>
  `POST ${GENERATIONS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${companion.token}\r\n` +
  `Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;

describe('C9: a client that ends its side after sending', () => {
  it.each([false, true])('gets its answer, as a stream: %s', async (stream) => {
    const answer = await half(post(JSON.stringify({ prompt: 'owl', size: '64x64', stream })));
    expect(answer).toMatch(/^HTTP\/1.1 200 OK/);
    expect(answer).toContain(stream ? 'image_generation.completed' : '"b64_json"');
  });
});

describe('D17', () => {
  it.each(['', '/events', '/pictures/0', '/pictures/0/thumbnail'])(
    'a job id of 5,000 letters%s is 404',
    async (path) => {
      for (const id of ['a'.repeat(5000), `job_${'0'.repeat(5000)}`, '%00', 'job_%F0%9F%A6%8A'])
        expect((await companion.request(`/v1/jobs/${id}${path}`)).status).toBe(404);
      expect((await companion.request(`/v1/tokens/${'a'.repeat(5000)}`, { method: 'DELETE' })).status).toBe(404);
      expect((await companion.request(`/v1/models/${'a'.repeat(5000)}`)).status).toBe(404);
      expect((await companion.request(`/v1/packs/${'a'.repeat(5000)}`)).status).toBe(404);
    },
  );

  it('a client that leaves in the middle of a body: nothing happens', async () => {
    const before = engine.requests.length;
    await half(post('{"prompt":"ow', 100));
    await new Promise<void>((resolve) => {
      const socket = connect(companion.port, '127.0.0.1', () => {
        socket.write(post('{"prompt":"ow', 100));
        setTimeout(() => socket.resetAndDestroy(), 50);
      });
      socket.on('close', () => setTimeout(resolve, 100));
    });
    expect(companion.lines.filter((line) => line.startsWith('fault'))).toEqual([]);
    expect(engine.requests.length).toBe(before);
    expect((await companion.request('/health')).status).toBe(200);
  });
});
