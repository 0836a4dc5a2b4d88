/**
 * VAR's VQVAE as its checkpoint has it (METHOD 8): a decoder of the same layers as LlamaGen's under other names, and the kernels
 * that smooth each scale. Its encoder is only needed to make codes of pictures and stays in the file.
 */
import type { Checkpoint } from '../../checkpoint/tensor.js';
import { splitWeight, type Weight } from '../../onnx/weight.js';
import { decoderTable, PUBLISHED_GROUPS, requireGroups, type VqHalf, type VqLevel } from '../vq-tokenizer.js';
import { countParts, readLength, type TensorTable, takeWeights, type Weights } from '../weights.js';

const NETWORK = "VAR's VQVAE";

export type VaeConfig = {
  readonly decoder: VqHalf;
  readonly codes: number;
  readonly channels: number;
  /** How many kernels the scales share. */
  readonly kernels: number;
  /** Pixels a side for each token of the finest scale. */
  readonly downsample: number;
  /** Groups of channels that every norm has. */
  readonly groups: number;
};

export type Vae = { readonly config: VaeConfig; readonly weights: Weights };

/** Throws a NetworkError that lists what does not fit. */
export function readVae(
  checkpoint: Checkpoint,
  { groups = PUBLISHED_GROUPS }: { groups?: number | undefined } = {},
): Vae {
  const decoder = inferDecoder(checkpoint);
  const length = (name: string, axis: number) => readLength(checkpoint, NETWORK, [[name, axis]]);
  const config: VaeConfig = {
    decoder,
    codes: length('quantize.embedding.weight', 0),
    channels: length('quantize.embedding.weight', 1),
    kernels: Math.max(1, countParts(checkpoint, /^quantize\.quant_resi\.qresi_ls\.(\d{1,9})\./)),
    downsample: 2 ** (decoder.levels.length - 1),
    groups,
  };
  const taken = takeWeights(checkpoint, vaeTable(config), {
    network: NETWORK,
    // The other half, and a statistic of its training.
    ignore: [/^encoder\./, /^quant_conv\./, 'quantize.ema_vocab_hit_SV'],
  });
  requireGroups(checkpoint, decoder, groups);
  return { config, weights: withParts(taken) };
}

function inferDecoder(checkpoint: Checkpoint): VqHalf {
  // At least one: where there is none, the size of the first is what is missing.
  const count = Math.max(1, countParts(checkpoint, /^decoder\.up\.(\d{1,9})\./));
  const length = (name: string, axis: number) => readLength(checkpoint, NETWORK, [[`decoder.${name}`, axis]]);
  const middle = length('mid.block_1.conv1.weight', 0);
  let input = middle;
  const levels = Array.from({ length: count }, (_, index): VqLevel => {
    // Numbered from the finest on, run from the coarsest on.
    const level = `up.${count - 1 - index}`;
    const width = length(`${level}.block.0.conv1.weight`, 0);
    const found = {
      input,
      width,
      blocks: countParts(checkpoint, new RegExp(`^decoder\\.${level}\\.block\\.(\\d{1,9})\\.`)),
      attention: countParts(checkpoint, new RegExp(`^decoder\\.${level}\\.attn\\.(\\d{1,9})\\.`)) > 0,
      resample: index < count - 1,
    };
    input = width;
    return found;
  });
  return { levels, middle, finest: length('norm_out.weight', 0) };
}

/** Every tensor but the encoder's, under the names of the layers (models/nets/vq-layers.ts). */
export function vaeTable({ decoder, codes, channels, kernels }: VaeConfig): TensorTable {
  const table: Record<string, { names: readonly string[]; shape: readonly number[] }> = {};
  const own = (name: string, shape: readonly number[]) => {
    table[name] = { names: [name], shape };
  };
  own('quantize.embedding.weight', [codes, channels]);
  for (let kernel = 0; kernel < kernels; kernel++) {
    own(`quantize.quant_resi.qresi_ls.${kernel}.weight`, [channels, channels, 3, 3]);
    own(`quantize.quant_resi.qresi_ls.${kernel}.bias`, [channels]);
  }
  own('post_quant_conv.weight', [channels, channels, 3, 3]);
  own('post_quant_conv.bias', [channels]);
  for (const [name, shape] of Object.entries(decoderTable(decoder, channels))) {
    // Queries, keys and values are one tensor.
    const fused = FUSED.exec(name);
    if (fused?.[2] === 'q')
      table[`${fused[1]}.qkv.${fused[3]}`] = {
        names: [theirName(`${fused[1]}.qkv.${fused[3]}`, decoder)],
        shape: shape.with(0, 3 * (shape[0] as number)),
      };
    else if (!fused) table[name] = { names: [theirName(name, decoder)], shape };
  }
  return table;
}

const FUSED = /^(.*)\.([qkv])\.(weight|bias)$/;

function theirName(name: string, { levels }: VqHalf): string {
  return name
    .replace(/\.mid\.1\./, '.mid.attn_1.')
    .replace(/\.mid\.([02])\./, (_, place) => `.mid.block_${place === '0' ? 1 : 2}.`)
    .replace(/\.conv_blocks\.(\d+)\./, (_, index) => `.up.${levels.length - 1 - Number(index)}.`)
    .replace(/\.res\.(\d+)\./, '.block.$1.');
}

/** Gives the parts of what is fused by their own names. */
function withParts(weights: Weights): Weights {
  const parts = new Map<string, Weight[]>();
  return {
    file: weights.file,
    get(name) {
      const fused = FUSED.exec(name);
      if (!fused) return weights.get(name);
      const whole = `${fused[1]}.qkv.${fused[3]}`;
      const three = parts.get(whole) ?? splitWeight(weights.get(whole), 3);
      parts.set(whole, three);
      return three['qkv'.indexOf(fused[2] as string)] as Weight;
    },
  };
}
