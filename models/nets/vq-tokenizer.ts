/**
 * LlamaGen's VQ tokenizer as its checkpoint has it: sizes inferred from the tensors, and every tensor by name and shape
 * (METHOD 3). Both halves are stacks of levels, from the finest resolution to the coarsest in the encoder and back in
 * the decoder; each level is some residual blocks, at the coarsest resolution with attention behind each, and a change
 * of resolution by 2 before the next level.
 */
import type { Checkpoint } from '../checkpoint/tensor.js';
import { normalizeRows, type Weight } from '../onnx/weight.js';
import { countParts, NetworkError, readLength, type TensorTable, takeWeights, type Weights } from './weights.js';

const NETWORK = 'a LlamaGen VQ tokenizer';

/** Groups of every norm in the published files. No tensor tells; small tokenizers of one's own do better with fewer. */
export const PUBLISHED_GROUPS = 32;
/** Fixed in the published code. */
export const GROUP_EPSILON = 1e-6;

export type Half = 'encoder' | 'decoder';

export interface VqLevel {
  /** Channels that come in and that its blocks have. */
  input: number;
  width: number;
  blocks: number;
  attention: boolean;
  /** Whether the resolution changes behind it: at all levels but the last. */
  resample: boolean;
}

export interface VqHalf {
  levels: VqLevel[];
  /** Channels of the middle part, at the coarsest resolution. */
  middle: number;
  /** Channels at the finest resolution. */
  finest: number;
}

export interface VqConfig {
  encoder: VqHalf;
  decoder: VqHalf;
  /** Channels between the convolutions and the code channels (`z_channels`). */
  latent: number;
  codes: number;
  channels: number;
  /** Pixels a side for each code. */
  downsample: number;
  /** Groups of channels that every norm has. */
  groups: number;
}

export interface VqTokenizer {
  config: VqConfig;
  weights: Weights;
}

/** Throws a NetworkError that lists what does not fit. */
export function readVqTokenizer(
  checkpoint: Checkpoint,
  { groups = PUBLISHED_GROUPS }: { groups?: number | undefined } = {},
): VqTokenizer {
  const encoder = inferHalf(checkpoint, 'encoder');
  const decoder = inferHalf(checkpoint, 'decoder');
  const length = (name: string, axis: number) => readLength(checkpoint, NETWORK, [[name, axis]]);
  const config: VqConfig = {
    encoder,
    decoder,
    latent: length('post_quant_conv.weight', 0),
    codes: length('quantize.embedding.weight', 0),
    channels: length('quantize.embedding.weight', 1),
    downsample: 2 ** (decoder.levels.length - 1),
    groups,
  };
  if (encoder.levels.length !== decoder.levels.length)
    throw new NetworkError(
      checkpoint.file,
      `has ${encoder.levels.length} levels in its encoder and ${decoder.levels.length} in its decoder; they must be as many`,
    );
  const weights = takeWeights(checkpoint, vqTable(config), {
    network: NETWORK,
    // A statistic of its training.
    ignore: ['quantize.codebook_used'],
  });
  for (const half of [encoder, decoder]) requireGroups(checkpoint, half, groups);
  return { config, weights };
}

/** Throws a NetworkError where a norm of this half can't share its channels out to so many groups. */
export function requireGroups(checkpoint: Checkpoint, { levels, middle }: VqHalf, groups: number): void {
  for (const width of [middle, ...levels.map((level) => level.width)])
    if (width % groups !== 0)
      throw new NetworkError(
        checkpoint.file,
        `has ${width} channels, which its norms can not share out to ${groups} groups`,
      );
}

/** [codes, channels], rows of length 1: the original normalises them whenever it reads them. */
export function normalizedCodebook({ weights }: VqTokenizer): Weight {
  return normalizeRows(weights.get('quantize.embedding.weight'));
}

