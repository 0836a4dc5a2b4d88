import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobList } from '../../../models/api.js';
import { createCompanionEngine } from '../../../models/client/companion.js';
import { type Engine, type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { createEngine } from '../../../models/run/generate.js';
import { readPackFolder } from '../../../server/packs/folder.js';
import { createPngEngine, startCompanion, type TestCompanion } from '../../support/companion.js';
import { collect, describeEngine, picturesOf } from '../../support/engine-conformance.js';
import { createFakeEngine, drawAll } from '../../support/fake-engine.js';
import { makeClassPack, open } from '../../support/random-packs.js';

const request: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'three',
  pack: 'tiny-classes',
  seeds: [1],
  schedule: { kind: 'student', steps: 2 },
  sampling: null,
  size: { width: 32, height: 32 },
  draft: false,
};

let companion: TestCompanion;
let pipeline: Engine;
const started: TestCompanion[] = [];
async function start(options: Parameters<typeof startCompanion>[0]): Promise<TestCompanion> {
  const one = await startCompanion(options);
  started.push(one);
  return one;
}
beforeAll(async () => {
  const folder = await makeClassPack();
  pipeline = createEngine(await open(folder));
  companion = await start({ engine: pipeline, packs: [await readPackFolder(folder)] });
});
afterAll(() => Promise.all(started.map((one) => one.close())));

describeEngine({
  name: 'the companion over HTTP',
  create: async () => createCompanionEngine(companion),
  request,
});

describe('the companion over HTTP', () => {
  it('gives the very bytes that the pipeline gives, drafts as well', async () => {
    const wanted = { ...request, draft: true, seeds: [4, 5] };
    const strip = (event: { type: string }) => !['progress', 'done'].includes(event.type);
    const [there, here] = [await collect(createCompanionEngine(companion), wanted), await collect(pipeline, wanted)];
    expect(there.filter(strip)).toEqual(here.filter(strip));
  });

  it.each([
    ['finished', 0],
    ['stopped', 1],
  ])('forgets what it was told to forget: %s', async (_, stopAfter) => {
    const one = await start({ engine: createPngEngine(30) });
    const stop = new AbortController();
    const engine = createCompanionEngine({ ...one, forget: true });
    for await (const event of engine({ ...request, pack: 'test-pack', seeds: [1, 2] }, stop.signal))
      if (stopAfter > 0 && event.type === 'picture') stop.abort();
    const list = async () => JobList.parse(await (await one.request('/v1/jobs')).json()).jobs;
    await expect.poll(list).toEqual([]);
  });

  it('tells errors by the core’s codes', async () => {
    const engine = createCompanionEngine(companion);
    expect(await collect(engine, { ...request, pack: 'none' })).toMatchObject([{ code: 'unknown-pack' }]);
    expect(await collect(engine, { ...request, schedule: { kind: 'mixed', resampled: 60 } })).toMatchObject([
      { code: 'unsupported-schedule' },
    ]);
    expect(await collect(engine, { ...request, seeds: [] })).toMatchObject([{ code: 'invalid-request' }]);
    const stranger = createCompanionEngine({ ...companion, token: 'none' });
    expect(await collect(stranger, request)).toMatchObject([
      { code: 'engine-unavailable', message: expect.stringMatching(/token/) },
    ]);
    const nobody = createCompanionEngine({ url: 'http://127.0.0.1:9', token: '' });
    expect(await collect(nobody, request)).toMatchObject([
      { code: 'engine-unavailable', message: expect.stringMatching(/running/) },
    ]);
  });

  it('says how many are ahead', async () => {
    const busy = await start({
      engine: createFakeEngine((one) => [{ type: 'wait', milliseconds: 400 }, ...drawAll(one)]),
    });
    const ahead: number[] = [];
    const engine = createCompanionEngine({ ...busy, onQueued: (event) => ahead.push(event.ahead) });
    const own = { ...request, pack: 'test-pack', prompt: 'owl' };
    await Promise.all([collect(engine, own), collect(engine, { ...own, seeds: [2] })]);
    expect(ahead).toContain(1);
  });

  it('C8: reads a stream whose lines a proxy ends with CRLF, wherever it is cut', async () => {
    const own = await start({ engine: createPngEngine() });
    const rewriting: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init);
      if (!answer.headers.get('content-type')?.startsWith('text/event-stream')) return answer;
      const bytes = Buffer.from((await answer.text()).replaceAll('\n', '\r\n'));
      const cut = new ReadableStream({
        start(controller) {
          for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.subarray(at, at + 7));
          controller.close();
        },
      });
      return new Response(cut, { headers: answer.headers });
    };
    const asked: string[] = [];
    const counting: typeof fetch = (input, init) => {
      asked.push(String(input));
      return rewriting(input, init);
    };
    const engine = createCompanionEngine({ ...own, fetch: counting });
    const events = await collect(engine, { ...request, pack: 'test-pack', prompt: 'owl', seeds: [1, 2] });
    expect(picturesOf(events).map(({ seed }) => seed)).toEqual([1, 2]);
    expect(asked.filter((url) => !url.endsWith('/cancel'))).toHaveLength(1);
  });

  it('goes on where a connection broke: nothing lost, nothing twice', async () => {
    const slow = await start({ engine: createPngEngine(15) });
    // A proxy that cuts every connection after 2,500 bytes, which is amid the second picture.
    const proxy = createServer((incoming, outgoing) => {
      const { method = 'GET', url, headers } = incoming;
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', async () => {
        const { host: _, connection: __, ...rest } = headers as Record<string, string>;
        const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
        const answer = await fetch(`${slow.url}${url}`, { method, headers: rest, ...body });
        outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
        let left = 2500;
        for await (const part of answer.body ?? []) {
          // Broken off once the bytes have left: they may come all at once, and would be lost.
          if (part.length >= left) return void outgoing.write(part.slice(0, left), () => outgoing.destroy());
          outgoing.write(part);
          left -= part.length;
        }
        outgoing.end();
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const engine = createCompanionEngine({ url: `http://127.0.0.1:${port}`, token: slow.token });
    const seeds = [1, 2, 3, 4, 5, 6];
    const events = await collect(engine, { ...request, pack: 'test-pack', prompt: 'owl', seeds });
    expect(picturesOf(events).map(({ seed }) => seed)).toEqual(seeds);
    expect(events.at(-1)?.type).toBe('done');
    proxy.closeAllConnections();
    proxy.close();
  });
});
