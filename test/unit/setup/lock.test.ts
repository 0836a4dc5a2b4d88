import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withLock } from '../../../scripts/lock.mjs';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twostep-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The number of a process that has ended. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

it('lets many in one after the other and leaves nothing behind', async () => {
  let inside = 0;
  let most = 0;
  const waits: string[] = [];
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await delay(5);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(path, work, (holder) => waits.push(holder))));
  expect(most).toBe(1);
  expect(waits).toEqual(Array(7).fill(`process ${process.pid}`));
  expect(existsSync(path)).toBe(false);
});

it('is given back when the work fails', async () => {
  await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});

it('is taken over, by one alone, when its holder died', async () => {
  writeFileSync(path, JSON.stringify({ pid: await deadProcess(), host: hostname(), children: [] }));
  let inside = 0;
  const work = async () => {
    expect(++inside).toBe(1);
    await delay(5);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(path, work)));
  expect(existsSync(path)).toBe(false);
});

it('is kept while the installer of a dead holder still runs', async () => {
  const installer = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 400)']);
  writeFileSync(path, JSON.stringify({ pid: await deadProcess(), host: hostname(), children: [installer.pid] }));
  let ended = false;
  installer.on('exit', () => {
    ended = true;
  });
  await withLock(path, async () => expect(ended).toBe(true));
});

it('waits for a holder on another machine, and for a lock that is being written', async () => {
  for (const text of [JSON.stringify({ pid: await deadProcess(), host: 'elsewhere', children: [] }), '']) {
    writeFileSync(path, text);
    let taken = false;
    const done = withLock(path, async () => {
      taken = true;
    });
    await delay(250);
    expect(taken).toBe(false);
    rmSync(path);
    await done;
    expect(taken).toBe(true);
  }
});

it('names the processes that may outlive the holder', async () => {
  await withLock(path, async (lock) => {
    lock.child(1234);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid, children: [1234] });
  });
});
