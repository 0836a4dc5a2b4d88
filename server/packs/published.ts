/**
 * The published models that `twostep get` fetches: where their files lie on Hugging Face's hub, and what a person wants to know before gigabytes
 * are fetched. Exact sizes, and hashes where there are any, come from the hub itself (hub.ts).
 */
import type { Role } from '../../models/import/recipe.js';

/** Files of a repository of the hub. */
export type Source = {
  readonly repository: string;
  /** A file, or all that a folder of its layout needs: its description and its weights, in one file or in parts. */
  readonly what: { readonly file: string } | { readonly folder: readonly string[] };
  /** Bytes, about. */
  readonly bytes: number;
};

export type Published = {
  /** Of a recipe, whose pack it becomes. */
  readonly name: string;
  readonly draws: string;
  readonly licence: string;
  readonly roles: Readonly<Partial<Record<Role, Source>>>;
  /** Roles that are fetched only where they are asked for (`--with`). */
  readonly optional: readonly Role[];
  /** What drawing takes, in words; none of it was measured where there was no such model at hand. */
  readonly memory: string;
};

const GB = 1e9;
const file = (repository: string, path: string, bytes: number): Source => ({ repository, what: { file: path }, bytes });
const folder = (repository: string, files: readonly string[], bytes: number): Source => ({
  repository,
  what: { folder: files },
  bytes,
});

const VAR_VQ = file('FoundationVision/var', 'vae_ch160v4096z32.pth', 0.44 * GB);
const IMAGENET = 'photographs of the 1,000 ImageNet classes, 256 pixels, one or two steps';

/** @param sizes bytes of teacher and student; a student's file holds its weights twice */
const nextScale = (depth: number, teacher: number, student: number | null, memory: string): Published => ({
  name: `var-d${depth}`,
  draws: student === null ? 'photographs of the 1,000 ImageNet classes, 256 pixels, ten steps' : IMAGENET,
  licence: 'MIT',
  roles: {
    teacher: file('FoundationVision/var', `var_d${depth}.pth`, teacher),
    ...(student === null ? {} : { student: file('microsoft/distilled_decoding', `VAR-DD/var-d${depth}.pth`, student) }),
    vq: VAR_VQ,
  },
  optional: student === null ? [] : ['teacher'],
  memory,
});

const classes = (size: 'B' | 'L', teacher: number, student: number, memory: string): Published => ({
  name: `llamagen-${size.toLowerCase()}`,
  draws: IMAGENET,
  licence: 'MIT',
  roles: {
    teacher: file('FoundationVision/LlamaGen', `c2i_${size}_256.pt`, teacher),
    student: file('microsoft/distilled_decoding', `LlamaGen-DD/llamagen-${size}.pt`, student),
    vq: file('FoundationVision/LlamaGen', 'vq_ds16_c2i.pt', 0.29 * GB),
  },
  optional: ['teacher'],
  memory,
});

const TEXT = ['config.json', 'tokenizer.json'];

const switti = (suffix: string, side: number, bytes: number): Published => ({
  name: `switti${suffix.toLowerCase()}`,
  draws: `photographs and art for any words, ${side} pixels, ${side === 1024 ? 14 : 10} steps`,
  licence: "see the weights' pages",
  roles: {
    teacher: folder(`yresearch/Switti${suffix}`, ['config.json'], bytes),
    vq: folder('yresearch/VQVAE-Switti', ['config.json'], 0.44 * GB),
    text: folder('openai/clip-vit-large-patch14', TEXT, 1.7 * GB),
    text2: folder('laion/CLIP-ViT-bigG-14-laion2B-39B-b160k', TEXT, 10.2 * GB),
  },
  optional: [],
  memory: side === 1024 ? '32 GB' : '16 GB, or a card with 8 GB (--storage half)',
});

export const PUBLISHED: readonly Published[] = [
  classes('B', 0.45 * GB, 0.8 * GB, '2 GB'),
  classes('L', 1.4 * GB, 2.7 * GB, '3 GB'),
  nextScale(16, 1.25 * GB, 2.7 * GB, '3 GB'),
  nextScale(20, 2.4 * GB, 5.1 * GB, '5 GB'),
  nextScale(24, 4.2 * GB, 8.8 * GB, '8 GB'),
  nextScale(30, 8.1 * GB, null, '12 GB'),
  {
    name: 'llamagen-t2i-xl',
    draws: 'photographs and art for any words, 256 pixels, 256 steps: nobody has published its student',
    licence: 'MIT AND Apache-2.0',
    roles: {
      teacher: file('peizesun/llamagen_t2i', 't2i_XL_stage1_256.pt', 3.1 * GB),
      vq: file('peizesun/llamagen_t2i', 'vq_ds16_t2i.pt', 0.29 * GB),
      text: folder('google/flan-t5-xl', TEXT, 11.4 * GB),
    },
    optional: [],
    memory: '12 GB',
  },
  switti('', 512, 9.9 * GB),
  switti('-AR', 512, 9.9 * GB),
  switti('-1024', 1024, 10.2 * GB),
  switti('-1024-AR', 1024, 10.2 * GB),
];

/** What is fetched: all roles but the optional ones, and those of them that are asked for. */
export const wantedRoles = ({ roles, optional }: Published, asked: readonly string[]): (readonly [Role, Source])[] =>
  (Object.entries(roles) as [Role, Source][]).filter(([role]) => !optional.includes(role) || asked.includes(role));
