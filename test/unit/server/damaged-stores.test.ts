/** D1: stores that a crash or a bad disk has damaged. LMDB maps them, so a single wrong page would end the process by a signal. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { openTokens } from '../../../server/companion/auth/lmdb-tokens.js';
import { openJobStore } from '../../../server/companion/jobs/lmdb-store.js';
import { createJobId, type StoredJob } from '../../../server/companion/jobs/store.js';
import { findDamage } from '../../../server/companion/lmdb/check.js';

const DAMAGES = {
  'truncated to half': (path: string) => truncateSync(path, statSync(path).size / 2),
  'of random bytes': (path: string) => writeFileSync(path, randomBytes(statSync(path).size)),
  empty: (path: string) => truncateSync(path, 0),
  'a few bytes long': (path: string) => truncateSync(path, 100),
  'overwritten in the middle': (path: string) => {
    const bytes = readFileSync(path);
    randomBytes(8192).copy(bytes, 8192);
    writeFileSync(path, bytes);
  },
} as const;

const job = (seed: number, state: StoredJob['state'], more: Partial<StoredJob> = {}): StoredJob => ({
  id: createJobId(1_790_000_000_000 + seed),
  owner: 'token_1',
  client: 'token_1',
  session: null,
  keep: true,
  request: { version: 1, prompt: `fox ${seed}` },
  state,
  created: seed,
  finished: state === 'waiting' ? null : Date.now(),
  attempts: 1,
  bytes: 0,
  ...more,
});

describe.each(Object.entries(DAMAGES))('D1: a store that is %s', (_, damage) => {
  it('of keys is set aside with a date, and a fresh one is there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'twostep-damaged-'));
    const first = openTokens(join(folder, 'access'));
    for (const name of ['a', 'b', 'c']) await first.create(name);
    await first.close();
    damage(join(folder, 'access', 'data.mdb'));
    const told: string[] = [];
    const now = () => Date.UTC(2026, 10, 29, 21, 10);
    const second = openTokens(join(folder, 'access'), { now, onDamage: (aside) => told.push(aside) });
    expect(told).toEqual([join(folder, 'access-damaged-2026-11-29T21-10-00')]);
    expect(readdirSync(folder)).toContain('access-damaged-2026-11-29T21-10-00');
    expect(await second.list()).toEqual([]);
    expect(await second.check((await second.create('d')).token)).toMatchObject({ name: 'd' });
    await second.close();
  });

  it('of jobs is set aside; what was accepted and what was just drawn is drawn again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'twostep-damaged-'));
    const first = openJobStore(join(folder, 'jobs'));
    const [waiting, done, failed, gone] = [job(1, 'waiting'), job(2, 'waiting'), job(3, 'waiting'), job(4, 'waiting')];
    for (const one of [waiting, done, failed, gone]) await first.put(one);
    await first.append(done.id, 0, {
      type: 'picture',
      index: 0,
      seed: 2,
      bytes: randomBytes(50_000),
      width: 1,
      height: 1,
    });
    await first.put({ ...done, state: 'done', finished: Date.now() });
    await first.put({ ...failed, state: 'failed', finished: Date.now() });
    await first.put({ ...gone, state: 'done', finished: Date.now() });
    await first.remove(gone.id);
    await first.close();
    damage(join(folder, 'jobs', 'data.mdb'));
    const second = openJobStore(join(folder, 'jobs'), { onDamage: () => {} });
    expect((await second.waiting()).map(({ id, request }) => [id, request])).toEqual([
      [waiting.id, waiting.request],
      [done.id, done.request],
    ]);
    expect((await second.list('token_1', { limit: 9 })).length).toBe(2);
    await second.close();
  });
});

it('D1: a store that is sound stays where it is, and is looked at in no time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'twostep-sound-'));
  const first = openJobStore(join(folder, 'jobs'));
  const write = async (seed: number) => {
    const one = job(seed, 'waiting');
    const bytes = randomBytes(1000 + ((seed * 7919) % 60_000));
    const event = { type: 'picture', index: 0, seed, bytes, width: 1, height: 1 } as const;
    await Promise.all([
      first.put(one),
      first.append(one.id, 0, event),
      first.put({ ...one, state: 'done', finished: seed }),
    ]);
    if (seed % 3 === 0) await first.remove(one.id);
  };
  for (let begin = 0; begin < 200; begin += 50)
    await Promise.all(Array.from({ length: 50 }, (_, index) => write(begin + index)));
  const path = join(folder, 'jobs', 'data.mdb');
  // As a process that is killed leaves it, and as one that ends does.
  await expect.poll(() => findDamage(path)).toBeNull();
  await first.close();
  expect(findDamage(path)).toBeNull();
  const told: string[] = [];
  const second = openJobStore(join(folder, 'jobs'), { onDamage: (aside) => told.push(aside) });
  expect([told, await second.waiting(), (await second.list('token_1', { limit: 500 })).length]).toEqual([[], [], 133]);
  await second.close();
});

/** Reads and writes what a store holds, in a process that may die of it. */
const USER = `
import { open } from 'lmdb';
const root = open({ path: process.argv[1], noSubdir: false, noSync: true });
const [jobs, blobs] = [root.openDB({ name: 'jobs' }), root.openDB({ name: 'blobs', encoding: 'binary' })];
process.on('unhandledRejection', () => {});
const attempt = async (work) => { try { await work(); } catch {} };
await attempt(() => { for (const { value } of jobs.getRange({})) void value.x; });
await attempt(() => { for (const { value } of blobs.getRange({})) void value.length; });
for (let i = 0; i < 120; i++)
  await attempt(() => root.transaction(() => {
    if (i % 3) { jobs.put('job' + (i % 50), { x: i }); blobs.put('job' + (i % 50), new Uint8Array(i * 900)); }
    else { jobs.remove('job' + (i % 50)); blobs.remove('job' + (i % 50)); }
  }));
`;

