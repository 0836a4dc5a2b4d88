import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { partOf } from '../../../models/families/llamagen/part.js';
import { beginRun, hasFailed } from '../../../server/packs/first-run.js';
import { findPack } from '../../../server/packs/list.js';
import { describePack, writePack } from '../../support/packs.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twostep-first-run-'));
  vi.stubEnv('TWOSTEP_PACKS', join(folder, 'packs'));
  vi.stubEnv('TWOSTEP_EMBEDDED_PACKS', join(folder, 'embedded'));
  vi.stubEnv('TWOSTEP_CACHE', join(folder, 'cache'));
  const { student } = partOf(describePack());
  for (const [place, id, layers] of [
    ['packs', 'boastful', 1000],
    ['packs', 'modest', 3],
    ['embedded', 'starter', 2],
  ] as const)
    writePack(join(folder, place, id), describePack({ id, student: { ...student, layers } }));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const at = (id: string) => join(folder, 'packs', id);
const best = async () => (await findPack(undefined)).pack.id;

describe('D7: a pack that failed when it was first tried', () => {
  it('is not what is drawn with where nobody names one, however large it says it is', async () => {
    expect(await best()).toBe('boastful');
    await (await beginRun(at('boastful'))).end('engine-failed');
    expect(await best()).toBe('modest');
    await (await beginRun(at('modest'))).end('out-of-memory');
    expect(await best()).toBe('starter');
    expect((await findPack('boastful')).pack.id).toBe('boastful');
  });

  it('is the best again once it drew, or was replaced', async () => {
    await (await beginRun(at('boastful'))).end('damaged-pack');
    await (await beginRun(at('boastful'))).end(null);
    expect(await best()).toBe('boastful');
    await (await beginRun(at('modest'))).end('engine-failed');
    expect(await hasFailed(at('modest'))).toBe(true);
    utimesSync(join(at('modest'), 'pack.json'), new Date(), new Date(Date.now() + 5000));
    expect(await hasFailed(at('modest'))).toBe(false);
  });

  it('is not one that drew before, nor one that somebody stopped or that had no engine', async () => {
    await (await beginRun(at('boastful'))).end(null);
    await (await beginRun(at('boastful'))).end('engine-failed');
    expect(await hasFailed(at('boastful'))).toBe(false);
    for (const code of ['cancelled', 'engine-unavailable', 'empty-prompt'] as const)
      await (await beginRun(at('modest'))).end(code);
    expect(await hasFailed(at('modest'))).toBe(false);
    await (await beginRun(at('modest'))).end('engine-failed');
    await (await beginRun(at('modest'))).end('cancelled');
    expect(await hasFailed(at('modest'))).toBe(true);
  });

  it('is also one in the middle of which its process ended', async () => {
    await beginRun(at('boastful'));
    expect(await hasFailed(at('boastful'))).toBe(false);
    const notes = join(folder, 'cache', 'first-runs');
    const note = join(notes, readdirSync(notes)[0] as string);
    writeFileSync(note, readFileSync(note, 'utf8').replace(/"pid":\d+/, `"pid":${2 ** 30}`));
    expect(await hasFailed(at('boastful'))).toBe(true);
  });

  it('is forgotten where notes can not be kept, and costs nothing else', async () => {
    mkdirSync(join(folder, 'cache'), { recursive: true });
    writeFileSync(join(folder, 'cache', 'first-runs'), 'a file');
    await (await beginRun(at('boastful'))).end('engine-failed');
    expect(await best()).toBe('boastful');
  });
});
