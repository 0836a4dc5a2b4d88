/** Everybody who must not get in, and what they get: never a picture, always a failure in the API's own shape. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiFailure } from '../../../models/api.js';
import { OPERATIONS } from '../../../server/companion/http/openapi.js';
import { startCompanion, type TestCompanion } from '../../support/companion.js';
import { createFakeEngine } from '../../support/fake-engine.js';

let companion: TestCompanion;
const engine = createFakeEngine();
beforeAll(async () => {
  companion = await startCompanion({ engine, limits: { headersTime: 300, requestTime: 600 } });
});
afterAll(() => companion.close());

type Answer = { status: number; headers: IncomingHttpHeaders; body: string };
/** A request whose Host header is ours to choose, which `fetch` forbids. */
function send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port: companion.port, method, path, headers }, (answer) => {
      let text = '';
      answer.on('data', (part) => (text += part));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const generate = '/v1/images/generations';
const json = { 'Content-Type': 'application/json' };
const body = JSON.stringify({ prompt: 'red fox' });
const bearer = () => ({ Authorization: `Bearer ${companion.token}` });

describe('without a token', () => {
  const closed = Object.entries(OPERATIONS).filter(([, operation]) => !operation.open);
  it.each(closed.map(([key]) => key))('%s is refused', async (key) => {
    const [method = '', path = ''] = key.split(' ');
    const filled = path
      .replace('{id}', `job_${'0'.repeat(32)}`)
      .replace('{file}', '0')
      .replace('{path}', 'labels.json');
    for (const headers of [
      {},
      { Authorization: 'Bearer twostep_guess' },
      { Authorization: 'Basic eDp4' },
      { Cookie: `token=${companion.token}` },
    ]) {
      const answer = await fetch(companion.url + filled, {
        method: method.toUpperCase(),
        headers: { ...json, ...headers },
      });
      expect(answer.status).toBe(401);
      expect(ApiFailure.parse(await answer.json()).error.type).toBe('authentication_error');
    }
    expect(engine.requests).toEqual([]);
  });

  it('an address that does not exist is no news either', async () => {
    expect((await fetch(`${companion.url}/v1/none`)).status).toBe(401);
    expect((await fetch(`${companion.url}/../../etc/passwd`)).status).toBe(401);
  });
});

describe('DNS rebinding', () => {
  it.each([
    'evil.example',
    'evil.example:21212',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    'evil_example:21212',
    '169.254.1.1',
    'a b',
    'localhost:99999999',
  ])('the host "%s" is not ours, token or not', async (host) => {
    for (const path of ['/health', generate, '/docs']) {
      const answer = await send('POST', path, { Host: host, ...json, ...bearer() }, body);
      expect([400, 403]).toContain(answer.status);
    }
    expect(engine.requests).toEqual([]);
  });

  it.each(['localhost', 'LOCALHOST:21212', '127.0.0.1:1', '[::1]:21212'])('"%s" is', async (host) => {
    expect((await send('GET', '/health', { Host: host })).status).toBe(200);
  });
});

describe('other origins', () => {
  it('may ask before they send, private network included', async () => {
    for (const path of [generate, '/v1/jobs', '/nothing']) {
      const answer = await fetch(companion.url + path, {
        method: 'OPTIONS',
        headers: {
          Origin: 'null',
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'authorization,content-type',
          'Access-Control-Request-Private-Network': 'true',
        },
      });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('access-control-allow-private-network')).toBe('true');
      expect(answer.headers.get('access-control-allow-headers')).toMatch(/Authorization/);
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  it('read every answer, failures included, but get nothing without a token', async () => {
    const ask = (headers: Record<string, string>) =>
      fetch(companion.url + generate, {
        method: 'POST',
        headers: { Origin: 'https://evil.example', ...json, ...headers },
        body,
      });
    const refused = await ask({});
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, '*']);
    const served = await ask(bearer());
    expect([served.status, served.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
    const missing = await companion.request('/nothing');
    expect([missing.status, missing.headers.get('access-control-allow-origin')]).toEqual([404, '*']);
  });

  it('can’t frame themselves in with a form: only JSON is read', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
      const answer = await companion.request(generate, { method: 'POST', headers: { 'Content-Type': type }, body });
      expect(answer.status).toBe(415);
    }
  });
});

describe('bodies', () => {
  it.each(['', '{', '[]', 'null', '"text"', '{"prompt":1}', '\u0000', '[[[[[[[[', '{"__proto__":{"prompt":"a"}}'])(
    '%j is no request',
    async (text) => {
      const answer = await companion.post(generate, text);
      expect(answer.status).toBe(400);
      ApiFailure.parse(await answer.json());
    },
  );

  it('that are too large are refused, stated or not', async () => {
    const large = JSON.stringify({ prompt: 'a'.repeat(300_000) });
    expect((await companion.post(generate, large)).status).toBe(413);
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode('a'.repeat(10_000)));
      },
    });
    const endless = companion.request(generate, {
      method: 'POST',
      headers: json,
      body: stream,
      duplex: 'half',
    } as RequestInit);
    // The connection may be gone before the client has read the answer.
    expect(
      await endless.then(
        ({ status }) => status,
        () => 413,
      ),
    ).toBe(413);
  });

  it('that come slowly are not waited for, nor headers', async () => {
    const talk = (text: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(companion.port, '127.0.0.1', () => socket.write(text));
        let answer = '';
        socket.on('data', (part) => (answer += part));
        socket.on('error', () => undefined);
        socket.on('close', () => resolve(answer));
      });
    const began = Date.now();
    const [headers, slowBody] = await Promise.all([
      talk('GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: '),
      talk(
        `POST ${generate} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${companion.token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"prom`,
      ),
    ]);
    expect(headers).toMatch(/^(HTTP\/1.1 408|$)/);
    expect(slowBody).toMatch(/^(HTTP\/1.1 408|$)/);
    expect(Date.now() - began).toBeLessThan(5000);
  });

  it('E1: nor are floods of headers read, and who sends one hears why instead of a reset', async () => {
    const flood = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`x-flood-${index}`, 'x'.repeat(20)]));
    for (let repeat = 0; repeat < 10; repeat++) expect((await send('GET', '/health', flood)).status).toBe(431);
    expect((await companion.request('/health')).status).toBe(200);
  });
});

