import { decode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { openNetworks } from '../../../models/families/llamagen/networks.js';
import { type Engine, ERROR_CODES, type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { seedsFor } from '../../../models/request/build.js';
import { createEngine } from '../../../models/run/generate.js';
import { requestFromPng } from '../../../models/run/metadata.js';
import { readPngText } from '../../../models/run/png.js';
import { describeEdits, describeRefusedEdits } from '../../support/edit-conformance.js';
import { collect, describeEngine, picturesOf } from '../../support/engine-conformance.js';
import { createFakeEngine } from '../../support/fake-engine.js';
import { makeClassPack, makeTextPack, open } from '../../support/random-packs.js';

const base = {
  ...REQUEST_DEFAULTS,
  seeds: [1],
  schedule: { kind: 'student', steps: 2 },
  sampling: null,
  size: { width: 32, height: 32 },
  draft: false,
} as const satisfies Partial<GenerateRequest>;
const classRequest: GenerateRequest = { ...base, seeds: [1], prompt: 'three', pack: 'tiny-classes' };
const textRequest: GenerateRequest = { ...base, seeds: [1], prompt: 'a red circle', pack: 'tiny-text' };

let classPack = '';
let textPack = '';
beforeAll(async () => {
  classPack = await makeClassPack();
  textPack = await makeTextPack();
});
const classes = async (): Promise<Engine> => createEngine(await open(classPack));
const text = async (): Promise<Engine> => createEngine(await open(textPack));

describeEngine({ name: 'the fake', create: async () => createFakeEngine(), request: classRequest });
describeEdits({ name: 'the fake', create: async () => createFakeEngine(), request: classRequest }, { changes: false });
describeEngine({ name: 'the pipeline with classes', create: classes, request: classRequest });
describeEngine({ name: 'the pipeline with text', create: text, request: textRequest });
describeRefusedEdits({ name: 'the pipeline with a two-head student', create: text, request: textRequest });

describe('the pipeline', () => {
  it.each([
    ['1 step', { kind: 'student', steps: 1 }],
    ['2 steps', { kind: 'student', steps: 2 }],
    ['some codes by the teacher', { kind: 'mixed', resampled: 7 }],
    ['all first codes by the teacher', { kind: 'mixed', resampled: 20 }],
    ['the teacher by chance', { kind: 'teacher', draw: 'sample' }],
    ['the teacher from the noise', { kind: 'teacher', draw: 'noise' }],
  ] as const)('draws with %s, from classes and from text', async (_, schedule) => {
    for (const [engine, request] of [
      [await classes(), classRequest],
      [await text(), textRequest],
    ] as const) {
      const events = await collect(engine, { ...request, schedule, seeds: [1, 2] });
      const [first, second] = picturesOf(events);
      expect(events.at(-1)?.type).toBe('done');
      expect(first?.bytes).not.toEqual(second?.bytes);
      // The last progress says that everything is done: the plan of units was the work that was done.
      const progress = events.filter((event) => event.type === 'progress');
      expect(progress.at(-1)).toMatchObject({ fraction: 1 });
    }
  });

  it('draws the words that each seed chooses, as if they stood alone', async () => {
    const engine = await text();
    const prompt = 'a {red|blue} circle';
    const events = await collect(engine, { ...textRequest, prompt, seeds: [1, 2, 3] });
    expect(events.at(-1)?.type).toBe('done');
    for (const { seed, bytes } of picturesOf(events)) {
      const words = seed % 2 === 0 ? 'a red circle' : 'a blue circle';
      expect(readPngText(bytes).get('Description')).toBe(words);
      expect(requestFromPng(bytes)).toMatchObject({ prompt, seeds: [seed] });
      const [alone] = picturesOf(await collect(engine, { ...textRequest, prompt: words, seeds: [seed] }));
      expect(Buffer.from(decode(bytes).data).equals(Buffer.from(decode(alone?.bytes ?? bytes).data))).toBe(true);
    }
  });

  it('draws a batch of lines, two at once where they are of one line', async () => {
    const prompt = 'a red circle\na blue square';
    const seeds = seedsFor(prompt, 5, 3);
    const [one, two] = [createEngine(await open(textPack, 2)), createEngine(await open(textPack))];
    const [pair, single] = [
      await collect(one, { ...textRequest, prompt, seeds }),
      await collect(two, { ...textRequest, prompt, seeds }),
    ];
    expect(picturesOf(pair).map(({ index, seed }) => [index, seed])).toEqual(
      picturesOf(single).map(({ index, seed }) => [index, seed]),
    );
    expect(picturesOf(pair).map(({ bytes }) => readPngText(bytes).get('Description'))).toEqual(
      [...Array(3).fill('a blue square'), ...Array(3).fill('a red circle')].sort(
        (a, b) => prompt.indexOf(a) - prompt.indexOf(b),
      ),
    );
  });

  it('says of which words a warning is', async () => {
    const events = await collect(await classes(), { ...classRequest, prompt: 'three\nxyzzy', seeds: [0, 1] });
    expect(events.at(-1)).toMatchObject({
      type: 'error',
      code: 'unknown-class',
      message: expect.stringContaining('xyzzy'),
    });
    const guessed = await collect(await classes(), { ...classRequest, prompt: 'three\nthree apples', seeds: [0, 1] });
    expect(guessed.filter(({ type }) => type === 'warning')).toMatchObject([{ words: 'three apples' }]);
  });

  it('shows the drafts of a batch before its pictures', async () => {
    const engine = createEngine(await open(classPack, 2));
    const seeds = [4, 5];
    const events = await collect(engine, { ...classRequest, seeds, draft: true });
    const shown = events.filter((event) => event.type === 'draft' || event.type === 'picture');
    expect(shown.map(({ type, seed }) => `${type} ${seed}`)).toEqual(['draft 4', 'draft 5', 'picture 4', 'picture 5']);
  });

  it('draws the same in batches, but for the rounding of products with more rows', async () => {
    const seeds = [1, 2, 3, 4, 5];
    const pixels = async (batch: number) =>
      picturesOf(await collect(createEngine(await open(textPack, batch)), { ...textRequest, seeds })).map(
        ({ bytes }) => decode(bytes).data,
      );
    const [alone, together] = [await pixels(1), await pixels(5)];
    for (const [picture, values] of alone.entries())
      values.forEach((value, index) => {
        expect(Math.abs(value - (together[picture]?.[index] ?? Number.NaN))).toBeLessThanOrEqual(1);
      });
  });

  it('remembers what it learned of a prompt without a change of a pixel', async () => {
    const opened = await open(textPack);
    const engine = createEngine(opened);
    const first = picturesOf(await collect(engine, textRequest))[0]?.bytes;
    const prompt = await (await opened.readPrompt(textRequest.prompt)).promptFor(0);
    const again = await (await opened.readPrompt(`  ${textRequest.prompt.toUpperCase()} `)).promptFor(0);
    expect(again).toBe(prompt);
    const networks = openNetworks(opened);
    expect(await networks.conditionOf(prompt)).toBe(await networks.conditionOf(again));
    expect(picturesOf(await collect(engine, textRequest))[0]?.bytes).toEqual(first);
  });

  it('puts the request of one picture into its file, so that it can be made again', async () => {
    const engine = await text();
    const request: GenerateRequest = { ...textRequest, seeds: [9, 10], size: { width: 48, height: 20 } };
    const [, second] = picturesOf(await collect(engine, request));
    expect(second).toMatchObject({ width: 48, height: 20 });
    const own = requestFromPng(second!.bytes);
    expect(own).toEqual({ ...request, seeds: [10] });
    expect(picturesOf(await collect(engine, own))[0]?.bytes).toEqual(second?.bytes);
  });

  it('takes the teacher for a request that asks for other settings', async () => {
    const engine = await classes();
    const schedule = { kind: 'teacher', draw: 'sample' } as const;
    const usual = picturesOf(await collect(engine, { ...classRequest, schedule }))[0]?.bytes;
    const sampling = { guidance: 8, topK: 1, topP: 1, temperature: 1 };
    const greedy = picturesOf(await collect(engine, { ...classRequest, schedule, sampling }))[0]?.bytes;
    expect(greedy).not.toEqual(usual);
  });

  it.each([
    ['an empty prompt', { prompt: '  ' }, 'empty-prompt', /empty/],
    [
      'a prompt of which cleaning leaves nothing',
      { prompt: 'free shipping worldwide shipping' },
      'empty-prompt',
      /removed/,
    ],
    ['another pack', { pack: 'other' }, 'unknown-pack', /"other".*"tiny-text"/],
    [
      'more codes than the first step settles',
      { schedule: { kind: 'mixed', resampled: 21 } },
      'unsupported-schedule',
      /21.*only 20/,
    ],
    ['seeds that are none', { seeds: [] }, 'invalid-request', /seeds/],
    ['a size beyond the limit', { size: { width: 5000, height: 32 } }, 'invalid-request', /width/],
  ] as const)('answers %s with an error that says so', async (_, change, code, message) => {
    const events = await collect(await text(), { ...textRequest, ...change } as GenerateRequest);
    expect(events.at(-1)).toMatchObject({ type: 'error', code, message: expect.stringMatching(message) });
    expect(Object.keys(ERROR_CODES)).toContain(code);
    expect(picturesOf(events)).toEqual([]);
  });

  it('offers the nearest names for a class that is not there', async () => {
    const events = await collect(await classes(), { ...classRequest, prompt: 'sevn' });
    expect(events.at(-1)).toMatchObject({ code: 'unknown-class', message: expect.stringContaining('seven') });
  });

  it('says where a long prompt was cut, and still draws', async () => {
    const prompt = `${'a red circle and a blue square '.repeat(30)}with a yellow moon`;
    const events = await collect(await text(), { ...textRequest, prompt });
    const warning = events.find((event) => event.type === 'warning');
    expect(warning).toMatchObject({ code: 'prompt-cut', message: expect.stringContaining('120 tokens') });
    expect(picturesOf(events).length).toBe(1);
  });

  it('says that a student does not heed guidance', async () => {
    const sampling = { guidance: 3, topK: 0, topP: 1, temperature: 1 };
    const events = await collect(await classes(), { ...classRequest, sampling });
    expect(events).toContainEqual(expect.objectContaining({ type: 'warning', code: 'sampling-ignored' }));
  });
});
