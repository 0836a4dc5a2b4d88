/** The transformer that draws one scale, as a graph (SWITTI 1.5; SWITTI_SCALE of models/families/switti/graphs.ts). */
import { type BlockRow, conditionRows, SWITTI_SCALE } from '../../families/switti/graphs.js';
import { createGraph, type Graph, type Value } from '../../onnx/graph.js';
import { add, mul, silu, sub } from '../../onnx/ops/arithmetic.js';
import { concat, gather, reshape, split, transpose } from '../../onnx/ops/arrange.js';
import { linear, type Precision } from '../../onnx/ops/linear.js';
import { matMul, rotaryEmbedding } from '../../onnx/ops/network.js';
import { layerNorm, simplifiedLayerNorm, softmax } from '../../onnx/ops/normalize.js';
import { concatWeights, weightOf } from '../../onnx/weight.js';
import { NORM_EPSILON, tokensOf } from './config.js';
import type { SwittiNetwork } from './network.js';
import { rotaryTables } from './rotary.js';

export type SwittiScaleOptions = SwittiNetwork & {
  /** Adds SWITTI_SCALE.probes, for measuring. */
  readonly probes?: boolean;
};

export function buildSwittiScale({ config, weights, precision, probes = false }: SwittiScaleOptions): Graph {
  const graph = createGraph('scale');
  const { width, layers, heads, hidden, codes, channels, isAutoregressive } = config;
  const head = width / heads;
  const { inputs, outputs } = SWITTI_SCALE;
  const names = conditionRows(layers);

  const vectors = graph.input(inputs.vectors, 'float32', ['B', 'S', channels]);
  const start = graph.input(inputs.start, 'float32', [1, 1, 1]);
  const scale = graph.input(inputs.scale, 'int64', [1]);
  const positions = graph.input(inputs.positions, 'int64', ['B', 'S']);
  const condition = graph.input(inputs.condition, 'float32', [names.count, 'B', 1, width]);
  const wordBias = graph.input(inputs.wordBias, 'float32', ['B', 1, 1, 'n']);
  const guidanceMix = graph.input(inputs.guidanceMix, 'float32', ['p', 'B']);
  const bias = isAutoregressive ? graph.input(inputs.attentionBias, 'float32', [1, 1, 1, 'P+S']) : undefined;

  const rope = rotaryTables(config);
  const [cos, sin] = (['cos', 'sin'] as const).map((name) =>
    graph.weight(`rotary.${name}`, weightOf([tokensOf(config), head / 2], rope[name])),
  ) as [Value, Value];
  const row = (index: number) => gather(condition, graph.constant('int64', [], [index]), 0); // [B, 1, width]
  const product = (x: Value, name: string, store: Precision = precision) =>
    linear(x, `${name}.weight`, weights.get(`${name}.weight`), {
      store,
      bias: graph.weight(`${name}.bias`, weights.get(`${name}.bias`)),
    });
  const norm = (x: Value, name: string) =>
    simplifiedLayerNorm(x, graph.weight(`${name}.weight`, weights.get(`${name}.weight`)), NORM_EPSILON);
  // Queries and keys are normed over all heads together.
  const even = (x: Value) => layerNorm(x, { epsilon: NORM_EPSILON });
  const inHeads = (x: Value) => transpose(reshape(x, [0, 0, heads, head]), [0, 2, 1, 3]);
  const turned = (x: Value) => rotaryEmbedding(inHeads(x), { start: positions, cos, sin });
  const root = 1 / Math.sqrt(head);
  const attend = (queries: Value, keys: Value, values: Value, seen?: Value) => {
    const scores = matMul(mul(queries, root), transpose(keys, [0, 1, 3, 2]));
    const mixed = matMul(softmax(seen ? add(scores, seen) : scores, -1), values);
    return reshape(transpose(mixed, [0, 2, 1, 3]), [0, 0, width]);
  };

  // `start` is 0 or 1, so the products and the sum are exact.
  const tokens = add(mul(product(vectors, 'word_embed', 'float32'), sub(1, start)), mul(row(names.start), start));
  let x = add(tokens, gather(graph.weight('lvl_embed.weight', weights.get('lvl_embed.weight')), scale, 0));
  if (probes) graph.output(SWITTI_SCALE.probes.input, x);

  for (let layer = 0; layer < layers; layer++) {
    const block = `blocks.${layer}`;
    const of = (name: BlockRow) => row(names.block(layer, name));

    const inner = add(mul(norm(x, `${block}.self_attention_norm1`), of('attentionScale')), of('attentionShift'));
    const [q, k, v] = split(product(inner, `${block}.attn.to_qkv`), [width, width, width], -1) as [Value, Value, Value];
    let [keys, values] = [turned(even(k)), inHeads(v)];
    if (isAutoregressive) {
      const cached = (name: string) => graph.input(name, 'float32', ['B', heads, 'P', head]);
      keys = concat([cached(inputs.keys(layer)), keys], 2);
      values = concat([cached(inputs.values(layer)), values], 2);
      graph.output(outputs.keys(layer), keys);
      graph.output(outputs.values(layer), values);
    }
    const looked = product(attend(turned(even(q)), keys, values, bias), `${block}.attn.proj`);
    x = add(x, mul(norm(looked, `${block}.self_attention_norm2`), of('attentionGain')));

    const asked = even(product(norm(x, `${block}.cross_attention_norm1`), `${block}.cross_attn.to_q`));
    const wordKeys = graph.input(inputs.wordKeys(layer), 'float32', ['B', heads, 'n', head]);
    const wordValues = graph.input(inputs.wordValues(layer), 'float32', ['B', heads, 'n', head]);
    const read = product(attend(inHeads(asked), wordKeys, wordValues, wordBias), `${block}.cross_attn.proj`);
    x = add(x, norm(read, `${block}.cross_attention_norm2`));

    const fed = add(mul(norm(x, `${block}.ffn_norm1`), of('feedScale')), of('feedShift'));
    const part = (name: string) => weights.get(`${block}.ffn.${name}_proj.weight`);
    // Gate and what it lets through read the same rows, so they are one product.
    const both = linear(fed, `${block}.ffn.in`, concatWeights([part('gate'), part('up')]), { store: precision });
    const [gate, up] = split(both, [hidden, hidden], -1) as [Value, Value];
    const down = linear(mul(silu(gate), up), `${block}.ffn.down`, part('down'), { store: precision });
    x = add(x, mul(norm(down, `${block}.ffn_norm2`), of('feedGain')));
    if (probes) graph.output(SWITTI_SCALE.probes.block(layer), x);
  }
  const last = add(mul(layerNorm(x, { epsilon: NORM_EPSILON }), row(names.headScale)), row(names.headShift));
  // Guidance multiplies what the head says, and its rounding, by up to 13.
  const mixed = matMul(guidanceMix, reshape(product(last, 'head', 'float32'), [0, -1]));
  graph.output(outputs.logits, reshape(mixed, [0, -1, codes]));
  return graph;
}
