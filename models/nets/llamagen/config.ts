/** Sizes and tensor names of LlamaGen's GPT and of its students, inferred from the tensors of a checkpoint (METHOD 2, 5). */
import type { Checkpoint } from '../../checkpoint/tensor.js';
import { countParts, NetworkError, readLength, type TensorTable } from '../weights.js';

/** What the tensors can't tell. */
export type LlamagenOptions = {
  readonly heads: number;
  readonly grid: { readonly rows: number; readonly columns: number };
  /** Base of the rotary angles. */
  readonly ropeBase?: number;
  /** Epsilon of the RMS norms. */
  readonly normEpsilon?: number;
};

export type LlamagenConfig = Required<LlamagenOptions> & {
  readonly width: number;
  readonly layers: number;
  /** Width of the gated feed-forward. */
  readonly hidden: number;
  readonly codes: number;
  readonly condition:
    | { readonly kind: 'text'; readonly width: number; readonly hidden: number; readonly tokens: number }
    /** `classes` without the unconditional one. */
    | { readonly kind: 'class'; readonly classes: number };
};

/** For errors. */
export const NETWORK = 'a LlamaGen transformer';

/** Reads the sizes off the tensors; that every tensor has its shape is `takeWeights`' to check. */
export function inferLlamagen(checkpoint: Checkpoint, options: LlamagenOptions): LlamagenConfig {
  const length = (name: string, axis: number) => readLength(checkpoint, NETWORK, [[name, axis]]);
  const width = length('norm.weight', 0);
  const layers = countParts(checkpoint, /^layers\.(\d{1,9})\./);
  const head = width / options.heads;
  if (!Number.isInteger(head) || head % 4 !== 0)
    throw new NetworkError(
      checkpoint.file,
      `is ${width} wide, which ${options.heads} heads can not share: each needs a multiple of 4, for its pairs of row and column`,
    );
  return {
    ropeBase: 10_000,
    normEpsilon: 1e-5,
    ...options,
    width,
    layers,
    hidden: length('layers.0.feed_forward.w1.weight', 0),
    codes: length('output.weight', 0),
    condition: inferCondition(checkpoint),
  };
}

function inferCondition(checkpoint: Checkpoint): LlamagenConfig['condition'] {
  const classTable = checkpoint.tensors.get('cls_embedding.embedding_table.weight');
  if (classTable) return { kind: 'class', classes: (classTable.shape[0] ?? 1) - 1 };
  const projection = 'cls_embedding.cap_proj.fc1.weight';
  const hidden = readLength(checkpoint, NETWORK, [[projection, 0]]);
  const width = readLength(checkpoint, NETWORK, [[projection, 1]]);
  const tokens = checkpoint.tensors.get('cls_embedding.uncond_embedding')?.shape[0] ?? 0;
  return { kind: 'text', width, hidden, tokens };
}

/** Tensors that student and teacher share. */
export function trunkTable(config: LlamagenConfig): TensorTable {
  const { width, hidden, codes, layers, condition } = config;
  const table: Record<string, readonly number[]> = {
    'norm.weight': [width],
    'output.weight': [codes, width],
  };
  if (condition.kind === 'class') table['cls_embedding.embedding_table.weight'] = [condition.classes + 1, width];
  else {
    table['cls_embedding.cap_proj.fc1.weight'] = [condition.hidden, condition.width];
    table['cls_embedding.cap_proj.fc2.weight'] = [width, condition.hidden];
  }
  for (let layer = 0; layer < layers; layer++) {
    table[`layers.${layer}.attention.wqkv.weight`] = [3 * width, width];
    table[`layers.${layer}.attention.wo.weight`] = [width, width];
    table[`layers.${layer}.feed_forward.w1.weight`] = [hidden, width];
    table[`layers.${layer}.feed_forward.w3.weight`] = [hidden, width];
    table[`layers.${layer}.feed_forward.w2.weight`] = [width, hidden];
    table[`layers.${layer}.attention_norm.weight`] = [width];
    table[`layers.${layer}.ffn_norm.weight`] = [width];
  }
  return table;
}

/** Derived tensors that some checkpoints carry along. */
export const DERIVED = ['freqs_cis', 'causal_mask'] as const;
