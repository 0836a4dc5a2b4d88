/** Sizes and tensor names of Switti's transformer: of the tensors what they tell, of config.json the rest (SWITTI 1.1, 1.2). */
import * as z from 'zod';
import type { Checkpoint } from '../../checkpoint/tensor.js';
import { countTokens } from '../../sampling/scales.js';
import { countParts, NetworkError, readLength, type TensorTable } from '../weights.js';

/** For errors. */
export const NETWORK = 'a Switti transformer';

/** Of every norm, fixed in the published code. */
export const NORM_EPSILON = 1e-6;

/** Sides of the token maps by the `reso` of config.json. */
const SCALES: Readonly<Record<number, readonly number[]>> = {
  256: [1, 2, 3, 4, 5, 6, 8, 10, 13, 16],
  512: [1, 2, 3, 4, 6, 9, 13, 18, 24, 32],
  1024: [1, 2, 3, 4, 5, 7, 9, 12, 16, 21, 27, 36, 48, 64],
};
/** The published files of 512 pixels do not say so. */
const USUAL_RESOLUTION = 512;

const only = <T extends boolean>(value: T, what: string) =>
  z.literal(value, { error: ({ input }) => `is ${JSON.stringify(input)}; only ${what} are read` });

/** Sizes that the published files leave to a rule are there in other models. */
const ConfigFile = z.object({
  depth: z.number().int().min(1),
  rope: only(true, 'models with rotary positions'),
  rope_size: z.number().positive(),
  rope_theta: z.number().positive(),
  use_ar: z.boolean(),
  use_crop_cond: only(true, 'models with a crop condition'),
  use_swiglu_ffn: only(true, 'models with a SwiGLU feed-forward'),
  reso: z.number().int().default(USUAL_RESOLUTION),
  num_heads: z.number().int().min(1).optional(),
  patch_nums: z.array(z.number().int().min(1).max(64)).min(1).max(64).optional(),
});

export type SwittiConfig = {
  /** Sides of the token maps, coarse to fine. */
  readonly scales: readonly number[];
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Width of the feed-forward. */
  readonly hidden: number;
  readonly codes: number;
  /** Length of a code vector. */
  readonly channels: number;
  /** Width of the states of both text encoders together. */
  readonly context: number;
  /** Width of the second one's state. */
  readonly pooled: number;
  readonly ropeSize: number;
  readonly ropeTheta: number;
  /** Whether a scale sees those before it. Nothing in the tensors tells. */
  readonly isAutoregressive: boolean;
};

/**
 * @param configuration the parsed config.json beside the checkpoint
 * @throws NetworkError
 */
export function inferSwitti(checkpoint: Checkpoint, configuration: unknown): SwittiConfig {
  const refuse = (why: string) => new NetworkError(checkpoint.file, why);
  const parsed = ConfigFile.safeParse(configuration);
  if (!parsed.success) throw refuse(`comes with an unsuitable config.json: ${z.prettifyError(parsed.error)}`);
  const file = parsed.data;
  const length = (name: string, axis: number) => readLength(checkpoint, NETWORK, [[name, axis]]);
  const scales = file.patch_nums ?? SCALES[file.reso];
  if (!scales)
    throw refuse(`is for pictures of ${file.reso} pixels; the scales of ${Object.keys(SCALES).join(', ')} are known`);
  const width = length('text_pooler.weight', 0);
  // As many heads as blocks, where nothing says otherwise.
  const heads = file.num_heads ?? file.depth;
  // A head's pairs turn with the column and with the row, half of them each.
  if (width % (4 * heads) !== 0) throw refuse(`is ${width} wide, which ${heads} heads can not share`);
  const layers = countParts(checkpoint, /^blocks\.(\d{1,9})\./);
  if (layers !== file.depth) throw refuse(`has ${layers} blocks, and its config.json says ${file.depth}`);
  const levels = length('lvl_embed.weight', 0);
  if (levels !== scales.length)
    throw refuse(`has ${levels} scales, and ${scales.join(', ')} of its config.json are ${scales.length}`);
  return {
    scales,
    width,
    layers,
    heads,
    hidden: length('blocks.0.ffn.up_proj.weight', 0),
    codes: length('head.weight', 0),
    channels: length('word_embed.weight', 1),
    context: length('blocks.0.attention_y_norm.weight', 0),
    pooled: length('text_pooler.weight', 1),
    ropeSize: file.rope_size,
    ropeTheta: file.rope_theta,
    isAutoregressive: file.use_ar,
  };
}

export function swittiTable(config: SwittiConfig): TensorTable {
  const { scales, width, layers, hidden, codes, channels, context, pooled } = config;
  const table: Record<string, readonly number[]> = {
    pos_start: [1, 1, width],
    'lvl_embed.weight': [scales.length, width],
    'crop_embed.weight': [width / 8],
  };
  const dense = (name: string, input: number, output: number) => {
    table[`${name}.weight`] = [output, input];
    table[`${name}.bias`] = [output];
  };
  dense('word_embed', channels, width);
  dense('text_pooler', pooled, width);
  dense('crop_proj', width, width);
  dense('head_nm.ada_lin.1', width, 2 * width);
  dense('head', width, codes);
  for (let layer = 0; layer < layers; layer++) {
    const block = `blocks.${layer}`;
    table[`${block}.crop_cond_scales`] = [1, width];
    dense(`${block}.attn.to_qkv`, width, 3 * width);
    dense(`${block}.attn.proj`, width, width);
    dense(`${block}.cross_attn.to_q`, width, width);
    dense(`${block}.cross_attn.to_kv`, context, 2 * width);
    dense(`${block}.cross_attn.proj`, width, width);
    table[`${block}.ffn.up_proj.weight`] = [hidden, width];
    table[`${block}.ffn.gate_proj.weight`] = [hidden, width];
    table[`${block}.ffn.down_proj.weight`] = [width, hidden];
    for (const norm of NORMS) table[`${block}.${norm}.weight`] = [width];
    table[`${block}.attention_y_norm.weight`] = [context];
    dense(`${block}.ada_lin.1`, width, 6 * width);
  }
  return table;
}

const NORMS = [
  'self_attention_norm1',
  'self_attention_norm2',
  'cross_attention_norm1',
  'cross_attention_norm2',
  'ffn_norm1',
  'ffn_norm2',
] as const;

/** Derived tensors that checkpoints carry along: the scale of each token, and a mask of tokens by tokens with -inf in it. */
export const DERIVED = ['lvl_1L', 'attn_bias_for_masking'] as const;

export const tokensOf = ({ scales }: SwittiConfig): number => countTokens(scales);
