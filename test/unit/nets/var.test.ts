/** VAR and its student, in what the reference arrays do not show (test/parity) and in the traps of METHOD 8. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../models/checkpoint/open.js';
import type { Checkpoint } from '../../../models/checkpoint/tensor.js';
import { type ClassCondition, readClasses } from '../../../models/families/var/condition.js';
import { conditionRows } from '../../../models/families/var/graphs.js';
import { runVarStudent } from '../../../models/families/var/student.js';
import { drawScales, guidanceAt } from '../../../models/families/var/teacher.js';
import { randomCheckpoint } from '../../../models/import/random-checkpoint.js';
import { inferVar, teacherTable, type VarConfig } from '../../../models/nets/var/config.js';
import { buildLevels } from '../../../models/nets/var/decoder.js';
import { kernelOfScales } from '../../../models/nets/var/features.js';
import { buildVarStudent } from '../../../models/nets/var/student.js';
import { buildVarTeacher } from '../../../models/nets/var/teacher.js';
import { readVae, type Vae } from '../../../models/nets/var/vae.js';
import { NetworkError } from '../../../models/nets/weights.js';
import type { Graph as GraphPlan } from '../../../models/onnx/graph.js';
import type { Precision } from '../../../models/onnx/ops/linear.js';
import { allInitializers, serializeModel } from '../../../models/onnx/serialize.js';
import { createRuntime, type Graph } from '../../../models/run/runtime.js';
import { argMax } from '../../../models/sampling/logits.js';
import { noiseFor } from '../../../models/sampling/noise.js';
import { average, enlarge } from '../../../models/sampling/resample.js';
import { countTokens } from '../../../models/sampling/scales.js';
import { planSteps } from '../../../models/sampling/schedule.js';
import { relativeError } from '../../support/compare.js';
import { fakeCheckpoint, renameTensors } from '../../support/fake-checkpoint.js';
import { loadRuntime } from '../../support/run-graph.js';

const reference = 'test/reference/var-a';
const SCALES = [1, 2, 3, 4, 5, 6, 8];
const CHANNELS = 8;

let files: { vae: Checkpoint; teacher: Checkpoint; student: Checkpoint };
let vae: Vae;
let codebook: Float32Array;
beforeAll(async () => {
  files = {
    vae: await openCheckpoint(`${reference}/vae.pt`),
    teacher: await openCheckpoint(`${reference}/var.pt`),
    student: await openCheckpoint(`${reference}/dd-var.pt`, { prefer: 'ema' }),
  };
  vae = readVae(files.vae);
  codebook = await vae.weights.get('quantize.embedding.weight').load();
});
afterAll(async () => {
  for (const file of Object.values(files)) await file.close();
});

async function load(plan: GraphPlan): Promise<Graph> {
  const runtime = createRuntime(await loadRuntime(), { logSeverityLevel: 3, intraOpNumThreads: 1 });
  return runtime.load(await serializeModel(plan));
}

async function loadTeacher(checkpoint = files.teacher) {
  const config = inferVar(checkpoint, { scales: SCALES });
  const graphs = buildVarTeacher({ config, checkpoint, precision: 'float32' });
  return {
    config,
    condition: await load(graphs.condition),
    graphs: { teacher: await load(graphs.teacher), levels: await load(buildLevels(vae, SCALES)) },
  };
}

async function loadStudent() {
  const config = inferVar(files.student, { scales: SCALES });
  const book = { shape: [codebook.length / CHANNELS, CHANNELS], load: async () => codebook.slice() };
  const graphs = buildVarStudent({ config, checkpoint: files.student, codebook: book, precision: 'float32' });
  return { config, condition: await load(graphs.condition), student: await load(graphs.student) };
}

describe('scales', () => {
  test.each([
    [10, [0, 0, 1, 1, 1, 2, 2, 3, 3, 3]],
    [14, [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3]],
    [5, [0, 1, 2, 2, 3]],
    [6, [0, 0, 1, 2, 3, 3]],
  ])('of %i scales each has the kernel that float64 gives it in the published code', (count, expected) => {
    expect(kernelOfScales(count, 4)).toEqual(expected);
  });

  test('a map is enlarged without changing what is even, and not at all at its own size', () => {
    const matrix = enlarge(3, 8);
    for (let row = 0; row < 64; row++)
      expect(matrix.slice(row * 9, row * 9 + 9).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect([...enlarge(2, 2)]).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  });

  test('between two columns the cubic overshoots by what -0.75 makes it', () => {
    // At 2 -> 4 the second column lies 0.25 behind the first: weights of cubic(1.25) + cubic(0.25) and cubic(0.75) + cubic(1.75).
    const row = enlarge(2, 4).slice(5 * 4, 5 * 4 + 4);
    const cubic = (x: number) =>
      x <= 1 ? 1.25 * x ** 3 - 2.25 * x ** 2 + 1 : -0.75 * x ** 3 + 3.75 * x ** 2 - 6 * x + 3;
    const near = cubic(1.25) + cubic(0.25);
    expect(near).not.toBeCloseTo(0.75, 2);
    expect(row[0]).toBeCloseTo(near ** 2, 12);
    expect(row[1]).toBeCloseTo(near * (1 - near), 12);
  });

  test('a smaller map takes cells that it covers in part as whole ones', () => {
    // 8 -> 3: rows 0..3, 2..6, 5..8.
    const matrix = average(8, 3);
    const middle = [...matrix.subarray(4 * 64, 5 * 64)];
    expect(middle.filter((weight) => weight > 0)).toHaveLength(16);
    expect(middle[2 * 8 + 2]).toBeCloseTo(1 / 16, 12);
    expect(middle[1 * 8 + 2]).toBe(0);
    expect(matrix[0]).toBeCloseTo(1 / 9, 12);
  });
});

describe('checkpoints', () => {
  test('sizes are inferred', () => {
    const expected = {
      scales: SCALES,
      width: 64,
      layers: 2,
      heads: 4,
      hidden: 256,
      codes: 96,
      channels: 8,
      classes: 7,
    };
    expect(inferVar(files.teacher, { scales: SCALES })).toEqual({ ...expected, isNormed: true });
    expect(inferVar(files.student, { scales: SCALES })).toEqual({ ...expected, isNormed: true });
    const { decoder, ...sizes } = vae.config;
    expect(sizes).toEqual({ codes: 96, channels: 8, kernels: 4, downsample: 16, groups: 32 });
    expect(decoder.levels.map(({ width, attention }) => [width, attention])).toEqual([
      [128, true],
      [64, false],
      [64, false],
      [32, false],
      [32, false],
    ]);
  });

  test('other scales than those it was trained on are refused', () => {
    expect(() => inferVar(files.teacher, { scales: [1, 2, 4, 8] })).toThrow(
      /places for 155 tokens, but the scales 1, 2, 4, 8 have 85$/,
    );
  });

  test('a teacher is no student, and what is missing, unknown or misshaped is named as it is in the file', () => {
    const config = inferVar(files.teacher, { scales: SCALES });
    const book = { shape: [96, 8], load: async () => codebook };
    const options = { config, precision: 'float32', codebook: book } as const;
    expect(() => buildVarStudent({ ...options, checkpoint: files.teacher })).toThrow(/"n_d_embed.weight"/);
    expect(() => buildVarTeacher({ ...options, checkpoint: files.student })).toThrow(
      /"pos_1LC" \[1, 156, 64\] instead of \[1, 155, 64\]/,
    );
    // Their own loading would leave this at random numbers.
    const without = renameTensors(files.student, (name) =>
      name === 'layerwise_n_d_embed.2.weight' ? undefined : name,
    );
    const faults = catchFaults(() => buildVarStudent({ ...options, checkpoint: without }));
    expect(faults).toEqual({ missing: ['layerwise_n_d_embed.2.weight'], extra: [], misshaped: [] });
    const damaged = renameTensors(files.vae, (name) => (name === 'decoder.mid.attn_1.qkv.bias' ? 'other' : name));
    expect(catchFaults(() => readVae(damaged))).toEqual({
      missing: ['decoder.mid.attn_1.qkv.bias'],
      extra: ['other'],
      misshaped: [],
    });
  });

  function catchFaults(work: () => unknown) {
    try {
      work();
    } catch (error) {
      if (error instanceof NetworkError) return error.faults;
      throw error;
    }
    throw new Error('nothing was refused');
  }

  test.each(['float16', 'int8-block', 'int8-dynamic', 'float16-product'] satisfies Precision[])(
    'heads and class rows stay float32 where products are %s',
    (precision) => {
      const config = inferVar(files.student, { scales: SCALES });
      const book = { shape: [96, 8], load: async () => codebook };
      const { student, condition } = buildVarStudent({ config, checkpoint: files.student, codebook: book, precision });
      const typeOf = (graph: GraphPlan, name: string) =>
        allInitializers(graph).find((initializer) => initializer.name === name)?.type;
      expect(typeOf(condition, 'class_emb.weight')).toBe('float32');
      expect(typeOf(student, 'head.weight')).toBe('float32');
      expect(typeOf(student, 'final_layer_conti.linear.weight')).toBe('float32');
      expect(typeOf(student, 'blocks.0.ffn.fc1.weight')).not.toBe('float32');
    },
  );

  test('scales and shifts stand in another order at each door', async () => {
    const own = await loadStudent();
    const { values, rows }: ClassCondition = await readClasses(own.condition, [3]);
    const width = own.config.width;
    const names = conditionRows(own.config.layers);
    expect(rows).toBe(names.studentCount);
    const read = (name: string) => files.student.tensors.get(name)?.readFloat32() as Promise<Float32Array>;
    const embedded = (await read('class_emb.weight')).slice(3 * width, 4 * width);
    const lit = embedded.map((value) => value / (1 + Math.exp(-value)));
    const product = async (name: string, part: number, at: number) => {
      const matrix = await read(`${name}.weight`);
      const row = part * width + at;
      return (
        ((await read(`${name}.bias`))[row] as number) +
        lit.reduce((sum, value, column) => sum + value * (matrix[row * width + column] as number), 0)
      );
    };
    const table = await read('final_layer_conti.scale_shift_table');
    const of = (row: number, at: number) => values[row * width + at] as number;
    for (const at of [0, 17, 63]) {
      // Gains, scales, shifts of attention and feed-forward.
      expect(of(names.block(1, 'attentionGain'), at)).toBeCloseTo(await product('blocks.1.ada_lin.1', 0, at), 4);
      expect(of(names.block(1, 'feedScale'), at)).toBeCloseTo(1 + (await product('blocks.1.ada_lin.1', 3, at)), 4);
      expect(of(names.block(1, 'attentionShift'), at)).toBeCloseTo(await product('blocks.1.ada_lin.1', 4, at), 4);
      expect(of(names.headScale, at)).toBeCloseTo(1 + (await product('head_nm.ada_lin.1', 0, at)), 4);
      expect(of(names.continuousShift, at)).toBeCloseTo((table[at] as number) + (embedded[at] as number), 5);
      expect(of(names.continuousScale, at)).toBeCloseTo(
        1 + (table[width + at] as number) + (embedded[at] as number),
        5,
      );
    }
  });
});

test('the first of two steps may end behind the scales that the second keeps', async () => {
  const { student, condition } = await loadStudent();
  const total = countTokens(SCALES);
  const noise = new Float32Array([...noiseFor(1, total, CHANNELS), ...noiseFor(2, total, CHANNELS)]);
  const draw = async (whole: boolean, pictures: Float32Array) => {
    let latents = pictures;
    const geometry = { total, times: [0, countTokens(SCALES, 4)], split: countTokens(SCALES, 5) };
    const batch = pictures.length / (total * CHANNELS);
    for (const plan of planSteps(geometry, 2, whole))
      latents = await runVarStudent(student, {
        ...{ scales: SCALES, channels: CHANNELS, plan, batch, noise: pictures, latents },
        condition: await readClasses(condition, [3]),
      });
    return latents;
  };
  const short = await draw(false, noise);
  expect(relativeError([...short], [...(await draw(true, noise))])).toBeLessThan(1e-6);
  // Pictures of one call do not see each other.
  const alone = await draw(false, noise.slice(total * CHANNELS));
  expect(relativeError([...short.slice(total * CHANNELS)], [...alone])).toBeLessThan(1e-6);
});

test('given scales are masked as in training; the way of the published teacher-assisted code is another', async () => {
  const { graphs, condition, config } = await loadTeacher();
  const draw = async (from: number, isUnmasked: boolean) => {
    const seen: Float32Array[] = [];
    const given = Array.from({ length: countTokens(SCALES, from) }, (_, token) => (token * 7) % 96);
    const drawing = drawScales(graphs, config, {
      condition: await readClasses(condition, [2, config.classes]),
      ...{ guidance: 1.5, codebook, codes: [given], from, until: 4, isUnmasked },
      choose: (logits, _, token) => {
        if (token >= countTokens(SCALES, 3)) seen.push(logits.slice());
        return token < countTokens(SCALES, 3) ? (token * 7) % 96 : argMax(logits);
      },
    });
    for await (const _ of drawing);
    return seen.flatMap((row) => [...row]);
  };
  const oneByOne = await draw(0, false);
  expect(relativeError(await draw(3, false), oneByOne)).toBeLessThan(1e-5);
  expect(relativeError(await draw(3, true), oneByOne)).toBeGreaterThan(1e-3);
});

test('guidance grows from nothing to its full strength with the scales', () => {
  expect([0, 3, 9].map((scale) => guidanceAt(1.5, scale, 10))).toEqual([0, 0.5, 1.5]);
});

test('the teacher and a picture alone draw what two of them draw together', async () => {
  const { graphs, condition, config } = await loadTeacher();
  const draw = async (pictures: number) => {
    let codes: readonly (readonly number[])[] = [];
    const drawing = drawScales(graphs, config, {
      condition: await readClasses(condition, [2, config.classes]),
      ...{ guidance: 1.5, codebook, codes: new Array<number[]>(pictures).fill([]), from: 0, until: SCALES.length },
      choose: argMax,
    });
    for await (const soFar of drawing) codes = soFar;
    return codes;
  };
  const [alone] = await draw(1);
  expect(alone).toHaveLength(155);
  expect(await draw(2)).toEqual([alone, alone]);
});

test('queries and keys that are not brought to length 1 are multiplied with 0.25 / sqrt(head)', async () => {
  const config: VarConfig = {
    ...{ scales: [1, 2], width: 128, layers: 1, heads: 2, hidden: 64, codes: 10, channels: 4, classes: 3 },
    isNormed: false,
  };
  const checkpoint = randomCheckpoint('plain.pt', teacherTable(config));
  expect(inferVar(checkpoint, { scales: [1, 2] })).toEqual(config);
  const { teacher } = buildVarTeacher({ config, checkpoint, precision: 'float32' });
  const group = teacher.content.initializers.find(
    ({ initializers }) => initializers[0]?.name === 'blocks.0.attn.factors',
  );
  const [bytes] = (await group?.load()) ?? [];
  expect([...new Float32Array((bytes as Uint8Array).slice().buffer)]).toEqual([0.03125, 0.03125, 1, 1]);
  expect(() => inferVar(fakeCheckpoint({ 'class_emb.weight': [4, 100] }), { scales: [1, 2] })).toThrow(/100 wide/);
});
