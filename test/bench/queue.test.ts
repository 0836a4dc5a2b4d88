/**
 * What a shared queue costs and how it grows: `TWOSTEP_BENCH=1 npm test -- --project bench test/bench/queue.test.ts`. All programs share this
 * machine's processors, so an engine that only waits stands for workers with machines of their own.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createJobs, type Jobs } from '../../server/companion/jobs/jobs.js';
import { openJobStore } from '../../server/companion/jobs/lmdb-store.js';
import { openShared } from '../../server/queue/open-shared.js';
import { connectRedis } from '../../server/queue/redis.js';
import { createFakeEngine } from '../support/fake-engine.js';
import { collect, order } from '../support/jobs-conformance.js';
import { runFaults } from '../support/queue-faults.js';
import { createFakeWorker, type QueueProcess } from '../support/queue-processes.js';
import { REDIS_SERVERS, startRedis } from '../support/redis.js';

const bench = it.skipIf(!process.env['TWOSTEP_BENCH'] || REDIS_SERVERS.length === 0);
const say = (text: string) => void process.stdout.write(`${text}\n`);
const quantile = (times: number[], share: number) => times.sort((a, b) => a - b)[Math.floor(times.length * share)] ?? 0;

/** Every seed of a bench once: what was drawn already is not drawn again. */
let seed = 0;
async function drawOne(jobs: Jobs): Promise<number> {
  seed += 1;
  const began = performance.now();
  const { id } = await jobs.submit(order({ seeds: [seed] }, { keep: true }));
  const last = (await collect(jobs, id)).at(-1);
  expect(last?.event.type).toBe('done');
  return performance.now() - began;
}

async function openQueue(workers: number, milliseconds: number, fsync: 'always' | 'everysec' = 'always') {
  const server = await startRedis(undefined, fsync);
  const running: QueueProcess[] = [];
  for (let at = 0; at < workers; at += 1) running.push(await createFakeWorker(server.url, milliseconds));
  await Promise.all(running.map((one) => one.start()));
  const shared = await openShared(server.url, () => {});
  const jobs = await shared.createJobs(shared.engine, { limits: { waiting: 10_000, waitingPerToken: 10_000 } });
  const { redis, close } = await connectRedis(server.url);
  return {
    jobs,
    /** Commands that the server was sent so far. */
    async commands(): Promise<number> {
      return Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);
    },
    async close() {
      close();
      await jobs.close();
      await shared.close();
      await Promise.all(running.map((one) => one.kill()));
      await server.close();
    },
  };
}

bench.each(['always', 'everysec'] as const)(
  'what the queue adds to a picture, in turns with the companion by itself; the server syncs %s',
  async (fsync) => {
    const store = openJobStore(join(mkdtempSync(join(tmpdir(), 'twostep-bench-')), 'jobs'));
    const alone = createJobs({ engine: createFakeEngine(undefined, { remember: false }), store });
    const queue = await openQueue(1, 0, fsync);
    const times: { alone: number[]; queue: number[] } = { alone: [], queue: [] };
    let before = 0;
    for (let turn = 0; turn < 420; turn += 1) {
      if (turn === 20) before = await queue.commands();
      const which = turn % 2 === 0 ? 'alone' : 'queue';
      const took = await drawOne(which === 'alone' ? alone : queue.jobs);
      if (turn >= 20) times[which].push(took);
    }
    const commands = ((await queue.commands()) - before) / 200;
    await queue.close();
    await alone.close();
    await store.close();
    const [here, there] = [quantile(times.alone, 0.5), quantile(times.queue, 0.5)];
    say(
      `sync ${fsync}, a picture of no time: by itself ${here.toFixed(1)} ms (p95 ${quantile(times.alone, 0.95).toFixed(1)}), through the queue ${there.toFixed(1)} ms (p95 ${quantile(times.queue, 0.95).toFixed(1)}): ${(there - here).toFixed(1)} ms more; ${commands.toFixed(0)} commands a picture`,
    );
    expect(there).toBeGreaterThan(0);
  },
);

bench('growth: workers of 500 ms a picture', async () => {
  let one = 0;
  for (const workers of [1, 2, 4, 8, 16]) {
    const queue = await openQueue(workers, 500);
    await Promise.all(Array.from({ length: workers }, () => drawOne(queue.jobs)));
    const count = workers * 20;
    const began = performance.now();
    await Promise.all(Array.from({ length: count }, () => drawOne(queue.jobs)));
    const rate = count / ((performance.now() - began) / 1000);
    await queue.close();
    one ||= rate;
    say(
      `| ${workers} | ${count} | ${rate.toFixed(2)} | ${(rate / one).toFixed(2)} | ${(rate / one / workers).toFixed(2)} | ${(rate / (workers * 2)).toFixed(2)} |`,
    );
    expect(rate).toBeGreaterThan(0);
  }
});

bench('memory of a gateway', async () => {
  const queue = await openQueue(2, 0);
  const used: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    for (let at = 0; at < 500; at += 20) await Promise.all(Array.from({ length: 20 }, () => drawOne(queue.jobs)));
    await new Promise((resolve) => setTimeout(resolve, 500));
    globalThis.gc?.();
    used.push(process.memoryUsage().heapUsed / 1e6);
  }
  await queue.close();
  say(`a gateway after each 500 jobs: ${used.map((one) => one.toFixed(0)).join(', ')} MB`);
  expect(used.length).toBe(6);
});

bench('1,000 jobs while all is killed at random', async () => {
  const report = await runFaults({ jobs: 1000, workers: 4, gateways: 3, milliseconds: 100, every: 2000, clients: 40 });
  say(JSON.stringify({ ...report, wrong: report.wrong.slice(0, 20), wrongs: report.wrong.length }));
  expect({ lost: report.lost, twice: report.twice, accepted: report.accepted }).toEqual({
    lost: 0,
    twice: 0,
    accepted: 1000,
  });
});
