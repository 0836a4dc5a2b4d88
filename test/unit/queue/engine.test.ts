/** Workers behind a queue, as an Engine: the suite of all engines, and what only a queue can do. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { createDispatch } from '../../../server/queue/dispatch.js';
import { connectRedis } from '../../../server/queue/redis.js';
import { createRunEngine } from '../../../server/queue/run-engine.js';
import { startWorker, type WorkerOptions } from '../../../server/queue/worker.js';
import { watchCrew } from '../../../server/queue/workers.js';
import { collect, describeEngine, picturesOf } from '../../support/engine-conformance.js';
import { createFakeEngine, drawAll, pictureOf } from '../../support/fake-engine.js';
import { describePack } from '../../support/packs.js';
import { REDIS_SERVERS, type RedisServer, startRedis } from '../../support/redis.js';

const request: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'a fox',
  pack: 'test-pack',
  seeds: [1],
  schedule: { kind: 'student', steps: 2 },
  size: { width: 256, height: 256 },
};

describe.skipIf(REDIS_SERVERS.length === 0)('runs', () => {
  let server: RedisServer;
  const closers: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
    await server?.close();
  });

  async function openGateway(patience = 200) {
    const shared = await connectRedis(server.url);
    const dispatch = createDispatch(shared);
    const crew = await watchCrew(shared);
    closers.push(async () => {
      crew.close();
      await dispatch.close();
      shared.close();
    });
    return { ...createRunEngine({ shared, dispatch, crew, patience }), crew, shared };
  }
  async function openWorker(options: Partial<WorkerOptions> = {}) {
    const shared = await connectRedis(server.url);
    const packs = [describePack()];
    const faults: string[] = [];
    const worker = await startWorker({
      shared,
      engine: createFakeEngine(),
      packs,
      provider: 'cpu',
      onFault: (message) => faults.push(message),
      ...options,
    });
    const close = async () => {
      await worker.close();
      shared.close();
    };
    closers.push(close);
    return { worker, faults, close };
  }

  it('without a worker that has the pack it is said which packs there are', async () => {
    const { engine } = await openGateway();
    const alone = await collect(engine, request);
    expect(alone).toMatchObject([
      {
        code: 'engine-unavailable',
        message: expect.stringMatching(/No worker has the pack "test-pack". No worker is/),
      },
    ]);
    const { close } = await openWorker({ packs: [describePack({ id: 'other' })] });
    const { engine: later } = await openGateway();
    expect(await collect(later, request)).toMatchObject([
      { code: 'engine-unavailable', message: expect.stringMatching(/Those that are there have other\./) },
    ]);
    await close();
  });

  describe('drawn by workers', () => {
    beforeAll(async () => {
      await openWorker({ engine: createFakeEngine(drawAll) });
    });
    describeEngine({
      name: 'the queue',
      create: async () => (await openGateway(5000)).engine,
      request,
    });
  });

  it('equal requests of two gateways are drawn once', async () => {
    const pack = describePack({ id: 'once' });
    const fake = createFakeEngine((one) => [
      { type: 'wait', milliseconds: 200 },
      { type: 'picture', ...pictureOf(one, 0) },
      { type: 'done', milliseconds: {} },
    ]);
    await openWorker({ packs: [pack], engine: fake });
    const [first, second] = [await openGateway(5000), await openGateway(5000)];
    const both = await Promise.all(
      [first, second].map(({ engine }) => collect(engine, { ...request, pack: 'once', seeds: [77] })),
    );
    for (const events of both) expect(picturesOf(events).length).toBe(1);
    expect(fake.requests.length).toBe(1);
  });

  it('packs go to the workers that have them, and a worker draws one at a time', async () => {
    let [now, most] = [0, 0];
    const counted = createFakeEngine((one) => [{ type: 'wait', milliseconds: 30 }, ...drawAll(one)]);
    const engine: typeof counted = Object.assign(async function* (...args: Parameters<typeof counted>) {
      now += 1;
      most = Math.max(most, now);
      try {
        yield* counted(...args);
      } finally {
        now -= 1;
      }
    }, counted) as typeof counted;
    await openWorker({ packs: [describePack({ id: 'left' }), describePack({ id: 'right' })], engine });
    const { engine: remote } = await openGateway(5000);
    const seeds = [1, 2, 3, 4];
    const ends = await Promise.all(
      ['left', 'right'].flatMap((pack) => seeds.map((seed) => collect(remote, { ...request, pack, seeds: [seed] }))),
    );
    expect(ends.map((events) => events.at(-1)?.type)).toEqual(Array(8).fill('done'));
    expect(most).toBe(1);
  });

  it('a run whose worker stands still goes to another, in a time that suits its pictures', async () => {
    const pack = describePack({ id: 'stalls' });
    const lock = { least: 400, most: 5000, pictures: 3 };
    const hung = createFakeEngine((one) => [{ type: 'picture', ...pictureOf(one, 0) }, { type: 'hang' }]);
    const first = await connectRedis(server.url);
    const still = await startWorker({ shared: first, engine: hung, packs: [pack], provider: 'cpu', lock });
    const { engine } = await openGateway(5000);
    const drawn = collect(engine, { ...request, pack: 'stalls', seeds: [1, 2] });
    await expect.poll(() => hung.requests.length).toBe(1);
    // Its connection goes, and with it what renews the lock; it is not told.
    first.close();
    await openWorker({ packs: [pack], lock });
    const began = Date.now();
    const events = await drawn;
    expect(picturesOf(events).map(({ index }) => index)).toEqual([0, 1]);
    expect(events.filter(({ type }) => type === 'done').length).toBe(1);
    expect(Date.now() - began).toBeLessThan(10_000);
    void still;
  });

  it('a run that ends its workers again and again fails in words', async () => {
    const pack = describePack({ id: 'poison' });
    const { engine, shared } = await openGateway(5000);
    const killer = async () => {
      const own = await connectRedis(server.url);
      const dies = createFakeEngine([{ type: 'hang' }]);
      const lock = { least: 200, most: 200, pictures: 1 };
      void (await startWorker({ shared: own, engine: dies, packs: [pack], provider: 'cpu', lock }));
      await expect.poll(() => dies.requests.length, { timeout: 8000 }).toBe(1);
      own.close();
    };
    const drawn = collect(engine, { ...request, pack: 'poison' });
    for (let time = 0; time < 5; time += 1) await killer();
    await openWorker({ packs: [pack], lock: { least: 200, most: 200, pictures: 1 } });
    expect((await drawn).at(-1)).toMatchObject({
      code: 'engine-failed',
      message: expect.stringMatching(/begun 5 times/),
    });
    expect(await shared.redis.ping()).toBe('PONG');
  });
});
