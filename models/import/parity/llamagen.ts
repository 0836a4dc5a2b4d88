/** Every output of a folder like `llamagen-a`, recomputed from its checkpoints and inputs through ONNX Runtime. */
import * as z from 'zod';
import { STUDENT, VQ_DECODER, VQ_ENCODER } from '../../graphs.js';
import { inferLlamagen } from '../../nets/llamagen/config.js';
import { buildStudent } from '../../nets/llamagen/student.js';
import { buildTeacher } from '../../nets/llamagen/teacher.js';
import { buildVqDecoder } from '../../nets/vq-decoder.js';
import { buildVqEncoder } from '../../nets/vq-encoder.js';
import { normalizedCodebook, readVqTokenizer } from '../../nets/vq-tokenizer.js';
import { nearestCodes } from '../../run/codebook.js';
import { classPrompt, type Prompt, textPrompt } from '../../run/prompt.js';
import type { Graph } from '../../run/runtime.js';
import { argMax } from '../../run/sampling/logits.js';
import { planStep, range } from '../../run/schedule.js';
import { feedStudent, readCondition, type StudentPack } from '../../run/student.js';
import { runTeacher, type TeacherPack } from '../../run/teacher.js';
import { type Computed, marginOf } from './compare.js';
import type { ParityFolder } from './folder.js';
import { numbersOf } from './npy.js';
import { scoreCodes } from './score-codes.js';

/** What no tensor tells. */
const Config = z.object({
  n_head: z.number().int().positive(),
  grid: z.number().int().positive(),
  norm_eps: z.number().positive().default(1e-5),
  rope_base: z.number().positive().default(10_000),
  cfg: z.number(),
  tl: z.array(z.number().int()).min(1),
  split: z.number().int(),
  teacher_start: z.number().int(),
});
type Config = z.infer<typeof Config>;

export async function* recomputeLlamagen(folder: ParityFolder): AsyncGenerator<Computed> {
  const config = Config.parse(await folder.json('config.json'));
  const vq = await folder.checkpoint('vq.pt');
  const tokenizer = readVqTokenizer(vq);
  const grid = { rows: config.grid, columns: config.grid };
  const decoder = await folder.load(buildVqDecoder(tokenizer, grid));
  const codebook = await normalizedCodebook(tokenizer).load();
  const { channels } = tokenizer.config;
  const codes = rowsOf(numbersOf(folder.input('vq.codes')), config.grid ** 2);
  const lookUp = (row: readonly number[]) =>
    Float32Array.from(row.flatMap((code) => [...codebook.subarray(code * channels, (code + 1) * channels)]));
  const decode = async (name: string, latents: Float32Array): Promise<Computed> => {
    const shape = [latents.length / (config.grid ** 2 * channels), config.grid ** 2, channels];
    const outputs = await decoder.run({ [VQ_DECODER.inputs.latents]: { type: 'float32', shape, data: latents } });
    const image = outputs.float32(VQ_DECODER.outputs.image);
    return { name, shape: outputs.shape(VQ_DECODER.outputs.image), values: image, rule: { kind: 'values' } };
  };

  yield await decode('vq.image', join(codes.map(lookUp)));
  const image = folder.input('vq.encode.image');
  const encoder = await folder.load(buildVqEncoder(tokenizer, { ...grid, probes: true }));
  const encoded = await encoder.run({
    [VQ_ENCODER.inputs.image]: { type: 'float32', shape: image.shape, data: Float32Array.from(numbersOf(image)) },
  });
  yield {
    name: 'vq.encode.codes',
    shape: encoded.shape(VQ_ENCODER.outputs.codes),
    values: BigInt64Array.from(encoded.int64(VQ_ENCODER.outputs.codes), BigInt),
    // Each position is chosen on its own, so a near-tie excuses only itself: every position is a sequence of one.
    rule: {
      kind: 'codes',
      margins: split(encoded.float32(VQ_ENCODER.probes.similarity), tokenizer.config.codes).map((row) => [
        marginOf(row),
      ]),
    },
  };

  const setting: Setting = { folder, config, codebook, channels, codes, lookUp, decode };
  if (folder.has('c2i.pt')) yield* recomputeClasses(setting);
  if (folder.has('t2i.pt')) yield* recomputeText(setting);
  await vq.close();
}

type Setting = {
  readonly folder: ParityFolder;
  readonly config: Config;
  readonly codebook: Float32Array;
  readonly channels: number;
  /** [pictures][positions] */
  readonly codes: readonly (readonly number[])[];
  readonly lookUp: (row: readonly number[]) => Float32Array;
  readonly decode: (name: string, latents: Float32Array) => Promise<Computed>;
};

