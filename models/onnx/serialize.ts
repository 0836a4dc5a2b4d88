/**
 * A graph -> the bytes of a model. Structure is encoded by the protobuf library; the tensors' bytes, which can be
 * gigabytes, are laid around it: `planModel` gives the file as a list of small byte arrays and of places for tensors, whose sizes
 * are known before their values, so that a writer holds one tensor at a time.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Attribute, Graph, GraphNode, Initializer, InitializerGroup, Value } from './graph.js';
import { GraphError } from './graph.js';
import { DATA_TYPE } from './ops/arithmetic.js';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
  Version,
} from './proto/onnx_pb.js';

/** Opset 20 has Gelu, the newest operator that is used; higher ones change nothing that is. IR 9 came with it. */
const OPSET = 20;
const IR_VERSION = Version.IR_VERSION_2023_5_5;

/** protobuf's own limit for a message is 2 GiB, of which 32 MiB are left to the structure (which takes some 100 kB). */
const MAXIMUM_TENSOR_BYTES = 2 ** 31 - 2 ** 25;

const UTF8 = new TextEncoder();

/** A part of the file: bytes, or a tensor's, to be loaded when its turn comes. */
export type ModelPart = Uint8Array | Initializer;

export interface ExternalPlace {
  /** Name of the data file beside the model. */
  location: string;
  offset: number;
}

export function allInitializers(graph: Graph): Initializer[] {
  return graph.content.initializers.flatMap((group) => group.initializers);
}

/** The model file in order. `external` says where the tensors lie that are not in it. */
export function planModel(graph: Graph, external: ReadonlyMap<Initializer, ExternalPlace> = new Map()): ModelPart[] {
  const inside = allInitializers(graph).filter((initializer) => !external.has(initializer));
  const tensorBytes = inside.reduce((sum, { bytes }) => sum + bytes, 0);
  if (tensorBytes > MAXIMUM_TENSOR_BYTES)
    throw new GraphError(
      `Graph "${graph.name}" has ${tensorBytes} bytes of weights; a model file ends at 2 GiB, so it needs external data`,
    );
  const head = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: BigInt(IR_VERSION),
      producerName: 'twostep',
      opsetImport: [
        { domain: '', version: BigInt(OPSET) },
        { domain: 'com.microsoft', version: 1n },
      ],
    }),
  );
  const tensors = allInitializers(graph).map((initializer) => planTensor(initializer, external.get(initializer)));
  const parts = [encodeStructure(graph), ...tensors.flat()];
  const size = parts.reduce((sum, part) => sum + sizeOf(part), 0);
  return [head, prefix(ModelProtoSchema.field.graph.number, size), ...parts];
}

/** The whole model in memory. Throws a GraphError beyond 2 GiB. */
export async function serializeModel(graph: Graph): Promise<Uint8Array> {
  const parts = planModel(graph);
  const model = new Uint8Array(parts.reduce((sum, part) => sum + sizeOf(part), 0));
  let at = 0;
  for await (const bytes of loadParts(graph, parts)) {
    model.set(bytes, at);
    at += bytes.length;
  }
  return model;
}

/** The bytes of a plan, part by part; tensors of one weight are loaded once, others are dropped before the next. */
export async function* loadParts(graph: Graph, parts: Iterable<ModelPart>): AsyncGenerator<Uint8Array> {
  const groups = new Map<Initializer, InitializerGroup>();
  for (const group of graph.content.initializers)
    for (const initializer of group.initializers) groups.set(initializer, group);
  let loaded: { group: InitializerGroup; bytes: readonly Uint8Array[] } | undefined;
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      yield part;
      continue;
    }
    const group = groups.get(part) as InitializerGroup;
    if (loaded?.group !== group) {
      loaded = undefined;
      loaded = { group, bytes: await group.load() };
    }
    const bytes = loaded.bytes[group.initializers.indexOf(part)];
    if (bytes?.length !== part.bytes)
      throw new GraphError(
        `Weight "${part.name}" [${part.shape.join(', ')}] loaded ${bytes?.length} bytes, not ${part.bytes}`,
      );
    yield bytes;
  }
}

function sizeOf(part: ModelPart): number {
  return part instanceof Uint8Array ? part.length : part.bytes;
}

/** Key and length of a field that holds bytes. */
function prefix(field: number, length: number): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(length).finish();
}

function planTensor(initializer: Initializer, place: ExternalPlace | undefined): ModelPart[] {
  const entries = place && { location: place.location, offset: place.offset, length: initializer.bytes };
  const header = toBinary(
    TensorProtoSchema,
    create(TensorProtoSchema, {
      dims: initializer.shape.map(BigInt),
      dataType: DATA_TYPE[initializer.type],
      name: initializer.name,
      ...(entries && {
        dataLocation: TensorProto_DataLocation.EXTERNAL,
        externalData: Object.entries(entries).map(([key, value]) => ({ key, value: `${value}` })),
      }),
    }),
  );
  const raw = place ? [] : [prefix(TensorProtoSchema.field.rawData.number, initializer.bytes), initializer];
  const size = [header, ...raw].reduce((sum, part) => sum + sizeOf(part), 0);
  return [prefix(GraphProtoSchema.field.initializer.number, size), header, ...raw];
}

/** Everything of the graph but its initializers. */
function encodeStructure(graph: Graph): Uint8Array {
  const { inputs, outputs, nodes } = graph.content;
  const renamed = new Map(outputs.map(({ name, value }) => [value.name, name]));
  return toBinary(
    GraphProtoSchema,
    create(GraphProtoSchema, {
      name: graph.name,
      node: nodes.map((node) => encodeNode(node, renamed)),
      input: inputs.map((value) => encodeValueInfo(value.name, value)),
      output: outputs.map(({ name, value }) => encodeValueInfo(name, value)),
    }),
  );
}

function encodeNode(node: GraphNode, renamed: ReadonlyMap<string, string>): NodeProto {
  const rename = (name: string) => renamed.get(name) ?? name;
  return create(NodeProtoSchema, {
    name: node.name,
    opType: node.operator,
    // The default domain is left out, as other exporters do.
    ...(node.domain && { domain: node.domain }),
    input: node.inputs.map(rename),
    output: node.outputs.map(rename),
    attribute: Object.entries(node.attributes).map(([name, attribute]) => encodeAttribute(name, attribute)),
  });
}

function encodeAttribute(name: string, attribute: Attribute): AttributeProto {
  const Type = AttributeProto_AttributeType;
  if ('int' in attribute) return create(AttributeProtoSchema, { name, type: Type.INT, i: BigInt(attribute.int) });
  if ('ints' in attribute)
    return create(AttributeProtoSchema, { name, type: Type.INTS, ints: attribute.ints.map(BigInt) });
  if ('float' in attribute) return create(AttributeProtoSchema, { name, type: Type.FLOAT, f: attribute.float });
  return create(AttributeProtoSchema, { name, type: Type.STRING, s: UTF8.encode(attribute.string) });
}

function encodeValueInfo(name: string, value: Value): ValueInfoProto {
  const dim = value.shape.map((length) =>
    typeof length === 'number'
      ? ({ value: { case: 'dimValue', value: BigInt(length) } } as const)
      : ({ value: { case: 'dimParam', value: length } } as const),
  );
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: DATA_TYPE[value.type], shape: { dim } } } },
  });
}
