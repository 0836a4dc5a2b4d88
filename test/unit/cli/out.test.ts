/** D15 and D16: where the pictures go is looked at before they are drawn; a disk that is full is said in words. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RECIPES } from '../../../models/import/recipes.js';
import { REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { runCommand } from '../../support/command.js';
import { createFakeEngine } from '../../support/fake-engine.js';

const fresh = () => mkdtempSync(join(tmpdir(), 'twostep-out-'));
const DISK_FULL = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

describe('D16: a folder for pictures', () => {
  const places: readonly (readonly [string, () => string | null, RegExp])[] = [
    [
      'that is a file',
      () => {
        const file = join(fresh(), 'a.txt');
        writeFileSync(file, '');
        return file;
      },
      /it is there already\. It is no folder/,
    ],
    [
      'that lies in a file',
      () => {
        const file = join(fresh(), 'a.txt');
        writeFileSync(file, '');
        return join(file, 'deeper', 'still');
      },
      /a part of that path is not a folder/,
    ],
    ['where no folder can be made', () => (existsSync('/proc/self') ? '/proc/x' : null), /it may not be written to/],
    ['that is a device', () => (existsSync('/dev/full') ? '/dev/full' : null), /it is there already\. It is no folder/],
    [
      'that may not be written to',
      () => {
        const folder = fresh();
        chmodSync(folder, 0o500);
        return process.getuid?.() === 0 ? null : folder;
      },
      /it may not be written to/,
    ],
  ];
  it.each(places)('%s is refused before anything is drawn', async (_, place, words) => {
    const out = place();
    if (out === null) return void expect(words).toBeDefined();
    const engine = createFakeEngine();
    for (const args of [
      ['generate', 'a fox', '--out', out],
      ['import', 'llamagen-t2i-xl', '--out', join(out, 'pack')],
      ['parity', 'in', '--out', out],
    ]) {
      const importer = { recipes: RECIPES, run: () => expect.fail('it began to import') };
      const parity = () => expect.fail('it began to compare');
      const run = await runCommand(args, { engine, importer, parity });
      expect([run.exitCode, run.stdout]).toEqual([1, '']);
      expect(run.stderr).toMatch(words);
      expect(run.stderr).toContain('name another folder with --out.');
    }
    expect(engine.requests).toEqual([]);
  });

  it('is made when it is not there, and taken back when nothing came into it', async () => {
    const out = join(fresh(), 'a', 'b');
    const fails = createFakeEngine([{ type: 'error', code: 'empty-prompt', message: 'The prompt is empty.' }]);
    expect((await runCommand(['generate', 'x', '--out', out], { engine: fails })).exitCode).toBe(2);
    expect(existsSync(join(out, '..'))).toBe(false);
    const run = await runCommand(['generate', 'x', '--seed', '1', '--out', out], { engine: createFakeEngine() });
    expect([run.exitCode, readdirSync(out)]).toEqual([0, ['x-1.png']]);
  });
});

describe('D15: a disk that is full', () => {
  it('is said in a sentence by generate', async (context) => {
    if (!existsSync('/dev/full')) context.skip('there is no /dev/full here');
    const out = fresh();
    // What is written to it fails as on a full disk.
    symlinkSync('/dev/full', join(out, `.x-1.${process.pid}.tmp`));
    const run = await runCommand(['generate', 'x', '--seed', '1', '--out', out], { engine: createFakeEngine() });
    expect([run.exitCode, readdirSync(out)]).toEqual([1, []]);
    expect(run.stderr).toContain(`The disk of "${out}" is full. Make room and try again.`);
    expect(run.stderr).not.toMatch(/fault of Twostep|ENOSPC/);
  });

  it('is said in a sentence by import, with what goes on', async () => {
    const out = join(fresh(), 'packs', 'mine');
    // biome-ignore lint/correctness/useYield: it fails before it has anything to say.
    const run = async function* () {
      throw DISK_FULL;
    };
    const ended = await runCommand(['import', 'llamagen-t2i-xl', '--out', out], {
      importer: { recipes: RECIPES, run },
    });
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toMatch(
      /The disk of ".*packs" is full\. What the import had written was removed again; make room and run the same command once more\./,
    );
    expect(existsSync(join(out, '..'))).toBe(false);
  });

  it('is said in a sentence wherever else it happens', async () => {
    const bench = {
      quick: async function* () {
        yield* [];
        throw DISK_FULL;
      },
      full: async function* () {},
    };
    const run = await runCommand(['bench'], { bench });
    expect([run.exitCode, run.stderr.trim()]).toEqual([1, 'Failed, since the disk is full.']);
  });
});

it('draws as before where everything is in order', async () => {
  const engine = createFakeEngine();
  await runCommand(['generate', 'x', '--seed', '1', '--out', fresh()], { engine });
  expect(engine.requests).toMatchObject([{ ...REQUEST_DEFAULTS, seeds: [1] }]);
});