function inferHalf(checkpoint: Checkpoint, half: Half): VqHalf {
  // At least one: where there is none, the size of the first is what is missing.
  const count = Math.max(1, countParts(checkpoint, new RegExp(`^${half}\\.conv_blocks\\.(\\d{1,9})\\.`)));
  const length = (name: string, axis: number) => readLength(checkpoint, NETWORK, [[`${half}.${name}`, axis]]);
  const outer = length(half === 'encoder' ? 'conv_in.weight' : 'norm_out.weight', 0);
  const middle = length('mid.0.conv1.weight', 0);
  let input = half === 'encoder' ? outer : middle;
  const levels = Array.from({ length: count }, (_, index): VqLevel => {
    const level = `conv_blocks.${index}`;
    const width = length(`${level}.res.0.conv1.weight`, 0);
    const found = {
      input,
      width,
      blocks: countParts(checkpoint, new RegExp(`^${half}\\.${level}\\.res\\.(\\d{1,9})\\.`)),
      attention: countParts(checkpoint, new RegExp(`^${half}\\.${level}\\.attn\\.(\\d{1,9})\\.`)) > 0,
      resample: index < count - 1,
    };
    input = width;
    return found;
  });
  return { levels, middle, finest: outer };
}

/** Every tensor of a tokenizer of these sizes. */
export function vqTable(config: VqConfig): TensorTable {
  const { encoder, decoder, latent, channels, codes } = config;
  return {
    'quantize.embedding.weight': [codes, channels],
    'encoder.conv_in.weight': [encoder.finest, 3, 3, 3],
    'encoder.conv_in.bias': [encoder.finest],
    ...stackTable('encoder', encoder),
    'encoder.norm_out.weight': [encoder.middle],
    'encoder.norm_out.bias': [encoder.middle],
    'encoder.conv_out.weight': [latent, encoder.middle, 3, 3],
    'encoder.conv_out.bias': [latent],
    'quant_conv.weight': [channels, latent, 1, 1],
    'quant_conv.bias': [channels],
    'post_quant_conv.weight': [latent, channels, 1, 1],
    'post_quant_conv.bias': [latent],
    ...decoderTable(decoder, latent),
  };
}

/** Every tensor of a decoder, from what `post_quant_conv` gives. */
export function decoderTable(decoder: VqHalf, latent: number): Readonly<Record<string, readonly number[]>> {
  return {
    'decoder.conv_in.weight': [decoder.middle, latent, 3, 3],
    'decoder.conv_in.bias': [decoder.middle],
    ...stackTable('decoder', decoder),
    'decoder.norm_out.weight': [decoder.finest],
    'decoder.norm_out.bias': [decoder.finest],
    'decoder.conv_out.weight': [3, decoder.finest, 3, 3],
    'decoder.conv_out.bias': [3],
  };
}

/** The levels and the middle of a half. */
function stackTable(half: Half, { levels, middle }: VqHalf): Readonly<Record<string, readonly number[]>> {
  const table: Record<string, readonly number[]> = {};
  const vector = (name: string, width: number) => {
    table[`${name}.weight`] = [width];
    table[`${name}.bias`] = [width];
  };
  const conv = (name: string, input: number, output: number, kernel: number) => {
    table[`${name}.weight`] = [output, input, kernel, kernel];
    table[`${name}.bias`] = [output];
  };
  const residual = (name: string, input: number, width: number) => {
    vector(`${name}.norm1`, input);
    conv(`${name}.conv1`, input, width, 3);
    vector(`${name}.norm2`, width);
    conv(`${name}.conv2`, width, width, 3);
    if (input !== width) conv(`${name}.nin_shortcut`, input, width, 1);
  };
  const attention = (name: string, width: number) => {
    vector(`${name}.norm`, width);
    for (const part of ['q', 'k', 'v', 'proj_out']) conv(`${name}.${part}`, width, width, 1);
  };
  residual(`${half}.mid.0`, middle, middle);
  attention(`${half}.mid.1`, middle);
  residual(`${half}.mid.2`, middle, middle);
  levels.forEach(({ input, width, blocks, attention: attends, resample }, index) => {
    const level = `${half}.conv_blocks.${index}`;
    for (let block = 0; block < blocks; block += 1) {
      residual(`${level}.res.${block}`, block === 0 ? input : width, width);
      if (attends) attention(`${level}.attn.${block}`, width);
    }
    if (resample) conv(`${level}.${half === 'encoder' ? 'downsample' : 'upsample'}.conv`, width, width, 3);
  });
  return table;
}
