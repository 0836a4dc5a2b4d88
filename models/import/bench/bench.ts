/**
 * Milliseconds of each phase with random weights, and the share of this machine's own matrix-product rate, which is
 * measured between the phases of the same rounds: the machines are shared, and only the ratio says anything.
 */
import { VQ_DECODER } from '../../graphs.js';
import { buildStudent, studentTable } from '../../nets/llamagen/student.js';
import { buildTeacher, teacherTable } from '../../nets/llamagen/teacher.js';
import { buildTextEncoder, readT5, t5Table } from '../../nets/t5.js';
import { buildVqDecoder } from '../../nets/vq-decoder.js';
import { normalizedCodebook, readVqTokenizer, vqTable } from '../../nets/vq-tokenizer.js';
import { createGraph, type Graph as GraphPlan } from '../../onnx/graph.js';
import { linear } from '../../onnx/ops/linear.js';
import { serializeModel } from '../../onnx/serialize.js';
import { toRgb } from '../../run/image.js';
import { encodePng } from '../../run/png.js';
import { textPrompt } from '../../run/prompt.js';
import { noiseFor } from '../../run/random/noise.js';
import { encodeText } from '../../run/read-prompt.js';
import type { Graph, Runtime } from '../../run/runtime.js';
import { planStep, planSteps } from '../../run/schedule.js';
import { readCondition, runStudent, type StudentPack } from '../../run/student.js';
import { runTeacher, type TeacherPack } from '../../run/teacher.js';
import { randomCheckpoint } from '../random-checkpoint.js';
import { codeOperations, decoderOperations, stepOperations, textOperations } from './operations.js';
import { BENCH_SIZES, type BenchSize } from './sizes.js';

export type BenchEvent =
  | { readonly type: 'progress'; readonly label: string; readonly fraction: number }
  | { readonly type: 'machine'; readonly gflops: number; readonly note: string }
  | {
      readonly type: 'phase';
      readonly model: string;
      readonly phase: string;
      readonly milliseconds: number;
      /** Of the machine's matrix-product rate, 0..1; null where a phase is not made of products. */
      readonly share: number | null;
    }
  | { readonly type: 'done' };

/** A round runs every phase once, a probe of the machine before each; medians over the rounds are reported. */
const ROUNDS = 9;
/** Rounds that are not counted: memory is laid out and caches fill. */
const WARM_UP = 2;

type Phase = { readonly name: string; readonly operations: number | null; run(): Promise<unknown> };

export async function* runBench(runtime: Runtime, signal: AbortSignal): AsyncGenerator<BenchEvent> {
  const probe = await loadProbe(runtime);
  const rates: number[] = [];
  for (const [index, size] of BENCH_SIZES.entries()) {
    const { phases, close } = await preparePhases(runtime, size);
    const times = phases.map((): number[] => []);
    const shares = phases.map((): number[] => []);
    for (let round = 0; round < WARM_UP + ROUNDS; round++) {
      const fraction = (index + round / (WARM_UP + ROUNDS)) / BENCH_SIZES.length;
      yield { type: 'progress', label: `measuring ${size.name}`, fraction };
      for (const [place, phase] of phases.entries()) {
        signal.throwIfAborted();
        const rate = probe.operations / (await time(probe.run));
        const milliseconds = await time(phase.run);
        if (round < WARM_UP) continue;
        rates.push(rate);
        times[place]?.push(milliseconds);
        if (phase.operations !== null) shares[place]?.push(phase.operations / milliseconds / rate);
      }
    }
    for (const [place, phase] of phases.entries())
      yield {
        type: 'phase',
        model: describeSize(size),
        phase: phase.name,
        milliseconds: median(times[place] ?? []),
        share: phase.operations === null ? null : median(shares[place] ?? []),
      };
    await close();
  }
  yield {
    type: 'machine',
    // Operations a millisecond are millions a second.
    gflops: median(rates) / 1e6,
    note: 'The rate of one [256, 1024] x [1024, 4096] product in float32, measured between the phases.',
  };
  yield { type: 'done' };
}

/** A product as large as those of the full-size model, in which nothing but the product counts. */
async function loadProbe(runtime: Runtime): Promise<{ operations: number; run(): Promise<unknown> }> {
  const [rows, inner, out] = [256, 1024, 4096];
  const plan = createGraph('probe');
  const weight = { shape: [out, inner], load: async () => new Float32Array(out * inner).fill(0.01) };
  plan.output('y', linear(plan.input('x', 'float32', [rows, inner]), 'weight', weight));
  const graph = await runtime.load(await serializeModel(plan));
  const data = new Float32Array(rows * inner).fill(0.5);
  return {
    operations: 2 * rows * inner * out,
    run: () => graph.run({ x: { type: 'float32', shape: [rows, inner], data } }),
  };
}

