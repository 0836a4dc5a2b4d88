/** Packs of the reference's sizes, made by the importer: of classes from the authors' checkpoints, of text from random ones. */

import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from '../../models/checkpoint/write-safetensors.js';
import { FAMILIES } from '../../models/families/all.js';
import { type ImportJob, importPack } from '../../models/import/import-pack.js';
import { randomCheckpoint } from '../../models/import/random-checkpoint.js';
import { LlamagenRecipe, VarRecipe } from '../../models/import/recipe.js';
import type { StorageName } from '../../models/import/storage.js';
import type { LlamagenConfig } from '../../models/nets/llamagen/config.js';
import { flowHeadTable } from '../../models/nets/llamagen/flow-head.js';
import { studentTable } from '../../models/nets/llamagen/student.js';
import { teacherTable } from '../../models/nets/llamagen/teacher.js';
import type { TensorTable } from '../../models/nets/weights.js';
import { type OpenPack, openPack } from '../../models/run/open.js';
import { filesOf, readPackFolder } from '../../server/packs/folder.js';
import { loadRuntime } from './run-graph.js';

export const LLAMAGEN_A = new URL('../reference/llamagen-a/', import.meta.url).pathname;
export const T5_A = new URL('../reference/t5-a/', import.meta.url).pathname;

/** Sizes of llamagen-a that no tensor tells. */
const COMMON = {
  files: { teacher: 'c2i.pt', student: 'dd-c2i.pt', vq: 'vq.pt' },
  optional: ['teacher', 'student'],
  pack: { name: 'Tiny', description: 'Noise.', ideas: ['two'], licence: { spdx: 'CC0-1.0', notice: '' }, notes: '' },
  grid: { rows: 8, columns: 8 },
  heads: 4,
  student: { kind: 'two-head' as const, times: [0, 20], split: 24 },
  sampling: { guidance: 2, topK: 40, topP: 1, temperature: 1 },
};

export const CLASS_RECIPE = LlamagenRecipe.parse({
  ...COMMON,
  family: 'llamagen',
  name: 'tiny-classes',
  summary: 'llamagen-a',
  condition: { kind: 'class', labels: ['one', 'two', 'three', 'four', 'five', 'six', 'seven'].map((name) => [name]) },
});

export const TEXT_RECIPE = LlamagenRecipe.parse({
  ...COMMON,
  family: 'llamagen',
  name: 'tiny-text',
  summary: 'random numbers behind the text encoder of t5-a',
  condition: { kind: 'text', tokens: 120, cleaning: 'llamagen' },
});

/** llamagen-a's transformer, reading the states of t5-a. */
export const TEXT_CONFIG: LlamagenConfig = {
  width: 64,
  layers: 3,
  heads: 4,
  hidden: 256,
  codes: 96,
  grid: { rows: 8, columns: 8 },
  condition: { kind: 'text', width: 64, hidden: 64, tokens: 120 },
  ropeBase: 10_000,
  normEpsilon: 1e-5,
};

export const VAR_A = new URL('../reference/var-a/', import.meta.url).pathname;

/** var-a as a recipe: what its config.json says. */
export const VAR_RECIPE = VarRecipe.parse({
  ...{ family: 'var', name: 'tiny-var', summary: 'var-a' },
  files: { teacher: 'var.pt', student: 'dd-var.pt', vq: 'vae.pt' },
  optional: ['teacher', 'student'],
  pack: COMMON.pack,
  condition: CLASS_RECIPE.condition,
  scales: [1, 2, 3, 4, 5, 6, 8],
  student: {
    times: [0, 4],
    split: 4,
    assisted: { sampling: { ...COMMON.sampling, guidance: 1.5 }, splits: [{ scales: 2, split: 6 }] },
  },
  sampling: { ...COMMON.sampling, guidance: 1.5 },
});

