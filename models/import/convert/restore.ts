/**
 * A graph with its weights stored otherwise (models/import/storage.ts). Every node is written again as it was, but for those
 * whose weight has another form now: products, convolutions and tables.
 */
import { createGraph, type Graph, GraphError, type Value } from '../../onnx/graph.js';
import { type KernelStorage, kernel as storeKernel } from '../../onnx/ops/kernel.js';
import { linear, type Precision } from '../../onnx/ops/linear.js';
import { lookUp, type TableStorage } from '../../onnx/ops/look-up.js';
import type { StoredModel, StoredTensor } from '../../onnx/read.js';
import { sizeOfShape, transposeWeight, type Weight } from '../../onnx/weight.js';

export type Wanted = {
  /** Products with a matrix. */
  readonly products: Precision;
  readonly kernels: KernelStorage;
  /** What is only looked up. */
  readonly tables: TableStorage;
};

/** Smaller weights stay as they are: there is nothing to gain, and what is small is often a table that must be exact. */
const SMALLEST = 2 ** 14;
/**
 * What positions become, for a rounded code would be another code (models/nets/llamagen/student.ts); what tells order to T5; and
 * what VAR has in full precision whatever the rest has: heads, class rows, the maps between scales (models/nets/var).
 */
const KEPT = new Set([
  ...['codebook', 'distances'],
  ...['head.weight', 'final_layer_conti.linear.weight', 'class_emb.weight', 'places', 'enlarge', 'smooth.weight'],
]);

/** @throws GraphError where the weights are not in float32 */
export function restoreModel(model: StoredModel, wanted: Wanted): Graph {
  const graph = createGraph(model.name);
  const tensors = new Map(model.tensors.map((tensor) => [tensor.name, tensor]));
  const values = new Map<string, Value>();
  for (const { name, type, shape } of model.inputs) values.set(name, graph.input(name, type, shape));
  const results = new Map(model.outputs.map((output) => [output.name, output]));
  let changed = 0;

  /** A tensor as it is; those that no node asks for in their old form are not written. */
  const stored = (name: string): Value => {
    const known = values.get(name);
    if (known) return known;
    const tensor = tensors.get(name);
    if (!tensor) throw new GraphError(`Graph "${model.name}" has no value "${name}"`);
    const [made] = graph.initializers([tensor], async () => [await tensor.load()]);
    values.set(name, made as Value);
    return made as Value;
  };
  const heavy = (name: string | undefined): StoredTensor | undefined => {
    const tensor = tensors.get(name ?? '');
    if (tensor?.type !== 'float32' || KEPT.has(tensor.name) || sizeOfShape(tensor.shape) < SMALLEST) return undefined;
    return tensor;
  };
  const weight = (tensor: StoredTensor): Weight => {
    changed += 1;
    return graph.once(`read ${tensor.name}`, [], () => weightOf(tensor));
  };

  for (const node of model.nodes) {
    const [first = '', second] = node.inputs;
    const product = node.operator === 'MatMul' ? heavy(second) : undefined;
    if (product && product.shape.length === 2) {
      const width = product.shape[0] as number;
      // The rest of the shape is not known here, and does not matter to a product.
      const rows = Object.freeze({ ...stored(first), type: 'float32' as const, shape: ['rows', width] });
      const turned = graph.once(`torch's ${product.name}`, [], () => transposeWeight(weightOf(product)));
      changed += 1;
      values.set(node.outputs[0] as string, linear(rows, product.name, turned, { store: wanted.products }));
      continue;
    }
    const table = node.operator === 'Gather' && wanted.tables !== 'float32' ? heavy(first) : undefined;
    if (table && wanted.tables === 'int8-block') {
      values.set(node.outputs[0] as string, lookUp(stored(second as string), table.name, weight(table), 'int8-block'));
      continue;
    }
    const kernel = node.operator === 'Conv' && wanted.kernels !== 'float32' ? heavy(second) : undefined;
    const inputs = node.inputs.map((name) => {
      if (table?.name === name) return graph.weight(name, weight(table), { store: 'float16' });
      if (kernel?.name === name) return storeKernel(graph, name, weight(kernel), wanted.kernels);
      return name === '' ? undefined : stored(name);
    });
    const outputs = node.outputs.map((name) => {
      if (name === '') return undefined;
      // Types of values within a graph are not written; those of outputs are.
      const { type, shape } = results.get(name) ?? { type: 'float32' as const, shape: [] };
      return { type, shape };
    });
    const { domain, attributes } = node;
    const made = graph.node(node.operator, inputs, outputs, { domain, attributes });
    for (const [place, name] of node.outputs.filter((name) => name !== '').entries())
      values.set(name, made[place] as Value);
  }
  for (const { name, type, shape } of model.outputs)
    graph.output(name, Object.freeze({ ...stored(name), type, shape }));
  if (changed === 0)
    throw new GraphError(
      `Graph "${model.name}" has no weights in float32; convert the pack that was imported as "exact"`,
    );
  return graph;
}

function weightOf({ shape, load }: StoredTensor): Weight {
  return {
    shape,
    load: async () => {
      const { buffer, byteOffset, byteLength } = await load();
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    },
  };
}