async function preparePhases(runtime: Runtime, size: BenchSize): Promise<{ phases: Phase[]; close(): Promise<void> }> {
  const { transformer, tokens, times, split } = size;
  const { rows, columns } = transformer.grid;
  const total = rows * columns;
  const graphs: Graph[] = [];
  const load = async (plan: GraphPlan) => {
    const graph = await runtime.load(await serializeModel(plan));
    graphs.push(graph);
    return graph;
  };
  const vq = readVqTokenizer(randomCheckpoint('vq', vqTable(size.vq)));
  const codebook = normalizedCodebook(vq);
  const t5 = readT5(randomCheckpoint('text', t5Table(size.text)), {
    feed_forward_proj: 'gated-gelu',
    layer_norm_epsilon: size.text.epsilon,
    relative_attention_max_distance: size.text.maximumDistance,
    d_model: size.text.width,
    d_ff: size.text.hidden,
    d_kv: size.text.head,
    num_heads: size.text.heads,
    num_layers: size.text.layers,
  });
  const checkpoint = randomCheckpoint('student', studentTable(transformer, size.vq.channels));
  const student = await load(buildStudent({ config: transformer, checkpoint, codebook, precision: 'float32' }));
  const teacherCheckpoint = randomCheckpoint('teacher', teacherTable(transformer));
  const teacher = await load(
    buildTeacher({ config: transformer, checkpoint: teacherCheckpoint, precision: 'float32' }),
  );
  const decoder = await load(buildVqDecoder(vq, { rows, columns }));
  const encoder = await load(buildTextEncoder(t5, { tokens: 120 }));

  const textCondition = {
    kind: 'text',
    encoder: '',
    tokenizer: '',
    tokens: 120,
    width: size.text.width,
    cleaning: 'none',
  } as const;
  const text = { cleaned: '', ids: Array.from({ length: tokens }, (_, index) => index + 3), warnings: [] };
  const prompt = textPrompt('bench', noiseFor(1, tokens, size.text.width), { tokens: 120, width: size.text.width });
  const pack = {
    id: size.name,
    grid: { rows, columns, downsample: size.vq.downsample },
    codebook: { size: size.vq.codes, channels: size.vq.channels },
    student: {
      kind: 'two-head' as const,
      graph: '',
      layers: transformer.layers,
      width: transformer.width,
      times: [...times],
      split,
    },
    teacher: {
      graph: '',
      codebook: '',
      layers: transformer.layers,
      width: transformer.width,
      heads: transformer.heads,
      sampling: { guidance: 7.5, topK: 1000, topP: 1, temperature: 1 },
    },
  } satisfies StudentPack & TeacherPack;
  const noise = noiseFor(1, total, size.vq.channels);
  const plans = planSteps({ total, times, split }, times.length, false);
  const condition = await readCondition(student, pack, prompt);
  const shape = [1, total, size.vq.channels];
  const decode = () => decoder.run({ [VQ_DECODER.inputs.latents]: { type: 'float32', shape, data: noise } });
  const image = (await decode()).float32(VQ_DECODER.outputs.image);
  const [height, width] = [rows * size.vq.downsample, columns * size.vq.downsample];

  /** One code, with the rest of the grid as it stands in the middle of a picture. */
  const drawOne = async () => {
    const run = { pictures: 1, prefix: [[]], until: 3, sampling: pack.teacher.sampling, choose: () => 1 };
    const codes = runTeacher(teacher, pack, prompt, run);
    await codes.next();
    const start = performance.now();
    await codes.next();
    await codes.next();
    return (performance.now() - start) / 2;
  };
  const phases: Phase[] = [
    { name: 'noise', operations: null, run: async () => noiseFor(2, total, size.vq.channels) },
    {
      name: `text, ${tokens} tokens`,
      operations: textOperations(size.text, tokens),
      run: () => encodeText(encoder, text, textCondition),
    },
    {
      name: `condition, ${tokens} rows`,
      operations: stepOperations(transformer, planStep({ known: 0, positions: 1, split: 1 }), tokens),
      run: () => readCondition(student, pack, prompt),
    },
    ...plans.map((plan, step) => ({
      name: `step ${step + 1}, ${plan.positions} positions`,
      operations: stepOperations(transformer, plan, 1),
      run: () => runStudent(student, pack, prompt, condition, { plan, batch: 1, noise, latents: noise }),
    })),
    { name: 'decode', operations: decoderOperations(size.vq, rows, columns), run: decode },
    { name: 'pixels and PNG', operations: null, run: async () => encodePng(toRgb(image, width, height), {}) },
    { name: 'teacher, one code', operations: codeOperations(transformer), run: drawOne },
  ];
  return {
    phases,
    close: async () => {
      for (const graph of graphs) await graph.close();
    },
  };
}

/** Milliseconds; work that measures a part of itself returns them. */
async function time(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  const own = await run();
  return typeof own === 'number' ? own : performance.now() - start;
}

function describeSize({ name, transformer, vq }: BenchSize): string {
  const { width, layers, grid } = transformer;
  const pixels = `${grid.columns * vq.downsample} x ${grid.rows * vq.downsample}`;
  return `${name}: width ${width}, ${layers} layers, ${grid.rows * grid.columns} codes, ${pixels} pixels`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
