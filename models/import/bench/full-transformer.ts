/** The transformer of the full bench: in three precisions, beside PyTorch, and with more pictures of one prompt. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { feedStudent, readCondition } from '../../families/llamagen/student.js';
import { STUDENT } from '../../graphs.js';
import type { Graph } from '../../run/runtime.js';
import { noiseFor } from '../../sampling/noise.js';
import { planSteps } from '../../sampling/schedule.js';
import { type Context, type FullEvent, load, PHASE_COLUMNS, phaseRow, progress, STORED, take } from './full-common.js';
import { residentBytes } from './memory.js';
import { benchPack, benchPrompt, conditionPhase, positionsOf, stepPhases } from './phases.js';
import { gigabytes, milliseconds, percent, times } from './report.js';
import { type Rival, type RivalPrecision, startRival } from './rival.js';
import { type Item, type Measured, Took } from './rounds.js';
import { FULL_SIZES } from './sizes.js';

const BATCHES = [1, 2, 4, 8] as const;

/** Condition and steps in three precisions, beside PyTorch, and with more pictures of one prompt. Returns the steps' milliseconds. */
export async function* benchTransformer(context: Context): AsyncGenerator<FullEvent, number> {
  const size = FULL_SIZES[context.size];
  const rival = yield* meetRival(context);
  const items: Item[] = [];
  const graphs: Graph[] = [];
  for (const storage of STORED) {
    const student = await load(context, storage, 'student.onnx');
    graphs.push(student.graph);
    for (const item of [conditionPhase(size, student), ...(await stepPhases(size, student))])
      items.push({ ...item, name: `${storage}: ${item.name}` });
  }
  if (rival)
    for (const precision of PRECISIONS) {
      const run = async () => {
        const { milliseconds: clock, processor } = await rival.draw(precision);
        return new Took(clock, processor);
      };
      items.push({ name: nameOf(precision), operations: null, weights: null, run });
    }
  const { measured, machine } = yield* take('the transformer', items, context);
  const [exact] = graphs as [Graph];
  const agreement = rival ? await compareCodes(context, exact, rival) : null;
  const memory = residentBytes();
  await rival?.close();
  const own = (prefix: string) => measured.filter(({ item }) => item.name.startsWith(`${prefix}: `));
  yield {
    type: 'section',
    title: 'Transformer, one picture',
    columns: PHASE_COLUMNS,
    rows: measured.filter(({ item }) => item.operations !== null).map(phaseRow),
    notes: [
      `In the same rounds this machine multiplied [256, 1024] x [1024, 4096] in float32 at ${machine.gflops.toFixed(0)} GFLOP/s and read weights at ${machine.gigabytes.toFixed(1)} GB/s. Shares above 100 % of the product rate are 8-bit products, which do more than float32 in a second. "What the machine can" is the longer of products at that rate and of reading the weights once. Out and in go some 10 kB a step: logits stay inside.`,
      `Memory with three precisions of it loaded: ${gigabytes(memory)}.`,
    ],
  };
  type Key = 'milliseconds' | 'processor';
  const sum = (list: readonly Measured[], key: Key) => list.reduce((total, one) => total + one[key], 0);
  const theirs = (precision: RivalPrecision) => measured.filter(({ item }) => item.name === nameOf(precision));
  const ratio = (list: readonly Measured[], precision: RivalPrecision, key: Key) =>
    rival ? times(sum(theirs(precision), key) / sum(list, key)) : '-';
  const row = (who: string, list: readonly Measured[]) => [
    who,
    milliseconds(sum(list, 'milliseconds')),
    ratio(list, 'float32', 'milliseconds'),
    ratio(list, 'bfloat16', 'milliseconds'),
    milliseconds(sum(list, 'processor')),
    ratio(list, 'float32', 'processor'),
    ratio(list, 'bfloat16', 'processor'),
  ];
  const rows = [
    ...STORED.map((storage) => row(`Twostep, ${storage}`, own(storage))),
    ...(rival ? PRECISIONS.map((precision) => row(nameOf(precision), theirs(precision))) : []),
  ];
  yield {
    type: 'section',
    title: 'Beside PyTorch, transformer of one picture in two steps',
    columns: ['who', 'time', 'PyTorch float32 is to it', 'PyTorch bfloat16', 'processor', 'float32', 'bfloat16'],
    rows,
    notes: [
      rival
        ? `${rival.name}, in turns with us, same weights: the published sampler's arithmetic, 120 text slots, two passes over all ${120 + positionsOf(size)} positions, logits out. Ours: ${size.tokens} text tokens, their rows once, a first step of ${size.times[1]} positions. Codes that both give in float32: ${percent(agreement)} of ${size.split}.`
        : 'PyTorch was not at hand (`--python`).',
      'Processor time is that of all cores, whoever else used them; waiting threads sleep on both sides. Goals: exact 2.2 times PyTorch float32; the fastest 5 times PyTorch float32 and 3 times PyTorch bfloat16. On a processor without units for bfloat16 PyTorch computes it the slow way: the last column means something only where the machine lists such units.',
    ],
  };
  for (const graph of graphs.slice(1)) await graph.close();
  yield* benchBatches(context, exact);
  await exact.close();
  return own('exact')
    .slice(1)
    .reduce((total, { milliseconds: ms }) => total + ms, 0);
}

