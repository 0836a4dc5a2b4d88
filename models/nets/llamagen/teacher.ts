/** LlamaGen's GPT as a graph: any number of codes a call, with a key/value cache from outside (METHOD 2; models/graphs.ts). */
import type { Checkpoint } from '../../checkpoint/tensor.js';
import { TEACHER } from '../../graphs.js';
import { createGraph, type Graph, type Value } from '../../onnx/graph.js';
import { add, mul } from '../../onnx/ops/arithmetic.js';
import { concat, gather, slice, transpose } from '../../onnx/ops/arrange.js';
import { linear, type Precision } from '../../onnx/ops/linear.js';
import { matMul } from '../../onnx/ops/network.js';
import { simplifiedLayerNorm, softmax } from '../../onnx/ops/normalize.js';
import type { Weight } from '../../onnx/weight.js';
import { type TensorTable, takeWeights } from '../weights.js';
import { DERIVED, type LlamagenConfig, trunkTable } from './config.js';
import { embedCondition } from './embed.js';
import { type AttentionInputs, buildTrunk } from './trunk.js';

export type TeacherOptions = {
  readonly config: LlamagenConfig;
  readonly checkpoint: Checkpoint;
  readonly precision: Precision;
};

export function teacherTable(config: LlamagenConfig): TensorTable {
  const { condition } = config;
  return {
    ...trunkTable(config),
    'tok_embeddings.weight': [config.codes, config.width],
    ...(condition.kind === 'text' ? { 'cls_embedding.uncond_embedding': [condition.tokens, condition.width] } : {}),
  };
}

export function buildTeacher({ config, checkpoint, precision }: TeacherOptions): Graph {
  const weights = takeWeights(checkpoint, teacherTable(config), { network: 'a LlamaGen teacher', ignore: DERIVED });
  const weight = (name: string): Weight => weights.get(name);
  const graph = createGraph('teacher');
  const { width, heads, layers, grid } = config;
  const capacity = grid.rows * grid.columns;

  const codes = graph.input(TEACHER.inputs.codes, 'int64', ['B', 'S']);
  const start = graph.input(TEACHER.inputs.start, 'int64', [1]);
  const readRows = graph.input(TEACHER.inputs.readRows, 'int64', ['r']);
  const guidanceMix = graph.input(TEACHER.inputs.guidanceMix, 'float32', ['p', 'r']);
  const cacheShape = ['B', heads, capacity, width / heads];
  const caches = Array.from({ length: layers }, (_, layer) => ({
    keys: graph.input(TEACHER.inputs.keys(layer), 'float32', cacheShape),
    values: graph.input(TEACHER.inputs.values(layer), 'float32', cacheShape),
  }));

  const caption = embedCondition(graph, { config, weight, precision }, true);
  const trunk = buildTrunk(
    graph,
    { config, weight, precision },
    {
      image: () => gather(graph.weight('tok_embeddings.weight', weight('tok_embeddings.weight')), codes, 0),
      condition: caption,
      caption,
      start,
      columns: `S+${capacity + 1}`,
      attend: (inputs) => {
        graph.output(TEACHER.outputs.keys(inputs.layer), inputs.keys);
        graph.output(TEACHER.outputs.values(inputs.layer), inputs.values);
        return attendWithCache(inputs, caches[inputs.layer] as { keys: Value; values: Value }, capacity);
      },
    },
  );
  const finalNorm = graph.weight('norm.weight', weight('norm.weight'));
  const read = simplifiedLayerNorm(gather(trunk.rows, readRows, 0), finalNorm, config.normEpsilon);
  const logits = linear(read, 'output.weight', weight('output.weight'), { store: precision });
  graph.output(TEACHER.outputs.logits, matMul(guidanceMix, logits));
  return graph;
}

/**
 * Attention over the condition's stand-in key, the cache and this call's positions. The scores are joined, never the keys
 * or values: the cache is the largest thing here and must not be copied.
 */
function attendWithCache(
  { queries, keys, values, conditionValue, zeroKey, bias }: AttentionInputs,
  cache: { keys: Value; values: Value },
  capacity: number,
): Value {
  const score = (against: Value) => matMul(queries, transpose(against, [0, 1, 3, 2]));
  const scores = add(concat([score(zeroKey), score(cache.keys), score(keys)], 3), bias);
  const shares = softmax(scores, -1);
  const part = (from: number, to: number) =>
    slice(shares, {
      axes: [3],
      starts: [from],
      ends: [to],
      shape: shares.shape.with(3, to === Infinity ? 'S' : to - from),
    });
  const ofCondition = mul(part(0, 1), conditionValue);
  const ofCache = matMul(part(1, capacity + 1), cache.values);
  const ofCall = matMul(part(capacity + 1, Infinity), values);
  return add(add(ofCondition, ofCache), ofCall);
}
