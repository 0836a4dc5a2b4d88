import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createJobs, type Jobs, type JobsOptions } from '../../../server/companion/jobs/jobs.js';
import { BusyError } from '../../../server/companion/jobs/limits.js';
import { openJobStore } from '../../../server/companion/jobs/lmdb-store.js';
import { createJobId, type JobStore } from '../../../server/companion/jobs/store.js';
import { createFakeEngine, drawAll, pictureOf } from '../../support/fake-engine.js';
import { OLD_REQUEST, TODAY } from '../../support/golden-requests.js';
import { collect, describeJobs, never, numbered, order, request } from '../../support/jobs-conformance.js';

const opened: { jobs: Jobs; store: JobStore }[] = [];
afterEach(async () => {
  for (const { jobs, store } of opened.splice(0)) {
    await jobs.close();
    await store.close();
  }
});

function setUp(options: Partial<JobsOptions> & { folder?: string } = {}) {
  const { folder = mkdtempSync(join(tmpdir(), 'twostep-jobs-')), ...rest } = options;
  const store = openJobStore(folder);
  const engine = createFakeEngine();
  const jobs = createJobs({ engine, store, ...rest });
  opened.push({ jobs, store });
  return { jobs, store, folder, engine };
}

describeJobs('the queue in this process', async ({ onFault = () => {}, ...options } = {}) =>
  setUp({ ...options, onNews: (news) => news.type === 'fault' && onFault(news.message) }),
);

describe('the queue', () => {
  it('says how many are ahead, and refuses beyond its limit with an honest time', async () => {
    const engine = createFakeEngine(() => [{ type: 'hang' }]);
    const { jobs } = setUp({ engine, limits: { waiting: 2, waitingPerToken: 2 } });
    const ids = [];
    for (const prompt of ['1', '2', '3']) ids.push((await jobs.submit(order({ prompt }))).id);
    await expect(jobs.submit(order({ prompt: '4' }))).rejects.toThrow(BusyError);
    await expect(jobs.submit(order({ prompt: '4' }))).rejects.toMatchObject({ retryAfter: expect.any(Number) });
    for await (const { event } of jobs.watch('me', ids[2] as string, -1, never)) {
      expect(event).toMatchObject({ type: 'queued', ahead: 2 });
      break;
    }
    // An equal request needs no place of its own.
    expect((await jobs.submit(order({ prompt: '3' }))).state).toBe('waiting');
  });

  it('draws here while another image server keeps its own requests waiting', async () => {
    const engine = createFakeEngine((one) => (one.pack === 'test-pack' ? drawAll(one) : [{ type: 'hang' }]));
    const { jobs } = setUp({ engine });
    for (const prompt of ['1', '2', '3']) await jobs.submit(order({ prompt, pack: 'slow/model' }));
    const other = await jobs.submit(order({ pack: 'other/model' }));
    const here = await jobs.submit(order());
    expect(numbered(await collect(jobs, here.id))).toEqual(['0 picture', '1 done']);
    // Two of the slow server, and the one of the other.
    expect(jobs.counts()).toMatchObject({ running: 3, waiting: 1 });
    expect((await jobs.find('me', other.id))?.running).toBe(true);
  });
});

