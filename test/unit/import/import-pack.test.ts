import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelOf } from '../../../models/families/llamagen/part.js';
import { Pack } from '../../../models/families/packs.js';
import { type ImportEvent, type ImportJob, importPack } from '../../../models/import/import-pack.js';
import { ImportError, LlamagenRecipe, type Recipe } from '../../../models/import/recipe.js';
import { RECIPES } from '../../../models/import/recipes.js';

import { readPackFolder, verifyPack } from '../../../server/packs/folder.js';
import {
  CLASS_RECIPE,
  LLAMAGEN_A,
  makeTextPack,
  TEXT_RECIPE,
  temporaryFolder,
  writeTextSources,
} from '../../support/random-packs.js';

const FILES = { vq: `${LLAMAGEN_A}vq.pt`, teacher: `${LLAMAGEN_A}c2i.pt`, student: `${LLAMAGEN_A}dd-c2i.pt` };

const jobOf = (changes: Partial<ImportJob> = {}): ImportJob => ({
  recipe: CLASS_RECIPE,
  files: FILES,
  out: join(temporaryFolder(), 'pack'),
  storage: 'exact',
  ...changes,
});

async function run(job: ImportJob, signal = new AbortController().signal): Promise<ImportEvent[]> {
  const events: ImportEvent[] = [];
  for await (const event of importPack(job, signal)) events.push(event);
  return events;
}

const readAll = (folder: string) =>
  Pack.parse(JSON.parse(readFileSync(join(folder, 'pack.json'), 'utf8'))).files.map(({ sha256 }) => sha256);

