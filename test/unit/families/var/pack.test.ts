/** A next-scale pack from import to pictures, and what a host may ask of it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Pack, presetsOf, scheduleOfSteps } from '../../../../models/families/packs.js';
import { firstResampled, resampledCodes, splitOf } from '../../../../models/families/var/assisted.js';
import { type VarModel, VarPart } from '../../../../models/families/var/part.js';
import { ImportError } from '../../../../models/import/recipe.js';
import type { GenerateRequest, Schedule } from '../../../../models/protocol.js';
import { REQUEST_DEFAULTS } from '../../../../models/protocol.js';
import { createEngine } from '../../../../models/run/generate.js';
import { readPackFolder, verifyPack } from '../../../../server/packs/folder.js';
import { describeRefusedEdits } from '../../../support/edit-conformance.js';
import { collect, describeEngine, picturesOf } from '../../../support/engine-conformance.js';
import { makeVarPack, open, VAR_FILES } from '../../../support/random-packs.js';

const REQUEST: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  ...{ seeds: [1], prompt: 'three', pack: 'tiny-var', sampling: null, draft: false },
  schedule: { kind: 'student', steps: 2 },
  size: { width: 128, height: 128 },
};

let folder = '';
beforeAll(async () => {
  folder = await makeVarPack();
});

describeEngine({
  name: 'the pipeline with scales',
  create: async () => createEngine(await open(folder)),
  request: REQUEST,
});
describeRefusedEdits({
  name: 'the pipeline with scales',
  create: async () => createEngine(await open(folder)),
  request: REQUEST,
});

describe('an imported pack', () => {
  it('is as it says, and has the graphs that METHOD 8 needs', async () => {
    const found = await readPackFolder(folder);
    await verifyPack(found, { again: true });
    expect(found.pack.size).toEqual({ width: 128, height: 128 });
    expect(found.pack.files.map(({ path }) => path)).toEqual([
      ...['decoder.onnx', 'student.onnx', 'student-class.onnx', 'teacher.onnx', 'teacher-class.onnx'],
      ...['levels.onnx', 'codebook.f32', 'labels.json'],
    ]);
    expect(found.pack.provenance.sources.map(({ role, file }) => `${role} ${file}`).sort()).toEqual([
      ...['student dd-var.pt', 'teacher var.pt', 'vq vae.pt'],
    ]);
  });

  it('of the student alone is smaller, and can not ask the teacher', async () => {
    const { vq, student } = VAR_FILES;
    const alone = await open(await makeVarPack('exact', { vq, student }));
    expect(Object.keys(presetsOf(alone.pack))).toEqual(['draft', 'standard']);
    const events = await collect(createEngine(alone), { ...REQUEST, schedule: { kind: 'teacher', draw: 'sample' } });
    expect(events.at(-1)).toMatchObject({
      code: 'unsupported-schedule',
      message: 'The teacher was asked for. Pack tiny-var offers: 1 or 2 steps of the student.',
    });
  });

  it.each([
    [
      'a student as teacher',
      { ...VAR_FILES, teacher: VAR_FILES.student },
      /is not the teacher of recipe tiny-var \("var.pt"\): it is a student/,
    ],
    [
      'a teacher as student',
      { ...VAR_FILES, student: VAR_FILES.teacher },
      /is not the student of recipe .*: it is a teacher/,
    ],
    ['the tokenizer alone', { vq: VAR_FILES.vq }, /needs --student, --teacher or both/],
    ['no tokenizer', { student: VAR_FILES.student }, /needs --vq vae.pt/],
  ])('is refused of %s', async (_, files, words) => {
    await expect(makeVarPack('exact', files)).rejects.toThrow(ImportError);
    await expect(makeVarPack('exact', files)).rejects.toThrow(words);
  });
});

describe('the pipeline', () => {
  it.each([
    ['1 step', { kind: 'student', steps: 1 }],
    ['2 steps', { kind: 'student', steps: 2 }],
    ['a scale by the teacher', { kind: 'mixed', resampled: 16 }],
    ['all first scales by the teacher', { kind: 'mixed', resampled: 30 }],
    ['the teacher by chance', { kind: 'teacher', draw: 'sample' }],
    ['the teacher from the noise', { kind: 'teacher', draw: 'noise' }],
  ] satisfies [string, Schedule][])('draws with %s', async (_, schedule) => {
    const events = await collect(createEngine(await open(folder)), { ...REQUEST, schedule, seeds: [1, 2] });
    const [first, second] = picturesOf(events);
    expect(events.at(-1)?.type).toBe('done');
    expect(first?.bytes).not.toEqual(second?.bytes);
    // The last progress says that everything is done: the plan of units was the work that was done.
    expect(events.filter((event) => event.type === 'progress').at(-1)).toMatchObject({ fraction: 1 });
  });

  it.each([
    { kind: 'student', steps: 2 },
    { kind: 'mixed', resampled: 16 },
    { kind: 'mixed', resampled: 30 },
  ] satisfies Schedule[])('shows a draft without a change of the picture: %o', async (schedule) => {
    const engine = createEngine(await open(folder));
    const events = await collect(engine, { ...REQUEST, schedule, draft: true });
    expect(events.filter(({ type }) => type === 'draft')).toHaveLength(1);
    const plain = await collect(engine, { ...REQUEST, schedule });
    const bytesOf = (some: typeof events) => picturesOf(some).map(({ width, bytes }) => [width, bytes.length > 100]);
    expect(bytesOf(events)).toEqual(bytesOf(plain));
    expect(events.filter((event) => event.type === 'progress').at(-1)).toMatchObject({ fraction: 1 });
  });

  it('refuses codes that are no whole scales, and says which are', async () => {
    const engine = createEngine(await open(folder));
    const events = await collect(engine, { ...REQUEST, schedule: { kind: 'mixed', resampled: 7 } });
    expect(events.at(-1)).toMatchObject({
      message:
        'The teacher was to draw 7 codes again, which are no whole scales. Pack tiny-var offers: 1 or 2 steps of the student; the student with 16, 25, 29, 30 codes drawn again by the teacher; the teacher alone in 7 steps.',
    });
  });

  it('draws the same class from other words for it, and another class otherwise', async () => {
    const engine = createEngine(await open(folder));
    const draw = async (prompt: string) => picturesOf(await collect(engine, { ...REQUEST, prompt }))[0]?.bytes;
    expect(await draw('three')).not.toEqual(await draw('four'));
  });
});

describe('steps', () => {
  const of = (pack: unknown) => Pack.parse(pack);
  const published = async (): Promise<Pack> => {
    const pack = JSON.parse(await readFile(join(folder, 'pack.json'), 'utf8')) as Record<string, unknown>;
    const part = VarPart.parse(pack['family']);
    return of({
      ...pack,
      size: { width: 256, height: 256 },
      family: {
        ...part,
        scales: [1, 2, 3, 4, 5, 6, 8, 10, 13, 16],
        student: {
          ...part.student,
          ...{ times: [0, 5], split: 5 },
          assisted: {
            sampling: part.teacher?.sampling,
            splits: [
              { scales: 2, split: 8 },
              { scales: 5, split: 9 },
            ],
          },
        },
      },
    });
  };

  it('are those of the authors: 3, 4 and 6 draw from scale 4, 3 and 0 on, with splits 5, 8 and 9', async () => {
    const pack = await published();
    const model = { id: 'd16', ...(pack.family as VarPart) } satisfies VarModel;
    expect(resampledCodes(model)).toEqual([25, 41, 50, 54, 55]);
    const plans = [3, 4, 6].map((steps) => {
      const schedule = scheduleOfSteps(pack, steps);
      const first = schedule.kind === 'mixed' ? firstResampled(model, schedule.resampled) : Number.NaN;
      return [first, splitOf(model, first)];
    });
    expect(plans).toEqual([
      [4, 5],
      [3, 8],
      [0, 9],
    ]);
    expect(presetsOf(pack)).toEqual({
      draft: { kind: 'student', steps: 1 },
      standard: { kind: 'student', steps: 2 },
      fine: { kind: 'mixed', resampled: 41 },
    });
  });

  it.each([
    ['scales that do not rise', { scales: [1, 2, 2, 16] }, /scales must rise: 1, 2, 2, 16/],
    ['more tokens than are drawn', { scales: [1, 63, 64], downsample: 4 }, /have 8066 tokens; at most 4096 are drawn/],
    ['another size', { downsample: 8 }, /make 128 x 128 pixels, and "size" says 256 x 256/],
  ])('a pack with %s is refused', async (_, changes, words) => {
    const pack = await published();
    const result = Pack.safeParse({ ...pack, family: { ...pack.family, ...changes } });
    expect(result.error?.issues.map(({ message }) => message).join('\n')).toMatch(words);
  });
});
