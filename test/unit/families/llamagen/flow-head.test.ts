import { decode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { latentsOf, planFlow, runFlowHead } from '../../../../models/families/llamagen/flow-head.js';
import { openNetworks } from '../../../../models/families/llamagen/networks.js';
import { modelOf, positionsOf } from '../../../../models/families/llamagen/part.js';
import { feedsOf } from '../../../../models/families/llamagen/prompt-feeds.js';
import { defaultSchedule, presetsOf, scheduleOfSteps } from '../../../../models/families/packs.js';
import { type Engine, type GenerateRequest, REQUEST_DEFAULTS, type Schedule } from '../../../../models/protocol.js';
import { createEngine } from '../../../../models/run/generate.js';
import { noiseFor } from '../../../../models/sampling/noise.js';
import { describeEdits } from '../../../support/edit-conformance.js';
import { collect, describeEngine, picturesOf } from '../../../support/engine-conformance.js';
import { makeFlowPack, open } from '../../../support/random-packs.js';

const request: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'a red circle',
  pack: 'tiny-flow',
  seeds: [1],
  schedule: { kind: 'student', steps: 2 },
  sampling: null,
  size: { width: 32, height: 32 },
  draft: false,
};

let folder = '';
beforeAll(async () => {
  folder = await makeFlowPack();
});
const engine = async (): Promise<Engine> => createEngine(await open(folder));

describeEngine({ name: 'the pipeline with a flow head', create: engine, request });
describeEdits({ name: 'the pipeline with a flow head', create: engine, request });

describe('a flow-head student', () => {
  it('goes from its steps to what it would draw one code after the other, one position a pass at least', async () => {
    const opened = await open(folder);
    const networks = openNetworks(opened);
    const { model } = networks;
    const total = positionsOf(model);
    const graph = await networks.student();
    const prompt = await (await opened.readPrompt(request.prompt)).promptFor(0);
    const reading = {
      prompt: feedsOf(prompt),
      condition: await networks.conditionOf(prompt),
      codebook: await networks.codebook(),
    };
    const noise = noiseFor(3, total, model.codebook.channels);
    const run = (pass: { keep: number; known: number; until: number }, codes: readonly Int32Array[]) =>
      runFlowHead(graph, model, reading, pass, noise, codes);

    // One code after the other: position i from the codes before it.
    let slow: readonly Int32Array[] = [new Int32Array(total)];
    for (let position = 0; position < total; position++)
      ({ codes: slow } = await run({ keep: position, known: position, until: position + 1 }, slow));

    let codes: readonly Int32Array[] = [new Int32Array(total)];
    for (const pass of planFlow([0, 20], 2, total, false)) ({ codes } = await run(pass, codes));
    let settled = 0;
    let passes = 0;
    while (settled < total && passes <= total) {
      const before = settled;
      ({ codes, settled } = await run({ keep: settled, known: total, until: total }, codes));
      passes += 1;
      expect(settled).toBeGreaterThan(before);
      const same = codes[0]!.findIndex((code, position) => code !== slow[0]![position]);
      expect(same === -1 ? total : same).toBeGreaterThanOrEqual(settled);
    }
    expect(settled).toBe(total);
    expect([...codes[0]!]).toEqual([...slow[0]!]);
    expect(latentsOf(codes, reading.codebook, model.codebook.channels).length).toBe(total * model.codebook.channels);
  });

  it('draws code 0 as freely as the pack says, and the others as before', async () => {
    const opened = await open(folder);
    const networks = openNetworks(opened);
    const { model } = networks;
    const total = positionsOf(model);
    const graph = await networks.student();
    const prompt = await (await opened.readPrompt(request.prompt)).promptFor(0);
    const reading = {
      prompt: feedsOf(prompt),
      condition: await networks.conditionOf(prompt),
      codebook: await networks.codebook(),
    };
    const drawn = async (seed: number, firstTemperature: number | undefined, until: number) => {
      const changed = { ...model, student: { ...model.student, firstTemperature } } as typeof model;
      const noise = noiseFor(seed, total, model.codebook.channels);
      const pass = { keep: 0, known: 0, until };
      const { codes } = await runFlowHead(graph, changed, reading, pass, noise, [new Int32Array(total)]);
      return [...codes[0]!.subarray(0, until)];
    };
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    const firsts = async (temperature: number | undefined) =>
      new Set((await Promise.all(seeds.map((seed) => drawn(seed, temperature, 1)))).flat()).size;
    expect(await firsts(0.001)).toBe(1);
    expect(await firsts(20)).toBeGreaterThan(2);
    const usual = model.student?.kind === 'flow-head' ? model.student.sampling.temperature : 0;
    expect(await drawn(3, usual, total)).toEqual(await drawn(3, undefined, total));
  });

  it('draws the same alone and in a batch, and stops refining when nothing changes', async () => {
    const schedule = { kind: 'student', steps: 2, refinements: 70 } as const;
    const seeds = [5, 6];
    const pixels = async (batch: number) => {
      const events = await collect(createEngine(await open(folder, batch)), { ...request, schedule, seeds });
      expect(events.filter((event) => event.type === 'progress').at(-1)).toMatchObject({ fraction: 1 });
      return picturesOf(events).map(({ bytes }) => decode(bytes).data);
    };
    const [alone, together] = [await pixels(1), await pixels(2)];
    for (const [picture, values] of alone.entries())
      values.forEach((value, index) => {
        expect(Math.abs(value - (together[picture]?.[index] ?? Number.NaN))).toBeLessThanOrEqual(1);
      });
  });

  it('shows each stage before it is refined', async () => {
    const schedule = { kind: 'student', steps: 2, refinements: 3 } as const;
    const events = await collect(await engine(), { ...request, schedule, draft: true });
    const shown = events.filter((event) => event.type === 'draft' || event.type === 'picture').map(({ type }) => type);
    expect(shown).toEqual(['draft', 'draft', 'picture']);
  });

  it('has qualities that the pack names, and steps beyond two that refine', async () => {
    const { pack } = await open(folder);
    expect(presetsOf(pack)).toEqual({
      draft: { kind: 'student', steps: 1 },
      standard: { kind: 'student', steps: 2, refinements: 2 },
      fine: { kind: 'student', steps: 2, refinements: 12 },
    });
    expect(defaultSchedule(pack)).toEqual({ kind: 'student', steps: 2, refinements: 2 });
    expect(scheduleOfSteps(pack, 7)).toEqual({ kind: 'student', steps: 2, refinements: 5 });
    const { student, ...rest } = modelOf(pack);
    const family = { ...rest, student: { ...student, kind: 'two-head', split: 24 } };
    const twoHead = { ...pack, family };
    expect(scheduleOfSteps(twoHead, 7)).toEqual({ kind: 'mixed', resampled: 7 });
  });

  it.each<[string, Schedule, RegExp]>([
    ['the teacher between its steps', { kind: 'mixed', resampled: 4 }, /refinements do its work/],
    ['the teacher, who is not there', { kind: 'teacher', draw: 'noise' }, /0 to 256 refinements/],
  ])('refuses %s', async (_, schedule, message) => {
    const events = await collect(await engine(), { ...request, schedule });
    expect(events.at(-1)).toMatchObject({ code: 'unsupported-schedule', message: expect.stringMatching(message) });
  });

  it('loses little in 8 bits', async () => {
    const small = await open(await makeFlowPack('small'));
    expect(picturesOf(await collect(createEngine(small), request))).toHaveLength(1);
  });
});
