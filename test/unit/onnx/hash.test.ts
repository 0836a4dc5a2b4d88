import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashFile, sha256OfFile } from '../../../models/onnx/hash.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twostep-hash-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const bytesOf = (length: number) => Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 31) % 251));
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test.each([0, 1000, 2 ** 23, 2 ** 23 + 5])(
  'the hash of a file of %i bytes, all of which are counted',
  async (length) => {
    const path = join(folder, 'file');
    const bytes = bytesOf(length);
    writeFileSync(path, bytes);
    let seen = 0;
    expect(await sha256OfFile(path, { onBytes: (more) => (seen += more) })).toBe(sha256(bytes));
    expect(seen).toBe(length);
  },
);

test('a file that grows is read as far as it is there', async () => {
  const path = join(folder, 'file');
  const bytes = bytesOf(9_000_000);
  writeFileSync(path, '');
  const hashing = hashFile(path);
  for (let at = 0; at < bytes.length; at += 1_000_000) {
    appendFileSync(path, bytes.subarray(at, at + 1_000_000));
    hashing.reach(at + 1_000_000);
  }
  expect(await hashing.digest()).toBe(sha256(bytes));
  await hashing.stop();
});

test('it stops when asked to, with the reason', async () => {
  const path = join(folder, 'file');
  writeFileSync(path, Buffer.alloc(2 ** 26));
  const stop = new AbortController();
  const reason = new Error('enough');
  const onBytes = () => stop.abort(reason);
  await expect(sha256OfFile(path, { signal: stop.signal, onBytes })).rejects.toBe(reason);
  await expect(sha256OfFile(path, { signal: stop.signal })).rejects.toBe(reason);
});

test('a file that is not there is an error', async () => {
  await expect(sha256OfFile(join(folder, 'none'))).rejects.toThrow('ENOENT');
  await expect(hashFile(join(folder, 'none')).digest()).rejects.toThrow('ENOENT');
});

test('a thread that was stopped has no answer', async () => {
  const path = join(folder, 'file');
  writeFileSync(path, bytesOf(100));
  const hashing = hashFile(path);
  await hashing.stop();
  await expect(hashing.digest()).rejects.toThrow(/ended before it was done/);
});
