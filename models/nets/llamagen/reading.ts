/**
 * Image rows that look words up (models/train/twostep_train/layers.py, Reading): attention over the prompt's embeddings, in which every
 * word has a key of its own. LlamaGen gives all of them the same weight; with a mean alone, the words of two things get mixed up.
 */
import { FLOW_STUDENT } from '../../graphs.js';
import type { Graph, Value } from '../../onnx/graph.js';
import { reshape, transpose } from '../../onnx/ops/arrange.js';
import { linear } from '../../onnx/ops/linear.js';
import { matMul } from '../../onnx/ops/network.js';
import { simplifiedLayerNorm, softmax } from '../../onnx/ops/normalize.js';
import { mapWeight, splitWeight, type Weight } from '../../onnx/weight.js';
import type { TensorTable } from '../weights.js';
import { projectCaption } from './embed.js';
import type { LookUp, TrunkOptions } from './trunk.js';

export const readingOf = (layer: number): string => `layers.${layer}.reading`;

export function readingTable(layer: number, width: number): TensorTable {
  const name = readingOf(layer);
  return {
    [`${name}.norm.weight`]: [width],
    [`${name}.wq.weight`]: [width, width],
    [`${name}.wkv.weight`]: [2 * width, width],
    [`${name}.wo.weight`]: [width, width],
  };
}

/** Declares the input `words` and embeds it; the result adds the reading of a layer to the trunk. */
export function lookUpWords(graph: Graph, options: TrunkOptions, layers: readonly number[]): LookUp {
  const { config, weight, precision } = options;
  const { width, heads, condition, normEpsilon } = config;
  const head = width / heads;
  const norm = (x: Value, name: string) => simplifiedLayerNorm(x, graph.weight(name, weight(name)), normEpsilon);
  const states = graph.input(FLOW_STUDENT.inputs.words, 'float32', [
    'w',
    condition.kind === 'text' ? condition.width : 0,
  ]);
  const words = norm(projectCaption(states, options), 'word_norm.weight');
  const product = (x: Value, name: string, own: Weight) => linear(x, name, own, { store: precision });
  const ofWords = (x: Value) => transpose(reshape(x, [0, heads, head]), [1, 0, 2]);

  return {
    layers,
    norm: (layer) => graph.weight(`${readingOf(layer)}.norm.weight`, weight(`${readingOf(layer)}.norm.weight`)),
    read(layer, image) {
      const name = readingOf(layer);
      const [forKeys, forValues] = splitWeight(weight(`${name}.wkv.weight`), 2) as [Weight, Weight];
      // The scores' factor goes into the queries.
      const forQueries = mapWeight(weight(`${name}.wq.weight`), (value) => value / Math.sqrt(head));
      const keys = ofWords(product(words, `${name}.keys`, forKeys));
      const values = ofWords(product(words, `${name}.values`, forValues));
      // [heads, B*S, head]: all pictures of a call have the same prompt.
      const queries = transpose(reshape(product(image, `${name}.queries`, forQueries), [0, heads, head]), [1, 0, 2]);
      const seen = matMul(softmax(matMul(queries, transpose(keys, [0, 2, 1])), -1), values);
      return product(
        reshape(transpose(seen, [1, 0, 2]), ['B*S', width]),
        `${name}.wo.weight`,
        weight(`${name}.wo.weight`),
      );
    },
  };
}
