/** VAR as a graph: any scales in a call, with a key/value cache from outside (METHOD 8; VAR_TEACHER). */
import type { Checkpoint } from '../../checkpoint/tensor.js';
import { conditionRows, VAR_TEACHER } from '../../families/var/graphs.js';
import { createGraph, type Graph } from '../../onnx/graph.js';
import { add, mul, sub } from '../../onnx/ops/arithmetic.js';
import { concat, gather, reshape } from '../../onnx/ops/arrange.js';
import type { Precision } from '../../onnx/ops/linear.js';
import { matMul } from '../../onnx/ops/network.js';
import { takeWeights } from '../weights.js';
import { buildCondition } from './condition.js';
import { DERIVED, teacherTable, type VarConfig } from './config.js';
import { attend, conditionRow, dense, modulate, placeTable, runBlocks } from './trunk.js';

export type VarOptions = {
  readonly config: VarConfig;
  readonly checkpoint: Checkpoint;
  readonly precision: Precision;
};

export function buildVarTeacher({ config, checkpoint, precision }: VarOptions): { condition: Graph; teacher: Graph } {
  const weights = takeWeights(checkpoint, teacherTable(config), { network: 'a VAR teacher', ignore: DERIVED });
  const graph = createGraph('teacher');
  const { width, heads, layers, channels, codes } = config;
  const { inputs, outputs } = VAR_TEACHER;

  const vectors = graph.input(inputs.vectors, 'float32', ['B', 'S', channels]);
  const start = graph.input(inputs.start, 'float32', [1, 'S', 1]);
  const positions = graph.input(inputs.positions, 'int64', ['S']);
  const names = conditionRows(layers);
  const condition = graph.input(inputs.condition, 'float32', [names.teacherCount, 'B', 1, width]);
  const bias = graph.input(inputs.attentionBias, 'float32', [1, 1, 'S', 'P+S']);
  const readRows = graph.input(inputs.readRows, 'int64', ['r']);
  const guidanceMix = graph.input(inputs.guidanceMix, 'float32', ['p', 'B']);
  const trunk = { graph, config, weights, precision, condition };

  // `start` is 0 or 1, so the products and the sum are exact.
  const tokens = add(
    mul(dense(trunk, vectors, 'word_embed'), sub(1, start)),
    mul(conditionRow(trunk, names.start), start),
  );
  const places = gather(graph.weight('places', placeTable(config, weights, 0)), positions, 0);
  const rows = runBlocks(trunk, add(tokens, places), {
    attend(layer, { queries, keys, values }) {
      const cached = (name: string) => graph.input(name, 'float32', ['B', heads, 'P', width / heads]);
      const all = {
        queries,
        keys: concat([cached(inputs.keys(layer)), keys], 2),
        values: concat([cached(inputs.values(layer)), values], 2),
      };
      graph.output(outputs.keys(layer), all.keys);
      graph.output(outputs.values(layer), all.values);
      return attend(all, bias);
    },
  });
  const read = modulate(
    gather(rows, readRows, 1),
    conditionRow(trunk, names.headScale),
    conditionRow(trunk, names.headShift),
  );
  // The head has full precision, as the authors have it whatever the rest has.
  const mixed = matMul(guidanceMix, reshape(dense(trunk, read, 'head'), [0, -1]));
  graph.output(outputs.logits, reshape(mixed, [0, -1, codes]));
  return { condition: buildCondition({ config, weights, precision, isStudent: false }), teacher: graph };
}
