/** Jobs, tokens and pairing of several gateways: the suites of what lies on one disk, and what only several can do. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../models/protocol.js';
import { createPairing } from '../../../server/companion/auth/pairing.js';
import type { JobsOptions } from '../../../server/companion/jobs/jobs.js';
import { openSharedJobStore } from '../../../server/queue/job-store.js';
import { openShared } from '../../../server/queue/open-shared.js';
import { connectRedis } from '../../../server/queue/redis.js';
import { openSharedCode, openSharedTokens } from '../../../server/queue/tokens.js';
import { startWorker } from '../../../server/queue/worker.js';
import { createFakeEngine, drawAll, pictureOf } from '../../support/fake-engine.js';
import { collect, describeJobs, never, numbered, order } from '../../support/jobs-conformance.js';
import { describePack } from '../../support/packs.js';
import { REDIS_SERVERS, type RedisServer, startRedis } from '../../support/redis.js';
import { describeJobStore } from '../../support/store-conformance.js';
import { describeTokens } from '../../support/tokens-conformance.js';

// Without a server these say that they were skipped.
describe.skipIf(REDIS_SERVERS.length === 0).each(REDIS_SERVERS.length > 0 ? REDIS_SERVERS : ['no server'])(
  'on %s',
  (program) => {
    let server: RedisServer;
    const closers: (() => Promise<void>)[] = [];
    beforeAll(async () => {
      server = await startRedis(program);
    });
    afterAll(() => server.close());
    beforeEach(async () => {
      const { redis, close } = await connectRedis(server.url);
      await redis.flushall();
      close();
    });
    afterEach(async () => {
      for (const close of closers.splice(0).reverse()) await close();
    });

    async function connect() {
      const shared = await connectRedis(server.url);
      closers.push(async () => shared.close());
      return shared;
    }
    async function openWorker(engine: Engine, onFault: (message: string) => void = () => {}) {
      const shared = await connect();
      const worker = await startWorker({ shared, engine, packs: [describePack()], provider: 'cpu', onFault });
      closers.push(worker.close);
    }
    async function openGateway(options: Pick<Partial<JobsOptions>, 'limits'> = {}) {
      const shared = await openShared(server.url, () => {}, 5000);
      const jobs = await shared.createJobs(shared.engine, options);
      closers.push(shared.close, jobs.close);
      return { jobs, store: shared.store, tokens: shared.tokens };
    }

    describeJobStore(program, async () => openSharedJobStore((await connect()).redis, 'gateway'));

    describeTokens(program, async () => {
      const both = [await openSharedTokens(await connect()), await openSharedTokens(await connect())] as const;
      for (const tokens of both) closers.push(tokens.close);
      return both;
    });

    describeJobs('gateways with workers', async ({ engine = createFakeEngine(), onFault, ...options } = {}) => {
      await openWorker(engine, onFault);
      return openGateway(options);
    });

    it('a worker that is stopped in order gives back what it draws, at once', async () => {
      const fake = createFakeEngine((one) => [{ type: 'picture', ...pictureOf(one, 0) }, { type: 'hang' }]);
      const shared = await connect();
      const lock = { least: 20_000, most: 20_000, pictures: 1 };
      const first = await startWorker({ shared, engine: fake, packs: [describePack()], provider: 'cpu', lock });
      const { jobs } = await openGateway();
      const { id } = await jobs.submit(order({ seeds: [1, 2] }));
      const heard = collect(jobs, id);
      await expect.poll(() => fake.requests.length).toBe(1);
      const began = Date.now();
      await first.close();
      await openWorker(createFakeEngine());
      expect(numbered(await heard)).toEqual(['0 picture', '1 picture', '2 done']);
      // Long before its lock would have ended.
      expect(Date.now() - began).toBeLessThan(10_000);
    });

    describe('two gateways', () => {
      it('know each other’s jobs: pictures, events from any number on, history', async () => {
        await openWorker(
          createFakeEngine((one) =>
            drawAll(one).flatMap((step) => [{ type: 'wait', milliseconds: 100 } as const, step]),
          ),
        );
        const [here, there] = [await openGateway(), await openGateway()];
        const { id } = await here.jobs.submit(order({ seeds: [1, 2] }));
        const followed = await collect(there.jobs, id);
        expect(numbered(followed)).toEqual(['0 picture', '1 picture', '2 done']);
        expect(followed.some(({ event }) => event.type === 'progress')).toBe(true);
        expect(numbered(await collect(there.jobs, id, 0))).toEqual(['1 picture', '2 done']);
        expect(await collect(there.jobs, id, -1, 'you')).toEqual([]);
        await expect.poll(async () => (await there.jobs.find('me', id))?.job.state).toBe('done');
        expect(new TextDecoder().decode(await there.jobs.picture('me', id, 1))).toBe('picture 2');
        expect((await there.store.list('me', { limit: 9 })).map((job) => job.id)).toEqual([id]);
      });

      it('cancel each other’s jobs, and replace those of a session', async () => {
        await openWorker(createFakeEngine((one) => (one.prompt === 'hang' ? [{ type: 'hang' }] : drawAll(one))));
        const [here, there] = [await openGateway(), await openGateway()];
        const { id } = await here.jobs.submit(order({ prompt: 'hang' }));
        expect(await there.jobs.cancel('you', id)).toBe(false);
        expect(await there.jobs.cancel('me', id)).toBe(true);
        expect(await there.jobs.cancel('me', id)).toBe(false);
        expect((await here.jobs.find('me', id))?.job.state).toBe('cancelled');
        const older = await here.jobs.submit(order({ prompt: 'hang', seeds: [2] }, { session: 's' }));
        const newer = await there.jobs.submit(order({ prompt: 'new' }, { session: 's' }));
        expect((await collect(here.jobs, older.id)).at(-1)?.event).toMatchObject({
          message: expect.stringMatching(/newer/),
        });
        expect(numbered(await collect(there.jobs, newer.id)).at(-1)).toBe('1 done');
      });

      it('a client that goes over to the other one is no client that has gone', async () => {
        await openWorker(createFakeEngine((one) => [{ type: 'wait', milliseconds: 1500 }, ...drawAll(one)]));
        const [here, there] = [await openGateway({ limits: { grace: 200 } }), await openGateway()];
        const { id } = await here.jobs.submit(order());
        const stop = new AbortController();
        const left = (async () => {
          for await (const _ of here.jobs.watch('me', id, -1, stop.signal));
        })();
        await new Promise((resolve) => setTimeout(resolve, 100));
        const followed = collect(there.jobs, id);
        await new Promise((resolve) => setTimeout(resolve, 100));
        stop.abort();
        await left;
        expect(numbered(await followed)).toEqual(['0 picture', '1 done']);
      });

      it('one that ends leaves its jobs to the other, with their events', async () => {
        const engine = createFakeEngine((one) => [
          { type: 'picture', ...pictureOf(one, 0) },
          { type: 'wait', milliseconds: 1000 },
          { type: 'picture', ...pictureOf(one, 1) },
          { type: 'done', milliseconds: {} },
        ]);
        await openWorker(engine);
        const [here, there] = [await openGateway(), await openGateway()];
        const { id } = await here.jobs.submit(order({ seeds: [1, 2] }));
        for await (const { event } of here.jobs.watch('me', id, -1, never)) if (event.type === 'picture') break;
        await here.jobs.close();
        expect(numbered(await collect(there.jobs, id))).toEqual(['0 picture', '1 picture', '2 done']);
        // The run went on meanwhile, and was not begun again.
        expect(engine.requests.length).toBe(1);
      });

      it('let an owner who asks for little go before the many of another', async () => {
        const drawn: string[] = [];
        const engine = createFakeEngine((one) => [{ type: 'wait', milliseconds: 20 }, ...drawAll(one)]);
        await openWorker(async function* (one, signal) {
          drawn.push(one.prompt);
          yield* engine(one, signal);
        });
        const { jobs } = await openGateway();
        for (let seed = 0; seed < 60; seed += 1)
          await jobs.submit(order({ prompt: 'many', seeds: [seed] }, { keep: true }));
        const little = { ...order({ prompt: 'little' }), owner: 'you', client: 'you' };
        const { id } = await jobs.submit(little);
        const before = drawn.length;
        await collect(jobs, id, -1, 'you');
        // What was handed on already goes first: one that is drawn, and at most eight that wait for the worker.
        expect(drawn.indexOf('little') - before).toBeLessThanOrEqual(11);
      });

      it('show the same pairing code, which is good once', async () => {
        const [here, there] = [
          createPairing(await openSharedCode(await connect())),
          createPairing(await openSharedCode(await connect())),
        ];
        const code = here.code();
        expect(there.code()).toBe(code);
        expect(await there.redeem('AAAA-AAAA')).toEqual({ outcome: 'wrong' });
        expect(await there.redeem(code)).toEqual({ outcome: 'paired' });
        expect(await here.redeem(code)).toEqual({ outcome: 'wrong' });
        await expect.poll(() => here.code()).toBe(there.code());
        expect(here.code()).not.toBe(code);
      });
    });
  },
);

it('a server that is not there is told in a sentence, without the password', async () => {
  await expect(connectRedis('redis://me:secret@127.0.0.1:1')).rejects.toThrow(
    /The queue at 127.0.0.1:1 can't be used: nothing answers there within 5 s/,
  );
});
