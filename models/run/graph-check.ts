/**
 * Whether a graph from a stranger is made of our operators only, before ONNX Runtime sees it: no operator that reads files, loops or
 * calls other graphs, and no weights in files beside it. It walks the protobuf (onnx.proto) and copies nothing.
 */
import { DOMAINS, OPERATORS } from '../operators.js';
import { GenerateError } from '../protocol.js';

/** Field numbers of onnx.proto. */
const MODEL = { graph: 7, training: 20, functions: 25 };
const GRAPH = { node: 1, initializer: 5, sparse: 15 };
const NODE = { operator: 4, attribute: 5, domain: 7 };
const ATTRIBUTE = { graph: 6, graphs: 11 };
const TENSOR = { location: 14 };

/** t2i-xl has 2,400 nodes. */
const MAXIMUM_NODES = 50_000;

/** @throws GenerateError `damaged-pack` with the name of the file and of what is not allowed */
export function checkGraph(bytes: Uint8Array, path: string): void {
  const refuse = (why: string): never => {
    throw new GenerateError('damaged-pack', `The graph "${path}" is refused: ${why}.`);
  };
  let graphs = 0;
  let nodes = 0;
  for (const field of fields(bytes, refuse)) {
    if (field.number === MODEL.functions) refuse('it brings functions of its own');
    if (field.number === MODEL.training) refuse('it brings what is for training');
    if (field.number !== MODEL.graph) continue;
    graphs++;
    for (const part of fields(inside(field, refuse), refuse)) {
      if (part.number === GRAPH.sparse) refuse('it has sparse weights');
      if (part.number === GRAPH.node) {
        nodes++;
        if (nodes > MAXIMUM_NODES) refuse(`it has more than ${MAXIMUM_NODES} operators`);
        checkNode(inside(part, refuse), refuse);
      }
      if (part.number === GRAPH.initializer)
        for (const { number, value } of fields(inside(part, refuse), refuse))
          if (number === TENSOR.location && value !== 0) refuse('its weights lie in another file');
    }
  }
  if (graphs !== 1) refuse(`it holds ${graphs} graphs instead of one`);
}

type Refuse = (why: string) => never;

function checkNode(bytes: Uint8Array, refuse: Refuse): void {
  let operator = '';
  let domain = '';
  for (const field of fields(bytes, refuse)) {
    if (field.number === NODE.operator) operator = name(inside(field, refuse));
    if (field.number === NODE.domain) domain = name(inside(field, refuse));
    if (field.number === NODE.attribute)
      for (const { number } of fields(inside(field, refuse), refuse))
        if (number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs) refuse('an operator holds a graph of its own');
  }
  if (!(DOMAINS as readonly string[]).includes(domain))
    refuse(`the operator "${operator}" is of "${domain}", which is not known here`);
  if (!(OPERATORS as readonly string[]).includes(operator))
    refuse(`the operator "${operator}" is not among those that pictures need`);
}

type Field = { readonly number: number; readonly bytes: Uint8Array | null; readonly value: number };

function inside({ number, bytes }: Field, refuse: Refuse): Uint8Array {
  return bytes ?? refuse(`field ${number} is not what it should be`);
}

/** The fields of a message. Numbers are exact up to 2^53, which is more than any of those that are looked at. */
function* fields(bytes: Uint8Array, refuse: Refuse): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return refuse('it is damaged or cut off');
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    let length = 0;
    switch (key % 8) {
      case 0:
        yield { number, bytes: null, value: varint() };
        continue;
      case 1:
        length = 8;
        break;
      case 2:
        length = varint();
        break;
      case 5:
        length = 4;
        break;
      default:
        refuse('it is damaged or no ONNX graph');
    }
    if (length > bytes.length - at) refuse(`a part says ${length} bytes where ${bytes.length - at} are left`);
    yield { number, bytes: key % 8 === 2 ? bytes.subarray(at, at + length) : null, value: 0 };
    at += length;
  }
}

/** Names are ASCII; anything else becomes a mark that no list holds. An error shows at most this much. */
const name = (bytes: Uint8Array) =>
  Array.from(bytes.subarray(0, 60), (byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '?')).join('');
