/** The parts of a pack, each made from its checkpoint: graphs, codebook, tokenizer, labels. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '../checkpoint/open.js';
import type { Checkpoint } from '../checkpoint/tensor.js';
import { inferLlamagen, type LlamagenConfig } from '../nets/llamagen/config.js';
import { buildFlowHead } from '../nets/llamagen/flow-head.js';
import { buildStudent } from '../nets/llamagen/student.js';
import { buildTeacher } from '../nets/llamagen/teacher.js';
import { buildTextEncoder, readT5, type T5Encoder } from '../nets/t5.js';
import { buildVqDecoder } from '../nets/vq-decoder.js';
import { normalizedCodebook, readVqTokenizer, type VqTokenizer } from '../nets/vq-tokenizer.js';
import type { Graph } from '../onnx/graph.js';
import { allInitializers } from '../onnx/serialize.js';
import { writeModel } from '../onnx/write.js';
import type { PackFile } from '../pack.js';
import { createTokenizer } from '../run/text/tokenize.js';
import { labelsOf } from './labels.js';
import { ImportError, type Recipe, type Role } from './recipe.js';
import type { Storage } from './storage.js';

/** The checkpoints of an import, opened and found to be what they were given as. */
export type OpenedSources = {
  readonly recipe: Recipe;
  readonly vq: VqTokenizer;
  readonly student: { readonly checkpoint: Checkpoint; readonly config: LlamagenConfig } | undefined;
  readonly teacher: { readonly checkpoint: Checkpoint; readonly config: LlamagenConfig } | undefined;
  readonly text: { readonly encoder: T5Encoder; readonly folder: string } | undefined;
  close(): Promise<void>;
};

