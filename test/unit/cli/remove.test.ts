import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCommand } from '../../support/command.js';
import { describePack, writePack } from '../../support/packs.js';

let folder: string;
let packs: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twostep-remove-'));
  packs = join(folder, 'packs');
  vi.stubEnv('TWOSTEP_PACKS', packs);
  vi.stubEnv('TWOSTEP_EMBEDDED_PACKS', join(folder, 'embedded'));
  writePack(join(packs, 'one'), describePack({ id: 'foxes' }));
  writePack(join(packs, 'two'), describePack({ id: 'owls' }));
  writePack(join(folder, 'embedded', 'starter'), describePack({ id: 'starter' }));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const remove = (...args: string[]) => runCommand(['pack', 'remove', ...args]);

describe('twostep pack remove', () => {
  it('says what goes and how much it is, and takes away nothing else', async () => {
    const run = await remove('foxes', '--yes');
    expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^foxes: 6 files, 1\.\d kB, removed\n$/) });
    expect(run.stderr).toMatch(/^foxes: 6 files, 1\.\d kB, at .*packs\/one\n$/);
    expect(readdirSync(packs)).toEqual(['two']);
  });

  it('tells a program the same', async () => {
    const run = await remove('foxes', '--yes', '--json');
    const what = { id: 'foxes', folder: join(packs, 'one'), files: 6, bytes: expect.any(Number) };
    expect(run.records()).toEqual([
      { type: 'removable', ...what },
      { type: 'removed', ...what },
    ]);
  });

  it.each([
    ['y', 0],
    [' Yes ', 0],
    ['n', 1],
    ['', 1],
    ['yellow', 1],
  ])('asks at a terminal, and goes by the answer "%s"', async (answer, exitCode) => {
    const asked: string[] = [];
    const ask = async (question: string) => {
      asked.push(question);
      return answer;
    };
    const run = await runCommand(['pack', 'remove', 'foxes'], { ask });
    expect([run.exitCode, asked]).toEqual([exitCode, ['Remove it for good? [y/N] ']]);
    expect(existsSync(join(packs, 'one'))).toBe(exitCode !== 0);
    if (exitCode !== 0) expect(run.stderr).toContain('Nothing was removed.');
  });

  it('needs --yes where nobody can be asked, and from a program', async () => {
    for (const run of [
      await remove('foxes'),
      await runCommand(['pack', 'remove', 'foxes', '--json'], { ask: async () => 'y' }),
    ]) {
      expect(run.exitCode).toBe(2);
      expect(run.stdout + run.stderr).toContain('Say --yes to remove foxes.');
    }
    expect(readdirSync(packs)).toEqual(['one', 'two']);
  });

  it('is cancelled by Ctrl-C at the question', async () => {
    const stop = new AbortController();
    const ask = async () => {
      stop.abort();
      return '';
    };
    expect((await runCommand(['pack', 'remove', 'foxes'], { ask, signal: stop.signal })).exitCode).toBe(130);
    expect(existsSync(join(packs, 'one'))).toBe(true);
  });

  it('takes what a pull left with the pack, or alone', async () => {
    for (const name of ['one', 'three']) {
      mkdirSync(join(packs, `${name}.partial`));
      writeFileSync(join(packs, `${name}.partial`, 'teacher.onnx'), 'half');
    }
    expect((await remove('foxes', '--yes')).stdout).toContain('foxes: 7 files');
    expect((await remove('three', '--yes')).stdout).toBe('three: 1 file, 4 B, removed\n');
    expect(readdirSync(packs)).toEqual(['two']);
  });

  it('takes a damaged pack by the name of its folder', async () => {
    writeFileSync(join(packs, 'one', 'pack.json'), '{');
    expect((await remove('one', '--yes')).exitCode).toBe(0);
    expect(readdirSync(packs)).toEqual(['two']);
  });

  it('follows no link', async () => {
    const elsewhere = writePack(join(folder, 'elsewhere'), describePack({ id: 'linked' }));
    symlinkSync(elsewhere, join(packs, 'link'));
    expect((await remove('linked', '--yes')).stdout).toContain('linked: 1 file');
    expect(readdirSync(packs)).toEqual(['one', 'two']);
    expect(readdirSync(elsewhere)).toHaveLength(6);
  });

  it.each([
    ['starter', 2, 'Pack "starter" comes with the program and stays as long as it does'],
    ['nothing', 3, 'There is no pack "nothing" among your own in'],
    ['../elsewhere', 3, 'there are: foxes, owls.'],
  ])('refuses "%s"', async (name, exitCode, message) => {
    const run = await remove(name, '--yes');
    expect(run.exitCode).toBe(exitCode);
    expect(run.stderr).toContain(message);
    expect(readdirSync(packs)).toEqual(['one', 'two']);
  });

  it('waits for no one who is still fetching it', async () => {
    mkdirSync(join(packs, 'one.partial'));
    writeFileSync(join(packs, 'one.partial', 'import.lock'), String(process.ppid));
    const run = await remove('foxes', '--yes');
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain(`Process ${process.ppid} is making`);
    expect(existsSync(join(packs, 'one'))).toBe(true);
  });
});
