/**
 * What the companion costs around the model, and how much it bears. Not part of `npm test`'s numbers: `TWOSTEP_BENCH=1 npm test --
 * --project bench`; `TWOSTEP_BENCH_SECONDS` is how long it holds out at the queue's limit (600 for a real soak).
 */

import { Agent, request as httpRequest } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { defaultSchedule } from '../../models/families/packs.js';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../models/protocol.js';

import { encodePicture } from '../../models/run/metadata.js';
import { createEngineHost } from '../../server/engine/host.js';
import { readPackFolder } from '../../server/packs/folder.js';
import { startCompanion, type TestCompanion } from '../support/companion.js';
import { collect as collectEvents } from '../support/engine-conformance.js';
import { bundleWorker } from '../support/engine-worker.js';
import { createFakeEngine, drawAll } from '../support/fake-engine.js';

const SECONDS = Number(process.env['TWOSTEP_BENCH_SECONDS'] ?? 20);
const CLIENTS = 200;
const bench = it.skipIf(!process.env['TWOSTEP_BENCH']);

const quantile = (times: number[], share: number) => times.sort((a, b) => a - b)[Math.floor(times.length * share)] ?? 0;
/**
 * Megabytes that are in use, after a collection: what a process holds altogether says more of how lazily it collects, and of the
 * store's file, which is mapped into memory and grows with every job that is kept.
 */
function usedMemory(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const say = (text: string) => void process.stdout.write(`${text}\n`);

/** One streamed job to its end; a client that is lighter than `fetch`, since both share the machine. */
function drawOnce(companion: TestCompanion, agent: Agent, seed: number): Promise<{ status: number; text: string }> {
  const body = JSON.stringify({ prompt: 'owl', stream: true, seed, size: '256x256' });
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        host: '127.0.0.1',
        port: companion.port,
        agent,
        method: 'POST',
        path: '/v1/images/generations',
        headers: {
          Authorization: `Bearer ${companion.token}`,
          'Content-Type': 'application/json',
          'Content-Length': body.length,
        },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

bench('the cost of a picture around the model', async () => {
  const request: GenerateRequest = {
    ...REQUEST_DEFAULTS,
    prompt: 'owl',
    pack: 'test-pack',
    seeds: [1],
    schedule: { kind: 'student', steps: 2 },
    sampling: null,
    size: { width: 256, height: 256 },
    draft: false,
  };
  const rgb = Uint8Array.from({ length: 256 * 256 * 3 }, (_, index) => (index * 7919) % 251);
  const began = performance.now();
  for (let repeat = 0; repeat < 20; repeat++) encodePicture({ width: 256, height: 256, rgb }, request);
  const png = (performance.now() - began) / 20;
  const bytes = encodePicture({ width: 256, height: 256, rgb }, request);
  const engine = createFakeEngine((one) =>
    [...drawAll(one)].map((step) => (step.type === 'picture' ? { ...step, bytes } : step)),
  );
  const companion = await startCompanion({ engine });
  const agent = new Agent({ keepAlive: true });
  const times: number[] = [];
  for (let seed = 0; seed < 300; seed++) {
    const start = performance.now();
    await drawOnce(companion, agent, seed);
    times.push(performance.now() - start);
  }
  agent.destroy();
  await companion.close();
  const median = quantile(times, 0.5);
  say(
    `a picture of 256 x 256 (${bytes.length} bytes): HTTP, queue, store, events ${median.toFixed(1)} ms (p95 ${quantile(times, 0.95).toFixed(1)}), PNG ${png.toFixed(1)} ms`,
  );
  expect(median).toBeGreaterThan(0);
});

bench('a picture of the starter pack, asked of the engine and asked over HTTP, in turns', async () => {
  const { pack, folder } = await readPackFolder(new URL('../../models/packs/starter', import.meta.url).pathname);
  const host = createEngineHost({
    script: await bundleWorker(),
    providers: ['cpu'],
    budget: 1e9,
    idle: 600_000,
    folderOf: async () => folder,
  });
  const companion = await startCompanion({ engine: host.engine, packs: [{ pack, folder }] });
  const agent = new Agent({ keepAlive: true });
  const { width, height } = pack.size;
  const request: GenerateRequest = {
    ...REQUEST_DEFAULTS,
    prompt: 'heart',
    pack: pack.id,
    seeds: [1],
    schedule: defaultSchedule(pack),
    sampling: null,
    size: { width, height },
    draft: false,
  };
  const times: { engine: number[]; http: number[] } = { engine: [], http: [] };
  for (let seed = 0; seed < 44; seed++) {
    const start = performance.now();
    if (seed % 2 === 0) await collectEvents(host.engine, { ...request, seeds: [seed] });
    else expect((await drawOnce(companion, agent, seed)).status).toBe(200);
    // The first of each load and warm up.
    if (seed > 3) times[seed % 2 === 0 ? 'engine' : 'http'].push(performance.now() - start);
  }
  agent.destroy();
  await companion.close();
  await host.close();
  const [engine, http] = [quantile(times.engine, 0.5), quantile(times.http, 0.5)];
  say(
    `a picture of the starter pack: the engine alone ${engine.toFixed(1)} ms, over HTTP with queue, store and events ${http.toFixed(1)} ms: ${(http - engine).toFixed(1)} ms more, ${(((http - engine) / engine) * 100).toFixed(1)} %`,
  );
  expect(http).toBeGreaterThan(0);
});

bench(`${CLIENTS} clients for ${SECONDS} s`, async () => {
  const engine = createFakeEngine(drawAll, { remember: false });
  const companion = await startCompanion({ engine, jobs: { limits: { waiting: CLIENTS, waitingPerToken: CLIENTS } } });
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const times: number[] = [];
  const memory: number[] = [];
  let wrong = 0;
  let seed = 0;
  const until = performance.now() + SECONDS * 1000;
  // Ten times, since everything stands still meanwhile.
  const watch = setInterval(() => memory.push(usedMemory()), SECONDS * 100);
  const client = async () => {
    while (performance.now() < until) {
      const own = seed++;
      const start = performance.now();
      const { status, text } = await drawOnce(companion, agent, own);
      times.push(performance.now() - start);
      const expected = Buffer.from(`picture ${own}`).toString('base64');
      if (status !== 200 || !text.includes(`"b64_json":"${expected}"`)) wrong += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  clearInterval(watch);
  agent.destroy();
  await companion.close();
  say(
    `${CLIENTS} streaming clients: ${(times.length / SECONDS).toFixed(0)} requests/s, median ${quantile(times, 0.5).toFixed(0)} ms, p99 ${quantile(times, 0.99).toFixed(0)} ms, ${wrong} wrong; memory in use by server and clients ${memory.map((one) => one.toFixed(0)).join(', ')} MB`,
  );
  expect(wrong).toBe(0);
});
