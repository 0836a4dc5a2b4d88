/**
 * Milliseconds of each phase with random weights, at sizes that take seconds, and the share of this machine's own
 * matrix-product rate. `full.ts` measures the published size from its files.
 */
import { buildStudent, studentTable } from '../../nets/llamagen/student.js';
import { buildTeacher, teacherTable } from '../../nets/llamagen/teacher.js';
import { buildTextEncoder, readT5, t5Table } from '../../nets/t5.js';
import { buildVqDecoder } from '../../nets/vq-decoder.js';
import { normalizedCodebook, readVqTokenizer, vqTable } from '../../nets/vq-tokenizer.js';
import type { Graph as GraphPlan } from '../../onnx/graph.js';
import { serializeModel } from '../../onnx/serialize.js';
import type { Graph, Runtime } from '../../run/runtime.js';
import { randomCheckpoint } from '../random-checkpoint.js';
import { textConfig } from './checkpoints.js';
import { codePhase, conditionPhase, decodePhases, noisePhase, positionsOf, stepPhases, textPhase } from './phases.js';
import { type Item, loadProbes, type Machine, measure } from './rounds.js';
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

const ROUNDS = 9;
const WARM_UP = 2;

export async function* runBench(runtime: Runtime, signal: AbortSignal): AsyncGenerator<BenchEvent> {
  const probes = await loadProbes(runtime);
  let machine: Machine = { gflops: 0, gigabytes: 0 };
  for (const [index, size] of BENCH_SIZES.entries()) {
    const { items, close } = await prepare(runtime, size);
    const run = measure(items, { probes, rounds: ROUNDS, warmUp: WARM_UP, signal });
    let step = await run.next();
    for (; !step.done; step = await run.next())
      yield {
        type: 'progress',
        label: `measuring ${size.name}`,
        fraction: (index + step.value) / BENCH_SIZES.length,
      };
    ({ machine } = step.value);
    for (const { item, milliseconds, share } of step.value.measured)
      yield { type: 'phase', model: describeSize(size), phase: item.name, milliseconds, share };
    await close();
  }
  await probes.close();
  yield {
    type: 'machine',
    gflops: machine.gflops,
    note: 'The rate of one [256, 1024] x [1024, 4096] product in float32, measured between the phases.',
  };
  yield { type: 'done' };
}

async function prepare(runtime: Runtime, size: BenchSize): Promise<{ items: Item[]; close(): Promise<void> }> {
  const { transformer } = size;
  const graphs: Graph[] = [];
  const load = async (plan: GraphPlan) => {
    const graph = await runtime.load(await serializeModel(plan));
    graphs.push(graph);
    return { graph, weights: null };
  };
  const vq = readVqTokenizer(randomCheckpoint('vq', vqTable(size.vq)));
  const codebook = normalizedCodebook(vq);
  const t5 = readT5(randomCheckpoint('text', t5Table(size.text)), textConfig(size));
  const checkpoint = randomCheckpoint('student', studentTable(transformer, size.vq.channels));
  const common = { config: transformer, precision: 'float32' } as const;
  const student = await load(buildStudent({ ...common, checkpoint, codebook }));
  const random = randomCheckpoint('teacher', teacherTable(transformer));
  const teacher = await load(buildTeacher({ ...common, checkpoint: random }));
  const decoder = await load(buildVqDecoder(vq, transformer.grid));
  const encoder = await load(buildTextEncoder(t5, { tokens: 120 }));
  return {
    items: [
      noisePhase(size),
      textPhase(size, encoder),
      conditionPhase(size, student),
      ...(await stepPhases(size, student)),
      ...(await decodePhases(size, decoder)),
      codePhase(size, teacher),
    ],
    close: async () => {
      for (const graph of graphs) await graph.close();
    },
  };
}

export function describeSize(size: BenchSize): string {
  const { name, transformer, vq } = size;
  const { width, layers, grid } = transformer;
  const pixels = `${grid.columns * vq.downsample} x ${grid.rows * vq.downsample}`;
  return `${name}: width ${width}, ${layers} layers, ${positionsOf(size)} codes, ${pixels} pixels`;
}