describe('importPack', () => {
  it('makes a pack whose every file is as it says, and says where it comes from', async () => {
    const job = jobOf();
    const events = await run(job);
    expect(events.at(-1)).toMatchObject({ type: 'done', id: 'tiny-classes', folder: job.out });
    const found = await readPackFolder(job.out);
    await verifyPack(found, { again: true });
    expect(found.pack.provenance.sources.map(({ role, file }) => `${role} ${file}`).sort()).toEqual([
      'student dd-c2i.pt',
      'teacher c2i.pt',
      'vq vq.pt',
    ]);
    expect(modelOf(found.pack).grid).toEqual({ rows: 8, columns: 8, downsample: 4 });
    // Nothing of this machine is in it.
    expect(readFileSync(join(job.out, 'pack.json'), 'utf8')).not.toContain(LLAMAGEN_A);
    expect(existsSync(`${job.out}.partial`)).toBe(false);
  });

  it('gives the same bytes from the same checkpoints', async () => {
    const [first, second] = [jobOf(), jobOf()];
    await run(first);
    await run(second);
    expect(readAll(first.out)).toEqual(readAll(second.out));
    expect(readFileSync(join(first.out, 'pack.json'))).toEqual(readFileSync(join(second.out, 'pack.json')));
  });

  it('makes a text pack with encoder and tokenizer, and one with smaller weights', async () => {
    const { pack } = await readPackFolder(await makeTextPack());
    expect(pack.condition).toMatchObject({ kind: 'text', tokens: 120, width: 64 });
    const [exact, small] = [jobOf(), jobOf({ storage: 'small' })];
    const sizes = [];
    for (const job of [exact, small])
      sizes.push((await run(job)).flatMap((e) => (e.type === 'done' ? [e.bytes] : []))[0]);
    expect(sizes[1]).toBeLessThan((sizes[0] ?? 0) * 0.6);
  });

  it('goes on where it was stopped', async () => {
    const job = jobOf();
    const stop = new AbortController();
    const begun: string[] = [];
    await expect(async () => {
      for await (const event of importPack(job, stop.signal)) {
        if (event.type === 'progress' && event.label === 'writing teacher') stop.abort();
      }
    }).rejects.toThrow();
    const partial = `${job.out}.partial`;
    expect(existsSync(join(partial, 'student.onnx'))).toBe(true);
    expect(existsSync(job.out)).toBe(false);
    // A marked file shows that it was not written again: its size is what is looked at.
    const size = readFileSync(join(partial, 'decoder.onnx')).length;
    writeFileSync(join(partial, 'decoder.onnx'), Buffer.alloc(size, 7));
    for (const event of await run(job)) if (event.type === 'progress') begun.push(event.label);
    expect(readFileSync(join(job.out, 'decoder.onnx')).every((byte) => byte === 7)).toBe(true);
    expect(begun).toContain('writing teacher');
    expect(existsSync(partial)).toBe(false);
  });

  it('begins anew when it was begun with other files', async () => {
    const job = jobOf();
    const stop = new AbortController();
    await expect(async () => {
      for await (const event of importPack(job, stop.signal))
        if (event.type === 'progress' && event.label === 'writing teacher') stop.abort();
    }).rejects.toThrow();
    writeFileSync(join(`${job.out}.partial`, 'decoder.onnx'), Buffer.alloc(10));
    await run({ ...job, files: { vq: FILES.vq, teacher: FILES.teacher } });
    const found = await readPackFolder(job.out);
    await verifyPack(found, { again: true });
    expect(modelOf(found.pack).student).toBeNull();
    expect(existsSync(join(job.out, 'student.onnx'))).toBe(false);
  });

  it.each([
    [
      'a recipe whose labels are not as many',
      { recipe: { ...CLASS_RECIPE, condition: { kind: 'class', labels: [['one']] } } },
      /7 classes, but .* 1/,
    ],
    [
      'steps that begin outside of the grid',
      { recipe: { ...CLASS_RECIPE, student: { kind: 'two-head', times: [0, 64], split: 64 } } },
      /^This would not become a pack that can be used: family\.student\.times\.1: time 64 is not below the 64 positions/,
    ],
    ['a teacher as a student', { files: { ...FILES, student: FILES.teacher } }, /does not hold a two-head student/],
    ['a tokenizer as a teacher', { files: { vq: FILES.vq, teacher: FILES.vq } }, /does not hold a LlamaGen/],
    [
      'a file that is not there',
      { files: { ...FILES, vq: '/nowhere/vq.pt' } },
      /nothing at "\/nowhere\/vq.pt", given as --vq/,
    ],
    ['no tokenizer', { files: { teacher: FILES.teacher } }, /needs --vq/],
    ['neither student nor teacher', { files: { vq: FILES.vq } }, /--student, --teacher or both/],
  ] as const)('refuses %s and leaves nothing', async (_, changes, message) => {
    const job = jobOf(changes as unknown as Partial<ImportJob>);
    await expect(run(job)).rejects.toThrow(message);
    expect(existsSync(job.out)).toBe(false);
    expect(existsSync(`${job.out}.partial`)).toBe(false);
  });

  it('begins nothing where a runtime would refuse the pack', async () => {
    const recipe = { ...CLASS_RECIPE, student: { kind: 'two-head', times: [5, 20], split: 24 } } as const;
    const events: ImportEvent[] = [];
    const all = async () => {
      for await (const event of importPack(jobOf({ recipe: recipe as never }), new AbortController().signal))
        events.push(event);
    };
    await expect(all()).rejects.toThrow(ImportError);
    expect(events).toEqual([]);
  });

  it('refuses a teacher whose unconditional table has other rows than the recipe has tokens', async () => {
    const recipe = { ...TEXT_RECIPE, condition: { ...TEXT_RECIPE.condition, tokens: 77 } } as Recipe;
    const files = await writeTextSources();
    await expect(run(jobOf({ recipe, files }))).rejects.toThrow(
      /^The teacher was trained on prompts of 120 tokens .* but recipe tiny-text says 77\.$/,
    );
    // Nobody guides a student.
    const { teacher: _, ...alone } = files;
    const job = jobOf({ recipe, files: alone });
    await run(job);
    expect((await readPackFolder(job.out)).pack.condition).toMatchObject({ tokens: 77 });
  });

  it('lets nobody else work on the pack meanwhile, not in this process either', async () => {
    const job = jobOf();
    const first = importPack(job, new AbortController().signal);
    await first.next();
    await expect(run(job)).rejects.toThrow(`Process ${process.pid} is making "${job.out}" already.`);
    // The owner of a lock that somebody stops listening to gives it back.
    await first.return(undefined);
    expect((await run(job)).at(-1)?.type).toBe('done');
  });

  it('tells a checkpoint of another size by the sizes that the recipe expects', async () => {
    const recipe = LlamagenRecipe.parse(RECIPES.find(({ name }) => name === 'llamagen-b'));
    const job = jobOf({ recipe: { ...recipe, heads: 4, grid: { rows: 8, columns: 8 } } });
    await expect(run(job)).rejects.toThrow(
      /is not the student of recipe llamagen-b \("llamagen-B.pt"\): its width is 64, not 768/,
    );
  });

  it('overwrites nothing', async () => {
    const job = jobOf();
    await run(job);
    await expect(run(job)).rejects.toThrow(/is there already/);
    expect(existsSync(join(job.out, 'pack.json'))).toBe(true);
  });
});
