/**
 * The pack that stands in until there is a trained one: nothing in it was learned. A random student in front of a decoder whose
 * few weights are set by hand so that any latents become soft fields of colour. The same bytes whenever it is made.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { importPack } from '../../models/import/import-pack.js';
import { Recipe } from '../../models/import/recipe.js';
import type { LlamagenConfig } from '../../models/nets/llamagen/config.js';
import { studentTable } from '../../models/nets/llamagen/student.js';
import { type VqConfig, vqTable } from '../../models/nets/vq-tokenizer.js';
import { T5_A, temporaryFolder, writeRandomCheckpoint } from './random-packs.js';

const RECIPE = Recipe.parse({
  name: 'colour-field',
  summary: 'soft fields of colour, untrained',
  files: { student: 'student.safetensors', vq: 'vq.safetensors', text: 'text' },
  optional: ['teacher'],
  pack: {
    name: 'Colour field (untrained)',
    description:
      'Soft fields of colour. Nothing in it was learned, so words change the colours but mean nothing: it shows that everything works until there is a trained pack.',
    ideas: ['a calm morning', 'a noisy street at night', 'the colour of rain'],
    licence: { spdx: 'Apache-2.0', notice: '' },
    notes: 'Made by test/support/colour-field.ts from random numbers and a decoder set by hand.',
  },
  condition: { kind: 'text', tokens: 120, cleaning: 'llamagen' },
  grid: { rows: 16, columns: 16 },
  heads: 4,
  student: { kind: 'two-head', times: [0, 80], split: 130 },
  sampling: { guidance: 1, topK: 0, topP: 1, temperature: 1 },
});

const STUDENT: LlamagenConfig = {
  width: 64,
  layers: 3,
  heads: 4,
  hidden: 256,
  codes: 256,
  grid: { rows: 16, columns: 16 },
  condition: { kind: 'text', width: 64, hidden: 64, tokens: 120 },
  ropeBase: 10_000,
  normEpsilon: 1e-5,
};

const CHANNELS = 32;
const LEVELS = 5;

const VQ: VqConfig = {
  encoder: half(),
  decoder: half(),
  latent: CHANNELS,
  codes: STUDENT.codes,
  channels: 8,
  downsample: 16,
  groups: 32,
};

function half(): VqConfig['decoder'] {
  const level = { input: CHANNELS, width: CHANNELS, blocks: 1, attention: false };
  const levels = Array.from({ length: LEVELS }, (_, index) => ({ ...level, resample: index < LEVELS - 1 }));
  return { levels, middle: CHANNELS, finest: CHANNELS };
}

/** @returns the folder of the new pack */
export async function makeColourField(): Promise<string> {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const [student, vq] = [join(folder, 'student.safetensors'), join(folder, 'vq.safetensors')];
  await writeRandomCheckpoint(student, studentTable(STUDENT, VQ.channels), 5, (name, values) =>
    // Vectors as long as codes, so that the half of the picture that is not made of codes is no louder.
    name.startsWith('final_layer_conti.linear') ? values.map((value) => value * 0.25) : values,
  );
  await writeRandomCheckpoint(vq, vqTable(VQ), 5, setByHand);
  const out = join(folder, 'colour-field');
  const files = { student, vq, text: T5_A };
  const job = { recipe: RECIPE, files, out, storage: 'small' } as const;
  for await (const _ of importPack(job, new AbortController().signal));
  return out;
}

/** The decoder's convolutions between its levels, [out][in][3][3]; what does not matter stays random. */
function setByHand(name: string, random: Float32Array, shape: readonly number[]): Float32Array {
  if (!name.startsWith('decoder.')) return random;
  const values = new Float32Array(random.length);
  // Blocks add nothing, so that only the convolutions between the levels are left: each spreads a pixel over its neighbours.
  if (/(conv2|proj_out)\.(weight|bias)$/.test(name)) return values;
  if (!/(conv_in|upsample\.conv|conv_out)\.weight$/.test(name)) return random;
  const [outputs = 0, inputs = 0] = shape;
  for (let output = 0; output < outputs; output++)
    for (let input = 0; input < inputs; input++) {
      const share = name.includes('conv_out')
        ? Math.sin(1 + 7 * output + 3 * input * (output + 1)) * 0.22
        : Number(output === input);
      for (let tap = 0; tap < 9; tap++)
        values[(output * inputs + input) * 9 + tap] =
          (share * [1, 2, 1][tap % 3]! * [1, 2, 1][Math.floor(tap / 3)]!) / 16;
    }
  return values;
}
