import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CheckpointError } from '../../../models/checkpoint/error.js';
import type { BenchEvent } from '../../../models/import/bench/bench.js';
import type { ImportEvent, ImportJob } from '../../../models/import/import-pack.js';
import type { Comparison } from '../../../models/import/parity/compare.js';
import { RECIPES } from '../../../models/import/recipes.js';
import type { Importer } from '../../../server/cli/import.js';
import { runCommand } from '../../support/command.js';
import { describePack, writePack } from '../../support/packs.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twostep-verbs-'));
  vi.stubEnv('TWOSTEP_PACKS', join(folder, 'packs'));
  vi.stubEnv('TWOSTEP_EMBEDDED_PACKS', join(folder, 'embedded'));
  vi.stubEnv('TWOSTEP_CACHE', join(folder, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

async function* say<Event>(...events: (Event | Error)[]): AsyncGenerator<Event> {
  for (const event of events) {
    if (event instanceof Error) throw event;
    yield event;
  }
}

describe('twostep', () => {
  it('tells its version and its exit codes', async () => {
    const version = await runCommand(['--version']);
    expect([version.exitCode, version.stdout]).toEqual([0, '1.2.3\n']);
    const help = await runCommand(['--help']);
    expect(help.exitCode).toBe(0);
    for (const code of [0, 1, 2, 3, 70, 130, 141]) expect(help.stdout).toMatch(new RegExp(`^ {2}${code} +\\w`, 'm'));
  });

  it.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['pack', 'eat'], "unknown command 'eat'"],
  ])('refuses %j', async (args, message) => {
    const run = await runCommand(args);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(message);
  });
});

describe('twostep pack', () => {
  it('says that there is none', async () => {
    const run = await runCommand(['pack', 'list']);
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toContain(`they are kept in ${join(folder, 'packs')}`);
    expect((await runCommand(['pack', 'info', 'nothing'])).exitCode).toBe(3);
  });

  it('lists, describes and verifies', async () => {
    const path = writePack(join(folder, 'packs', 'one'));
    const list = await runCommand(['pack', 'list', '--json']);
    expect(list.records()).toEqual([
      { type: 'pack', id: 'test-pack', name: 'Test pack', folder: path, embedded: false, bytes: 68 },
    ]);
    const info = await runCommand(['pack', 'info', 'test-pack']);
    expect(info.stdout).toContain('student   2 layers of 64, steps begin at 0, 80');
    const verify = await runCommand(['pack', 'verify', path]);
    expect([verify.exitCode, verify.stdout]).toEqual([0, 'test-pack: 5 files, 68 B, all sound\n']);
  });

  it('names what is damaged and ends with 3', async () => {
    const path = writePack(join(folder, 'packs', 'one'));
    await runCommand(['pack', 'verify', path]);
    writeFileSync(join(path, 'student.onnx'), 'STUDENT');
    writeFileSync(join(path, 'decoder.onnx'), 'longer than before');
    const run = await runCommand(['pack', 'verify', path]);
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toMatch(/student\.onnx.*decoder\.onnx/s);
    writeFileSync(join(path, 'pack.json'), '{');
    const list = await runCommand(['pack', 'list']);
    expect(list.exitCode).toBe(3);
    expect(list.stderr).toContain('not JSON');
  });

  it('prefers a student to a teacher', async () => {
    writePack(join(folder, 'packs', 'a'), describePack({ id: 'a', student: null }));
    writePack(join(folder, 'packs', 'b'), describePack({ id: 'b' }));
    const run = await runCommand(['--json', 'pack', 'info']);
    expect(run.records()[0]).toMatchObject({ pack: { id: 'b' } });
  });
});

