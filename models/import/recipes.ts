/** The published weights: their names, sizes and settings (METHOD 1, 2, 5, 8). */
import type { LlamagenRecipe, Recipe, SwittiRecipe, VarRecipe } from './recipe.js';

const LLAMAGEN_NOTICE =
  'LlamaGen weights and code: Copyright 2024 FoundationVision, MIT licence (github.com/FoundationVision/LlamaGen).';
const DD_NOTICE =
  'Distilled Decoding weights and code: Copyright Microsoft Corporation, MIT licence (github.com/microsoft/distilled_decoding).';

const VAR_NOTICE =
  'VAR weights and code: Copyright 2024 FoundationVision, MIT licence (github.com/FoundationVision/VAR).';

type Sizes = Pick<NonNullable<LlamagenRecipe['expect']>, 'width' | 'layers'> & {
  heads: number;
  student: { split: number; mixedSplit?: number };
};

const classes = (size: 'B' | 'L', sizes: Sizes): LlamagenRecipe => ({
  family: 'llamagen',
  name: `llamagen-${size.toLowerCase()}`,
  summary: `LlamaGen-${size} with its Distilled Decoding student: photographs of the 1,000 ImageNet classes`,
  files: { teacher: `c2i_${size}_256.pt`, student: `llamagen-${size}.pt`, vq: 'vq_ds16_c2i.pt' },
  // Either alone makes a pack: the student for pictures in two steps, the teacher for pictures in all of them.
  optional: ['teacher', 'student'],
  pack: {
    name: `LlamaGen-${size} (classes)`,
    description: 'Photographs of one of the 1,000 things and animals of ImageNet, 256 x 256 pixels.',
    ideas: ['golden retriever', 'volcano', 'balloon', 'macaw', 'lighthouse', 'castle', 'red fox', 'espresso'],
    licence: { spdx: 'MIT', notice: `${LLAMAGEN_NOTICE} ${DD_NOTICE} Trained on ImageNet.` },
    notes: '',
  },
  condition: { kind: 'class', labels: 'imagenet' },
  grid: { rows: 16, columns: 16 },
  heads: sizes.heads,
  ropeBase: 10_000,
  normEpsilon: 1e-5,
  student: { kind: 'two-head', times: [0, 80], ...sizes.student },
  sampling: { guidance: 2, topK: 8000, topP: 1, temperature: 1 },
  expect: { width: sizes.width, layers: sizes.layers, codes: 16_384 },
});

/** What every published VAR was trained on. */
const VAR_SCALES = [1, 2, 3, 4, 5, 6, 8, 10, 13, 16];
/** As the authors evaluate; with the student, their code has other defaults. */
const VAR_SAMPLING = { guidance: 1.5, topK: 900, topP: 0.96, temperature: 1 };
const ASSISTED_SAMPLING = { guidance: 2, topK: 900, topP: 0.95, temperature: 1 };

/** @param student how the published student draws; null where none was published */
const nextScale = (depth: number, student: VarRecipe['student']): VarRecipe => ({
  family: 'var',
  name: `var-d${depth}`,
  summary: student
    ? `VAR-d${depth} with its Distilled Decoding student: photographs of the 1,000 ImageNet classes`
    : `VAR-d${depth}, the teacher alone in ten steps: photographs of the 1,000 ImageNet classes`,
  files: {
    teacher: `var_d${depth}.pth`,
    ...(student ? { student: `var-d${depth}.pth` } : {}),
    vq: 'vae_ch160v4096z32.pth',
  },
  optional: student ? ['teacher', 'student'] : [],
  pack: {
    name: `VAR-d${depth} (classes)`,
    description: 'Photographs of one of the 1,000 things and animals of ImageNet, 256 x 256 pixels.',
    ideas: ['golden retriever', 'volcano', 'balloon', 'macaw', 'lighthouse', 'castle', 'red fox', 'espresso'],
    licence: { spdx: 'MIT', notice: `${VAR_NOTICE} ${DD_NOTICE} Trained on ImageNet.` },
    notes: '',
  },
  condition: { kind: 'class', labels: 'imagenet' },
  scales: VAR_SCALES,
  student,
  sampling: VAR_SAMPLING,
  expect: { width: 64 * depth, layers: depth, codes: 4096 },
});

const SWITTI_AGREEMENT =
  "Switti's code is under the Apache licence 2.0. The licence of its weights stands on their page at huggingface.co (yresearch), as do those of the two CLIP text encoders (openai, laion). Read them: what you may do with the pictures hangs on them.";

