/**
 * The transformer that teacher and student share (METHOD 2), over packed rows: the image rows of all pictures first, then
 * the condition rows. Products run once over all of them, but for queries and keys, which only image rows have.
 *
 * What a condition row leaves behind is its value vectors' mean (models/graphs.ts): the attention of the image rows has one
 * more key of zeros, whose score comes in with `attention_bias` as ln(count), and whose value is that mean.
 */
import { CONDITION, LAYOUT } from '../../graphs.js';
import type { Graph, Value } from '../../onnx/graph.js';
import { add, mul, silu } from '../../onnx/ops/arithmetic.js';
import { concat, gather, reshape, slice, transpose, unsqueeze } from '../../onnx/ops/arrange.js';
import { linear, type Precision } from '../../onnx/ops/linear.js';
import { matMul, rotaryEmbedding } from '../../onnx/ops/network.js';
import { simplifiedLayerNorm, skipSimplifiedLayerNorm } from '../../onnx/ops/normalize.js';
import { mapWeight, splitWeight, type Weight, weightOf } from '../../onnx/weight.js';
import type { LlamagenConfig } from './config.js';
import { rotaryTables } from './rotary.js';

/** Order in the fused projection [3 * width, width]. */
const PROJECTIONS = ['queries', 'keys', 'values'] as const;

export type TrunkOptions = {
  readonly config: LlamagenConfig;
  /** A checkpoint's weight by its name. */
  readonly weight: (name: string) => Weight;
  /** How the weights of the matrix products are stored. */
  readonly precision: Precision;
};

/** One layer's queries, keys and values of the image rows, [B, heads, S, head] each, and the condition's value [B, heads, 1, head]. */
export type AttentionInputs = {
  readonly layer: number;
  readonly queries: Value;
  readonly keys: Value;
  readonly values: Value;
  readonly conditionValue: Value;
  /** [B, heads, 1, head] */
  readonly zeroKey: Value;
  readonly bias: Value;
};

export type TrunkInputs = {
  /** [B, S, width], from the mean caption embedding [B, width] of each picture. */
  readonly image: (caption: Value) => Value;
  /** [n, width]: embedded condition rows, as they enter the first layer. */
  readonly condition: Value;
  /** [n, width]: the caption embeddings whose mean is remembered (before anything was added to them). */
  readonly caption: Value;
  /** Position of the first image row, int64 [1]. */
  readonly start: Value;
  /** Length of the last axis of the attention bias. */
  readonly columns: string | number;
  /** Attention over the image rows, -> [B, heads, S, head]. */
  readonly attend: (inputs: AttentionInputs) => Value;
  readonly lookUp?: LookUp;
};

/** Between attention and feed-forward, image rows may also look words up (reading.ts). */
export type LookUp = {
  readonly layers: readonly number[];
  /** The scale of the norm before it. */
  readonly norm: (layer: number) => Value;
  /** Normalised image rows [B*S, width] -> what they add, [B*S, width]. */
  readonly read: (layer: number, image: Value) => Value;
};

export type Trunk = {
  /** [B*S+n, width] after the last layer, before the final norm. */
  readonly rows: Value;
  /** [B, S, width]: the image rows of it. */
  readonly image: Value;
  /** [B, width]: mean caption embedding of each picture. */
  readonly caption: Value;
};

