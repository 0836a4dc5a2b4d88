/** The class as a graph: what it does to each layer (METHOD 8; VAR_CONDITION of models/families/var/graphs.ts). */
import { BLOCK_ROWS, VAR_CONDITION } from '../../families/var/graphs.js';
import { createGraph, type Graph, type Value } from '../../onnx/graph.js';
import { add, silu } from '../../onnx/ops/arithmetic.js';
import { concat, gather, reshape, split, transpose } from '../../onnx/ops/arrange.js';
import { linear, type Precision } from '../../onnx/ops/linear.js';
import { reshapeWeight, sliceWeight } from '../../onnx/weight.js';
import type { Weights } from '../weights.js';
import type { VarConfig } from './config.js';

export type ConditionOptions = {
  readonly config: VarConfig;
  readonly weights: Weights;
  readonly precision: Precision;
  /** Whether there is a continuous head, whose modulation comes from the class as well. */
  readonly isStudent: boolean;
};

export function buildCondition({ config, weights, precision, isStudent }: ConditionOptions): Graph {
  const graph = createGraph('condition');
  const { width, layers } = config;
  const classes = graph.input(VAR_CONDITION.inputs.classes, 'int64', ['B']);
  // Rows of the class table are used raw, and in full precision whatever the products have.
  const embedded = gather(graph.weight('class_emb.weight', weights.get('class_emb.weight')), classes, 0); // [B, width]
  const lit = silu(embedded);
  /** [B, count * width] -> `count` values [1, B, 1, width]. */
  const modulations = (name: string, count: number): Value[] => {
    const all = linear(lit, `${name}.weight`, weights.get(`${name}.weight`), {
      store: precision,
      bias: graph.weight(`${name}.bias`, weights.get(`${name}.bias`)),
    });
    const rows = transpose(reshape(all, [0, count, 1, width]), [1, 0, 2, 3]);
    return split(rows, new Array<number>(count).fill(1), 0);
  };
  const row = (value: Value) => reshape(value, [1, 'B', 1, width]);

  const rows: Value[] = [];
  for (let layer = 0; layer < layers; layer++)
    for (const [index, value] of modulations(`blocks.${layer}.ada_lin.1`, BLOCK_ROWS.length).entries()) {
      const name = BLOCK_ROWS[index];
      rows.push(name === 'attentionScale' || name === 'feedScale' ? add(value, 1) : value);
    }
  // The order differs from door to door: the head's scale is first, the continuous head's last.
  const [headScale, headShift] = modulations('head_nm.ada_lin.1', 2) as [Value, Value];
  const start = add(embedded, graph.weight('pos_start', reshapeWeight(weights.get('pos_start'), [width])));
  rows.push(add(headScale, 1), headShift, row(start));
  if (isStudent) {
    const table = (index: number) => {
      const own = sliceWeight(weights.get('final_layer_conti.scale_shift_table'), index, index + 1);
      return row(add(embedded, graph.weight(`final_layer_conti.table.${index}`, own)));
    };
    rows.push(table(0), add(table(1), 1));
  }
  graph.output(VAR_CONDITION.outputs.condition, concat(rows, 0));
  return graph;
}
