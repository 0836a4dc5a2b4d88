/**
 * T5's encoder in its version 1.1 (flan-t5): token ids -> states. Pre-norm blocks without biases: attention whose scores are
 * not scaled and carry a learned bias by distance, shared by all layers, then a gated GELU. (Raffel et al. 2020;
 * Hugging Face `T5EncoderModel`.) Activations are float32: they overflow float16 at the published sizes.
 */
import * as z from 'zod';
import type { Checkpoint } from '../checkpoint/tensor.js';
import { TEXT_ENCODER } from '../graphs.js';
import { createGraph, type Graph, type Value } from '../onnx/graph.js';
import { add, gelu, mul, sub } from '../onnx/ops/arithmetic.js';
import { gather, reshape, split, transpose, unsqueeze } from '../onnx/ops/arrange.js';
import { linear, type Precision } from '../onnx/ops/linear.js';
import { lookUp, storeOfTable } from '../onnx/ops/look-up.js';
import { matMul } from '../onnx/ops/network.js';
import { simplifiedLayerNorm, softmax } from '../onnx/ops/normalize.js';
import { concatWeights, type Weight } from '../onnx/weight.js';
import { countParts, NetworkError, readLength, type TensorTable, takeWeights, type Weights } from './weights.js';

const NETWORK = "a T5 1.1 encoder (flan-t5's)";

/** What config.json says and no tensor shows, and what both say, to be compared. */
const ConfigFile = z.object({
  feed_forward_proj: z.literal('gated-gelu', {
    error: ({ input }) => `feed_forward_proj is ${JSON.stringify(input)}; only "gated-gelu" (T5 1.1, flan-t5) is read`,
  }),
  layer_norm_epsilon: z.number().positive(),
  relative_attention_max_distance: z.number().int().min(2).default(128),
  d_model: z.number().int(),
  d_ff: z.number().int(),
  d_kv: z.number().int(),
  num_heads: z.number().int(),
  num_layers: z.number().int(),
});

export interface T5Config {
  layers: number;
  /** Width of a state. */
  width: number;
  heads: number;
  /** Width of a head's queries, keys and values; heads * head need not be the width. */
  head: number;
  hidden: number;
  vocabulary: number;
  buckets: number;
  /** From here on all distances share a bucket. */
  maximumDistance: number;
  epsilon: number;
}

export interface T5Encoder {
  config: T5Config;
  weights: Weights;
}

/**
 * Takes the encoder out of a checkpoint of the whole T5 or of its encoder alone. `configuration` is the parsed config.json.
 * Throws a NetworkError.
 */
export function readT5(checkpoint: Checkpoint, configuration: unknown): T5Encoder {
  const file = ConfigFile.safeParse(configuration);
  if (!file.success)
    throw new NetworkError(checkpoint.file, `comes with an unsuitable config.json: ${z.prettifyError(file.error)}`);
  const block = 'encoder.block.0.layer';
  const length = (name: string, axis: number) => readLength(checkpoint, NETWORK, [[name, axis]]);
  const heads = length(`${block}.0.SelfAttention.relative_attention_bias.weight`, 1);
  const config: T5Config = {
    layers: countParts(checkpoint, /^encoder\.block\.(\d{1,9})\./),
    width: length('encoder.final_layer_norm.weight', 0),
    heads,
    head: length(`${block}.0.SelfAttention.q.weight`, 0) / heads,
    hidden: length(`${block}.1.DenseReluDense.wi_0.weight`, 0),
    vocabulary: readLength(
      checkpoint,
      NETWORK,
      EMBEDDING_NAMES.map((name) => [name, 0] as const),
    ),
    buckets: length(`${block}.0.SelfAttention.relative_attention_bias.weight`, 0),
    maximumDistance: file.data.relative_attention_max_distance,
    epsilon: file.data.layer_norm_epsilon,
  };
  const said = file.data;
  for (const [key, stated, found] of [
    ['num_layers', said.num_layers, config.layers],
    ['d_model', said.d_model, config.width],
    ['num_heads', said.num_heads, config.heads],
    ['d_kv', said.d_kv, config.head],
    ['d_ff', said.d_ff, config.hidden],
  ] as const)
    if (stated !== found)
      throw new NetworkError(
        checkpoint.file,
        `and its config.json differ: ${key} is ${stated}, the tensors say ${found}`,
      );
  const weights = takeWeights(checkpoint, t5Table(config), {
    network: NETWORK,
    ignore: [/^decoder\./, 'lm_head.weight'],
  });
  return { config, weights };
}

const EMBEDDING_NAMES = ['shared.weight', 'encoder.embed_tokens.weight'] as const;