/** Opens and checks everything before anything is written. */
export async function openSources(
  recipe: Recipe,
  files: Readonly<Partial<Record<Role, string>>>,
): Promise<OpenedSources> {
  const opened: Checkpoint[] = [];
  const open = async (role: Role, prefer: 'model' | 'ema' = 'model') => {
    const path = files[role];
    if (path === undefined) return undefined;
    const checkpoint = await openCheckpoint(path, { prefer });
    opened.push(checkpoint);
    return checkpoint;
  };
  const close = async () => {
    for (const checkpoint of opened) await checkpoint.close();
  };
  try {
    const vqCheckpoint = await open('vq');
    if (!vqCheckpoint) throw new ImportError(`Recipe ${recipe.name} needs --vq ${recipe.files.vq ?? 'FILE'}.`);
    const vq = readVqTokenizer(vqCheckpoint, { groups: recipe.groups });
    const transformer = async (role: 'student' | 'teacher') => {
      // A student ships as the moving average of its training (METHOD 6).
      const checkpoint = await open(role, role === 'student' ? 'ema' : 'model');
      return checkpoint && { checkpoint, config: checkSizes(recipe, role, checkpoint, vq) };
    };
    const student = await transformer('student');
    const teacher = await transformer('teacher');
    if (!student && !teacher) throw new ImportError('A pack needs --student, --teacher or both.');
    const textCheckpoint = await open('text');
    const folder = files.text;
    const text =
      textCheckpoint && folder !== undefined
        ? { encoder: readT5(textCheckpoint, await readJson(join(folder, 'config.json'))), folder }
        : undefined;
    checkText(recipe, text?.encoder, student?.config ?? teacher?.config);
    return { recipe, vq, student, teacher, text, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function checkSizes(recipe: Recipe, role: Role, checkpoint: Checkpoint, vq: VqTokenizer): LlamagenConfig {
  const { heads, grid, ropeBase, normEpsilon, expect, condition } = recipe;
  const config = inferLlamagen(checkpoint, { heads, grid, ropeBase, normEpsilon });
  const named = recipe.files[role] ? ` ("${recipe.files[role]}")` : '';
  const refuse = (what: string) =>
    new ImportError(`"${checkpoint.file}" is not the ${role} of recipe ${recipe.name}${named}: ${what}.`);
  if (expect)
    for (const key of ['width', 'layers', 'codes'] as const)
      if (config[key] !== expect[key]) throw refuse(`its ${key} is ${config[key]}, not ${expect[key]}`);
  if (config.condition.kind !== condition.kind)
    throw refuse(`it is conditioned on ${config.condition.kind}, the recipe on ${condition.kind}`);
  if (config.codes !== vq.config.codes)
    throw new ImportError(
      `The ${role} knows ${config.codes} codes and the VQ tokenizer ${vq.config.codes}; they do not belong together.`,
    );
  return config;
}

function checkText(recipe: Recipe, encoder: T5Encoder | undefined, config: LlamagenConfig | undefined): void {
  if (recipe.condition.kind !== 'text') return;
  if (!encoder) throw new ImportError(`Recipe ${recipe.name} needs --text ${recipe.files.text ?? 'FOLDER'}.`);
  const expected = recipe.expect?.textWidth;
  if (expected !== undefined && encoder.config.width !== expected)
    throw new ImportError(
      `The text encoder is ${encoder.config.width} wide, but recipe ${recipe.name} was trained on one of ${expected} ("${recipe.files.text}").`,
    );
  if (config?.condition.kind === 'text' && config.condition.width !== encoder.config.width)
    throw new ImportError(
      `The text encoder's states are ${encoder.config.width} wide, but the transformer reads ${config.condition.width}.`,
    );
}

/** One or more files of the pack. */
export type Part = {
  readonly name: string;
  /** Bytes that will be written, for the progress. */
  readonly bytes: number;
  make(folder: string, watch: WriteWatch): Promise<PackFile[]>;
};

export type WriteWatch = { readonly signal: AbortSignal; onBytes(bytes: number): void };

/** Where the parts lie in a pack. */
export const PATHS = {
  decoder: 'decoder.onnx',
  student: 'student.onnx',
  teacher: 'teacher.onnx',
  codebook: 'codebook.f32',
  encoder: 'text-encoder.onnx',
  tokenizer: 'tokenizer.json',
  labels: 'labels.json',
} as const;

/** What is to be made, in order. */
export function listParts(sources: OpenedSources, storage: Storage): Part[] {
  const { recipe, vq, student, teacher, text } = sources;
  const codebook = normalizedCodebook(vq);
  const precision = storage.transformer;
  const parts: Part[] = [graphPart('decoder', buildVqDecoder(vq, { ...recipe.grid, store: storage.decoder }))];
  const flow = student !== undefined && recipe.student.kind === 'flow-head';
  if (student) {
    const { channels } = vq.config;
    const graph = flow
      ? buildFlowHead({ ...student, channels, precision })
      : buildStudent({ ...student, codebook, precision });
    parts.push(graphPart('student', graph));
  }
  if (teacher) parts.push(graphPart('teacher', buildTeacher({ ...teacher, precision })));
  if (teacher || flow)
    parts.push(
      dataPart('codebook', async () => {
        const rows = await codebook.load();
        return new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
      }),
    );
  if (text && recipe.condition.kind === 'text') {
    const { tokens } = recipe.condition;
    parts.push(graphPart('encoder', buildTextEncoder(text.encoder, { tokens, store: storage.text })));
    parts.push(dataPart('tokenizer', () => readTokenizer(join(text.folder, 'tokenizer.json'), tokens)));
  }
  const classes = (student ?? teacher)?.config.condition;
  if (classes?.kind === 'class')
    parts.push(dataPart('labels', async () => Buffer.from(JSON.stringify(labelsOf(recipe, classes.classes)))));
  return parts;
}

function graphPart(name: keyof typeof PATHS, graph: Graph): Part {
  const bytes = allInitializers(graph).reduce((sum, initializer) => sum + initializer.bytes, 0);
  return { name, bytes, make: (folder, watch) => writeModel(graph, { folder, file: PATHS[name], ...watch }) };
}

function dataPart(name: keyof typeof PATHS, load: () => Promise<Uint8Array>): Part {
  return {
    name,
    bytes: 0,
    async make(folder) {
      const bytes = await load();
      await writeFile(join(folder, PATHS[name]), bytes);
      return [{ path: PATHS[name], size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }];
    },
  };
}

/** The tokenizer's file as it is, once it was understood. */
async function readTokenizer(path: string, tokens: number): Promise<Uint8Array> {
  const json = await readJson(path);
  try {
    createTokenizer(json, { maximum: tokens });
  } catch (cause) {
    throw new ImportError(`"${path}" can not be used: ${(cause as Error).message}`, { cause });
  }
  return readFile(path);
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new ImportError(`There is no "${path}", which belongs to the text encoder.`);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ImportError(`"${path}" is not JSON: ${(error as Error).message}`);
  }
}
