/** A Switti pack of random numbers behind the tokenizer of switti-a. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImportJob, importPack } from '../../models/import/import-pack.js';
import { SwittiRecipe } from '../../models/import/recipe.js';
import type { StorageName } from '../../models/import/storage.js';
import { type ClipConfig, clipTable } from '../../models/nets/clip.js';
import { type SwittiConfig, swittiTable } from '../../models/nets/switti/config.js';
import { vaeTable } from '../../models/nets/var/vae.js';
import { temporaryFolder, writeRandomCheckpoint } from './random-packs.js';

export const SWITTI_TEXT = new URL('../reference/switti-text/', import.meta.url).pathname;

export const SWITTI_RECIPE = SwittiRecipe.parse({
  ...{ family: 'switti', name: 'tiny-switti', summary: 'random numbers' },
  files: { teacher: 'switti', vq: 'vae', text: 'text_encoder', text2: 'text_encoder_2' },
  optional: [],
  pack: {
    ...{ name: 'Tiny', description: 'Noise.', ideas: ['a cat'], notes: '' },
    licence: { spdx: 'CC0-1.0', notice: '' },
  },
  groups: 8,
  tokens: 77,
  sampling: { guidance: 4, topK: 40, topP: 0.9, temperature: 1 },
  drawing: { guided: { from: 0, until: 3 }, lateTemperature: 0.5, mixedFrom: 2 },
});

export const SWITTI_CONFIG: SwittiConfig = {
  scales: [1, 2, 3, 4],
  ...{ width: 32, layers: 2, heads: 2, hidden: 40, codes: 48, channels: 8, context: 40, pooled: 24 },
  ...{ ropeSize: 128, ropeTheta: 10_000, isAutoregressive: false },
};

const TEXT: ClipConfig = {
  ...{
    layers: 1,
    width: 16,
    heads: 2,
    hidden: 32,
    vocabulary: 844,
    tokens: 77,
    activation: 'quick_gelu',
    epsilon: 1e-5,
  },
};

const level = (attention: boolean, resample: boolean) => ({ input: 16, width: 16, blocks: 1, attention, resample });

/** Folders as the hub has them. */
export async function writeSwittiSources(
  isAutoregressive = false,
): Promise<ImportJob['files'] & { teacher: string; text2: string }> {
  const folder = temporaryFolder();
  const write = async (name: string, table: Parameters<typeof writeRandomCheckpoint>[1], config: object) => {
    const path = join(folder, name);
    mkdirSync(path);
    writeFileSync(join(path, 'config.json'), JSON.stringify(config));
    await writeRandomCheckpoint(join(path, 'model.safetensors'), table);
    return path;
  };
  const { layers, heads, ropeSize, ropeTheta, scales } = SWITTI_CONFIG;
  const clip = async (name: string, config: ClipConfig) => {
    const { heads: count, activation } = config;
    const path = await write(name, clipTable(config), {
      text_config: { num_attention_heads: count, hidden_act: activation },
    });
    await copyFile(join(SWITTI_TEXT, 'tokenizer.json'), join(path, 'tokenizer.json'));
    return path;
  };
  const decoder = { levels: [level(true, true), level(false, false)], middle: 16, finest: 16 };
  return {
    teacher: await write('switti', swittiTable(SWITTI_CONFIG), {
      ...{ depth: layers, num_heads: heads, rope: true, rope_size: ropeSize, rope_theta: ropeTheta },
      ...{ use_ar: isAutoregressive, use_crop_cond: true, use_swiglu_ffn: true, patch_nums: scales },
    }),
    vq: await write('vae', vaeTable({ decoder, codes: 48, channels: 8, kernels: 4, downsample: 2, groups: 8 }), {}),
    text: await clip('text_encoder', TEXT),
    text2: await clip('text_encoder_2', { ...TEXT, width: 24, activation: 'gelu' }),
  };
}

/** @returns the folder of a new pack */
export async function makeSwittiPack(files: ImportJob['files'], storage: StorageName = 'exact'): Promise<string> {
  const out = join(temporaryFolder(), 'pack');
  for await (const _ of importPack({ recipe: SWITTI_RECIPE, files, out, storage }, new AbortController().signal));
  return out;
}
