/** The files that an import was given, opened, and checked before anything is written. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '../../checkpoint/tensor.js';
import { inferLlamagen, type LlamagenConfig } from '../../nets/llamagen/config.js';
import { readT5, type T5Encoder } from '../../nets/t5.js';
import { readVqTokenizer, type VqTokenizer } from '../../nets/vq-tokenizer.js';
import { createTokenizer } from '../../run/text/tokenize.js';
import { parseVocabulary } from '../../run/vocabulary/parse.js';
import { describeMissingTokenizer } from '../folders.js';
import { giveFiles, readJsonFile, requireSizes, VQ_ANCHORS, wrongFile } from '../given-files.js';
import { labelsOf } from '../labels.js';
import { ImportError, type LlamagenRecipe, type Role } from '../recipe.js';

const VOCABULARY_FILE = 'vocabulary.json';

/** The checkpoints of an import, opened and found to be what they were given as. */
export type OpenedSources = {
  readonly recipe: LlamagenRecipe;
  readonly vq: VqTokenizer;
  readonly student: { readonly checkpoint: Checkpoint; readonly config: LlamagenConfig } | undefined;
  readonly teacher: { readonly checkpoint: Checkpoint; readonly config: LlamagenConfig } | undefined;
  readonly text:
    | { readonly encoder: T5Encoder; readonly tokenizer: Uint8Array; readonly vocabulary: Uint8Array | undefined }
    | undefined;
  /** Names of the classes, where it knows classes. */
  readonly labels: ReturnType<typeof labelsOf> | undefined;
  close(): Promise<void>;
};

/** Names by which a network is known, whatever stands before all of its names. */
const TRANSFORMER = ['layers.0.attention.wqkv.weight'];
const TEXT = ['encoder.block.0.layer.0.SelfAttention.q.weight'];

/** @throws ImportError, CheckpointError, NetworkError: what does not fit, said before anything is written */
export async function openSources(
  recipe: LlamagenRecipe,
  files: Readonly<Partial<Record<Role, string>>>,
): Promise<OpenedSources> {
  const { open, close } = giveFiles(files);
  try {
    const vqCheckpoint = await open('vq', VQ_ANCHORS);
    if (!vqCheckpoint) throw new ImportError(`Recipe ${recipe.name} needs --vq ${recipe.files.vq ?? 'FILE'}.`);
    const vq = readVqTokenizer(vqCheckpoint, { groups: recipe.groups });
    const transformer = async (role: 'student' | 'teacher') => {
      // A student ships as the moving average of its training (METHOD 6).
      const checkpoint = await open(role, TRANSFORMER, role === 'student' ? 'ema' : 'model');
      return checkpoint && { checkpoint, config: checkSizes(recipe, role, checkpoint, vq) };
    };
    const student = await transformer('student');
    const teacher = await transformer('teacher');
    const either = student ?? teacher;
    if (!either) throw new ImportError('A pack needs --student, --teacher or both.');
    const textCheckpoint = await open('text', TEXT);
    const folder = files.text;
    const encoder =
      textCheckpoint && folder !== undefined
        ? readT5(textCheckpoint, await readJsonFile(join(folder, 'config.json')))
        : undefined;
    checkText(recipe, encoder, either.config);
    checkTokens(recipe, teacher?.config);
    const { condition } = recipe;
    const text =
      encoder && folder !== undefined && condition.kind === 'text'
        ? {
            encoder,
            tokenizer: await readTokenizer(folder, condition.tokens, encoder.config.vocabulary),
            vocabulary: await readVocabulary(join(folder, VOCABULARY_FILE)),
          }
        : undefined;
    const known = either.config.condition;
    const labels = known.kind === 'class' ? labelsOf(recipe, known.classes) : undefined;
    return { recipe, vq, student, teacher, text, labels, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function checkSizes(
  recipe: LlamagenRecipe,
  role: 'student' | 'teacher',
  checkpoint: Checkpoint,
  vq: VqTokenizer,
): LlamagenConfig {
  const { heads, grid, ropeBase, normEpsilon, condition } = recipe;
  const config = inferLlamagen(checkpoint, { heads, grid, ropeBase, normEpsilon });
  if (config.condition.kind !== condition.kind) {
    const what = `it is conditioned on ${config.condition.kind}, the recipe on ${condition.kind}`;
    throw wrongFile(recipe, role, checkpoint, what);
  }
  requireSizes(recipe, role, checkpoint, { ...config, tokenizer: vq.config.codes });
  return config;
}

function checkText(recipe: LlamagenRecipe, encoder: T5Encoder | undefined, config: LlamagenConfig): void {
  if (recipe.condition.kind !== 'text') return;
  if (!encoder) throw new ImportError(`Recipe ${recipe.name} needs --text ${recipe.files.text ?? 'FOLDER'}.`);
  const expected = recipe.expect?.textWidth;
  if (expected !== undefined && encoder.config.width !== expected)
    throw new ImportError(
      `The text encoder is ${encoder.config.width} wide, but recipe ${recipe.name} was trained on one of ${expected} ("${recipe.files.text}").`,
    );
  if (config.condition.kind === 'text' && config.condition.width !== encoder.config.width)
    throw new ImportError(
      `The text encoder's states are ${encoder.config.width} wide, but the transformer reads ${config.condition.width}.`,
    );
}

/**
 * Guidance reads the last rows of the teacher's unconditional table, counted by the pack's tokens (models/run/prompt.ts): with another
 * number it would read others and nobody would see it. A student has its guidance inside.
 */
function checkTokens(recipe: LlamagenRecipe, teacher: LlamagenConfig | undefined): void {
  if (recipe.condition.kind !== 'text' || teacher?.condition.kind !== 'text') return;
  const { tokens } = teacher.condition;
  // Without a table it is no teacher, which is said when its tensors are taken.
  if (tokens > 0 && tokens !== recipe.condition.tokens)
    throw new ImportError(
      `The teacher was trained on prompts of ${tokens} tokens (its unconditional table has as many rows), but recipe ${recipe.name} says ${recipe.condition.tokens}.`,
    );
}

/** The tokenizer's file as it is, once it was understood. */
async function readTokenizer(folder: string, tokens: number, rows: number): Promise<Uint8Array> {
  const path = join(folder, 'tokenizer.json');
  if (!(await stat(path).catch(() => undefined))) throw new ImportError(await describeMissingTokenizer(folder));
  const json = await readJsonFile(path);
  try {
    const { tokens: count } = createTokenizer(json, { maximum: tokens });
    if (count > rows) throw new Error(`it has ${count} tokens, and the encoder's table of words only ${rows} rows`);
  } catch (cause) {
    throw new ImportError(`"${path}" can not be used: ${(cause as Error).message}`, { cause });
  }
  return readFile(path);
}

/** Our trainer writes it beside the tokenizer; published encoders have none. */
async function readVocabulary(path: string): Promise<Uint8Array | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  try {
    parseVocabulary(await readJsonFile(path));
  } catch (cause) {
    throw new ImportError(`"${path}" can not be used: ${(cause as Error).message}`, { cause });
  }
  return bytes;
}