async function* recomputeClasses(setting: Setting): AsyncGenerator<Computed> {
  const { folder, config } = setting;
  const { graph, pack, classes } = await loadTeacher(setting, 'c2i.pt');
  const prompts = numbersOf(folder.input('c2i.class')).map((index) => classPrompt(index, classes));
  yield* teacherOutputs(setting, graph, pack, prompts, { prefix: 'c2i', logitsGuidance: 1 });
  if (!folder.has('dd-c2i.pt')) return;

  const steps = await runStudentSteps(setting, prompts);
  for (const [step, arrays] of steps.entries())
    for (const { name, ...rest } of arrays) yield { name: `dd.step${step}.${name}`, ...rest };
  const outputOf = (step: number) => steps[step]?.find(({ name }) => name === 'output')?.values as Float32Array;
  yield await setting.decode('dd.image', outputOf(steps.length - 1));

  // Teacher-involved: the first codes of the student's first step, then the teacher by arg-max, then the student again.
  const until = config.tl[1];
  if (until === undefined) return;
  const total = config.grid ** 2;
  const first = split(outputOf(0), total * setting.channels);
  const drawn = await greedy(graph, pack, prompts, config.cfg, until, (picture) =>
    nearestCodes(
      setting.codebook,
      (first[picture] as Float32Array).subarray(0, config.teacher_start * setting.channels),
      setting.channels,
    ),
  );
  yield codesOf('mixed.codes.teacher', drawn);
  const mixed = await runStudentSteps(setting, prompts, {
    known: until,
    latents: drawn.codes.map((row) => {
      const latents = new Float32Array(total * setting.channels);
      latents.set(setting.lookUp(row));
      return latents;
    }),
  });
  const last = mixed[0]?.find(({ name }) => name === 'output');
  if (last) yield { ...last, name: 'mixed.output' };
}

async function* recomputeText(setting: Setting): AsyncGenerator<Computed> {
  const { folder } = setting;
  const text = folder.input('t2i.text');
  const [, slots = 0, width = 0] = text.shape;
  const states = split(Float32Array.from(numbersOf(text)), slots * width);
  const masks = rowsOf(numbersOf(folder.input('t2i.mask')), slots);
  const prompts = states.map((padded, picture) => {
    // Left-padded: the valid states stand at the right end.
    const valid = (masks[picture] ?? []).filter((mask) => mask !== 0).length;
    return textPrompt(`${picture}`, padded.slice((slots - valid) * width), { tokens: slots, width });
  });
  const { graph, pack } = await loadTeacher(setting, 't2i.pt');
  yield* teacherOutputs(setting, graph, pack, prompts, { prefix: 't2i', logitsGuidance: setting.config.cfg });
  yield codesOf('t2i.greedy.nocfg.codes', await greedy(graph, pack, prompts, 1, setting.config.grid ** 2));
}

async function loadTeacher({ folder, config, channels, codebook }: Setting, file: string) {
  const checkpoint = await folder.checkpoint(file);
  const sizes = inferLlamagen(checkpoint, llamagenOptions(config));
  const graph = await folder.load(buildTeacher({ config: sizes, checkpoint, precision: 'float32' }));
  await checkpoint.close();
  const pack: TeacherPack = {
    id: file,
    grid: { rows: config.grid, columns: config.grid, downsample: 1 },
    codebook: { size: codebook.length / channels, channels },
    teacher: {
      graph: file,
      layers: sizes.layers,
      width: sizes.width,
      heads: sizes.heads,
      sampling: { guidance: config.cfg, topK: 0, topP: 1, temperature: 1 },
      codebook: file,
    },
  };
  return { graph, pack, classes: sizes.condition.kind === 'class' ? sizes.condition.classes : 0 };
}

/** Logits of the given codes, and arg-max generation with guidance. */
async function* teacherOutputs(
  { config, codes }: Setting,
  graph: Graph,
  pack: TeacherPack,
  prompts: readonly Prompt[],
  { prefix, logitsGuidance }: { prefix: string; logitsGuidance: number },
): AsyncGenerator<Computed> {
  const logits: Float32Array[] = [];
  for (const [picture, prompt] of prompts.entries())
    logits.push(await scoreCodes(graph, pack, prompt, codes[picture] ?? [], logitsGuidance));
  const shape = [prompts.length, config.grid ** 2, pack.codebook.size];
  yield { name: `${prefix}.logits`, shape, values: join(logits), rule: { kind: 'logits' } };
  yield codesOf(`${prefix}.greedy.codes`, await greedy(graph, pack, prompts, config.cfg, config.grid ** 2));
}

