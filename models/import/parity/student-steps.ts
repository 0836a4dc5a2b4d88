/** The student's steps with everything that they compute, and its pictures. */

import type { PromptFeeds } from '../../families/llamagen/prompt-feeds.js';
import { feedStudent, readCondition, type StudentPack } from '../../families/llamagen/student.js';
import { STUDENT } from '../../graphs.js';
import { inferLlamagen } from '../../nets/llamagen/config.js';
import { buildStudent } from '../../nets/llamagen/student.js';
import { planStep, range } from '../../sampling/schedule.js';
import type { Computed } from './compare.js';
import { numbersOf } from './npy.js';
import { join, llamagenOptions, type Setting, split } from './setting.js';

/** Every array of every step as `prefix.step0.input` and so on, and the last one's pictures as `prefix.image`. */
export async function* studentOutputs(
  setting: Setting,
  prefix: string,
  file: string,
  prompts: readonly PromptFeeds[],
): AsyncGenerator<Computed, readonly Float32Array[]> {
  const steps = await runStudentSteps(setting, file, prompts);
  for (const [step, arrays] of steps.entries())
    for (const { name, ...rest } of arrays) yield { name: `${prefix}.step${step}.${name}`, ...rest };
  const outputs = steps.map((arrays) => arrays.find(({ name }) => name === 'output')?.values as Float32Array);
  yield await setting.decode(`${prefix}.image`, outputs.at(-1) as Float32Array);
  return outputs;
}

/** Each step of the student from its own noise, with everything that it computes. */
export async function runStudentSteps(
  { folder, config, codebook, channels }: Setting,
  file: string,
  prompts: readonly PromptFeeds[],
  from?: { known: number; latents: readonly Float32Array[] },
): Promise<Computed[][]> {
  const checkpoint = await folder.checkpoint(file);
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
    id: file,
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
      parts.logits.push(outputs.float32(STUDENT.outputs.logits));
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
