/** Downloads from a server that breaks off, lies and sends other bytes. */
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type PullEvent, pullPack } from '../../../server/packs/pull.js';
import { createPulls } from '../../../server/packs/pulls.js';
import { startCompanion } from '../../support/companion.js';
import { CONTENT, describePack, writePack } from '../../support/packs.js';

type Handler = (request: IncomingMessage, response: ServerResponse, content: Buffer) => void;

/** Milliseconds before a connection breaks off: what arrives together with the end of it is lost on the other side. */
const PAUSE = 200;

let server: Server;
let base = '';
let misbehave: Handler | undefined;
let asked: string[] = [];
let into = '';
beforeEach(async () => {
  const source = writePack(mkdtempSync(join(tmpdir(), 'twostep-source-')));
  into = mkdtempSync(join(tmpdir(), 'twostep-into-'));
  misbehave = undefined;
  asked = [];
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.range ?? ''}`.trim());
    const path = join(source, request.url ?? '');
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return response.writeHead(404).end();
    const content = readFileSync(path);
    if (misbehave && request.url === '/teacher.onnx') return misbehave(request, response, content);
    return serve(request, response, content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  vi.unstubAllEnvs();
});

const serve: Handler = (request, response, content) => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const headers = start > 0 ? { 'Content-Range': `bytes ${start}-${content.length - 1}/${content.length}` } : {};
  response.writeHead(start > 0 ? 206 : 200, { ...headers, 'Content-Length': content.length - start });
  response.end(content.subarray(start));
};

async function pull(url = base, signal = new AbortController().signal, silence = 20_000): Promise<PullEvent[]> {
  const events: PullEvent[] = [];
  for await (const event of pullPack({ url, into, signal, retries: [1, 1], silence })) events.push(event);
  return events;
}

describe('a pack is fetched', () => {
  it('whole, with progress, and not again', async () => {
    const events = await pull();
    expect(events.at(-1)).toEqual({ type: 'done', folder: join(into, 'test-pack'), pack: 'test-pack' });
    const progress = events.flatMap((event) => (event.type === 'progress' ? [event.bytes] : []));
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(readFileSync(join(into, 'test-pack', 'teacher.onnx'), 'utf8')).toBe(CONTENT['teacher.onnx']);
    asked = [];
    expect(await pull(`${base}/pack.json`)).toHaveLength(1);
    expect(asked).toEqual(['/pack.json']);
  });

  it('in pieces when the connection breaks off again and again', async () => {
    misbehave = (request, response, content) => {
      const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
      response.writeHead(start > 0 ? 206 : 200, {
        'Content-Length': content.length - start,
        'Content-Range': `bytes ${start}-${content.length - 1}/${content.length}`,
      });
      response.write(content.subarray(start, start + 2), () => setTimeout(() => response.destroy(), PAUSE));
    };
    expect((await pull()).at(-1)?.type).toBe('done');
    expect(asked.filter((path) => path.startsWith('/teacher.onnx'))).toEqual([
      '/teacher.onnx',
      '/teacher.onnx bytes=2-',
      '/teacher.onnx bytes=4-',
      '/teacher.onnx bytes=6-',
    ]);
  });

  it('on, when nothing comes any more over a connection that stays open', async () => {
    misbehave = (request, response, content) => {
      if (request.headers.range) return serve(request, response, content);
      response.writeHead(200, { 'Content-Length': content.length });
      response.write(content.subarray(0, 3));
    };
    expect((await pull(base, undefined, 200)).at(-1)?.type).toBe('done');
    expect(asked).toContain('/teacher.onnx bytes=3-');
  });

  it('from the beginning where the server knows no ranges', async () => {
    let cut = true;
    misbehave = (_, response, content) => {
      response.writeHead(200, { 'Content-Length': content.length });
      if (!cut) return void response.end(content);
      cut = false;
      response.write(content.subarray(0, 3), () => setTimeout(() => response.destroy(), PAUSE));
    };
    expect((await pull()).at(-1)?.type).toBe('done');
    expect(readFileSync(join(into, 'test-pack', 'teacher.onnx'), 'utf8')).toBe(CONTENT['teacher.onnx']);
  });

  it('on, after it was stopped', async () => {
    const stop = new AbortController();
    misbehave = (_, response, content) => {
      response.writeHead(200, { 'Content-Length': content.length });
      response.write(content.subarray(0, 3));
    };
    await expect(async () => {
      for await (const event of pullPack({ url: base, into, signal: stop.signal }))
        if (event.type === 'progress' && event.path === 'teacher.onnx') stop.abort();
    }).rejects.toThrow();
    misbehave = undefined;
    asked = [];
    await pull();
    expect(asked).toContain('/teacher.onnx bytes=3-');
    expect(asked).not.toContain('/labels.json');
  });
});

describe('a pack is refused', () => {
  it.each<[string, Handler, RegExp]>([
    ['sends other bytes', (_, response) => response.end('TEACHER'), /another hash than is stated/],
    [
      'sends more than it should',
      (_, response) => response.end(`${CONTENT['teacher.onnx']} and more`),
      /more than the 7 bytes/,
    ],
    ['ends early every time', (_, response) => response.end(''), /could not be fetched.*the same command goes on/],
    ['is gone', (_, response) => response.writeHead(404).end(), /it answered 404/],
  ])('when the server %s', async (_, handler, message) => {
    misbehave = handler;
    await expect(pull()).rejects.toThrow(message);
    expect(readdirSync(into)).toEqual(['test-pack.partial']);
  });

  it('when the server accepts and says nothing, be it of the pack or of a file', async () => {
    misbehave = () => {};
    await expect(pull(base, undefined, 100)).rejects.toThrow(/nothing came for 0\.1 s.*the same command goes on/);
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.on('listening', resolve));
    const address = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    await expect(pull(address, undefined, 100)).rejects.toThrow(/nothing came for 0\.1 s/);
    silent.closeAllConnections();
    silent.close();
  });

  it('when the server answers another part than was asked for', async () => {
    misbehave = (request, response, content) => {
      if (request.headers.range) response.writeHead(206, { 'Content-Range': 'bytes 0-6/7' }).end(content);
      else {
        response.writeHead(200, { 'Content-Length': 7 });
        response.write('tea', () => setTimeout(() => response.destroy(), PAUSE));
      }
    };
    await expect(pull()).rejects.toThrow(/another part than was asked for/);
  });

  it.each([
    ['http://example.com/pack.json', /does not begin with https/],
    ['file:///etc/passwd', /does not begin with https/],
    ['starter', /no address and no name of the registry/],
    ['http://127.0.0.1:9/', /could not be fetched/],
  ])('from %s', async (url, message) => {
    await expect(pull(url)).rejects.toThrow(message);
    expect(readdirSync(into)).toEqual([]);
  });

  it('when another of its name is there', async () => {
    writePack(join(into, 'test-pack'), describePack({ description: 'Another.' }));
    await expect(pull()).rejects.toThrow(/Another pack "test-pack" is at/);
  });
});

it('over HTTP packs are fetched by names of the registry only, never by addresses', async () => {
  vi.stubEnv('TWOSTEP_PACKS', into);
  writeFileSync(join(into, 'registry.json'), JSON.stringify({ foxes: { url: base, description: 'Foxes.' } }));
  let refreshed = 0;
  const pulls = createPulls(
    (url, signal) => pullPack({ url, into, signal }),
    () => {
      refreshed += 1;
    },
  );
  const companion = await startCompanion({ pulls });
  for (const name of [base, 'none', '__proto__'])
    expect((await companion.post('/v1/pulls', { name })).status).toBe(404);
  expect((await companion.post('/v1/pulls', { name: 'foxes', url: base })).status).toBe(400);
  expect(asked).toEqual([]);
  expect((await companion.post('/v1/pulls', { name: 'foxes' })).status).toBe(202);
  const list = async () => (await companion.request('/v1/pulls')).json();
  await expect.poll(list, { timeout: 15_000 }).toMatchObject({ pulls: [{ name: 'foxes', state: 'done' }] });
  expect(refreshed).toBe(1);
  expect(readFileSync(join(into, 'test-pack', 'labels.json'), 'utf8')).toContain('fox');
  pulls.close();
  await companion.close();
});