/**
 * Guidance ends where the authors' own example ends it, before the last scales, which have most of the tokens.
 *
 * @param until the first scale without guidance
 */
const switti = (side: 512 | 1024, isAutoregressive: boolean, until: number): SwittiRecipe => {
  const suffix = `${side === 1024 ? '-1024' : ''}${isAutoregressive ? '-AR' : ''}`;
  return {
    family: 'switti',
    name: `switti${suffix.toLowerCase()}`,
    summary: `Switti at ${side} pixels${isAutoregressive ? ', its first version, whose scales see those before them' : ''}: photographs and art for any words`,
    files: {
      teacher: `yresearch/Switti${suffix} (folder with config.json and safetensors)`,
      vq: 'yresearch/VQVAE-Switti (folder or its model.safetensors)',
      text: 'openai/clip-vit-large-patch14 (folder with config.json, tokenizer.json and weights)',
      text2: 'laion/CLIP-ViT-bigG-14-laion2B-39B-b160k (the same)',
    },
    optional: [],
    pack: {
      name: `Switti ${side}${isAutoregressive ? ' AR' : ''}`,
      description: `Photographs and art from a free description, ${side} x ${side} pixels.`,
      ideas: [
        'a photograph of an astronaut riding a horse in a forest',
        'isometric illustration of a small shop, pastel colours',
        'a watercolor painting of a fox in soft morning light',
        'product photo of a glass bottle on a beige background',
      ],
      licence: { spdx: 'LicenseRef-see-notice', notice: `${SWITTI_AGREEMENT} (github.com/yandex-research/switti)` },
      notes: '',
    },
    tokens: 77,
    sampling: { guidance: 6, topK: 400, topP: 0.95, temperature: 1 },
    drawing: { guided: { from: 0, until }, lateTemperature: 0.1, mixedFrom: 2 },
    expect: { width: 1920, layers: 30, codes: 4096 },
    agreement: SWITTI_AGREEMENT,
  };
};

export const RECIPES: readonly Recipe[] = [
  {
    family: 'llamagen',
    name: 'llamagen-t2i-xl',
    summary: 'LlamaGen text-to-image XL at 256 pixels, stage 1; with a student if you have distilled one',
    files: {
      teacher: 't2i_XL_stage1_256.pt',
      vq: 'vq_ds16_t2i.pt',
      text: 'flan-t5-xl (folder with config.json, tokenizer.json and safetensors)',
    },
    optional: ['teacher', 'student'],
    pack: {
      name: 'LlamaGen XL (text)',
      description: 'Photographs and art from a free description, 256 x 256 pixels.',
      ideas: [
        'a photograph of an astronaut riding a horse in a forest',
        'a watercolor painting of a fox in soft morning light',
        'a bowl of fruit on a wooden table, still life',
        'a small cabin by a lake at sunset',
      ],
      licence: {
        spdx: 'MIT AND Apache-2.0',
        notice: `${LLAMAGEN_NOTICE} Text encoder: google/flan-t5-xl, Apache-2.0.`,
      },
      notes: '',
    },
    condition: { kind: 'text', tokens: 120, cleaning: 'llamagen' },
    grid: { rows: 16, columns: 16 },
    heads: 20,
    ropeBase: 10_000,
    normEpsilon: 1e-5,
    student: { kind: 'two-head', times: [0, 80], split: 130 },
    sampling: { guidance: 7.5, topK: 1000, topP: 1, temperature: 1 },
    expect: { width: 1280, layers: 36, codes: 16_384, textWidth: 2048 },
  },
  classes('B', { width: 768, layers: 12, heads: 12, student: { split: 80 } }),
  classes('L', { width: 1024, layers: 24, heads: 16, student: { split: 130, mixedSplit: 180 } }),
  nextScale(16, {
    times: [0, 5],
    split: 5,
    // Four steps draw two scales again, six all five.
    assisted: {
      sampling: ASSISTED_SAMPLING,
      splits: [
        { scales: 2, split: 8 },
        { scales: 5, split: 9 },
      ],
    },
  }),
  nextScale(20, { times: [0, 4], split: 4 }),
  nextScale(24, { times: [0, 4], split: 4 }),
  nextScale(30, null),
  switti(512, false, 8),
  switti(512, true, 8),
  switti(1024, false, 11),
  switti(1024, true, 11),
];
