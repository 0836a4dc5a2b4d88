/** Every output of a folder like `llamagen-a`, recomputed from its checkpoints and inputs through ONNX Runtime. */

import { classPrompt, type PromptFeeds, textPrompt } from '../../families/llamagen/prompt-feeds.js';
import { runTeacher, type TeacherPack } from '../../families/llamagen/teacher.js';
import { VQ_DECODER, VQ_ENCODER } from '../../graphs.js';
import { inferLlamagen } from '../../nets/llamagen/config.js';
import { buildTeacher } from '../../nets/llamagen/teacher.js';
import { buildVqDecoder } from '../../nets/vq-decoder.js';
import { buildVqEncoder } from '../../nets/vq-encoder.js';
import { normalizedCodebook, readVqTokenizer } from '../../nets/vq-tokenizer.js';
import type { Graph } from '../../run/runtime.js';
import { nearestCodes } from '../../sampling/codebook.js';
import { argMax } from '../../sampling/logits.js';
import { type Computed, marginOf } from './compare.js';
import type { ParityFolder } from './folder.js';
import { numbersOf } from './npy.js';
import { scoreCodes } from './score-codes.js';
import { Config, join, llamagenOptions, rowsOf, type Setting, split } from './setting.js';
import { runStudentSteps, studentOutputs } from './student-steps.js';

export async function* recomputeLlamagen(folder: ParityFolder): AsyncGenerator<Computed> {
  const config = Config.parse(await folder.json('config.json'));
  const vq = await folder.checkpoint('vq.pt');
  const tokenizer = readVqTokenizer(vq, { groups: config.groups });
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

async function* recomputeClasses(setting: Setting): AsyncGenerator<Computed> {
  const { folder, config } = setting;
  const { graph, pack, classes } = await loadTeacher(setting, 'c2i.pt');
  const prompts = numbersOf(folder.input('c2i.class')).map((index) => classPrompt(index, classes));
  yield* teacherOutputs(setting, graph, pack, prompts, { prefix: 'c2i', logitsGuidance: 1 });
  if (!folder.has('dd-c2i.pt')) return;

  const [firstStep] = yield* studentOutputs(setting, 'dd', 'dd-c2i.pt', prompts);

  // Teacher-involved: the first codes of the student's first step, then the teacher by arg-max, then the student again.
  const until = config.tl[1];
  if (until === undefined) return;
  const total = config.grid ** 2;
  const first = split(firstStep as Float32Array, total * setting.channels);
  const drawn = await greedy(graph, pack, prompts, config.cfg, until, (picture) =>
    nearestCodes(
      setting.codebook,
      (first[picture] as Float32Array).subarray(0, config.teacher_start * setting.channels),
      setting.channels,
    ),
  );
  yield codesOf('mixed.codes.teacher', drawn);
  const mixed = await runStudentSteps(setting, 'dd-c2i.pt', prompts, {
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
  // No student of text was published; this is how the trainer's own is compared (METHOD 5).
  if (folder.has('dd-t2i.pt')) yield* studentOutputs(setting, 'dd-t2i', 'dd-t2i.pt', prompts);
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
  prompts: readonly PromptFeeds[],
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
  prompts: readonly PromptFeeds[],
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

const codesOf = (name: string, { codes, margins }: Greedy): Computed => ({
  name,
  shape: [codes.length, codes[0]?.length ?? 0],
  values: BigInt64Array.from(codes.flat(), BigInt),
  rule: { kind: 'codes', margins },
});
