/** Every output of a folder like `var-a`, recomputed from its checkpoints and inputs through ONNX Runtime (METHOD 8). */
import * as z from 'zod';
import { readClasses } from '../../families/var/condition.js';
import { VAR_STUDENT } from '../../families/var/graphs.js';
import { feedVarStudent } from '../../families/var/student.js';
import { drawScales, lookUpCodes, type VarTeacherSizes } from '../../families/var/teacher.js';
import { VQ_DECODER } from '../../graphs.js';
import { inferVar } from '../../nets/var/config.js';
import { buildLevels, buildVarDecoder } from '../../nets/var/decoder.js';
import { buildVarStudent } from '../../nets/var/student.js';
import { buildVarTeacher } from '../../nets/var/teacher.js';
import { readVae, type Vae } from '../../nets/var/vae.js';
import { nearestCodes } from '../../sampling/codebook.js';
import { argMax } from '../../sampling/logits.js';
import { countTokens } from '../../sampling/scales.js';
import { planStep, range } from '../../sampling/schedule.js';
import { type Computed, marginOf } from './compare.js';
import type { ParityFolder } from './folder.js';
import { numbersOf } from './npy.js';
import { join, rowsOf, split } from './setting.js';

/** What no tensor tells. */
const Config = z.object({
  patch: z.array(z.number().int().positive()).min(1),
  cfg: z.number(),
  /** In scales, as `split` and `teacher_start` are. */
  tl: z.array(z.number().int()).min(1),
  split: z.number().int(),
  teacher_start: z.number().int(),
  /** Groups of the decoder's norms, where they are not the published 32. */
  groups: z.number().int().positive().optional(),
});
type Config = z.infer<typeof Config>;

type Setting = {
  readonly folder: ParityFolder;
  readonly config: Config;
  readonly scales: readonly number[];
  readonly vae: Vae;
  readonly codebook: Float32Array;
  readonly channels: number;
  readonly total: number;
  readonly classes: readonly number[];
  /** [pictures][tokens] */
  readonly codes: readonly (readonly number[])[];
  readonly decode: (name: string, latents: Float32Array) => Promise<Computed>;
};

export async function* recomputeVar(folder: ParityFolder): AsyncGenerator<Computed> {
  const config = Config.parse(await folder.json('config.json'));
  const scales = config.patch;
  const total = countTokens(scales);
  const checkpoint = await folder.checkpoint('vae.pt');
  const vae = readVae(checkpoint, { groups: config.groups });
  const { channels } = vae.config;
  const codebook = await vae.weights.get('quantize.embedding.weight').load();
  const decoder = await folder.load(buildVarDecoder(vae, { scales }));
  const codes = rowsOf(numbersOf(folder.input('codes')), total);
  const decode = async (name: string, latents: Float32Array): Promise<Computed> => {
    const shape = [latents.length / (total * channels), total, channels];
    const outputs = await decoder.run({ [VQ_DECODER.inputs.latents]: { type: 'float32', shape, data: latents } });
    // The authors cut their pictures off at both ends; ours are when they become pixels.
    const image = outputs.float32(VQ_DECODER.outputs.image).map((value) => Math.min(Math.max(value, -1), 1));
    return { name, shape: outputs.shape(VQ_DECODER.outputs.image), values: image, rule: { kind: 'values' } };
  };
  yield await decode('vae.image', join(codes.map((row) => lookUpCodes(codebook, row, channels))));

  const classes = numbersOf(folder.input('class'));
  const setting: Setting = { folder, config, scales, vae, codebook, channels, total, classes, codes, decode };
  const teacher = await loadTeacher(setting);
  yield* teacherOutputs(setting, teacher);
  if (folder.has('dd-var.pt')) yield* studentOutputs(setting, teacher);
  await checkpoint.close();
}

type Teacher = Awaited<ReturnType<typeof loadTeacher>>;

async function loadTeacher({ folder, scales, vae }: Setting) {
  const checkpoint = await folder.checkpoint('var.pt');
  const config = inferVar(checkpoint, { scales });
  const graphs = buildVarTeacher({ config, checkpoint, precision: 'float32' });
  const [teacher, condition, levels] = [
    await folder.load(graphs.teacher),
    await folder.load(graphs.condition),
    await folder.load(buildLevels(vae, scales)),
  ];
  await checkpoint.close();
  const sizes: VarTeacherSizes = config;
  return { graphs: { teacher, levels }, condition, sizes, none: config.classes };
}

/** Logits of the given codes, and arg-max generation with guidance. */
async function* teacherOutputs(setting: Setting, teacher: Teacher): AsyncGenerator<Computed> {
  const { codes, classes, codebook, scales, total, channels, config } = setting;
  const logits: Float32Array[] = [];
  for (const [picture, index] of classes.entries()) {
    const drawing = drawScales(teacher.graphs, teacher.sizes, {
      condition: await readClasses(teacher.condition, [index]),
      guidance: 0,
      codebook,
      codes: [[]],
      from: 0,
      until: scales.length,
      choose: (row, _, token) => {
        logits.push(row.slice());
        return codes[picture]?.[token] ?? 0;
      },
    });
    for await (const _ of drawing);
  }
  const shape = [classes.length, total, teacher.sizes.codes];
  yield { name: 'var.logits', shape, values: join(logits), rule: { kind: 'logits' } };
  const whole = { from: 0, until: scales.length, guidance: config.cfg };
  const drawn = await greedy(
    setting,
    teacher,
    classes.map(() => []),
    whole,
  );
  yield vectorsOf('var.greedy.embeddings', drawn, codebook, channels);
}

