/**
 * CLIP's text encoders: token ids -> states, of two of them side by side (SWITTI 1.3). Pre-norm blocks with causal attention and
 * learned positions (Radford et al. 2021; Hugging Face `CLIPTextModel`). Behind the last norm; the projection is not used.
 */
import * as z from 'zod';
import type { Checkpoint } from '../checkpoint/tensor.js';
import { TEXT_ENCODER } from '../graphs.js';
import { createGraph, type Graph, type Value } from '../onnx/graph.js';
import { add, exactGelu, mul, sigmoid } from '../onnx/ops/arithmetic.js';
import { concat, gather, reshape, split, transpose } from '../onnx/ops/arrange.js';
import { linear, type Precision } from '../onnx/ops/linear.js';
import { lookUp, storeOfTable } from '../onnx/ops/look-up.js';
import { matMul } from '../onnx/ops/network.js';
import { layerNorm, softmax } from '../onnx/ops/normalize.js';
import { concatWeights, type Weight, weightOf } from '../onnx/weight.js';
import { countParts, NetworkError, readLength, type TensorTable, takeWeights, type Weights } from './weights.js';

const NETWORK = "CLIP's text encoder";

/** Far below any score, and still finite. */
const MASKED = -1e4;

/** What no tensor shows. Whole models have it under `text_config`, text encoders alone at the top. */
const TextConfig = z.object({
  num_attention_heads: z.number().int().min(1),
  hidden_act: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
});
const ConfigFile = z.union([z.object({ text_config: TextConfig }).transform((file) => file.text_config), TextConfig]);

export type ClipConfig = {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly hidden: number;
  readonly vocabulary: number;
  /** The most tokens that it reads. */
  readonly tokens: number;
  readonly activation: 'quick_gelu' | 'gelu';
  readonly epsilon: number;
};

export type ClipEncoder = { readonly config: ClipConfig; readonly weights: Weights };

/**
 * Takes the text half out of a whole CLIP, or out of a text encoder alone.
 *
 * @param configuration the parsed config.json
 * @throws NetworkError
 */
export function readClip(checkpoint: Checkpoint, configuration: unknown): ClipEncoder {
  const file = ConfigFile.safeParse(configuration);
  if (!file.success)
    throw new NetworkError(checkpoint.file, `comes with an unsuitable config.json: ${z.prettifyError(file.error)}`);
  const length = (name: string, axis: number) => readLength(checkpoint, NETWORK, [[`text_model.${name}`, axis]]);
  const config: ClipConfig = {
    layers: countParts(checkpoint, /^text_model\.encoder\.layers\.(\d{1,9})\./),
    width: length('embeddings.token_embedding.weight', 1),
    heads: file.data.num_attention_heads,
    hidden: length('encoder.layers.0.mlp.fc1.weight', 0),
    vocabulary: length('embeddings.token_embedding.weight', 0),
    tokens: length('embeddings.position_embedding.weight', 0),
    activation: file.data.hidden_act,
    epsilon: file.data.layer_norm_eps,
  };
  if (config.width % config.heads !== 0)
    throw new NetworkError(checkpoint.file, `is ${config.width} wide, which ${config.heads} heads can not share`);
  const weights = takeWeights(checkpoint, clipTable(config), {
    network: NETWORK,
    ignore: [/^vision_model\./, 'logit_scale', /^(text|visual)_projection\.weight$/, /\.position_ids$/],
  });
  return { config, weights };
}

export function clipTable({ layers, width, hidden, vocabulary, tokens }: ClipConfig): TensorTable {
  const table: Record<string, readonly number[]> = {
    'text_model.embeddings.token_embedding.weight': [vocabulary, width],
    'text_model.embeddings.position_embedding.weight': [tokens, width],
  };
  const both = (name: string, ...shape: readonly number[]) => {
    table[`text_model.${name}.weight`] = shape;
    table[`text_model.${name}.bias`] = [shape[0] as number];
  };
  for (let layer = 0; layer < layers; layer++) {
    const block = `encoder.layers.${layer}`;
    for (const part of ['q', 'k', 'v', 'out']) both(`${block}.self_attn.${part}_proj`, width, width);
    both(`${block}.layer_norm1`, width);
    both(`${block}.layer_norm2`, width);
    both(`${block}.mlp.fc1`, hidden, width);
    both(`${block}.mlp.fc2`, width, hidden);
  }
  both('final_layer_norm', width);
  return table;
}