type Greedy = { readonly codes: number[][]; readonly margins: number[][] };

/** Arg-max generation, picture by picture, on the road that `twostep generate` takes. */
async function greedy(
  graph: Graph,
  pack: TeacherPack,
  prompts: readonly Prompt[],
  guidance: number,
  until: number,
  prefixOf: (picture: number) => number[] = () => [],
): Promise<Greedy> {
  const result: Greedy = { codes: [], margins: [] };
  for (const [picture, prompt] of prompts.entries()) {
    const prefix = prefixOf(picture);
    const margins = prefix.map(() => Number.POSITIVE_INFINITY);
    let codes: readonly number[] = prefix;
    for await (const soFar of runTeacher(graph, pack, prompt, {
      pictures: 1,
      prefix: [prefix],
      until,
      sampling: { guidance, topK: 0, topP: 1, temperature: 1 },
      choose(logits) {
        margins.push(marginOf(logits));
        return argMax(logits);
      },
    }))
      codes = soFar.codes[0] ?? [];
    result.codes.push([...codes]);
    result.margins.push(margins);
  }
  return result;
}

/** Each step of the student from its own noise, with everything that it computes. */
async function runStudentSteps(
  { folder, config, codebook, channels }: Setting,
  prompts: readonly Prompt[],
  from?: { known: number; latents: readonly Float32Array[] },
): Promise<Computed[][]> {
  const checkpoint = await folder.checkpoint('dd-c2i.pt');
  const sizes = inferLlamagen(checkpoint, llamagenOptions(config));
  const graph = await folder.load(
    buildStudent({
      config: sizes,
      checkpoint,
      codebook: { shape: [codebook.length / channels, channels], load: async () => codebook.slice() },
      precision: 'float32',
      probes: true,
    }),
  );
  await checkpoint.close();
  const total = config.grid ** 2;
  const pack: StudentPack = {
    id: 'dd',
    codebook: { size: codebook.length / channels, channels },
    student: {
      kind: 'two-head',
      graph: '',
      layers: sizes.layers,
      width: sizes.width,
      times: config.tl,
      split: config.split,
    },
  };
  const noise = split(Float32Array.from(numbersOf(folder.input('dd.noise'))), total * channels);
  let latents: readonly Float32Array[] = from?.latents ?? noise;
  const results: Computed[][] = [];
  for (const known of from ? [from.known] : config.tl) {
    // Every row through both heads: the authors' code computes them all, and so they can be compared.
    const every = range(0, total);
    const plan = {
      ...planStep({ known, positions: total, split: config.split }),
      discreteRows: every,
      continuousRows: every,
      assemble: every.map((row) => row + (row < known ? 0 : row < config.split ? total : 2 * total)),
    };
    const parts: Record<'input' | 'embeddings' | 'logits' | 'output', Float32Array[]> = {
      input: [],
      embeddings: [],
      logits: [],
      output: [],
    };
    for (const [picture, prompt] of prompts.entries()) {
      const step = { plan, batch: 1, noise: noise[picture] as Float32Array, latents: latents[picture] as Float32Array };
      const condition = await readCondition(graph, pack, prompt);
      const outputs = await graph.run(feedStudent(pack, prompt, condition, step));
      parts.input.push(outputs.float32(STUDENT.probes.input));
      parts.embeddings.push(outputs.float32(STUDENT.probes.embeddings));
      parts.logits.push(outputs.float32(STUDENT.probes.logits));
      parts.output.push(outputs.float32(STUDENT.outputs.latents));
    }
    latents = parts.output;
    results.push(
      Object.entries(parts).map(([name, pictures]) => ({
        name,
        shape: [prompts.length, total, name === 'logits' ? codebook.length / channels : channels],
        values: join(pictures),
        rule: { kind: name === 'logits' ? 'logits' : 'values' },
      })),
    );
  }
  await graph.close();
  return results;
}

const llamagenOptions = (config: Config) => ({
  heads: config.n_head,
  grid: { rows: config.grid, columns: config.grid },
  ropeBase: config.rope_base,
  normEpsilon: config.norm_eps,
});

const codesOf = (name: string, { codes, margins }: Greedy): Computed => ({
  name,
  shape: [codes.length, codes[0]?.length ?? 0],
  values: BigInt64Array.from(codes.flat(), BigInt),
  rule: { kind: 'codes', margins },
});

const rowsOf = (values: readonly number[], length: number) =>
  range(0, values.length / length).map((row) => values.slice(row * length, (row + 1) * length));

const split = (values: Float32Array, length: number) =>
  range(0, values.length / length).map((row) => values.slice(row * length, (row + 1) * length));

function join(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
