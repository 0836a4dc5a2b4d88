import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { createJobs, type Jobs, type JobsOptions } from '../../../server/companion/jobs/jobs.js';
import { BusyError } from '../../../server/companion/jobs/limits.js';
import type { JobUpdate } from '../../../server/companion/jobs/live-job.js';
import { createJobId, type JobStore, openJobStore } from '../../../server/companion/jobs/store.js';
import { createFakeEngine, drawAll, pictureOf, progress } from '../../support/fake-engine.js';
import { OLD_REQUEST, TODAY } from '../../support/golden-requests.js';

const request: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'a fox',
  pack: 'test-pack',
  seeds: [1],
  schedule: { kind: 'student', steps: 2 },
  sampling: null,
  size: { width: 256, height: 256 },
  draft: false,
};
const never = new AbortController().signal;

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

const order = (changes: Partial<GenerateRequest> = {}, more: object = {}) => ({
  owner: 'me',
  client: 'me',
  request: { ...request, ...changes },
  ...more,
});

async function collect(jobs: Jobs, id: string, after = -1, owner = 'me'): Promise<JobUpdate[]> {
  const updates: JobUpdate[] = [];
  for await (const update of jobs.watch(owner, id, after, never) ?? []) updates.push(update);
  return updates;
}
const numbered = (updates: readonly JobUpdate[]) =>
  updates.flatMap(({ number, event }) => (number === null ? [] : [`${number} ${event.type}`]));

describe('a job', () => {
  it('tells its events with numbers, live and again later, from any of them on', async () => {
    const { jobs } = setUp();
    const { id } = await jobs.submit(order({ seeds: [1, 2] }));
    expect(numbered(await collect(jobs, id))).toEqual(['0 picture', '1 picture', '2 done']);
    expect(numbered(await collect(jobs, id))).toEqual(['0 picture', '1 picture', '2 done']);
    expect(numbered(await collect(jobs, id, 0))).toEqual(['1 picture', '2 done']);
    expect(numbered(await collect(jobs, id, 2))).toEqual([]);
    expect(jobs.find('me', id)?.job).toMatchObject({ state: 'done', bytes: 18 });
  });

  it('is nobody else’s', async () => {
    const { jobs, store } = setUp();
    const { id } = await jobs.submit(order());
    expect(jobs.find('you', id)).toBeUndefined();
    expect(jobs.watch('you', id, -1, never)).toBeUndefined();
    expect(jobs.cancel('you', id)).toBe(false);
    await collect(jobs, id);
    expect(jobs.find('you', id)).toBeUndefined();
    expect(jobs.watch('you', id, -1, never)).toBeUndefined();
    expect(store.list('you', { limit: 10 })).toEqual([]);
    expect(store.list('me', { limit: 10 }).map((job) => job.id)).toEqual([id]);
  });

  it('shares a run with an equal one, also with one that comes in between', async () => {
    const engine = createFakeEngine((one) => [
      { type: 'picture', ...pictureOf(one, 0) },
      { type: 'wait', milliseconds: 500 },
      { type: 'picture', ...pictureOf(one, 1) },
      { type: 'done', milliseconds: {} },
    ]);
    const { jobs } = setUp({ engine });
    const first = await jobs.submit(order({ seeds: [1, 2] }));
    for await (const { event } of jobs.watch('me', first.id, -1, never) ?? []) if (event.type === 'picture') break;
    const second = await jobs.submit({ ...order({ seeds: [1, 2] }), owner: 'you' });
    const all = ['0 picture', '1 picture', '2 done'];
    expect(numbered(await collect(jobs, second.id, -1, 'you'))).toEqual(all);
    expect(numbered(await collect(jobs, first.id))).toEqual(all);
    expect(engine.requests.length).toBe(1);
  });

  it('that shares a run may be cancelled alone; when nobody is left the run ends', async () => {
    const engine = createFakeEngine(() => [{ type: 'hang' }]);
    const { jobs } = setUp({ engine });
    const [first, second] = [await jobs.submit(order()), await jobs.submit(order())];
    expect(jobs.cancel('me', first.id)).toBe(true);
    expect(jobs.cancel('me', first.id)).toBe(false);
    expect(jobs.counts().running).toBe(1);
    expect(jobs.find('me', first.id)?.job.state).toBe('cancelled');
    expect(jobs.cancel('me', second.id)).toBe(true);
    await expect.poll(() => jobs.counts().running).toBe(0);
  });

  it('gives way to a newer one of its session', async () => {
    const engine = createFakeEngine((one) => (one.prompt === 'a' ? [{ type: 'hang' }] : drawAll(one)));
    const { jobs } = setUp({ engine });
    const older = await jobs.submit(order({ prompt: 'a' }, { session: 's' }));
    const other = await jobs.submit(order({ prompt: 'b' }, { session: 't' }));
    const newer = await jobs.submit(order({ prompt: 'c' }, { session: 's' }));
    expect((await collect(jobs, older.id)).at(-1)?.event).toMatchObject({
      code: 'cancelled',
      message: expect.stringMatching(/newer/),
    });
    expect(numbered(await collect(jobs, newer.id)).at(-1)).toBe('1 done');
    expect(numbered(await collect(jobs, other.id)).at(-1)).toBe('1 done');
  });

  it('whose client went away is cancelled, unless it was to be kept or the client comes back', async () => {
    const engine = createFakeEngine((one) => [
      progress('load', 0, 1, 0),
      { type: 'wait', milliseconds: one.prompt === 'waits' ? 60_000 : 300 },
      ...drawAll(one),
    ]);
    const { jobs } = setUp({ engine, limits: { grace: 100 } });
    const leave = async (id: string) => {
      for await (const _ of jobs.watch('me', id, -1, never) ?? []) break;
    };
    const gone = await jobs.submit(order({ prompt: 'waits' }));
    await leave(gone.id);
    await expect.poll(() => jobs.find('me', gone.id)?.job.state).toBe('cancelled');
    const kept = await jobs.submit(order({ prompt: 'kept' }, { keep: true }));
    await leave(kept.id);
    await expect.poll(() => jobs.find('me', kept.id)?.job.state).toBe('done');
    const back = await jobs.submit(order({ prompt: 'back' }));
    await leave(back.id);
    expect(numbered(await collect(jobs, back.id)).at(-1)).toBe('1 done');
  });

  it('fails in words when the engine does, and the next one runs', async () => {
    const engine = createFakeEngine((one) =>
      one.prompt === 'bug' ? [{ type: 'throw', error: new Error('a bug') }] : drawAll(one),
    );
    const faults: string[] = [];
    const { jobs } = setUp({ engine, onNews: (news) => news.type === 'fault' && faults.push(news.message) });
    const bad = await jobs.submit(order({ prompt: 'bug' }));
    const last = (await collect(jobs, bad.id)).at(-1)?.event;
    expect(last).toMatchObject({ type: 'error', code: 'engine-failed', message: expect.not.stringMatching('a bug') });
    expect(faults[0]).toMatch(/a bug/);
    expect(numbered(await collect(jobs, (await jobs.submit(order())).id)).at(-1)).toBe('1 done');
  });
});