describe('pairing', () => {
  it('gives a token for the code, once', async () => {
    const code = companion.pairing.code();
    const spoken = code.toLowerCase().replace('-', ' ');
    const pair = (text: string) =>
      fetch(`${companion.url}/v1/pair`, {
        method: 'POST',
        headers: json,
        body: JSON.stringify({ code: text, name: 'panel' }),
      });
    const paired = (await (await pair(spoken)).json()) as { token: string; id: string };
    const headers = { Authorization: `Bearer ${paired.token}` };
    expect((await companion.request('/v1/models', { headers })).status).toBe(200);
    expect((await pair(code)).status).toBe(403);
    expect(companion.pairing.code()).not.toBe(code);

    const listed = await (await companion.request('/v1/tokens')).text();
    expect(listed).toContain(paired.id);
    expect(listed).not.toContain(paired.token);
    expect((await companion.request(`/v1/tokens/${paired.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await companion.request('/v1/models', { headers })).status).toBe(401);
  });

  it('hears no more guesses after a few wrong ones, not even the right one', async () => {
    const one = await startCompanion();
    const guess = (code: string) =>
      fetch(`${one.url}/v1/pair`, { method: 'POST', headers: json, body: JSON.stringify({ code, name: 'x' }) });
    const statuses = [];
    for (let tries = 0; tries < 6; tries++) statuses.push((await guess('WRONG')).status);
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429]);
    const right = await guess(one.pairing.code());
    expect([right.status, Number(right.headers.get('retry-after')) > 0]).toEqual([429, true]);
    await one.close();
  });

  it('leaves no token and no prompt in the log', async () => {
    const code = companion.pairing.code();
    const answer = await fetch(`${companion.url}/v1/pair`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ code, name: 'panel' }),
    });
    const { token } = (await answer.json()) as { token: string };
    await companion.post(generate, { prompt: 'a secret fox' }, { Authorization: `Bearer ${token}` });
    const log = companion.lines.join('\n');
    expect(log).toContain('paired');
    expect(log).not.toMatch(/twostep_[\w-]{20}|secret fox/);
  });
});
