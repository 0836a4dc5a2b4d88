/** Checkpoints with random numbers in the published layout, written once: what networks cost does not depend on what they mean. */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors } from '../../checkpoint/write-safetensors.js';
import { studentTable } from '../../nets/llamagen/student.js';
import { teacherTable } from '../../nets/llamagen/teacher.js';
import { t5Table } from '../../nets/t5.js';
import { vqTable } from '../../nets/vq-tokenizer.js';
import type { TensorTable } from '../../nets/weights.js';
import { randomCheckpoint } from '../random-checkpoint.js';
import { LlamagenRecipe } from '../recipe.js';
import { RECIPES } from '../recipes.js';
import type { BenchSize } from './sizes.js';

/** Paths by role. */
export type BenchFiles = Readonly<Record<'vq' | 'student' | 'teacher' | 'text', string>>;

/** Their paths by role; those that a stopped bench has finished are taken as they are. */
export async function* writeCheckpoints(
  size: BenchSize,
  folder: string,
): AsyncGenerator<{ readonly label: string }, BenchFiles> {
  const text = join(folder, 'text');
  await mkdir(text, { recursive: true });
  const files = { vq: join(folder, 'vq.safetensors'), student: join(folder, 'student.safetensors') };
  const teacher = join(folder, 'teacher.safetensors');
  const tables: readonly [string, TensorTable][] = [
    [files.vq, vqTable(size.vq)],
    [files.student, studentTable(size.transformer, size.vq.channels)],
    [teacher, teacherTable(size.transformer)],
    [join(text, 'model.safetensors'), t5Table(size.text)],
  ];
  for (const [index, [file, table]] of tables.entries()) {
    yield { label: `writing checkpoint ${index + 1} of ${tables.length}` };
    if (await stat(file).catch(() => undefined)) continue;
    const { tensors } = randomCheckpoint(file, table, index);
    const list = [...tensors.values()].map(({ name, shape, readFloat32 }) => ({
      name,
      shape,
      type: 'f32' as const,
      chunks: async function* () {
        yield new Uint8Array((await readFloat32()).buffer);
      },
    }));
    await writeSafetensors(file, list);
  }
  await writeFile(join(text, 'config.json'), JSON.stringify(textConfig(size)));
  await writeFile(join(text, 'tokenizer.json'), JSON.stringify(LETTERS));
  return { ...files, teacher, text };
}

/** config.json of the text encoder. */
export function textConfig({ text }: BenchSize): Record<string, unknown> {
  return {
    feed_forward_proj: 'gated-gelu',
    layer_norm_epsilon: text.epsilon,
    relative_attention_max_distance: text.maximumDistance,
    d_model: text.width,
    d_ff: text.hidden,
    d_kv: text.head,
    num_heads: text.heads,
    num_layers: text.layers,
  };
}

/** The published recipe, with this size's numbers where they are others. */
export function recipeOf(size: BenchSize): LlamagenRecipe {
  const { transformer, times, split } = size;
  const published = RECIPES.find(({ family }) => family === 'llamagen') as LlamagenRecipe;
  const { expect: _, ...rest } = published;
  return LlamagenRecipe.parse({
    ...rest,
    name: `bench-${size.name}`,
    grid: transformer.grid,
    heads: transformer.heads,
    student: { kind: 'two-head', times: [...times], split },
  });
}

/** Eleven words and the end token: the twelve tokens of an ordinary prompt. */
export const PROMPT = 'a b c d e f g h i j k';

/** A tokenizer of Hugging Face's format in which every letter is a word. */
const LETTERS = {
  added_tokens: ['<pad>', '</s>', '<unk>'].map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: null,
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
    special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
  },
  model: {
    type: 'Unigram',
    unk_id: 2,
    vocab: [
      ['<pad>', 0],
      ['</s>', 0],
      ['<unk>', -20],
      ['▁', -10],
      ...[...'abcdefghijklmnopqrstuvwxyz'].map((letter) => [`▁${letter}`, -3]),
    ],
  },
};
