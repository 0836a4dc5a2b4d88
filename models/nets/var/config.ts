/** Sizes and tensor names of VAR and of its students, inferred from the tensors of a checkpoint (METHOD 8). */
import type { Checkpoint } from '../../checkpoint/tensor.js';
import { countTokens } from '../../sampling/scales.js';
import { countParts, NetworkError, readLength, type TensorTable } from '../weights.js';

/** For errors. */
export const NETWORK = 'a VAR transformer';

/** Width of a head in the published models; a checkpoint whose queries and keys are normed tells it itself. */
const PUBLISHED_HEAD = 64;

/** Of every norm of the transformer, fixed in the published code. */
export const NORM_EPSILON = 1e-6;

export type VarConfig = {
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
  /** Without the one for "none". */
  readonly classes: number;
  /** Whether queries and keys are brought to length 1. */
  readonly isNormed: boolean;
};

/** Reads the sizes off the tensors; that every tensor has its shape is `takeWeights`' to check. */
export function inferVar(checkpoint: Checkpoint, { scales }: Pick<VarConfig, 'scales'>): VarConfig {
  const length = (name: string, axis: number) => readLength(checkpoint, NETWORK, [[name, axis]]);
  const width = length('class_emb.weight', 1);
  const factors = checkpoint.tensors.get('blocks.0.attn.scale_mul_1H11');
  const heads = factors?.shape[1] ?? width / PUBLISHED_HEAD;
  if (!Number.isInteger(heads) || heads < 1 || width % heads !== 0)
    throw new NetworkError(checkpoint.file, `is ${width} wide, which ${heads} heads can not share`);
  const places = length('pos_1LC', 1);
  const tokens = countTokens(scales);
  // A student has a place for the class before them.
  if (places !== tokens && places !== tokens + 1)
    throw new NetworkError(
      checkpoint.file,
      `has places for ${places} tokens, but the scales ${scales.join(', ')} have ${tokens}`,
    );
  return {
    scales,
    width,
    layers: countParts(checkpoint, /^blocks\.(\d{1,9})\./),
    heads,
    hidden: length('blocks.0.ffn.fc1.weight', 0),
    codes: length('head.weight', 0),
    channels: length('word_embed.weight', 1),
    classes: length('class_emb.weight', 0) - 1,
    isNormed: factors !== undefined,
  };
}

/**
 * Tensors that teacher and student share.
 *
 * @param ahead places before the tokens: the student's class has one of its own
 */
function trunkTable(config: VarConfig, ahead: 0 | 1): TensorTable {
  const { scales, width, layers, heads, hidden, codes, channels, classes, isNormed } = config;
  const table: Record<string, readonly number[]> = {
    pos_start: [1, 1, width],
    pos_1LC: [1, countTokens(scales) + ahead, width],
    'lvl_embed.weight': [scales.length + ahead, width],
    'class_emb.weight': [classes + 1, width],
  };
  const dense = (name: string, input: number, output: number) => {
    table[`${name}.weight`] = [output, input];
    table[`${name}.bias`] = [output];
  };
  dense('word_embed', channels, width);
  for (let layer = 0; layer < layers; layer++) {
    const block = `blocks.${layer}`;
    table[`${block}.attn.mat_qkv.weight`] = [3 * width, width];
    table[`${block}.attn.q_bias`] = [width];
    table[`${block}.attn.v_bias`] = [width];
    if (isNormed) table[`${block}.attn.scale_mul_1H11`] = [1, heads, 1, 1];
    dense(`${block}.attn.proj`, width, width);
    dense(`${block}.ffn.fc1`, width, hidden);
    dense(`${block}.ffn.fc2`, hidden, width);
    dense(`${block}.ada_lin.1`, width, 6 * width);
  }
  dense('head_nm.ada_lin.1', width, 2 * width);
  dense('head', width, codes);
  return table;
}

export const teacherTable = (config: VarConfig): TensorTable => trunkTable(config, 0);

export function studentTable(config: VarConfig): TensorTable {
  const { width, layers, channels } = config;
  const table: Record<string, readonly number[]> = {
    'n_d_embed.weight': [2, width],
    'final_layer_conti.scale_shift_table': [2, width],
    'final_layer_conti.linear.weight': [channels, width],
    'final_layer_conti.linear.bias': [channels],
  };
  // One for each block, and one before the heads.
  for (let layer = 0; layer <= layers; layer++) {
    table[`layerwise_n_d_embed.${layer}.weight`] = [width, width];
    table[`layerwise_n_d_embed.${layer}.bias`] = [width];
  }
  return { ...trunkTable(config, 1), ...table };
}

/** Derived tensors that checkpoints carry along. */
export const DERIVED = ['lvl_1L', 'attn_bias_for_masking', /^blocks\.\d{1,9}\.attn\.zero_k_bias$/] as const;