/** Adds the layers and the `condition` output. */
export function buildTrunk(graph: Graph, options: TrunkOptions, inputs: TrunkInputs): Trunk {
  const { config, precision } = options;
  const { width, heads, layers } = config;
  const head = width / heads;
  const weights = options.weight;
  const norm = (name: string) => graph.weight(name, weights(name));
  const product = (x: Value, name: string) => linear(x, name, weights(name), { store: precision });

  const mix = graph.input(CONDITION.mix, 'float32', ['n', 'n']);
  const pool = graph.input(CONDITION.pool, 'float32', ['B', 'n']);
  const cache = graph.input(CONDITION.cache, 'float32', [layers + 1, 'B', width]);
  const imageShape = graph.input(LAYOUT.imageShape, 'int64', [3]);
  const imageRows = graph.input(LAYOUT.imageRows, 'int64', [1]);
  const bias = graph.input(LAYOUT.attentionBias, 'float32', ['B', 1, 'S', inputs.columns]);
  const tables = rotaryTables(config.grid, head, config.ropeBase);
  const cos = graph.weight('rotary_cos', weightOf(tables.shape, tables.cos));
  const sin = graph.weight('rotary_sin', weightOf(tables.shape, tables.sin));

  const cached = (vector: number) => gather(cache, graph.constant('int64', [], [vector]), 0);
  const caption = add(matMul(pool, inputs.caption), cached(0));
  const remembered = [unsqueeze(caption, [0])];

  const zero = graph.constant('int64', [1], [0]);
  const end = graph.constant('int64', [1], [2 ** 31 - 1]);
  const ofImage = (x: Value) => slice(x, { axes: [0], starts: zero, ends: imageRows, shape: ['B*S', width] });
  const ofCondition = (x: Value) => slice(x, { axes: [0], starts: imageRows, ends: end, shape: ['n', width] });
  const grouped = (x: Value) => reshape(x, ['B', 'S', width], imageShape);
  const perHead = (x: Value) => transpose(reshape(x, [0, 0, heads, head]), [0, 2, 1, 3]);
  const turned = (x: Value) => rotaryEmbedding(grouped(x), { start: inputs.start, cos, sin, heads });

  let rows = concat([reshape(inputs.image(caption), ['B*S', width]), inputs.condition], 0);
  let normed = simplifiedLayerNorm(rows, norm('layers.0.attention_norm.weight'), config.normEpsilon);
  let zeroKey: Value | undefined;
  for (let layer = 0; layer < layers; layer++) {
    const name = (part: string) => `layers.${layer}.${part}.weight`;
    // The fused projection is taken apart: a condition row needs no query and no key, and no product has to be cut up.
    const parts = splitWeight(weights(name('attention.wqkv')), PROJECTIONS.length);
    const project = (x: Value, part: 'queries' | 'keys' | 'values') => {
      const own = parts[PROJECTIONS.indexOf(part)] as Weight;
      // The scores' factor goes into the queries: rotation is linear.
      const scaled = part === 'queries' ? mapWeight(own, (value) => value / Math.sqrt(head)) : own;
      return linear(x, `layers.${layer}.attention.${part}`, scaled, { store: precision });
    };
    const imageNormed = ofImage(normed);
    const values = project(normed, 'values');
    const conditionValues = ofCondition(values);
    const conditionMean = add(matMul(pool, conditionValues), cached(layer + 1));
    remembered.push(unsqueeze(conditionMean, [0]));
    const conditionValue = reshape(conditionMean, [0, heads, 1, head]);
    zeroKey ??= mul(conditionValue, 0);
    const attended = inputs.attend({
      layer,
      queries: perHead(turned(project(imageNormed, 'queries'))),
      keys: perHead(turned(project(imageNormed, 'keys'))),
      values: perHead(grouped(ofImage(values))),
      conditionValue,
      zeroKey,
      bias,
    });
    const imageOut = reshape(transpose(attended, [0, 2, 1, 3]), ['B*S', width]);
    const attention = product(concat([imageOut, matMul(mix, conditionValues)], 0), name('attention.wo'));
    let before = rows;
    let added = attention;
    if (inputs.lookUp?.layers.includes(layer)) {
      const asked = skipSimplifiedLayerNorm(rows, attention, inputs.lookUp.norm(layer), config.normEpsilon);
      before = asked.sum;
      // Condition rows read nothing.
      added = concat([inputs.lookUp.read(layer, ofImage(asked.output)), mul(ofCondition(asked.output), 0)], 0);
    }
    const middle = skipSimplifiedLayerNorm(before, added, norm(name('ffn_norm')), config.normEpsilon);
    const gate = silu(product(middle.output, name('feed_forward.w1')));
    const fed = product(mul(gate, product(middle.output, name('feed_forward.w3'))), name('feed_forward.w2'));
    if (layer === layers - 1) rows = add(middle.sum, fed);
    else {
      const next = norm(`layers.${layer + 1}.attention_norm.weight`);
      ({ output: normed, sum: rows } = skipSimplifiedLayerNorm(middle.sum, fed, next, config.normEpsilon));
    }
  }
  graph.output(CONDITION.output, concat(remembered, 0));
  return { rows, image: reshape(ofImage(rows), ['B', 'S', width], imageShape), caption };
}
