/** What every store of jobs must keep to. Run on each implementation. */
import { describe, expect, it } from 'vitest';
import { createJobId, type JobStore, type LoggedEvent, type StoredJob } from '../../server/companion/jobs/store.js';

const picture = (index: number, bytes: readonly number[]): LoggedEvent => ({
  type: 'picture',
  index,
  seed: index,
  width: 16,
  height: 16,
  bytes: Uint8Array.from(bytes),
});
const DONE: LoggedEvent = { type: 'done', milliseconds: { step: 1 } };

let time = 1_700_000_000_000;
function job(changes: Partial<StoredJob> = {}): StoredJob {
  time += 1;
  const fields = {
    owner: 'me',
    client: 'me',
    session: null,
    keep: true,
    request: { prompt: 'ü' },
    attempts: 1,
    bytes: 0,
  };
  return { ...fields, id: createJobId(time), state: 'waiting', created: time, finished: null, ...changes };
}

/** @param open a store with nothing in it */
export function describeJobStore(name: string, open: () => Promise<JobStore>): void {
  describe(`${name} is a store of jobs`, () => {
    it('gives back what was put and appended, whole and bare', async () => {
      const store = await open();
      const one = job();
      await store.put(one);
      const warning: LoggedEvent = { type: 'warning', code: 'understood', message: 'Drew: a fox.' };
      for (const [number, event] of [warning, picture(0, [1, 2, 3]), DONE].entries())
        await store.append(one.id, number, event);
      expect(await store.get(one.id)).toEqual(one);
      const log = await store.log(one.id);
      expect(log.map(({ type }) => type)).toEqual(['warning', 'picture', 'done']);
      const [, drawn] = log;
      expect(drawn?.type === 'picture' && [...drawn.bytes]).toEqual([1, 2, 3]);
      expect(await store.outline(one.id)).toEqual([
        warning,
        { type: 'picture', index: 0, seed: 0, width: 16, height: 16 },
        DONE,
      ]);
      expect([...((await store.picture(one.id, 0)) ?? [])]).toEqual([1, 2, 3]);
      expect(await store.picture(one.id, 1)).toBeUndefined();
    });

    it('takes an event again without having it twice', async () => {
      const store = await open();
      const one = job();
      await store.put(one);
      for (const _ of [1, 2]) await store.append(one.id, 0, picture(0, [7]));
      await store.append(one.id, 1, DONE);
      await store.append(one.id, 0, picture(0, [7]));
      expect((await store.outline(one.id)).map(({ type }) => type)).toEqual(['picture', 'done']);
    });

    it('lists what waits, oldest first, until it is over', async () => {
      const store = await open();
      const [first, second] = [job(), job()];
      for (const one of [second, first]) await store.put(one);
      expect((await store.waiting()).map(({ id }) => id)).toEqual([first.id, second.id]);
      await store.put({ ...first, attempts: 2 });
      await store.put({ ...second, state: 'done', finished: time });
      expect(await store.waiting()).toEqual([{ ...first, attempts: 2 }]);
    });

    it('lists an owner’s jobs in pages, newest first, and nobody else’s', async () => {
      const store = await open();
      const all = [job(), job(), job({ owner: 'you' }), job()];
      for (const one of all) await store.put(one);
      const mine = all.filter(({ owner }) => owner === 'me').map(({ id }) => id);
      const page = await store.list('me', { limit: 2 });
      expect(page.map(({ id }) => id)).toEqual([mine[2], mine[1]]);
      expect((await store.list('me', { limit: 2, before: mine[1] })).map(({ id }) => id)).toEqual([mine[0]]);
      expect(await store.list('nobody', { limit: 2 })).toEqual([]);
    });

    it('keeps a picture that several jobs have until the last of them is gone', async () => {
      const store = await open();
      const [one, two] = [job(), job()];
      for (const each of [one, two]) {
        await store.put(each);
        await store.append(each.id, 0, picture(0, [4, 5]));
        await store.put({ ...each, state: 'done', finished: time });
      }
      await store.putThumbnail(one.id, 0, Uint8Array.from([9]));
      await store.remove(one.id);
      expect([await store.get(one.id), await store.picture(one.id, 0)]).toEqual([undefined, undefined]);
      expect(await store.outline(one.id)).toEqual([]);
      expect([...((await store.picture(two.id, 0)) ?? [])]).toEqual([4, 5]);
      expect([...((await store.thumbnail(two.id, 0)) ?? [])]).toEqual([9]);
      await store.remove(two.id);
      expect(await store.list('me', { limit: 9 })).toEqual([]);
      await store.remove(two.id);
    });

    it('drops what is too old, then the oldest until the rest fits, and nothing that waits', async () => {
      const store = await open();
      const done = [job(), job(), job(), job()];
      for (const [at, one] of done.entries()) {
        await store.put(one);
        await store.append(one.id, 0, picture(0, [at, 0, 0, 0]));
        await store.put({ ...one, state: 'done', finished: one.created });
      }
      const waiting = job();
      await store.put(waiting);
      const last = done[3]?.created ?? 0;
      expect(await store.sweep({ age: 1000, bytes: 100 }, last)).toBe(0);
      expect(await store.sweep({ age: 1000, bytes: 8 }, last)).toBe(2);
      expect(await store.get(done[1]?.id ?? '')).toBeUndefined();
      expect(await store.sweep({ age: 0, bytes: 100 }, last)).toBe(1);
      expect((await store.list('me', { limit: 9 })).map(({ id }) => id)).toEqual([waiting.id, done[3]?.id]);
    });
  });
}