const PRECISIONS = ['float32', 'bfloat16'] as const satisfies readonly RivalPrecision[];
const nameOf = (precision: RivalPrecision) => `PyTorch, ${precision}`;

async function* meetRival({ rival, folder, files, size: name }: Context): AsyncGenerator<FullEvent, Rival | null> {
  if (!rival) return null;
  yield progress('starting PyTorch');
  const size = FULL_SIZES[name];
  const { transformer, vq, text, tokens } = size;
  const raw = async (file: string, values: Float32Array) => {
    await writeFile(join(folder, file), new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return join(folder, file);
  };
  return startRival(rival.python, rival.script, {
    student: files.student,
    vq: files.vq,
    states: await raw('states.f32', noiseFor(1, tokens, text.width)),
    noise: await raw('noise.f32', noiseFor(1, positionsOf(size), vq.channels)),
    heads: transformer.heads,
    grid: transformer.grid.rows,
    times: size.times,
    split: size.split,
    width: text.width,
    channels: vq.channels,
  });
}

/** Share of the codes of two steps that we and PyTorch give alike. */
async function compareCodes({ size: name }: Context, student: Graph, rival: Rival): Promise<number> {
  const size = FULL_SIZES[name];
  const total = positionsOf(size);
  const prompt = benchPrompt(size);
  const condition = await readCondition(student, benchPack(size), prompt);
  const noise = noiseFor(1, total, size.vq.channels);
  let latents = noise;
  const codes: number[] = [];
  for (const plan of planSteps({ total, times: size.times, split: size.split }, size.times.length, false)) {
    const step = { plan, batch: 1, noise, latents };
    const outputs = await student.run(feedStudent(benchPack(size), prompt, condition, step), [
      STUDENT.outputs.latents,
      STUDENT.outputs.codes,
    ]);
    latents = latents.slice();
    latents.set(outputs.float32(STUDENT.outputs.latents));
    codes.push(...outputs.int64(STUDENT.outputs.codes));
  }
  const theirs = (await rival.draw('float32')).codes;
  return codes.filter((code, position) => code === theirs[position]).length / codes.length;
}

async function* benchBatches(context: Context, graph: Graph): AsyncGenerator<FullEvent> {
  const size = FULL_SIZES[context.size];
  const items: Item[] = [];
  for (const batch of BATCHES) {
    const steps = await stepPhases(size, { graph, weights: null }, batch);
    const run = async () => {
      for (const step of steps) await step.run();
    };
    const operations = steps.reduce((total, step) => total + (step.operations ?? 0), 0);
    items.push({ name: `${batch}`, operations, weights: null, run });
  }
  const { measured } = yield* take('pictures of one prompt', items, { ...context, rounds: 1 });
  const one = measured[0]?.milliseconds ?? 1;
  yield {
    type: 'section',
    title: 'Several pictures of one prompt, both steps, float32',
    columns: ['pictures', 'time', 'of one', 'of the product rate'],
    rows: measured.map(({ item, milliseconds: ms, share }) => [
      item.name,
      milliseconds(ms),
      times(ms / one),
      percent(share),
    ]),
    notes: [
      'Goal: four for three times one. On a CPU a single picture is made of products that are large enough already, so more pictures cost as many times more; the prompt, which is shared, is not in these figures.',
    ],
  };
}
