/** What a prompt does to each layer, as a graph (SWITTI 1.4, 1.5; SWITTI_PROMPT of models/families/switti/graphs.ts). */
import { BLOCK_ROWS, SWITTI_PROMPT } from '../../families/switti/graphs.js';
import { createGraph, type Graph, type Value } from '../../onnx/graph.js';
import { add, silu } from '../../onnx/ops/arithmetic.js';
import { concat, reshape, split, transpose } from '../../onnx/ops/arrange.js';
import { linear } from '../../onnx/ops/linear.js';
import { layerNorm, simplifiedLayerNorm } from '../../onnx/ops/normalize.js';
import { reshapeWeight, type Weight } from '../../onnx/weight.js';
import { NORM_EPSILON } from './config.js';
import { cropCondition } from './crop.js';
import type { SwittiNetwork } from './network.js';

export function buildSwittiPrompt({ config, weights, precision }: SwittiNetwork): Graph {
  const graph = createGraph('prompt');
  const { width, layers, heads, context, pooled: pooledWidth } = config;
  const { inputs, outputs } = SWITTI_PROMPT;
  const states = graph.input(inputs.states, 'float32', ['n', context]);
  const pooled = graph.input(inputs.pooled, 'float32', [1, pooledWidth]);
  const product = (x: Value, name: string, store = precision) =>
    linear(x, `${name}.weight`, weights.get(`${name}.weight`), {
      store,
      bias: graph.weight(`${name}.bias`, weights.get(`${name}.bias`)),
    });
  // Everything hangs on these few numbers, so they have full precision whatever the rest has.
  const condition = product(pooled, 'text_pooler', 'float32'); // [1, width]
  const crop = cropCondition(weights);

  const rows: Value[] = [];
  /** [1, count * width] -> `count` values [1, 1, 1, width]. */
  const modulations = (x: Value, name: string, count: number) =>
    split(reshape(product(silu(x), name), [count, 1, 1, width]), new Array<number>(count).fill(1), 0);
  for (let layer = 0; layer < layers; layer++) {
    const block = `blocks.${layer}`;
    const own = multiplyWeights(crop, weights.get(`${block}.crop_cond_scales`), [1, width]);
    const cropped = add(condition, graph.weight(`${block}.crop`, own));
    for (const [index, value] of modulations(cropped, `${block}.ada_lin.1`, BLOCK_ROWS.length).entries()) {
      const name = BLOCK_ROWS[index];
      rows.push(name === 'attentionScale' || name === 'feedScale' ? add(value, 1) : value);
    }
    const normed = simplifiedLayerNorm(
      states,
      graph.weight(`${block}.attention_y_norm.weight`, weights.get(`${block}.attention_y_norm.weight`)),
      NORM_EPSILON,
    );
    const [keys, values] = split(product(normed, `${block}.cross_attn.to_kv`), [width, width], 1) as [Value, Value];
    const inHeads = (x: Value) => transpose(reshape(x, [1, -1, heads, width / heads]), [0, 2, 1, 3]);
    // Keys are normed over all heads together.
    graph.output(outputs.keys(layer), inHeads(layerNorm(keys, { epsilon: NORM_EPSILON })));
    graph.output(outputs.values(layer), inHeads(values));
  }
  // The head is not told of the crop.
  const [headScale, headShift] = modulations(condition, 'head_nm.ada_lin.1', 2) as [Value, Value];
  const start = add(condition, graph.weight('pos_start', reshapeWeight(weights.get('pos_start'), [1, width])));
  rows.push(add(headScale, 1), headShift, reshape(start, [1, 1, 1, width]));
  graph.output(outputs.condition, concat(rows, 0));
  return graph;
}

/** The products of two weights, number by number. */
const multiplyWeights = (one: Weight, other: Weight, shape: readonly number[]): Weight => ({
  shape,
  load: async () => {
    const [values, factors] = [await one.load(), await other.load()];
    return values.map((value, index) => value * (factors[index] as number));
  },
});
