/** The published weights: their names, sizes and settings (METHOD 1, 2, 5). */
import type { Recipe } from './recipe.js';

const LLAMAGEN_NOTICE =
  'LlamaGen weights and code: Copyright 2024 FoundationVision, MIT licence (github.com/FoundationVision/LlamaGen).';
const DD_NOTICE =
  'Distilled Decoding weights and code: Copyright Microsoft Corporation, MIT licence (github.com/microsoft/distilled_decoding).';

type Sizes = Pick<NonNullable<Recipe['expect']>, 'width' | 'layers'> & {
  heads: number;
  student: { split: number; mixedSplit?: number };
};

const classes = (size: 'B' | 'L', sizes: Sizes): Recipe => ({
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
];