describe('the queue', () => {
  it('says how many are ahead, and refuses beyond its limit with an honest time', async () => {
    const engine = createFakeEngine(() => [{ type: 'hang' }]);
    const { jobs } = setUp({ engine, limits: { waiting: 2, waitingPerToken: 2 } });
    const ids = [];
    for (const prompt of ['1', '2', '3']) ids.push((await jobs.submit(order({ prompt }))).id);
    await expect(jobs.submit(order({ prompt: '4' }))).rejects.toThrow(BusyError);
    await expect(jobs.submit(order({ prompt: '4' }))).rejects.toMatchObject({ retryAfter: expect.any(Number) });
    for await (const { event } of jobs.watch('me', ids[2] as string, -1, never) ?? []) {
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
    expect(jobs.find('me', other.id)?.running).toBe(true);
  });
});

describe('the store', () => {
  it('brings back what was accepted and not finished; the same id gives the same picture', async () => {
    const hanging = createFakeEngine((one) => [{ type: 'picture', ...pictureOf(one, 0) }, { type: 'hang' }]);
    const first = setUp({ engine: hanging });
    const running = await first.jobs.submit(order({ seeds: [1, 2] }));
    const waiting = await first.jobs.submit(order({ prompt: 'later' }));
    await expect.poll(() => first.store.log(running.id).length).toBe(1);
    opened.splice(0);
    await first.jobs.close();
    await first.store.close();

    const second = setUp({ folder: first.folder });
    expect(second.jobs.restore()).toBe(2);
    // The client had seen event 0 before the crash.
    expect(numbered(await collect(second.jobs, running.id, 0))).toEqual(['1 picture', '2 done']);
    expect(numbered(await collect(second.jobs, waiting.id))).toEqual(['0 picture', '1 done']);
    for (const index of [0, 1])
      expect(new TextDecoder().decode(second.jobs.picture('me', running.id, index))).toBe(`picture ${index + 1}`);
    expect(second.jobs.picture('you', running.id, 0)).toBeUndefined();
    expect(second.store.list('me', { limit: 10 }).length).toBe(2);
    await expect.poll(() => second.store.waiting()).toEqual([]);
    expect(second.jobs.restore()).toBe(0);
  });

  it('gives up a job with which the program ended again and again', async () => {
    const { store, jobs } = setUp();
    const id = createJobId(Date.now());
    const fields = { owner: 'me', client: 'me', session: null, keep: true, request, state: 'waiting' } as const;
    await store.put({ id, ...fields, created: 1, finished: null, attempts: 5, bytes: 0 });
    jobs.restore();
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
    expect(jobs.restore()).toBe(2);
    expect(numbered(await collect(jobs, good))).toEqual(['0 picture', '1 done']);
    // What was stored without a version is drawn as the request of today.
    expect(engine.requests).toEqual([TODAY]);
    await expect.poll(() => store.waiting()).toEqual([]);
    expect((await collect(jobs, bad)).map(({ event }) => event)).toEqual([
      { type: 'error', code: 'invalid-request', message: expect.stringMatching(message) },
    ]);
    expect(jobs.find('me', bad)?.job).toMatchObject({ state: 'failed', request: raw });
    await jobs.forget(bad);
    expect(jobs.find('me', bad)).toBeUndefined();
  });

  it('D2: that waits and has lost a picture fails alone', async () => {
    const { store, jobs } = setUp();
    const id = createJobId(Date.now());
    const fields = { owner: 'me', client: 'me', session: null, keep: true, state: 'waiting', attempts: 1 } as const;
    await store.put({ id, ...fields, request, created: 1, finished: null, bytes: 0 });
    await store.append(id, 0, { type: 'picture', index: 0, seed: 1, width: 1, height: 1 } as never);
    expect(jobs.restore()).toBe(1);
    await expect.poll(() => jobs.find('me', id)?.job.state).toBe('failed');
    expect(jobs.find('me', id)?.log.at(-1)).toMatchObject({ type: 'error', message: 'Its pictures are damaged.' });
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
    expect([jobs.picture('me', id, 0)?.length, store.get(id)?.state]).toEqual([9, 'waiting']);
    expect(store.outline(id)).toEqual([]);
    await jobs.close();
    full = false;
    opened.splice(0);
    await store.close();
    const second = setUp({ folder });
    expect(second.jobs.restore()).toBe(1);
    expect(numbered(await collect(second.jobs, id))).toEqual(['0 picture', '1 done']);
    await expect.poll(() => second.store.get(id)?.state).toBe('done');
    expect(second.store.picture(id, 0)?.length).toBe(9);
  });

  it('lists in pages, newest first', async () => {
    const { jobs, store } = setUp();
    const ids: string[] = [];
    for (const prompt of ['1', '2', '3', '4', '5']) {
      const { id } = await jobs.submit(order({ prompt }));
      await collect(jobs, id);
      ids.unshift(id);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const page = store.list('me', { limit: 3 }).map((job) => job.id);
    expect(page).toEqual(ids.slice(0, 3));
    expect(store.list('me', { limit: 3, before: page[2] }).map((job) => job.id)).toEqual(ids.slice(3));
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
    const size = jobs.find('me', ids[0] as string)?.job.bytes ?? 0;
    expect(await store.sweep({ age: 60_000, bytes: size * 4 }, Date.now())).toBe(0);
    expect(await store.sweep({ age: 60_000, bytes: size * 2 }, Date.now())).toBe(2);
    expect(store.get(ids[1] as string)).toBeUndefined();
    expect(store.picture(ids[1] as string, 0)).toBeUndefined();
    expect(store.picture(ids[2] as string, 0)).toBeDefined();
    expect(await store.sweep({ age: 60_000, bytes: 1e9 }, Date.now() + 120_000)).toBe(2);
    expect(store.list('me', { limit: 9 })).toEqual([]);
  });

  it('keeps a thumbnail beside the picture', async () => {
    const { jobs, store } = setUp();
    const { id } = await jobs.submit(order());
    await collect(jobs, id);
    await expect.poll(() => store.waiting()).toEqual([]);
    expect(store.thumbnail(id, 0)).toBeUndefined();
    await store.putThumbnail(id, 0, Uint8Array.of(1, 2));
    expect([...(store.thumbnail(id, 0) ?? [])]).toEqual([1, 2]);
    expect(store.picture(id, 3)).toBeUndefined();
  });
});
