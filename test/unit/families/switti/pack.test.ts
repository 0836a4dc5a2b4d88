/** A Switti pack from import to pictures, and what a host may ask of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { presetsOf } from '../../../../models/families/packs.js';
import { guidanceAt, runsNothing } from '../../../../models/families/switti/guidance.js';
import { SwittiPart } from '../../../../models/families/switti/part.js';
import type { GenerateRequest } from '../../../../models/protocol.js';
import { REQUEST_DEFAULTS } from '../../../../models/protocol.js';
import { createEngine } from '../../../../models/run/generate.js';
import { readPackFolder, verifyPack } from '../../../../server/packs/folder.js';
import { collect, describeEngine, picturesOf } from '../../../support/engine-conformance.js';
import { open } from '../../../support/random-packs.js';
import { makeSwittiPack, writeSwittiSources } from '../../../support/switti-pack.js';

const REQUEST: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  ...{ seeds: [1], prompt: 'a red house', pack: 'tiny-switti' },
  schedule: { kind: 'teacher', draw: 'sample' },
  size: { width: 16, height: 16 },
};

let folder = '';
let files: Awaited<ReturnType<typeof writeSwittiSources>>;
beforeAll(async () => {
  files = await writeSwittiSources();
  folder = await makeSwittiPack(files);
});

describeEngine({
  name: 'the pipeline with scales and words',
  create: async () => createEngine(await open(folder)),
  request: REQUEST,
});

const bytesOf = async (pack: string, request: Partial<GenerateRequest> = {}) => {
  const pictures = picturesOf(await collect(createEngine(await open(pack)), { ...REQUEST, ...request }));
  return pictures.map(({ bytes }) => Buffer.from(bytes));
};

describe('an imported pack', () => {
  it('is as it says', async () => {
    const found = await readPackFolder(folder);
    await verifyPack(found, { again: true });
    expect(found.pack.size).toEqual({ width: 8, height: 8 });
    expect(found.pack.condition).toMatchObject({ kind: 'text', tokens: 77, width: 40, cleaning: 'clip' });
    const part = SwittiPart.parse(found.pack.family);
    expect(part.nothing).toEqual([842, 843]);
    expect(part.smoothing.kernels).toEqual([0, 1, 2, 3]);
    expect(part.transformer).toMatchObject({ isAutoregressive: false, pooled: 24 });
    expect(presetsOf(found.pack)).toEqual({ standard: { kind: 'teacher', draw: 'sample' } });
  });

  it('draws what words, seed and guidance say', async () => {
    const [one] = await bytesOf(folder);
    const different = [
      await bytesOf(folder, { prompt: 'a blue house' }),
      await bytesOf(folder, { seeds: [2] }),
      await bytesOf(folder, { sampling: { guidance: 0, topK: 40, topP: 0.9, temperature: 1 } }),
      await bytesOf(folder, { schedule: { kind: 'teacher', draw: 'noise' } }),
    ];
    for (const [other] of different) expect(other && one?.equals(other)).toBe(false);
  });

  it('draws with what its scales see of those before them, where it is of that kind', async () => {
    const whole = await writeSwittiSources(true);
    const [seeing] = await bytesOf(await makeSwittiPack(whole));
    const [blind] = await bytesOf(folder);
    expect(seeing && blind?.equals(seeing)).toBe(false);
  });

  it.each(['small', 'fast', 'half'] as const)('can be stored %s', async (storage) => {
    const rounded = await makeSwittiPack(files, storage);
    const { pack } = await readPackFolder(rounded);
    expect(pack.precision?.storage).toBe(storage);
    expect((await bytesOf(rounded))[0]?.length).toBeGreaterThan(60);
  });

  it('refuses a student that nobody has made', async () => {
    const events = await collect(createEngine(await open(folder)), {
      ...REQUEST,
      schedule: { kind: 'student', steps: 2 },
    });
    expect(events.at(-1)).toMatchObject({
      code: 'unsupported-schedule',
      message: expect.stringContaining('one way: 4 passes, which draw 30 tokens'),
    });
  });
});

describe('an import', () => {
  it.each([
    ['no second encoder', ({ text2: _, ...rest }: typeof files) => rest, /needs --text2 text_encoder_2/],
    [
      'the encoders in the wrong order',
      (all: typeof files) => ({ ...all, text: all.text2, text2: all.text ?? '' }),
      /is not the text2 .* its states are 16 wide, and the transformer reads 24/,
    ],
    [
      'the tokenizer as transformer',
      (all: typeof files) => ({ ...all, teacher: all.vq ?? '' }),
      /does not hold a Switti transformer|unsuitable config.json/,
    ],
    [
      'a file without its config.json',
      (all: typeof files) => ({ ...all, teacher: join(all.teacher, 'model.safetensors') }),
      /takes the folder with its config.json/,
    ],
  ])('is refused with %s', async (_, change, words) => {
    await expect(makeSwittiPack(change(files))).rejects.toThrow(words);
  });

  it.each([
    ['rope', false, /only models with rotary positions are read/],
    ['depth', 3, /has 2 blocks, and its config.json says 3/],
    ['patch_nums', [1, 2, 4], /has 4 scales, and 1, 2, 4 of its config.json are 3/],
  ])('is refused of a config.json whose %s is %s', async (key, value, words) => {
    const own = await writeSwittiSources();
    const path = join(own.teacher, 'config.json');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), [key]: value }));
    await expect(makeSwittiPack(own)).rejects.toThrow(words);
  });

  it('is refused where the two tokenizers differ', async () => {
    const own = await writeSwittiSources();
    const path = join(own.text2, 'tokenizer.json');
    const json = JSON.parse(readFileSync(path, 'utf8'));
    json.model.merges.reverse();
    writeFileSync(path, JSON.stringify(json));
    await expect(makeSwittiPack(own)).rejects.toThrow(/has other tokens/);
  });
});

describe('guidance', () => {
  const how = { guidance: 6, guided: { from: 2, until: 8 } };
  it('grows with the scale, between where it begins and where it ends', () => {
    expect([0, 1, 2, 7, 8, 9].map((scale) => guidanceAt(how, scale, 10))).toEqual([
      null,
      null,
      12 / 9,
      42 / 9,
      null,
      null,
    ]);
  });
  it('needs the rows without a prompt from the first scale on where scales see those before them', () => {
    const scales = [0, 1, 2, 7, 8];
    expect(scales.map((scale) => runsNothing(how, scale, 10, false))).toEqual([false, false, true, true, false]);
    expect(scales.map((scale) => runsNothing(how, scale, 10, true))).toEqual([true, true, true, true, false]);
    expect(runsNothing({ ...how, guidance: 0 }, 5, 10, true)).toBe(false);
  });
});