/** Inputs and outputs: TEXT_ENCODER of models/graphs.ts; states of the encoders side by side, in this order. */
export function buildClipEncoders(
  encoders: readonly ClipEncoder[],
  { store = 'float32' }: { store?: Precision } = {},
): Graph {
  const graph = createGraph('text-encoder');
  const ids = graph.input(TEXT_ENCODER.inputs.ids, 'int64', ['n']);
  const positions = graph.input(TEXT_ENCODER.inputs.positions, 'int32', ['n']);
  const tokens = Math.min(...encoders.map(({ config }) => config.tokens));
  const earlier = gather(gather(graph.weight('causal', causalMask(tokens)), positions, 0), positions, 1); // [n, n]
  const states = encoders.map((encoder, index) =>
    encode(encoder, { ids, positions, earlier, store, name: `${index}` }),
  );
  graph.output(TEXT_ENCODER.outputs.states, concat(states, 1));
  return graph;
}

type Inputs = {
  readonly ids: Value;
  readonly positions: Value;
  /** [n, n]: what is added to the score of a query (row) for a key (column). */
  readonly earlier: Value;
  readonly store: Precision;
  /** Before the names of weights, which both encoders have. */
  readonly name: string;
};

function encode({ config, weights }: ClipEncoder, { ids, positions, earlier, store, name }: Inputs): Value {
  const { graph } = ids;
  const { width, heads, activation, epsilon } = config;
  const head = width / heads;
  const weight = (part: string) => weights.get(`text_model.${part}`);
  const own = (part: string) => graph.weight(`${name}.${part}`, weight(part));
  const norm = (x: Value, part: string) =>
    layerNorm(x, { epsilon, scale: own(`${part}.weight`), bias: own(`${part}.bias`) });
  const product = (x: Value, parts: readonly string[]) =>
    linear(x, `${name}.${parts[0]}.weight`, join(parts.map((part) => weight(`${part}.weight`))), {
      store,
      bias: graph.weight(`${name}.${parts[0]}.bias`, join(parts.map((part) => weight(`${part}.bias`)))),
    });

  const embedded = lookUp(ids, `${name}.tokens`, weight('embeddings.token_embedding.weight'), storeOfTable(store));
  let x = add(embedded, gather(own('embeddings.position_embedding.weight'), positions, 0));
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `encoder.layers.${layer}`;
    const three = ['q', 'k', 'v'].map((part) => `${block}.self_attn.${part}_proj`);
    const [q, k, v] = split(product(norm(x, `${block}.layer_norm1`), three), [width, width, width], 1).map((part) =>
      transpose(reshape(part, [0, heads, head]), [1, 0, 2]),
    ) as [Value, Value, Value];
    const scores = matMul(mul(q, 1 / Math.sqrt(head)), transpose(k, [0, 2, 1]));
    const mixed = matMul(softmax(add(scores, earlier)), v);
    x = add(x, product(reshape(transpose(mixed, [1, 0, 2]), [0, width]), [`${block}.self_attn.out_proj`]));
    const wide = product(norm(x, `${block}.layer_norm2`), [`${block}.mlp.fc1`]);
    const active = activation === 'gelu' ? exactGelu(wide) : mul(wide, sigmoid(mul(wide, QUICK)));
    x = add(x, product(active, [`${block}.mlp.fc2`]));
  }
  return norm(x, 'final_layer_norm');
}

/** In quick_gelu's x * sigmoid(1.702 x). */
const QUICK = 1.702;

const join = (weights: readonly Weight[]): Weight =>
  weights.length === 1 ? (weights[0] as Weight) : concatWeights(weights);

const causalMask = (tokens: number): Weight =>
  weightOf(
    [tokens, tokens],
    Array.from({ length: tokens * tokens }, (_, at) => (at % tokens > Math.floor(at / tokens) ? MASKED : 0)),
  );
