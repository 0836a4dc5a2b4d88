/**
 * A model file of ours -> what is in it, its tensors unread: for packs whose weights are to be stored otherwise. Graphs of other
 * programs need not be read, so whatever our own writer does not write is refused by name.
 */
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { OPERATORS } from '../operators.js';
import type { Shape } from './dimension.js';
import { ELEMENT_BYTES, type ElementType } from './encode.js';
import { type Attribute, GraphError, type GraphNode } from './graph.js';
import { DATA_TYPE } from './ops/arithmetic.js';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
  type ValueInfoProto,
} from './proto/onnx_pb.js';
import { sizeOfShape } from './weight.js';

/** Weights of more than 1 GB lie beside the model (write.ts), so a larger file is not ours; it is parsed in memory. */
const MAXIMUM_MODEL_BYTES = 1.1e9;

export type StoredTensor = {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  load(): Promise<Uint8Array>;
};

export type StoredValue = { readonly name: string; readonly type: ElementType; readonly shape: Shape };

export type StoredModel = {
  readonly name: string;
  readonly inputs: readonly StoredValue[];
  readonly outputs: readonly StoredValue[];
  readonly nodes: readonly Omit<GraphNode, 'name'>[];
  readonly tensors: readonly StoredTensor[];
};

/** @throws GraphError that says what is not as our writer makes it */
export async function readModel(folder: string, file: string): Promise<StoredModel> {
  const path = join(folder, file);
  const { size } = await stat(path);
  const refuse = (why: string) => new GraphError(`"${file}" is not a graph of Twostep's: ${why}`);
  if (size > MAXIMUM_MODEL_BYTES) throw refuse(`it has ${size} bytes, more than ${MAXIMUM_MODEL_BYTES}`);
  const bytes = await readRange(path, 0, size);
  const model = parse(bytes, refuse);
  const { graph } = model;
  if (!graph) throw refuse('it holds no graph');
  const beside = `${file}.data`;
  const besideSize = (await stat(join(folder, beside)).catch(() => undefined))?.size ?? 0;
  return {
    name: graph.name,
    inputs: graph.input.map((value) => readValue(value, refuse)),
    outputs: graph.output.map((value) => readValue(value, refuse)),
    nodes: graph.node.map((node) => readNode(node, refuse)),
    tensors: graph.initializer.map((tensor) => readTensor(tensor, { folder, beside, besideSize, refuse })),
  };
}

type Refuse = (why: string) => GraphError;

function parse(bytes: Uint8Array, refuse: Refuse) {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw refuse(`it can not be parsed (${(cause as Error).message})`);
  }
}

function typeOf(code: number, refuse: Refuse): ElementType {
  const found = (Object.keys(DATA_TYPE) as ElementType[]).find((type) => DATA_TYPE[type] === code);
  if (!found) throw refuse(`it has elements of type ${code}`);
  return found;
}

function readValue({ name, type }: ValueInfoProto, refuse: Refuse): StoredValue {
  if (type?.value.case !== 'tensorType') throw refuse(`"${name}" is not a tensor`);
  const { elemType, shape } = type.value.value;
  const lengths = (shape?.dim ?? []).map(({ value }) =>
    value.case === 'dimValue' ? Number(value.value) : value.value,
  );
  if (lengths.includes(undefined)) throw refuse(`"${name}" has a length that is not told`);
  return { name, type: typeOf(elemType, refuse), shape: lengths as (string | number)[] };
}

function readNode(node: NodeProto, refuse: Refuse): Omit<GraphNode, 'name'> {
  const { domain } = node;
  if (domain !== '' && domain !== 'com.microsoft') throw refuse(`${node.opType} is of the domain "${domain}"`);
  const operator = OPERATORS.find((known) => known === node.opType);
  if (!operator) throw refuse(`${node.opType} is no operator that it writes`);
  const attributes = Object.fromEntries(node.attribute.map((one) => [one.name, readAttribute(one, refuse)]));
  return { domain, operator, inputs: node.input, outputs: node.output, attributes };
}

function readAttribute({ name, type, i, ints, f, s }: AttributeProto, refuse: Refuse): Attribute {
  const Type = AttributeProto_AttributeType;
  switch (type) {
    case Type.INT:
      return { int: Number(i) };
    case Type.INTS:
      return { ints: ints.map(Number) };
    case Type.FLOAT:
      return { float: f };
    case Type.STRING:
      return { string: new TextDecoder().decode(s) };
    default:
      throw refuse(`attribute "${name}" is of type ${type}`);
  }
}

function readTensor(
  tensor: TensorProto,
  { folder, beside, besideSize, refuse }: { folder: string; beside: string; besideSize: number; refuse: Refuse },
): StoredTensor {
  const { name, rawData } = tensor;
  const type = typeOf(tensor.dataType, refuse);
  const shape = tensor.dims.map(Number);
  const length = sizeOfShape(shape) * ELEMENT_BYTES[type];
  if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) {
    if (rawData.length !== length) throw refuse(`tensor "${name}" has ${rawData.length} bytes instead of ${length}`);
    return { name, type, shape, load: async () => rawData.slice() };
  }
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const offset = Number(entries.get('offset'));
  if (entries.get('location') !== beside) throw refuse(`tensor "${name}" does not lie in "${beside}"`);
  if (!Number.isSafeInteger(offset) || offset < 0 || !(offset + length <= besideSize))
    throw refuse(`tensor "${name}" lies outside of "${beside}"`);
  return { name, type, shape, load: () => readRange(join(folder, beside), offset, length) };
}

/** A read may give less than it was asked for, and at most 2 GiB. */
async function readRange(path: string, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const handle = await open(path);
  try {
    for (let done = 0; done < length; ) {
      const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, 2 ** 30), offset + done);
      if (bytesRead === 0) throw new GraphError(`"${path}" ends early`);
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return bytes;
}