describe('twostep import', () => {
  const jobs: ImportJob[] = [];
  const createImporter = (...events: (ImportEvent | Error)[]): Importer => ({
    recipes: RECIPES,
    run(job) {
      jobs.push(job);
      return say(...events);
    },
  });
  beforeEach(() => void jobs.splice(0));

  it('hands the files to the recipe', async () => {
    const importer = createImporter(
      { type: 'progress', label: 'teacher', fraction: 0.5 },
      { type: 'done', id: 'llamagen-b', folder: '/packs/b', bytes: 1_400_000 },
    );
    const run = await runCommand(['import', 'llamagen-b', '--teacher', '/t.pt', '--vq', '/v.pt'], { importer });
    expect(run.exitCode).toBe(0);
    expect(jobs).toEqual([
      {
        recipe: RECIPES.find(({ name }) => name === 'llamagen-b'),
        files: { teacher: '/t.pt', vq: '/v.pt' },
        out: join(folder, 'packs', 'llamagen-b'),
        storage: 'exact',
      },
    ]);
    expect(run.stdout).toBe('/packs/b\n');
    expect(run.stderr).toBe('50% teacher\nPack llamagen-b, 1.4 MB.\n');
  });

  it('takes a recipe from a file, and says what is wrong with one', async () => {
    const path = join(folder, 'mine.json');
    writeFileSync(path, JSON.stringify({ ...RECIPES[0], name: 'mine' }));
    const importer = createImporter({ type: 'done', id: 'mine', folder: '/packs/mine', bytes: 1 });
    const good = await runCommand(['import', path, '--storage', 'small', '--out', join(folder, 'p')], { importer });
    expect(good.exitCode).toBe(0);
    expect(jobs[0]).toMatchObject({ recipe: { name: 'mine' }, storage: 'small', out: join(folder, 'p') });
    writeFileSync(path, '{"name": "mine", "colour": "red"}');
    const bad = await runCommand(['import', path], { importer });
    expect(bad.exitCode).toBe(2);
    expect(bad.stderr).toMatch(/mine\.json" is not a recipe: .*summary/);
    writeFileSync(path, '{');
    expect((await runCommand(['import', path], { importer })).stderr).toMatch(/is not a recipe: .*JSON/);
  });

  it.each([
    [['import', 'xxl'], 'There is no recipe "xxl". There are llamagen-t2i-xl,'],
    [['import', 'llamagen-b', '--text', 't'], 'has no use for --text; it takes --teacher, --student, --vq.'],
  ])('refuses %j', async (args, message) => {
    const run = await runCommand(args, { importer: createImporter() });
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(message);
    expect(jobs).toEqual([]);
  });

  it('lists the recipes and the names of their files in its help', async () => {
    const run = await runCommand(['import', '--help'], { importer: createImporter() });
    expect(run.exitCode).toBe(0);
    for (const word of ['llamagen-t2i-xl', 't2i_XL_stage1_256.pt', 'may be left out'])
      expect(run.stdout).toContain(word);
  });

  it('tells of a damaged checkpoint without a stack', async () => {
    const importer = createImporter(new CheckpointError('t.pt', 'damaged', 'the archive ends too early.'));
    const run = await runCommand(['import', 'llamagen-b'], { importer });
    expect([run.exitCode, run.stderr]).toEqual([1, 't.pt: the archive ends too early.\n']);
  });
});

describe('twostep parity', () => {
  const agree: Comparison = { name: 'a', agrees: true, absolute: 1e-6, relative: 2e-5, note: '' };
  const apart: Comparison = { name: 'b', agrees: false, absolute: null, relative: null, note: '3 of 9' };
  it.each([
    [[agree, agree], 0, 'All 2 arrays agree.'],
    [[agree, apart], 1, '1 of 2 arrays do not agree.'],
    [[], 1, 'All 0 arrays agree.'],
  ])('%# ends as the arrays say', async (arrays, exitCode, words) => {
    const run = await runCommand(['parity', 'in', '--out', 'out'], { parity: () => say<Comparison>(...arrays) });
    expect(run.exitCode).toBe(exitCode);
    expect(run.stderr).toContain(words);
    expect(run.stdout.split('\n')).toHaveLength(arrays.length + 1);
  });

  it('needs a folder for its results', async () => {
    const run = await runCommand(['parity', 'in'], { parity: () => say() });
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain("required option '--out <folder>' not specified");
  });
});

describe('twostep bench', () => {
  it('prints a table', async () => {
    const events: BenchEvent[] = [
      { type: 'machine', gflops: 389, note: '2 cores.' },
      { type: 'phase', model: 'middle', phase: 'step 1', milliseconds: 12.34, share: 0.81 },
      { type: 'done' },
    ];
    const run = await runCommand(['bench'], { bench: { quick: () => say(...events), full: () => say() } });
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toMatch(/389 GFLOP\/s.*middle.*step 1 +12\.3 ms +81 %/s);
  });

  it('prints and writes the tables of a full size as they come', async () => {
    const section = {
      type: 'section',
      title: 'Machine',
      columns: ['what', 'is'],
      rows: [['cores', '2']],
      notes: [],
    } as const;
    const report = join(folder, 'BENCHMARKS.md');
    const asked: unknown[] = [];
    const full = async function* (options: unknown) {
      asked.push(options);
      yield section;
      throw new Error('stopped half-way');
    };
    const bench = { quick: () => say<BenchEvent>(), full };
    const run = await runCommand(['bench', '--size', 'small', '--rounds', '2', '--report', report], { bench });
    expect(run.exitCode).not.toBe(0);
    expect(asked).toMatchObject([{ size: 'small', rounds: 2, noises: 100 }]);
    expect(run.stdout).toContain('cores  2');
    expect(readFileSync(report, 'utf8')).toMatch(/^# Benchmarks: small\n.*\| cores \| 2 \|\n$/s);
    // What other benches found is written below, and stays.
    appendFileSync(report, '\n<!-- other benches -->\n\n# Several machines\n');
    await runCommand(['bench', '--size', 'small', '--report', report], { bench });
    expect(readFileSync(report, 'utf8')).toMatch(/\| 2 \|\n\n<!-- other benches -->\n\n# Several machines\n$/);
    expect((await runCommand(['bench', '--size', 'enormous'], { bench })).exitCode).toBe(2);
  });
});
