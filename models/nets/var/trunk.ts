/** The transformer that VAR and its students share (METHOD 8): blocks whose norms, gains and shifts come from the class. */
import { type BlockRow, conditionRows } from '../../families/var/graphs.js';
import type { Graph, Value } from '../../onnx/graph.js';
import { add, gelu, mul } from '../../onnx/ops/arithmetic.js';
import { gather, reshape, split, transpose } from '../../onnx/ops/arrange.js';
import { linear, type Precision } from '../../onnx/ops/linear.js';
import { matMul } from '../../onnx/ops/network.js';
import { layerNorm, simplifiedLayerNorm, softmax } from '../../onnx/ops/normalize.js';
import { concatWeights, mapWeight, reshapeWeight, type Weight, weightOf } from '../../onnx/weight.js';
import { scaleOfTokens } from '../../sampling/scales.js';
import type { Weights } from '../weights.js';
import { NORM_EPSILON, type VarConfig } from './config.js';

/** Added to the mean square of a query or key, which torch's `normalize` guards with 1e-12 beside its length. */
const LENGTH_EPSILON = 1e-12;
/** The published code lets no head multiply its scores by more than 100. */
const MAXIMUM_FACTOR = Math.log(100);
/** In place of a learned factor, where queries and keys are not brought to length 1; times head^-1/2. */
const PLAIN_FACTOR = 0.25;

export type TrunkOptions = {
  readonly graph: Graph;
  readonly config: VarConfig;
  readonly weights: Weights;
  /** How the weights of the matrix products are stored. */
  readonly precision: Precision;
  /** [rows, B, 1, width]: see VAR_CONDITION. */
  readonly condition: Value;
};

/** Queries (their factor in them), keys and values of a layer, [B, heads, S, head] each. */
export type Heads = { readonly queries: Value; readonly keys: Value; readonly values: Value };

export type BlockHooks = {
  /** -> [B, heads, S, head] */
  readonly attend: (layer: number, heads: Heads) => Value;
  /** What comes between attention and feed-forward. */
  readonly between?: (layer: number, rows: Value) => Value;
};

/** A row of the condition, [B, 1, width]. */
export function conditionRow({ graph, condition }: Pick<TrunkOptions, 'graph' | 'condition'>, row: number): Value {
  return gather(condition, graph.constant('int64', [], [row]), 0);
}

/** LayerNorm without affine part, then what the class makes of it. */
export function modulate(x: Value, scale: Value, shift: Value): Value {
  return add(mul(layerNorm(x, { epsilon: NORM_EPSILON }), scale), shift);
}

/** A product with its bias; float32 unless told otherwise. */
export function dense(
  { graph, weights }: Pick<TrunkOptions, 'graph' | 'weights'>,
  x: Value,
  name: string,
  store: Precision = 'float32',
): Value {
  return linear(x, `${name}.weight`, weights.get(`${name}.weight`), {
    store,
    bias: graph.weight(`${name}.bias`, weights.get(`${name}.bias`)),
  });
}

/** All blocks over rows [B, S, width]. */
export function runBlocks(options: TrunkOptions, input: Value, hooks: BlockHooks): Value {
  const { config, precision } = options;
  const names = conditionRows(config.layers);
  let rows = input;
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `blocks.${layer}`;
    const of = (row: BlockRow) => conditionRow(options, names.block(layer, row));
    const heads = project(options, modulate(rows, of('attentionScale'), of('attentionShift')), layer);
    const attended = reshape(transpose(hooks.attend(layer, heads), [0, 2, 1, 3]), [0, 0, config.width]);
    rows = add(rows, mul(dense(options, attended, `${block}.attn.proj`, precision), of('attentionGain')));
    if (hooks.between) rows = hooks.between(layer, rows);
    const inner = modulate(rows, of('feedScale'), of('feedShift'));
    const fed = dense(
      options,
      gelu(dense(options, inner, `${block}.ffn.fc1`, precision)),
      `${block}.ffn.fc2`,
      precision,
    );
    rows = add(rows, mul(fed, of('feedGain')));
  }
  return rows;
}

function project({ graph, config, weights, precision }: TrunkOptions, x: Value, layer: number): Heads {
  const { width, heads, isNormed } = config;
  const head = width / heads;
  const name = `blocks.${layer}.attn`;
  // Keys have no bias.
  const zeros = weightOf([width], new Float32Array(width));
  const bias = concatWeights([weights.get(`${name}.q_bias`), zeros, weights.get(`${name}.v_bias`)]);
  const product = linear(x, `${name}.mat_qkv.weight`, weights.get(`${name}.mat_qkv.weight`), {
    store: precision,
    bias: graph.weight(`${name}.bias`, bias),
  });
  const all = transpose(reshape(product, [0, 0, 3 * heads, head]), [0, 2, 1, 3]);
  const [both, values] = split(all, [2 * heads, heads], 1) as [Value, Value];
  const ones = graph.constant('float32', [head], new Array<number>(head).fill(1));
  const normed = isNormed ? simplifiedLayerNorm(both, ones, LENGTH_EPSILON) : both;
  const scaled = mul(normed, graph.weight(`${name}.factors`, attentionFactors(config, weights, layer)));
  const [queries, keys] = split(scaled, [heads, heads], 1) as [Value, Value];
  return { queries, keys, values };
}

/**
 * [2 * heads, 1, 1]: what queries and then keys of each head are multiplied with. The root-mean-square norm leaves a vector
 * sqrt(head) long, which is put right here.
 */
function attentionFactors({ width, heads, isNormed }: VarConfig, weights: Weights, layer: number): Weight {
  const root = Math.sqrt(width / heads);
  const shape = [heads, 1, 1];
  const same = (value: number) => weightOf(shape, new Array<number>(heads).fill(value));
  if (!isNormed) return concatWeights([same(PLAIN_FACTOR / root), same(1)]);
  const learned = reshapeWeight(weights.get(`blocks.${layer}.attn.scale_mul_1H11`), shape);
  return concatWeights([
    mapWeight(learned, (value) => Math.exp(Math.min(value, MAXIMUM_FACTOR)) / root),
    same(1 / root),
  ]);
}

/** Plain attention; `bias` [1, 1, S, K]. */
export function attend({ queries, keys, values }: Heads, bias: Value): Value {
  return matMul(softmax(add(matMul(queries, transpose(keys, [0, 1, 3, 2])), bias), -1), values);
}

/**
 * [places, width]: what each place adds to its token, its own embedding and that of its scale.
 *
 * @param ahead places before the tokens, which are a level of their own
 */
export function placeTable({ scales, width }: VarConfig, weights: Weights, ahead: 0 | 1): Weight {
  const levels = [...new Array<number>(ahead).fill(0), ...scaleOfTokens(scales).map((scale) => scale + ahead)];
  return {
    shape: [levels.length, width],
    load: async () => {
      const places = await weights.get('pos_1LC').load();
      const embeddings = await weights.get('lvl_embed.weight').load();
      return places.map(
        (value, at) =>
          value + (embeddings[(levels[Math.floor(at / width)] as number) * width + (at % width)] as number),
      );
    },
  };
}
