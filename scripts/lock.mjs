/**
 * One setup at a time in a checkout: `npm start` in one window and `npm test` in another must not install over each other.
 *
 * The lock is a file made with O_EXCL that names its holder. A holder that died (a closed terminal, a power cut) leaves the
 * file behind, so a lock is void when its process and the installer which that process started are both gone, or when
 * it has shown no sign of life for long (another machine on a shared disk; a process number that was given out again).
 */
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds. `silent` is far above `touch`, so that a machine under load is not taken for a dead one. */
const TIMES = { retry: 100, touch: 2000, silent: 120_000 };

/**
 * Does `work` while holding the lock.
 * @template T
 * @param {string} path
 * @param {(lock: { child(pid: number): void }) => Promise<T>} work `child` names a process that may outlive us
 * @param {(holder: string) => void} [onWait] called once when somebody else holds it
 * @returns {Promise<T>}
 */
export async function withLock(path, work, onWait) {
  const holder = { pid: process.pid, host: hostname(), children: /** @type {number[]} */ ([]) };
  const isSilent = watchSilence();
  let waited = false;
  while (!create(path, JSON.stringify(holder))) {
    const found = look(path);
    if (!found) continue;
    if (isDead(found.text) || isSilent(found)) {
      remove(path, found.text);
      continue;
    }
    if (!waited) onWait?.(`process ${parse(found.text)?.pid ?? 'unknown'}`);
    waited = true;
    await delay(TIMES.retry);
  }
  const timer = setInterval(() => touch(path), TIMES.touch);
  timer.unref();
  try {
    return await work({
      child(pid) {
        holder.children.push(pid);
        writeFileSync(path, JSON.stringify(holder));
      },
    });
  } finally {
    clearInterval(timer);
    rmSync(path, { force: true });
  }
}

/** @param {string} path @param {string} text @returns {boolean} false when it is there already */
function create(path, text) {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} path @returns {{ text: string, touched: number } | null} null when it is gone */
function look(path) {
  try {
    return { touched: statSync(path).mtimeMs, text: readFileSync(path, 'utf8') };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Takes a void lock away. Two may see the same void lock, and the slower of them must not take away the new lock of the
 * faster one: what was taken is looked at again, and put back when it is another's.
 * @param {string} path @param {string} expected
 */
function remove(path, expected) {
  const taken = `${path}.${process.pid}`;
  try {
    renameSync(path, taken);
    const text = readFileSync(taken, 'utf8');
    if (text !== expected) create(path, text);
    rmSync(taken);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** @param {string} text @returns {boolean} whether all its processes are on this machine and gone */
function isDead(text) {
  const holder = parse(text);
  return holder?.host === hostname() && ![holder.pid, ...holder.children].some(isAlive);
}

/**
 * Silence is measured by our own waiting, not by the clock: after a sleep of the machine every file looks old.
 * @returns {(found: { touched: number }) => boolean}
 */
function watchSilence() {
  let touched = Number.NaN;
  let since = 0;
  return (found) => {
    if (found.touched !== touched) [touched, since] = [found.touched, performance.now()];
    return performance.now() - since > TIMES.silent;
  };
}

/** @param {string} text @returns {{ pid: number, host: string, children: number[] } | null} null when it is still being written */
function parse(text) {
  try {
    const { pid, host, children } = JSON.parse(text);
    return Number.isInteger(pid) && Array.isArray(children) ? { pid, host: String(host), children } : null;
  } catch {
    return null;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    return codeOf(error) === 'EPERM';
  }
}

/** @param {string} path */
function touch(path) {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // The folder was deleted under us; the work itself will say so.
  }
}

/** @param {unknown} error @returns {string} */
const codeOf = (error) => String(/** @type {{ code?: unknown }} */ (error)?.code ?? '');
