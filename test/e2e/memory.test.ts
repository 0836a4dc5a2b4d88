/** What the companion keeps of a request that is over: nothing. A signal, a stream or a job that stays is a kilobyte each time. */
import { Agent, request as httpRequest } from 'node:http';
import { queryObjects } from 'node:v8';
import { expect, it } from 'vitest';
import { startCompanion, type TestCompanion } from '../support/companion.js';
import { createFakeEngine, drawAll } from '../support/fake-engine.js';

/** Everything that is still reachable, after a collection; bytes would count compiled code as well. */
const objects = (): number => queryObjects(Object, { format: 'count' });

it('keeps nothing in memory of clients that got their pictures or hung up', async () => {
  const engine = createFakeEngine((request) => [...drawAll(request), { type: 'wait', milliseconds: 1 }], {
    remember: false,
  });
  const companion = await startCompanion({ engine, jobs: { limits: { grace: 50 } } });
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  let seed = 0;
  const many = async (count: number) => {
    const until = seed + count;
    const client = async () => {
      while (seed < until) await drawOnce(companion, agent, seed++);
    };
    await Promise.all(Array.from({ length: 20 }, client));
    // Who hung up is waited for, in case it comes back.
    await expect.poll(() => companion.jobs.counts(), { timeout: 60_000 }).toMatchObject({ waiting: 0, running: 0 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    // What hangs on weak references and finalizers goes one collection later.
    let left = objects();
    for (let round = 0; round < 4; round++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      left = objects();
    }
    return left;
  };
  const before = await many(500);
  const after = await many(2000);
  agent.destroy();
  await companion.close();
  expect(after - before, 'objects that 2,000 requests left').toBeLessThan(400);
});

/** A streamed job; every fourth client hangs up at the first word. */
function drawOnce(companion: TestCompanion, agent: Agent, seed: number): Promise<void> {
  const body = JSON.stringify({ prompt: 'owl', stream: true, seed, size: '256x256' });
  const headers = {
    Authorization: `Bearer ${companion.token}`,
    'Content-Type': 'application/json',
    'Content-Length': body.length,
  };
  const address = { host: '127.0.0.1', port: companion.port, path: '/v1/images/generations' };
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ ...address, agent, method: 'POST', headers }, (answer) => {
      answer.on('close', resolve);
      if (seed % 4 === 0) answer.once('data', () => answer.destroy());
      else answer.resume();
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
