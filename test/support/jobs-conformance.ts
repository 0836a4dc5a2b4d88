/** What every queue of jobs must keep to, wherever its jobs lie and whoever draws. Run on each implementation. */
import { describe, expect, it } from 'vitest';
import { type Engine, type GenerateRequest, REQUEST_DEFAULTS } from '../../models/protocol.js';
import type { Jobs, JobsOptions } from '../../server/companion/jobs/jobs.js';
import type { JobUpdate } from '../../server/companion/jobs/live-job.js';
import type { JobStore } from '../../server/companion/jobs/store.js';
import { createFakeEngine, drawAll, pictureOf, progress } from './fake-engine.js';

export type OpenJobs = (
  options?: Pick<Partial<JobsOptions>, 'limits'> & { readonly engine?: Engine; onFault?(message: string): void },
) => Promise<{ readonly jobs: Jobs; readonly store: JobStore }>;

export const request: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'a fox',
  pack: 'test-pack',
  seeds: [1],
  schedule: { kind: 'student', steps: 2 },
  sampling: null,
  size: { width: 256, height: 256 },
  draft: false,
};
export const never = new AbortController().signal;

export const order = (changes: Partial<GenerateRequest> = {}, more: object = {}) => ({
  owner: 'me',
  client: 'me',
  request: { ...request, ...changes },
  ...more,
});

export async function collect(jobs: Jobs, id: string, after = -1, owner = 'me'): Promise<JobUpdate[]> {
  const updates: JobUpdate[] = [];
  for await (const update of jobs.watch(owner, id, after, new AbortController().signal)) updates.push(update);
  return updates;
}
export const numbered = (updates: readonly JobUpdate[]) =>
  updates.flatMap(({ number, event }) => (number === null ? [] : [`${number} ${event.type}`]));

export function describeJobs(name: string, open: OpenJobs): void {
  describe(`a job of ${name}`, () => {
    it('tells its events with numbers, live and again later, from any of them on', async () => {
      const { jobs } = await open();
      const { id } = await jobs.submit(order({ seeds: [1, 2] }));
      expect(numbered(await collect(jobs, id))).toEqual(['0 picture', '1 picture', '2 done']);
      expect(numbered(await collect(jobs, id))).toEqual(['0 picture', '1 picture', '2 done']);
      expect(numbered(await collect(jobs, id, 0))).toEqual(['1 picture', '2 done']);
      expect(numbered(await collect(jobs, id, 2))).toEqual([]);
      expect((await jobs.find('me', id))?.job).toMatchObject({ state: 'done', bytes: 18 });
    });

    it('is nobody else’s', async () => {
      const { jobs, store } = await open();
      const { id } = await jobs.submit(order());
      expect(await jobs.find('you', id)).toBeUndefined();
      expect(await collect(jobs, id, -1, 'you')).toEqual([]);
      expect(await jobs.cancel('you', id)).toBe(false);
      await collect(jobs, id);
      expect(await jobs.find('you', id)).toBeUndefined();
      expect(await collect(jobs, id, -1, 'you')).toEqual([]);
      expect(await store.list('you', { limit: 10 })).toEqual([]);
      expect((await store.list('me', { limit: 10 })).map((job) => job.id)).toEqual([id]);
    });

    it('shares a run with an equal one, also with one that comes in between', async () => {
      const engine = createFakeEngine((one) => [
        { type: 'picture', ...pictureOf(one, 0) },
        { type: 'wait', milliseconds: 500 },
        { type: 'picture', ...pictureOf(one, 1) },
        { type: 'done', milliseconds: {} },
      ]);
      const { jobs } = await open({ engine });
      const first = await jobs.submit(order({ seeds: [1, 2] }));
      for await (const { event } of jobs.watch('me', first.id, -1, never)) if (event.type === 'picture') break;
      const second = await jobs.submit({ ...order({ seeds: [1, 2] }), owner: 'you' });
      const all = ['0 picture', '1 picture', '2 done'];
      expect(numbered(await collect(jobs, second.id, -1, 'you'))).toEqual(all);
      expect(numbered(await collect(jobs, first.id))).toEqual(all);
      expect(engine.requests.length).toBe(1);
    });

    it('that shares a run may be cancelled alone; when nobody is left the run ends', async () => {
      const engine = createFakeEngine(() => [{ type: 'hang' }]);
      const { jobs } = await open({ engine });
      const [first, second] = [await jobs.submit(order()), await jobs.submit(order())];
      expect(await jobs.cancel('me', first.id)).toBe(true);
      expect(await jobs.cancel('me', first.id)).toBe(false);
      expect(jobs.counts().running).toBe(1);
      expect((await jobs.find('me', first.id))?.job.state).toBe('cancelled');
      expect(await jobs.cancel('me', second.id)).toBe(true);
      await expect.poll(() => jobs.counts().running).toBe(0);
    });

    it('gives way to a newer one of its session', async () => {
      const engine = createFakeEngine((one) => (one.prompt === 'a' ? [{ type: 'hang' }] : drawAll(one)));
      const { jobs } = await open({ engine });
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
      const { jobs } = await open({ engine, limits: { grace: 100 } });
      const leave = async (id: string) => {
        for await (const _ of jobs.watch('me', id, -1, never)) break;
      };
      const gone = await jobs.submit(order({ prompt: 'waits' }));
      await leave(gone.id);
      await expect.poll(async () => (await jobs.find('me', gone.id))?.job.state).toBe('cancelled');
      const kept = await jobs.submit(order({ prompt: 'kept' }, { keep: true }));
      await leave(kept.id);
      await expect.poll(async () => (await jobs.find('me', kept.id))?.job.state).toBe('done');
      const back = await jobs.submit(order({ prompt: 'back' }));
      await leave(back.id);
      expect(numbered(await collect(jobs, back.id)).at(-1)).toBe('1 done');
    });

    it('fails in words when the engine does, and the next one runs', async () => {
      const engine = createFakeEngine((one) =>
        one.prompt === 'bug' ? [{ type: 'throw', error: new Error('a bug') }] : drawAll(one),
      );
      const faults: string[] = [];
      const { jobs } = await open({ engine, onFault: (message) => faults.push(message) });
      const bad = await jobs.submit(order({ prompt: 'bug' }));
      const last = (await collect(jobs, bad.id)).at(-1)?.event;
      expect(last).toMatchObject({ type: 'error', code: 'engine-failed', message: expect.not.stringMatching('a bug') });
      expect(faults[0]).toMatch(/a bug/);
      expect(numbered(await collect(jobs, (await jobs.submit(order())).id)).at(-1)).toBe('1 done');
    });

    it('lists in pages, newest first', async () => {
      const { jobs, store } = await open();
      const ids: string[] = [];
      for (const prompt of ['1', '2', '3', '4', '5']) {
        const { id } = await jobs.submit(order({ prompt }));
        await collect(jobs, id);
        ids.unshift(id);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      const page = (await store.list('me', { limit: 3 })).map((job) => job.id);
      expect(page).toEqual(ids.slice(0, 3));
      expect((await store.list('me', { limit: 3, before: page[2] })).map((job) => job.id)).toEqual(ids.slice(3));
    });
  });
}