it('D1: what is called sound ends nobody: pages, headers and first pages with random bytes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'twostep-random-'));
  const root = open({ path: join(folder, 'good'), noSubdir: false, noSync: true });
  const jobs = root.openDB<object, string>({ name: 'jobs' });
  const blobs = root.openDB<Uint8Array, string>({ name: 'blobs', encoding: 'binary' });
  let random = 7;
  const below = (limit: number) => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((random / 2 ** 32) * limit);
  };
  for (let count = 0; count < 300; count++)
    await root.transaction(() => {
      const key = `job${below(60)}`;
      if (below(3) > 0) {
        jobs.put(key, { x: 'y'.repeat(below(3000)) });
        blobs.put(key, new Uint8Array(below(20_000)));
      } else {
        jobs.remove(key);
        blobs.remove(key);
      }
    });
  await root.close();
  const good = readFileSync(join(folder, 'good', 'data.mdb'));
  const results = { damaged: 0, sound: 0 };
  for (let round = 0; round < 100; round++) {
    const bytes = Buffer.from(good);
    const page = below(bytes.length / 4096) * 4096;
    const [start, count] = [
      [page, 4096],
      [page, 24],
      [below(2) * 4096, 200],
      [below(bytes.length), 16],
    ][round % 4] as [number, number];
    for (let at = 0; at < count; at++)
      if (count > 24 ? below(8) === 0 : true) bytes[(start + at) % bytes.length] = below(256);
    const path = join(folder, String(round));
    spawnSync('mkdir', [path]);
    writeFileSync(join(path, 'data.mdb'), bytes);
    const damage = findDamage(join(path, 'data.mdb'));
    results[damage === null ? 'sound' : 'damaged'] += 1;
    // Each costs a process, so only some of each kind.
    if (damage !== null || round % 20 > 3) continue;
    const user = spawnSync(process.execPath, ['--input-type=module', '-e', USER, path], { timeout: 60_000 });
    expect([round, user.signal, user.stderr.toString()]).toEqual([round, null, '']);
  }
  expect(results.damaged).toBeGreaterThan(20);
  expect(results.sound).toBeGreaterThan(20);
}, 120_000);