type Greedy = { readonly codes: number[][]; readonly margins: number[][] };

/** Arg-max generation, picture by picture, on the road that `twostep generate` takes. */
async function greedy(
  { classes, codebook }: Setting,
  teacher: Teacher,
  given: readonly (readonly number[])[],
  how: { from: number; until: number; guidance: number; isUnmasked?: boolean },
): Promise<Greedy> {
  const result: Greedy = { codes: [], margins: [] };
  for (const [picture, index] of classes.entries()) {
    const margins = (given[picture] ?? []).map(() => Number.POSITIVE_INFINITY);
    const drawing = drawScales(teacher.graphs, teacher.sizes, {
      ...how,
      condition: await readClasses(teacher.condition, [index, teacher.none]),
      codebook,
      codes: [given[picture] ?? []],
      choose(logits) {
        margins.push(marginOf(logits));
        return argMax(logits);
      },
    });
    let codes: readonly number[] = [];
    for await (const soFar of drawing) codes = soFar[0] ?? [];
    result.codes.push([...codes]);
    result.margins.push(margins);
  }
  return result;
}

async function* studentOutputs(setting: Setting, teacher: Teacher): AsyncGenerator<Computed> {
  const { config, scales, codebook, channels, total, decode } = setting;
  const run = await loadStudent(setting);
  let latents = Float32Array.from(numbersOf(setting.folder.input('dd.noise')));
  const outputs: Float32Array[] = [];
  for (const [step, known] of config.tl.entries()) {
    const arrays = await run(known, latents);
    for (const { name, ...rest } of arrays) yield { name: `dd.step${step}.${name}`, ...rest };
    latents = arrays.find(({ name }) => name === 'output')?.values as typeof latents;
    outputs.push(latents);
  }
  yield await decode('dd.image', latents);

  // Teacher-assisted: the first step's codes, then scales drawn anew by arg-max, then the student again.
  const until = config.tl[1];
  if (until === undefined) return;
  const before = countTokens(scales, config.teacher_start);
  const given = split(outputs[0] as Float32Array, total * channels).map((row) =>
    nearestCodes(codebook, row.subarray(0, before * channels), channels),
  );
  const how = { from: config.teacher_start, until, guidance: config.cfg, isUnmasked: true };
  const drawn = await greedy(setting, teacher, given, how);
  yield vectorsOf('mixed.teacher.embeddings', drawn, codebook, channels);
  const kept = drawn.codes.map((row) => {
    const whole = new Float32Array(total * channels);
    whole.set(lookUpCodes(codebook, row, channels));
    return whole;
  });
  const last = (await run(until, join(kept))).find(({ name }) => name === 'output');
  if (last) yield { ...last, name: 'mixed.output' };
}

/** A step from `known` scales on, with everything that it computes. */
async function loadStudent({ folder, config, scales, codebook, channels, total, classes }: Setting) {
  const checkpoint = await folder.checkpoint('dd-var.pt', 'ema');
  const sizes = inferVar(checkpoint, { scales });
  const rows = { shape: [codebook.length / channels, channels], load: async () => codebook.slice() };
  const graphs = buildVarStudent({
    config: sizes,
    checkpoint,
    codebook: rows,
    precision: 'float32',
    probes: true,
  });
  const [student, condition] = [await folder.load(graphs.student), await folder.load(graphs.condition)];
  await checkpoint.close();
  const noise = split(Float32Array.from(numbersOf(folder.input('dd.noise'))), total * channels);

  return async (knownScales: number, latents: Float32Array): Promise<Computed[]> => {
    // Every row through both heads: the authors' code computes them all, and so they can be compared.
    const every = range(0, total);
    const [known, discrete] = [countTokens(scales, knownScales), countTokens(scales, config.split)];
    const plan = {
      ...planStep({ known, positions: total, split: discrete }),
      discreteRows: every,
      continuousRows: every,
      assemble: every.map((row) => row + (row < known ? 0 : row < discrete ? total : 2 * total)),
    };
    const arrays: Record<'input' | 'embeddings' | 'logits' | 'output', Float32Array[]> = {
      input: [],
      embeddings: [],
      logits: [],
      output: [],
    };
    for (const [picture, before] of split(latents, total * channels).entries()) {
      const outputs = await student.run(
        feedVarStudent({
          scales,
          channels,
          plan,
          batch: 1,
          condition: await readClasses(condition, [classes[picture] as number]),
          noise: noise[picture] as Float32Array,
          latents: before,
        }),
      );
      arrays.input.push(outputs.float32(VAR_STUDENT.probes.input));
      arrays.embeddings.push(outputs.float32(VAR_STUDENT.probes.embeddings));
      arrays.logits.push(outputs.float32(VAR_STUDENT.outputs.logits));
      arrays.output.push(outputs.float32(VAR_STUDENT.outputs.latents));
    }
    return Object.entries(arrays).map(([name, pictures]) => ({
      name,
      shape: [classes.length, total, name === 'logits' ? sizes.codes : channels],
      values: join(pictures),
      rule: { kind: name === 'logits' ? 'logits' : 'values' },
    }));
  };
}

const vectorsOf = (name: string, { codes, margins }: Greedy, codebook: Float32Array, channels: number): Computed => ({
  name,
  shape: [codes.length, codes[0]?.length ?? 0, channels],
  values: join(codes.map((row) => lookUpCodes(codebook, row, channels))),
  rule: { kind: 'codes', margins },
});
