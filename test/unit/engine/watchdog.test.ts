/** D3 and D8: an engine whose process dies, or is stopped, while jobs wait. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { isAlive } from '../../../models/import/alive.js';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { createJobs } from '../../../server/companion/jobs/jobs.js';
import { openJobStore } from '../../../server/companion/jobs/lmdb-store.js';
import { createEngineHost, type EngineHost } from '../../../server/engine/host.js';
import { collect } from '../../support/engine-conformance.js';

/** Draws a "picture" a request, in as many milliseconds as the first seed says; prompt "die" takes the process down. */
const ENGINE = `
import { writeFileSync, writeSync } from 'node:fs';
const beat = () => { try { writeSync(4, '.'); } catch { process.exit(); } };
setInterval(beat, 100);
writeFileSync(new URL('pid', import.meta.url), String(process.pid));
process.on('disconnect', () => process.exit());
process.on('message', async ({ type, id, request }) => {
  if (type === 'start') process.send({ type: 'ready', provider: 'cpu', ladder: [] });
  if (type !== 'generate') return;
  if (request.prompt === 'die') process.kill(process.pid, 'SIGKILL');
  const say = (event) => process.send({ type: 'event', id, event });
  say({ type: 'picture', index: 0, seed: request.seeds[0], bytes: new Uint8Array([1]), width: 1, height: 1 });
  await new Promise((resolve) => setTimeout(resolve, request.seeds[0]));
  say({ type: 'done', milliseconds: {} });
  process.send({ type: 'end', id, fault: null });
});`;

const hosts: EngineHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.close();
});

async function setUp(source = ENGINE) {
  const folder = await mkdtemp(join(tmpdir(), 'twostep-watchdog-'));
  const script = join(folder, 'engine.mjs');
  await writeFile(script, source);
  const warnings: string[] = [];
  const host = createEngineHost({
    script: pathToFileURL(script),
    providers: ['cpu'],
    budget: 1e9,
    idle: 1000,
    folderOf: async () => '',
    onWarning: (message) => warnings.push(message),
    silence: { running: 2, starting: 20 },
  });
  hosts.push(host);
  const pid = async () => Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => '0'));
  return { host, warnings, pid };
}
const request = (changes: Partial<GenerateRequest>): GenerateRequest => ({
  ...REQUEST_DEFAULTS,
  prompt: 'a fox',
  pack: 'test-pack',
  seeds: [1],
  schedule: { kind: 'student', steps: 2 },
  size: { width: 256, height: 256 },
  ...changes,
});

it('D3: kills of the engine fail nobody who waits, and nobody who was drawn either', async () => {
  const { host, pid } = await setUp();
  await host.started();
  const store = openJobStore(await mkdtemp(join(tmpdir(), 'twostep-watchdog-jobs-')));
  const jobs = createJobs({ engine: host.engine, store });
  const ids: string[] = [];
  for (let number = 0; number < 83; number++) {
    const job = { owner: 'me', client: 'me', keep: true, request: request({ prompt: String(number), seeds: [40] }) };
    ids.push((await jobs.submit(job)).id);
  }
  for (let kills = 0, last = 0; kills < 3; kills++) {
    await expect
      .poll(async () => (host.state().state === 'ready' ? await pid() : last), { timeout: 20_000 })
      .not.toBe(last);
    last = await pid();
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill(last, 'SIGKILL');
  }
  await expect.poll(async () => (await store.waiting()).length, { timeout: 60_000, interval: 200 }).toBe(0);
  expect(await Promise.all(ids.map(async (id) => (await store.get(id))?.state))).toEqual(ids.map(() => 'done'));
  // Told to those who were under way, once, and each has its picture once.
  const logs = await Promise.all(ids.map(async (id) => (await store.outline(id)).map(({ type }) => type)));
  expect(logs.filter((log) => log.includes('warning')).length).toBeGreaterThan(0);
  for (const log of logs) expect(log.filter((type) => type === 'picture')).toEqual(['picture']);
  await jobs.close();
  await store.close();
}, 120_000);

it('D3: a request that takes the process down twice fails alone', async () => {
  const { host } = await setUp();
  const events = await collect(host.engine, request({ prompt: 'die' }));
  expect(events.map(({ type }) => type)).toEqual(['warning', 'error']);
  expect(events.at(-1)).toMatchObject({
    code: 'engine-failed',
    message: expect.stringMatching(/stopped 2 times while it drew this/),
  });
  expect((await collect(host.engine, request({ seeds: [1] }))).map(({ type }) => type)).toEqual(['picture', 'done']);
}, 60_000);

it('D3: an engine that never starts is told to those who wait', async () => {
  const { host } = await setUp('process.exit(3);');
  const events = await collect(host.engine, request({}));
  expect(events).toEqual([
    {
      type: 'error',
      code: 'engine-unavailable',
      message: expect.stringMatching(/can't be started: Its process ended with code 3/),
    },
  ]);
}, 60_000);

it('D8: a stopped engine is noticed, said and replaced, and the job goes on', async (context) => {
  if (process.platform === 'win32') context.skip('nothing can be stopped there');
  const { host, warnings, pid } = await setUp();
  await host.started();
  const first = await pid();
  const work = collect(host.engine, request({ seeds: [700] }));
  await new Promise((resolve) => setTimeout(resolve, 300));
  process.kill(first, 'SIGSTOP');
  const states = new Set<string>();
  const watching = setInterval(() => states.add(JSON.stringify(host.state())), 20);
  const events = await work;
  clearInterval(watching);
  expect(events.map(({ type }) => type)).toEqual(['picture', 'warning', 'picture', 'done']);
  expect(events[1]).toMatchObject({ code: 'engine-replaced', message: expect.stringMatching(/2 s that it is alive/) });
  expect([...states].join('\n')).toMatch(/"reason":"It did not show for 2 s that it is alive/);
  expect(warnings.join('\n')).toMatch(/the engine stopped: it did not show for 2 s/);
  expect([isAlive(first), isAlive(await pid())]).toEqual([false, true]);
}, 60_000);