describe('the store', () => {
  it('brings back what was accepted and not finished; the same id gives the same picture', async () => {
    const hanging = createFakeEngine((one) => [{ type: 'picture', ...pictureOf(one, 0) }, { type: 'hang' }]);
    const first = setUp({ engine: hanging });
    const running = await first.jobs.submit(order({ seeds: [1, 2] }));
    const waiting = await first.jobs.submit(order({ prompt: 'later' }));
    await expect.poll(async () => (await first.store.log(running.id)).length).toBe(1);
    opened.splice(0);
    await first.jobs.close();
    await first.store.close();

    const second = setUp({ folder: first.folder });
    expect(await second.jobs.restore()).toBe(2);
    // The client had seen event 0 before the crash.
    expect(numbered(await collect(second.jobs, running.id, 0))).toEqual(['1 picture', '2 done']);
    expect(numbered(await collect(second.jobs, waiting.id))).toEqual(['0 picture', '1 done']);
    for (const index of [0, 1])
      expect(new TextDecoder().decode(await second.jobs.picture('me', running.id, index))).toBe(`picture ${index + 1}`);
    expect(await second.jobs.picture('you', running.id, 0)).toBeUndefined();
    expect((await second.store.list('me', { limit: 10 })).length).toBe(2);
    await expect.poll(() => second.store.waiting()).toEqual([]);
    expect(await second.jobs.restore()).toBe(0);
  });

  it('gives up a job with which the program ended again and again', async () => {
    const { store, jobs } = setUp();
    const id = createJobId(Date.now());
    const fields = { owner: 'me', client: 'me', session: null, keep: true, request, state: 'waiting' } as const;
    await store.put({ id, ...fields, created: 1, finished: null, attempts: 5, bytes: 0 });
    await jobs.restore();
    expect((await collect(jobs, id)).at(-1)?.event).toMatchObject({
      type: 'error',
      message: expect.stringMatching(/begun 5 times/),
    });
    expect(jobs.counts()).toMatchObject({ waiting: 0, running: 0 });
  });

  it.each([
    ['an unknown field', { ...request, animation: true }, /Unrecognized key: "animation"/],
    ['a newer version', { version: 99, words: 'a fox' }, /made by a newer Twostep \(request version 99/],
    ['no request at all', 'fox', /The request is not valid/],
  ])('D2: that waits with %s fails alone, in a sentence; the others run', async (_, raw, message) => {
    const { store, jobs, engine } = setUp();
    const fields = { owner: 'me', client: 'me', session: null, keep: true, state: 'waiting', attempts: 1 } as const;
    const ids = [];
    for (const one of [raw, OLD_REQUEST]) {
      const id = createJobId(Date.now());
      await store.put({ id, ...fields, request: one, created: 1, finished: null, bytes: 0 });
      ids.push(id);
    }
    const [bad = '', good = ''] = ids;
    expect(await jobs.restore()).toBe(2);
    expect(numbered(await collect(jobs, good))).toEqual(['0 picture', '1 done']);
    // What was stored without a version is drawn as the request of today.
    expect(engine.requests).toEqual([TODAY]);
    await expect.poll(() => store.waiting()).toEqual([]);
    expect((await collect(jobs, bad)).map(({ event }) => event)).toEqual([
      { type: 'error', code: 'invalid-request', message: expect.stringMatching(message) },
    ]);
    expect((await jobs.find('me', bad))?.job).toMatchObject({ state: 'failed', request: raw });
    await jobs.forget(bad);
    expect(await jobs.find('me', bad)).toBeUndefined();
  });

  it('D2: that waits and has lost a picture fails alone', async () => {
    const { store, jobs } = setUp();
    const id = createJobId(Date.now());
    const fields = { owner: 'me', client: 'me', session: null, keep: true, state: 'waiting', attempts: 1 } as const;
    await store.put({ id, ...fields, request, created: 1, finished: null, bytes: 0 });
    await store.append(id, 0, { type: 'picture', index: 0, seed: 1, width: 1, height: 1 } as never);
    expect(await jobs.restore()).toBe(1);
    await expect.poll(async () => (await jobs.find('me', id))?.job.state).toBe('failed');
    expect((await jobs.find('me', id))?.log.at(-1)).toMatchObject({
      type: 'error',
      message: 'Its pictures are damaged.',
    });
  });

  it('D15: a job whose pictures the disk did not take is drawn again at the next start', async () => {
    const { folder, store } = setUp();
    let full = true;
    const small: JobStore = {
      ...store,
      append: (id, number, event) =>
        full && event.type === 'picture'
          ? Promise.reject(new Error('The disk is full.'))
          : store.append(id, number, event),
    };
    const jobs = createJobs({ engine: createFakeEngine(), store: small });
    const { id } = await jobs.submit(order({}, { keep: true }));
    // In memory it is there, for as long as the program runs.
    expect(numbered(await collect(jobs, id))).toEqual(['0 picture', '1 done']);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect([(await jobs.picture('me', id, 0))?.length, (await store.get(id))?.state]).toEqual([9, 'waiting']);
    expect(await store.outline(id)).toEqual([]);
    await jobs.close();
    full = false;
    opened.splice(0);
    await store.close();
    const second = setUp({ folder });
    expect(await second.jobs.restore()).toBe(1);
    expect(numbered(await collect(second.jobs, id))).toEqual(['0 picture', '1 done']);
    await expect.poll(async () => (await second.store.get(id))?.state).toBe('done');
    expect((await second.store.picture(id, 0))?.length).toBe(9);
  });

  it('drops what is too old, then the oldest until the rest fits', async () => {
    const { jobs, store } = setUp();
    const ids: string[] = [];
    for (const prompt of ['1', '2', '3', '4']) {
      const { id } = await jobs.submit(order({ prompt, seeds: [Number(prompt)] }));
      await collect(jobs, id);
      ids.push(id);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await expect.poll(() => store.waiting()).toEqual([]);
    const size = (await jobs.find('me', ids[0] as string))?.job.bytes ?? 0;
    expect(await store.sweep({ age: 60_000, bytes: size * 4 }, Date.now())).toBe(0);
    expect(await store.sweep({ age: 60_000, bytes: size * 2 }, Date.now())).toBe(2);
    expect(await store.get(ids[1] as string)).toBeUndefined();
    expect(await store.picture(ids[1] as string, 0)).toBeUndefined();
    expect(await store.picture(ids[2] as string, 0)).toBeDefined();
    expect(await store.sweep({ age: 60_000, bytes: 1e9 }, Date.now() + 120_000)).toBe(2);
    expect(await store.list('me', { limit: 9 })).toEqual([]);
  });

  it('keeps a thumbnail beside the picture', async () => {
    const { jobs, store } = setUp();
    const { id } = await jobs.submit(order());
    await collect(jobs, id);
    await expect.poll(() => store.waiting()).toEqual([]);
    expect(await store.thumbnail(id, 0)).toBeUndefined();
    await store.putThumbnail(id, 0, Uint8Array.of(1, 2));
    expect([...((await store.thumbnail(id, 0)) ?? [])]).toEqual([1, 2]);
    expect(await store.picture(id, 3)).toBeUndefined();
  });
});
