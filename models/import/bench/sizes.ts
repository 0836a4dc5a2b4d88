/** The models that the bench runs: those of the reference folders, one in the middle of what designers will use, and the published one. */
import type { LlamagenConfig } from '../../nets/llamagen/config.js';
import type { T5Config } from '../../nets/t5.js';
import type { VqConfig, VqHalf } from '../../nets/vq-tokenizer.js';
import type { VarBenchName } from '../var/bench-sizes.js';

export type BenchSize = {
  readonly name: string;
  readonly transformer: LlamagenConfig;
  readonly vq: VqConfig;
  readonly text: T5Config;
  /** Text tokens of the prompt. */
  readonly tokens: number;
  readonly times: readonly number[];
  readonly split: number;
};

/** What a size says that most of its kind share, with LlamaGen's proportions where nothing else is said. */
type Sizes = {
  name: string;
  width: number;
  layers: number;
  heads: number;
  grid: number;
  codes: number;
  channels: number;
  multipliers: readonly number[];
  textWidth: number;
  times: readonly number[];
  split: number;
  text?: Partial<T5Config>;
};

const LIST: readonly Sizes[] = [
  {
    name: 'llamagen-a',
    width: 64,
    layers: 3,
    heads: 4,
    grid: 8,
    codes: 96,
    channels: 32,
    multipliers: [1, 1, 2],
    textWidth: 48,
    times: [0, 20],
    split: 24,
  },
  {
    name: 'llamagen-b',
    width: 128,
    layers: 4,
    heads: 8,
    grid: 16,
    codes: 256,
    channels: 32,
    multipliers: [1, 1, 2, 2],
    textWidth: 64,
    times: [0, 80],
    split: 130,
  },
  {
    name: 'middle',
    width: 512,
    layers: 12,
    heads: 8,
    grid: 16,
    codes: 4096,
    channels: 64,
    multipliers: [1, 1, 2, 2, 4],
    textWidth: 256,
    times: [0, 80],
    split: 130,
  },
];

export const BENCH_SIZES: readonly BenchSize[] = LIST.map(describe);

const XL: Sizes = {
  name: 't2i-xl',
  width: 1280,
  layers: 36,
  heads: 20,
  grid: 16,
  codes: 16_384,
  channels: 128,
  multipliers: [1, 1, 2, 2, 4],
  textWidth: 2048,
  times: [0, 80],
  split: 130,
  // google/flan-t5-xl's config.json
  text: { layers: 24, heads: 32, head: 64, hidden: 5120, vocabulary: 32_128 },
};

/**
 * Sizes that are measured from checkpoint to picture, beside PyTorch: the published one; a slice of it, four of its layers with
 * everything else as published, whose shares and ratios are those of the whole in a ninth of the time; and one for trying the way.
 */
export const FULL_SIZES = {
  small: describe({
    name: 'small',
    width: 128,
    layers: 4,
    heads: 8,
    grid: 8,
    codes: 256,
    channels: 32,
    multipliers: [1, 2],
    textWidth: 64,
    times: [0, 20],
    split: 40,
  }),
  'xl-slice': describe({ ...XL, name: 'xl-slice', layers: 4, text: { ...XL.text, layers: 4 } }),
  't2i-xl': describe(XL),
} as const satisfies Record<string, BenchSize>;

export type LlamagenSize = keyof typeof FULL_SIZES;
/** Of every family that has a bench of its own. */
export type FullSize = LlamagenSize | VarBenchName;

function describe(sizes: Sizes): BenchSize {
  const { name, width, layers, heads, grid, codes, channels, multipliers, textWidth, times, split } = sizes;
  return {
    name,
    tokens: 12,
    times,
    split,
    transformer: {
      width,
      layers,
      heads,
      grid: { rows: grid, columns: grid },
      codes,
      // LlamaGen's: two thirds of 4 * width, rounded up to a multiple of 256.
      hidden: Math.ceil(Math.trunc((8 * width) / 3) / 256) * 256,
      condition: { kind: 'text', width: textWidth, hidden: width, tokens: 120 },
      ropeBase: 10_000,
      normEpsilon: 1e-5,
    },
    vq: publishedVq({ channels, multipliers, codes }),
    text: {
      layers: Math.max(2, layers / 3),
      width: textWidth,
      heads: 4,
      head: textWidth / 4,
      hidden: textWidth * 3,
      vocabulary: 1000,
      buckets: 32,
      maximumDistance: 128,
      epsilon: 1e-6,
      ...sizes.text,
    },
  };
}

/** A tokenizer of LlamaGen's layout: two blocks a level down, three up, attention at the coarsest (METHOD 3). */
export function publishedVq(sizes: { channels: number; multipliers: readonly number[]; codes: number }): VqConfig {
  const { channels, multipliers, codes } = sizes;
  return {
    encoder: half(channels, multipliers, 2),
    decoder: half(channels, [...multipliers].reverse(), 3),
    latent: channels * 2,
    codes,
    channels: 8,
    downsample: 2 ** (multipliers.length - 1),
    groups: 32,
  };
}

/** Levels in the order in which they run; the coarsest has attention. */
function half(channels: number, multipliers: readonly number[], blocks: number): VqHalf {
  const coarsest = Math.max(...multipliers) * channels;
  const decoding = blocks === 3;
  const middle = decoding ? (multipliers[0] ?? 1) * channels : coarsest;
  let input = decoding ? middle : channels;
  const levels = multipliers.map((multiplier, index) => {
    const width = multiplier * channels;
    const attention = decoding ? index === 0 : index === multipliers.length - 1;
    const level = { input, width, blocks, attention, resample: index < multipliers.length - 1 };
    input = width;
    return level;
  });
  return { levels, middle, finest: channels };
}
