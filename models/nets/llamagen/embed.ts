/** Condition rows as they enter the transformer: projected text states, or a row of the class table (METHOD 2). */
import { CONDITION } from '../../graphs.js';
import type { Graph, Value } from '../../onnx/graph.js';
import { gelu } from '../../onnx/ops/arithmetic.js';
import { concat, gather } from '../../onnx/ops/arrange.js';
import { linear } from '../../onnx/ops/linear.js';
import type { TrunkOptions } from './trunk.js';

/**
 * Declares the inputs of the condition and embeds its rows, -> [n, width].
 *
 * @param unconditional whether the rows may also come from the unconditional table (teachers of text)
 */
export function embedCondition(graph: Graph, options: TrunkOptions, unconditional: boolean): Value {
  const { config, weight } = options;
  if (config.condition.kind === 'class') {
    const name = 'cls_embedding.embedding_table.weight';
    return gather(graph.weight(name, weight(name)), graph.input(CONDITION.rows, 'int64', ['n']), 0);
  }
  const { width } = config.condition;
  let states = graph.input(CONDITION.states, 'float32', [unconditional ? 's' : 'n', width]);
  if (unconditional) {
    const name = 'cls_embedding.uncond_embedding';
    const rows = graph.input(CONDITION.rows, 'int64', ['n']);
    states = gather(concat([states, graph.weight(name, weight(name))], 0), rows, 0);
  }
  return projectCaption(states, options);
}

/** Text states [n, text width] -> embeddings [n, width]. */
export function projectCaption(states: Value, { weight, precision }: TrunkOptions): Value {
  const project = (x: Value, name: string) => linear(x, name, weight(name), { store: precision });
  return project(gelu(project(states, 'cls_embedding.cap_proj.fc1.weight')), 'cls_embedding.cap_proj.fc2.weight');
}
