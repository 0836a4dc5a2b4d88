/** The phases of a picture as the bench runs them: what goes in is made up, what it costs is real. */

import type { CachedCondition } from '../../families/llamagen/condition.js';
import { type PromptFeeds, textPrompt } from '../../families/llamagen/prompt-feeds.js';
import { readCondition, runStudent, type StudentPack } from '../../families/llamagen/student.js';
import { runTeacher, type TeacherPack } from '../../families/llamagen/teacher.js';
import { VQ_DECODER } from '../../graphs.js';
import { toRgb } from '../../run/image.js';
import { encodePng } from '../../run/png.js';
import { encodeText } from '../../run/read-prompt.js';
import type { Graph } from '../../run/runtime.js';
import { noiseFor } from '../../sampling/noise.js';
import { planStep, planSteps } from '../../sampling/schedule.js';
import { codeOperations, decoderOperations, stepOperations, textOperations } from './operations.js';
import { type Item, startClock, Took } from './rounds.js';
import type { BenchSize } from './sizes.js';

/** A graph and the bytes of its weights that each run reads; null where they stay in the processor's cache. */
export type Weighed = { readonly graph: Graph; readonly weights: number | null };

/** Text states of one prompt; their numbers do not matter. */
export function benchPrompt(size: BenchSize, tokens = size.tokens): PromptFeeds {
  const { width } = size.text;
  return textPrompt(`bench ${tokens}`, noiseFor(1, tokens, width), { tokens: 120, width });
}

/** The parts of pack.json that the runs read. */
export function benchPack({ name, transformer, vq, times, split }: BenchSize): StudentPack & TeacherPack {
  const { grid, layers, width, heads } = transformer;
  return {
    id: name,
    grid: { ...grid, downsample: vq.downsample },
    codebook: { size: vq.codes, channels: vq.channels },
    student: { kind: 'two-head', graph: '', layers, width, times: [...times], split },
    teacher: {
      graph: '',
      codebook: '',
      layers,
      width,
      heads,
      sampling: { guidance: 7.5, topK: 1000, topP: 1, temperature: 1 },
    },
  };
}

export function noisePhase(size: BenchSize): Item {
  const total = positionsOf(size);
  return { name: 'noise', operations: null, weights: null, run: async () => noiseFor(2, total, size.vq.channels) };
}

export function textPhase(size: BenchSize, { graph, weights }: Weighed, tokens = size.tokens): Item {
  const condition = {
    kind: 'text',
    encoder: '',
    tokenizer: '',
    tokens: 120,
    width: size.text.width,
    cleaning: 'none',
  } as const;
  const text = { cleaned: '', ids: Array.from({ length: tokens }, (_, index) => (index % 20) + 3), warnings: [] };
  return {
    name: `text, ${tokens} tokens`,
    operations: textOperations(size.text, tokens),
    weights,
    run: () => encodeText(graph, text, condition),
  };
}

export function conditionPhase(size: BenchSize, { graph, weights }: Weighed): Item {
  const prompt = benchPrompt(size);
  return {
    name: `condition, ${size.tokens} rows`,
    operations: stepOperations(size.transformer, planStep({ known: 0, positions: 1, split: 1 }), size.tokens),
    weights,
    run: () => readCondition(graph, benchPack(size), prompt),
  };
}

/** The steps of one picture, or of several that run together. */
export async function stepPhases(size: BenchSize, { graph, weights }: Weighed, batch = 1): Promise<Item[]> {
  const { times, split, transformer } = size;
  const pack = benchPack(size);
  const prompt = benchPrompt(size);
  const total = positionsOf(size);
  const condition: CachedCondition = await readCondition(graph, pack, prompt);
  const noise = noiseFor(1, batch * total, size.vq.channels);
  return planSteps({ total, times, split }, times.length, false).map((plan, step) => ({
    name: `step ${step + 1}, ${plan.positions} positions`,
    operations: batch * stepOperations(transformer, plan, 1 / batch),
    weights,
    run: () => runStudent(graph, pack, prompt, condition, { plan, batch, noise, latents: noise }),
  }));
}

export async function decodePhases(size: BenchSize, { graph, weights }: Weighed): Promise<Item[]> {
  const { rows, columns } = size.transformer.grid;
  const shape = [1, rows * columns, size.vq.channels];
  const data = noiseFor(1, rows * columns, size.vq.channels);
  const decode = () => graph.run({ [VQ_DECODER.inputs.latents]: { type: 'float32', shape, data } });
  const image = (await decode()).float32(VQ_DECODER.outputs.image);
  const [width, height] = [columns * size.vq.downsample, rows * size.vq.downsample];
  return [
    { name: 'decode', operations: decoderOperations(size.vq, rows, columns), weights, run: decode },
    {
      name: 'pixels and PNG',
      operations: null,
      weights: null,
      run: async () => encodePng(toRgb(image, width, height), {}),
    },
  ];
}

/** One code of the teacher with guidance, with the rest of the grid as it stands in the middle of a picture. */
export function codePhase(size: BenchSize, { graph, weights }: Weighed): Item {
  const pack = benchPack(size);
  const prompt = benchPrompt(size);
  const sampling = pack.teacher?.sampling;
  if (!sampling) throw new RangeError('the bench needs a teacher');
  return {
    name: 'teacher, one code',
    operations: codeOperations(size.transformer),
    weights,
    run: async () => {
      const codes = runTeacher(graph, pack, prompt, { pictures: 1, prefix: [[]], until: 3, sampling, choose: () => 1 });
      await codes.next();
      const stop = startClock();
      await codes.next();
      await codes.next();
      const { milliseconds, processor } = stop();
      return new Took(milliseconds / 2, processor / 2);
    },
  };
}

export function positionsOf({ transformer }: BenchSize): number {
  return transformer.grid.rows * transformer.grid.columns;
}
