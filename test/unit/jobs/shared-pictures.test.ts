/** D9: equal jobs share what they store, and one token does not keep the others out. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { expect, it } from 'vitest';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { createJobs } from '../../../server/companion/jobs/jobs.js';
import { openJobStore } from '../../../server/companion/jobs/lmdb-store.js';
import { createFakeEngine, drawAll, pictureOf } from '../../support/fake-engine.js';

const request: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'a fox',
  pack: 'test-pack',
  seeds: [1, 2],
  schedule: { kind: 'student', steps: 2 },
  size: { width: 256, height: 256 },
};
const BYTES = 500_000;

it('D9: 600 equal jobs keep two pictures, until the last of them is gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'twostep-shared-'));
  const store = openJobStore(folder);
  const engine = createFakeEngine((one) => [
    { type: 'wait', milliseconds: 500 },
    ...[...drawAll(one)].map((step) =>
      step.type === 'picture'
        ? { ...step, ...pictureOf(one, step.index), bytes: new Uint8Array(BYTES).fill(step.seed) }
        : step,
    ),
  ]);
  const jobs = createJobs({ engine, store });
  const order = { owner: 'me', client: 'me', request, keep: true };
  const ids = (await Promise.all(Array.from({ length: 600 }, () => jobs.submit(order)))).map(({ id }) => id);
  await expect.poll(async () => (await store.waiting()).length, { timeout: 15_000 }).toBe(0);
  expect(engine.requests.length).toBe(1);
  await jobs.close();
  expect(await store.sweep({ age: 1e9, bytes: BYTES * 2 }, Date.now())).toBe(0);
  for (const id of [ids[0], ids[599]] as string[]) expect((await store.picture(id, 1))?.[0]).toBe(2);
  await store.close();

  const reader = open({ path: folder, noSubdir: false });
  const contents = reader.openDB<Uint8Array, string>({ name: 'contents', encoding: 'binary' });
  expect(contents.getCount()).toBe(2);
  await reader.close();

  const again = openJobStore(folder);
  expect(await again.sweep({ age: 1e9, bytes: BYTES }, Date.now())).toBe(600);
  expect(await again.picture(ids[599] as string, 0)).toBeUndefined();
  await again.close();
}, 60_000);

it('D9: pictures of a store from before are still found', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'twostep-before-'));
  const store = openJobStore(folder);
  const jobs = createJobs({ engine: createFakeEngine(), store });
  const { id } = await jobs.submit({ owner: 'me', client: 'me', request, keep: true });
  await expect.poll(async () => (await store.waiting()).length).toBe(0);
  await jobs.close();
  await store.close();
  const root = open({ path: folder, noSubdir: false });
  root.openDB({ name: 'pictures' }).clearSync();
  await root.openDB({ name: 'blobs', encoding: 'binary' }).put([id, 1, 'picture'], Uint8Array.of(7));
  await root.close();
  const again = openJobStore(folder);
  expect(await again.picture(id, 1)).toEqual(Buffer.from([7]));
  await again.remove(id);
  expect(await again.picture(id, 1)).toBeUndefined();
  await again.close();
});

it('D9: a token with 300 users leaves the others their places, and is told an honest time', async () => {
  const engine = createFakeEngine((one) => (one.prompt === 'first' ? drawAll(one) : [{ type: 'hang' }]));
  const store = openJobStore(mkdtempSync(join(tmpdir(), 'twostep-users-')));
  // Its runs take 20 s by this clock.
  let time = 1_790_000_000_000;
  const jobs = createJobs({ engine, store, now: () => (time += 2_500) });
  const submit = (owner: string, client: string, prompt: string) =>
    jobs.submit({ owner, client, request: { ...request, prompt }, keep: true }).then(
      () => null,
      (error: { retryAfter?: number }) => error.retryAfter ?? error,
    );
  await submit('a', 'a', 'first');
  await expect.poll(() => jobs.counts().running).toBe(0);
  const refusals: unknown[] = [];
  for (let user = 0; user < 300; user++) refusals.push(await submit('a', `a ${user}`, `of ${user}`));
  const waits = refusals.filter((one) => one !== null) as number[];
  expect(waits.length).toBe(300 - 129);
  for (const wait of waits) expect(wait).toBeLessThan(60);
  for (let number = 0; number < 200; number++) await submit('b', 'b', `b ${number}`);
  // Everything is full, and a third finds a place all the same.
  expect(jobs.counts().waiting).toBe(256);
  expect(await submit('c', 'c', 'c 1')).toBeNull();
  await jobs.close();
  await store.close();
}, 60_000);
