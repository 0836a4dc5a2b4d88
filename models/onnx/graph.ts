/**
 * A graph under construction. Values know their dtype, their shape and their graph; operators (models/onnx/ops) are plain
 * functions over values that check both where they are called and add a node:
 *
 *   const graph = createGraph('example');
 *   const x = graph.input('x', 'float32', ['B', 64]);
 *   graph.output('y', softmax(linear(x, 'w', weight)));
 *   await writeModel(graph, { folder, file: 'example.onnx' });
 *
 * The same calls give the same names and, once written, the same bytes.
 */
import type { Operator } from '../operators.js';
import { formatShape, normalizeDimension, type Shape } from './dimension.js';
import { ELEMENT_BYTES, type ElementType, encodeValues } from './encode.js';
import { sizeOfShape, type Weight } from './weight.js';

export interface Value {
  readonly graph: Graph;
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
}

export type Attribute = { int: number } | { ints: readonly number[] } | { float: number } | { string: string };

export interface GraphNode {
  /** '' is ONNX's own operator set, 'com.microsoft' that of ONNX Runtime. */
  readonly domain: '' | 'com.microsoft';
  readonly operator: Operator;
  readonly name: string;
  /** Names of values; '' where an optional input is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A tensor in the file. */
export interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** Initializers that are made from one weight and so are loaded together. */
export interface InitializerGroup {
  readonly initializers: readonly Initializer[];
  load(): Promise<readonly Uint8Array[]>;
}

export interface GraphContent {
  readonly inputs: readonly Value[];
  /** A value leaves the graph under the output's name. */
  readonly outputs: readonly { name: string; value: Value }[];
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly InitializerGroup[];
}

export interface WeightOptions {
  /** 'float16' halves the file; the values are cast to float32 when the model is loaded (ONNX Runtime folds the cast). */
  store?: 'float32' | 'float16';
}

export interface Graph {
  readonly name: string;
  readonly content: GraphContent;
  input(name: string, type: ElementType, shape: Shape): Value;
  /** Declares `value` an output. */
  output(name: string, value: Value): void;
  /** float32 values of a weight, loaded when the model is written. The same name and weight again give the same value. */
  weight(name: string, weight: Weight, options?: WeightOptions): Value;
  /** Small data known now; equal constants are one. */
  constant(type: ElementType, shape: readonly number[], values: readonly number[]): Value;
  /** For operators: adds a node, one value for each of `outputs` (undefined leaves an optional output out). */
  node(
    operator: Operator,
    inputs: readonly (Value | undefined)[],
    outputs: readonly ({ type: ElementType; shape: Shape } | undefined)[],
    options?: { domain?: GraphNode['domain']; attributes?: Readonly<Record<string, Attribute>> },
  ): Value[];
  /** For operators: adds tensors that are loaded together. */
  initializers(
    parts: readonly { name: string; type: ElementType; shape: readonly number[] }[],
    load: () => Promise<readonly Uint8Array[]>,
  ): Value[];
  /** For operators: what `make` gave when it was first called under this key; `identity` tells a second meaning of it. */
  once<T>(key: string, identity: readonly unknown[], make: () => T): T;
}

/** The network's author called an operator with values that it can't take. */
export class GraphError extends Error {
  override name = 'GraphError';
}

/** `"x" float32 [B, 64]` */
export function describeValue(value: Value): string {
  return `"${value.name}" ${value.type} ${formatShape(value.shape)}`;
}

export function createGraph(name: string): Graph {
  const inputs: Value[] = [];
  const outputs: { name: string; value: Value }[] = [];
  const nodes: GraphNode[] = [];
  const groups: InitializerGroup[] = [];
  const names = new Set<string>();
  const made = new Map<string, { identity: readonly unknown[]; result: unknown }>();

  function reserve(wanted: string): string {
    if (wanted === '' || names.has(wanted))
      throw new GraphError(`Graph "${name}" has a value named "${wanted}" already`);
    names.add(wanted);
    return wanted;
  }

  function value(valueName: string, type: ElementType, shape: Shape): Value {
    return Object.freeze({ graph, name: reserve(valueName), type, shape: shape.map(normalizeDimension) });
  }

  function requireOwn(from: Value): Value {
    if (from.graph !== graph)
      throw new GraphError(`Value ${describeValue(from)} belongs to graph "${from.graph.name}", not to "${name}"`);
    return from;
  }

  const graph: Graph = {
    name,
    content: { inputs, outputs, nodes, initializers: groups },

    input(inputName, type, shape) {
      const input = value(inputName, type, shape);
      inputs.push(input);
      return input;
    },

    output(outputName, from) {
      requireOwn(from);
      // A node's result takes the output's name; what has a name of its own already is passed through a node.
      const named = !nodes.some((node) => node.outputs.includes(from.name));
      const taken = outputs.some((output) => output.value.name === from.name);
      const [result = from] = named || taken ? graph.node('Identity', [from], [from]) : [from];
      outputs.push({ name: reserve(outputName), value: result });
    },

    weight(weightName, weight, { store = 'float32' } = {}) {
      return graph.once(weightName, [weight, store], () => {
        const [stored] = graph.initializers([{ name: weightName, type: store, shape: weight.shape }], async () => [
          encodeWeight(weightName, store, await weight.load()),
        ]);
        if (store === 'float32') return stored as Value;
        const cast = { attributes: { to: { int: 1 } } } as const; // TensorProto.DataType.FLOAT
        return graph.node('Cast', [stored], [{ type: 'float32', shape: weight.shape }], cast)[0] as Value;
      });
    },

    constant(type, shape, values) {
      if (sizeOfShape(shape) !== values.length)
        throw new GraphError(`constant: the shape ${formatShape(shape)} does not hold ${values.length} values`);
      const bytes = encodeValues(type, values);
      return graph.once(`constant ${type} ${shape.join()} ${bytes.join()}`, [], () => {
        const constantName = `constant_${groups.length}`;
        return graph.initializers([{ name: constantName, type, shape }], async () => [bytes])[0] as Value;
      });
    },

    node(operator, from, results, { domain = '', attributes = {} } = {}) {
      const nodeName = `${operator}_${nodes.length}`;
      const values = results.map((result, index) =>
        result ? value(index === 0 ? nodeName : `${nodeName}.${index}`, result.type, result.shape) : undefined,
      );
      nodes.push({
        domain,
        operator,
        name: nodeName,
        inputs: from.map((input) => (input ? requireOwn(input).name : '')),
        outputs: values.map((output) => output?.name ?? ''),
        attributes,
      });
      return values.filter((output) => output !== undefined);
    },

    initializers(parts, load) {
      const list = parts.map((part) => ({ ...part, bytes: sizeOfShape(part.shape) * ELEMENT_BYTES[part.type] }));
      groups.push({ initializers: list, load });
      return list.map((part) => value(part.name, part.type, part.shape));
    },

    once<T>(key: string, identity: readonly unknown[], make: () => T): T {
      const known = made.get(key);
      if (!known) {
        const result = make();
        made.set(key, { identity, result });
        return result;
      }
      if (known.identity.length !== identity.length || known.identity.some((part, index) => part !== identity[index]))
        throw new GraphError(
          `Graph "${name}" has another weight, or the same stored otherwise, named "${key}" already`,
        );
      return known.result as T;
    },
  };
  return graph;
}

/** Names the weight in the error when a value can't be stored as asked. */
function encodeWeight(name: string, store: 'float32' | 'float16', values: Float32Array): Uint8Array {
  try {
    return encodeValues(store, values);
  } catch (error) {
    if (error instanceof RangeError)
      throw new GraphError(`Weight "${name}" can not be stored as ${store}: ${error.message}`);
    throw error;
  }
}