/** Every tensor of an encoder of these sizes: our names, short, and Hugging Face's beside them. */
export function t5Table({ layers, width, heads, head, hidden, vocabulary, buckets }: T5Config): TensorTable {
  const inner = heads * head;
  const table: Record<string, { names: readonly string[]; shape: readonly number[] }> = {
    embedding: { names: EMBEDDING_NAMES, shape: [vocabulary, width] },
    distances: {
      names: ['encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight'],
      shape: [buckets, heads],
    },
    norm: { names: ['encoder.final_layer_norm.weight'], shape: [width] },
  };
  for (let layer = 0; layer < layers; layer += 1) {
    const block = `encoder.block.${layer}.layer`;
    const entries = {
      'attention.norm': [`${block}.0.layer_norm.weight`, width],
      'attention.q': [`${block}.0.SelfAttention.q.weight`, inner, width],
      'attention.k': [`${block}.0.SelfAttention.k.weight`, inner, width],
      'attention.v': [`${block}.0.SelfAttention.v.weight`, inner, width],
      'attention.o': [`${block}.0.SelfAttention.o.weight`, width, inner],
      'feed.norm': [`${block}.1.layer_norm.weight`, width],
      'feed.gate': [`${block}.1.DenseReluDense.wi_0.weight`, hidden, width],
      'feed.up': [`${block}.1.DenseReluDense.wi_1.weight`, hidden, width],
      'feed.down': [`${block}.1.DenseReluDense.wo.weight`, width, hidden],
    } as const;
    for (const [ours, [theirs, ...shape]] of Object.entries(entries))
      table[`${layer}.${ours}`] = { names: [theirs], shape };
  }
  return table;
}

export interface TextEncoderOptions {
  /** Most tokens that are ever fed; T5 was trained on 512. */
  tokens?: number;
  /** How the matrices are stored, and the embedding as near to that as a table can be. */
  store?: Precision;
}

/** Inputs and outputs: TEXT_ENCODER of models/graphs.ts. */
export function buildTextEncoder(
  encoder: T5Encoder,
  { tokens = 512, store = 'float32' }: TextEncoderOptions = {},
): Graph {
  const { config, weights } = encoder;
  const graph = createGraph('text-encoder');
  const ids = graph.input(TEXT_ENCODER.inputs.ids, 'int64', ['n']);
  const positions = graph.input(TEXT_ENCODER.inputs.positions, 'int32', ['n']);
  const bias = distanceBias(graph, positions, distanceTable(weights.get('distances'), config, tokens), tokens);
  const norm = (x: Value, name: string) =>
    simplifiedLayerNorm(x, graph.weight(name, weights.get(name)), config.epsilon);

  let x = lookUp(ids, 'embedding', weights.get('embedding'), storeOfTable(store));
  for (let layer = 0; layer < config.layers; layer += 1) {
    const part = (name: string) => weights.get(`${layer}.${name}`);
    // Layers that read the same rows are one product.
    const qkv = concatWeights([part('attention.q'), part('attention.k'), part('attention.v')]);
    const rows = linear(norm(x, `${layer}.attention.norm`), `${layer}.attention.qkv`, qkv, { store });
    x = add(x, linear(attend(rows, bias, config), `${layer}.attention.o`, part('attention.o'), { store }));
    const wide = concatWeights([part('feed.gate'), part('feed.up')]);
    const both = linear(norm(x, `${layer}.feed.norm`), `${layer}.feed.in`, wide, { store });
    const [gate, up] = split(both, [config.hidden, config.hidden], -1) as [Value, Value];
    x = add(x, linear(mul(gelu(gate), up), `${layer}.feed.down`, part('feed.down'), { store }));
  }
  graph.output(TEXT_ENCODER.outputs.states, norm(x, 'norm'));
  return graph;
}

/** `rows` [n, 3 * heads * head], queries, keys and values -> [n, heads * head]. */
function attend(rows: Value, bias: Value, { heads, head }: T5Config): Value {
  const inner = heads * head;
  const [q, k, v] = split(rows, [inner, inner, inner], 1).map((part) => reshape(part, [0, heads, head])) as [
    Value,
    Value,
    Value,
  ];
  // [heads, n, head] x [heads, head, n]
  const scores = add(matMul(transpose(q, [1, 0, 2]), transpose(k, [1, 2, 0])), bias);
  return reshape(transpose(matMul(softmax(scores), transpose(v, [1, 0, 2])), [1, 0, 2]), [0, inner]);
}

/** [heads, n, n]: what each head adds to the score of a query (row) for a key (column). */
function distanceBias(graph: Graph, positions: Value, table: Weight, tokens: number): Value {
  const distance = sub(unsqueeze(positions, [0]), unsqueeze(positions, [1]));
  return transpose(gather(graph.weight('distances', table), add(distance, tokens - 1)), [2, 0, 1]);
}

/** [2 * tokens - 1, heads]: row d + tokens - 1 is the bias at distance d = key - query. */
function distanceTable(buckets: Weight, config: T5Config, tokens: number): Weight {
  const shape = [2 * tokens - 1, config.heads];
  return {
    shape,
    load: async () => {
      const rows = await buckets.load();
      return Float32Array.from({ length: (2 * tokens - 1) * config.heads }, (_, index) => {
        const bucket = distanceBucket(Math.floor(index / config.heads) - (tokens - 1), config);
        return rows[bucket * config.heads + (index % config.heads)] as number;
      });
    },
  };
}

/**
 * Half of the buckets are for keys behind the query; in each half the nearest distances have a bucket each and
 * the others share buckets whose width grows logarithmically up to `maximumDistance`.
 */
export function distanceBucket(
  distance: number,
  { buckets, maximumDistance }: Pick<T5Config, 'buckets' | 'maximumDistance'>,
): number {
  const half = Math.floor(buckets / 2);
  const exact = Math.floor(half / 2);
  const first = distance > 0 ? half : 0;
  const size = Math.abs(distance);
  if (size < exact) return first + size;
  // In float32 as the original computes it, so that powers of two fall into the same bucket.
  const share = Math.fround(Math.fround(Math.log(size / exact)) / Math.fround(Math.log(maximumDistance / exact)));
  return first + Math.min(half - 1, exact + Math.trunc(share * (half - exact)));
}