export const VAR_FILES = { vq: `${VAR_A}vae.pt`, teacher: `${VAR_A}var.pt`, student: `${VAR_A}dd-var.pt` };

export const temporaryFolder = () => mkdtempSync(join(tmpdir(), 'twostep-test-'));

/** A safetensors file of the published layout with random numbers in it, or what `change` makes of them. */
export async function writeRandomCheckpoint(
  file: string,
  table: TensorTable,
  seed = 0,
  change: (name: string, values: Float32Array, shape: readonly number[]) => Float32Array = (_, values) => values,
): Promise<string> {
  const { tensors } = randomCheckpoint(file, table, seed);
  await writeSafetensors(
    file,
    [...tensors.values()].map(({ name, shape, readFloat32 }) => ({
      name,
      type: 'f32',
      shape,
      chunks: async function* () {
        yield new Uint8Array(change(name, await readFloat32(), shape).buffer);
      },
    })),
  );
  return file;
}

/** @returns the folder of a new next-scale pack */
export async function makeVarPack(
  storage: StorageName = 'exact',
  files: ImportJob['files'] = VAR_FILES,
): Promise<string> {
  const out = join(temporaryFolder(), 'pack');
  for await (const _ of importPack({ recipe: VAR_RECIPE, files, out, storage }, new AbortController().signal));
  return out;
}

/** @returns the folder of a new class pack */
export async function makeClassPack(storage: 'exact' | 'small' = 'exact'): Promise<string> {
  const out = join(temporaryFolder(), 'pack');
  const files = { vq: `${LLAMAGEN_A}vq.pt`, teacher: `${LLAMAGEN_A}c2i.pt`, student: `${LLAMAGEN_A}dd-c2i.pt` };
  for await (const _ of importPack({ recipe: CLASS_RECIPE, files, out, storage }, new AbortController().signal));
  return out;
}

/** What a text pack with student and teacher is made of. */
export async function writeTextSources(folder = temporaryFolder()) {
  return {
    vq: `${LLAMAGEN_A}vq.pt`,
    text: T5_A,
    teacher: await writeRandomCheckpoint(join(folder, 'teacher.safetensors'), teacherTable(TEXT_CONFIG)),
    student: await writeRandomCheckpoint(join(folder, 'student.safetensors'), studentTable(TEXT_CONFIG, 8)),
  };
}

/** @returns the folder of a new text pack */
export async function makeTextPack(): Promise<string> {
  const folder = temporaryFolder();
  const files = await writeTextSources(folder);
  const out = join(folder, 'pack');
  const job = { recipe: TEXT_RECIPE, files, out, storage: 'exact' } as const;
  for await (const _ of importPack(job, new AbortController().signal));
  return out;
}

export const FLOW_RECIPE = LlamagenRecipe.parse({
  ...TEXT_RECIPE,
  name: 'tiny-flow',
  student: { kind: 'flow-head', times: [0, 20], refinements: { standard: 2, fine: 12 } },
});

/** @returns the folder of a new text pack with a flow-head student and no teacher */
export async function makeFlowPack(storage: 'exact' | 'small' = 'exact'): Promise<string> {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const table = flowHeadTable(TEXT_CONFIG, 8, 32, { spread: true, places: true, reads: [1] });
  const files = {
    vq: `${LLAMAGEN_A}vq.pt`,
    text: T5_A,
    student: await writeRandomCheckpoint(join(folder, 'student.safetensors'), table),
  };
  const out = join(folder, 'pack');
  for await (const _ of importPack({ recipe: FLOW_RECIPE, files, out, storage }, new AbortController().signal));
  return out;
}

export async function open(folder: string, batch?: number): Promise<OpenPack> {
  const found = await readPackFolder(folder);
  return openPack({
    pack: found.pack,
    families: FAMILIES,
    files: filesOf(found),
    ort: await loadRuntime(),
    session: { logSeverityLevel: 3 },
    ...(batch === undefined ? {} : { batch }),
  });
}
