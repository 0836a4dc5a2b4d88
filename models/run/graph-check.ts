/**
 * Whether a graph from a stranger is made of our operators only, before ONNX Runtime sees it: no operator that reads files, loops or
 * calls other graphs, and no weights in files beside it but the one that the host names. It walks the protobuf (onnx.proto), reads of
 * weights only what stands before them, and copies nothing.
 */
import { DOMAINS, OPERATORS } from '../operators.js';
import { GenerateError } from '../protocol.js';
import { type Bytes, type Field, type Part, type Walk, walkProtobuf } from './protobuf.js';

/** Field numbers of onnx.proto. */
const MODEL = { graph: 7, training: 20, functions: 25 };
const GRAPH = { node: 1, initializer: 5, sparse: 15 };
const NODE = { operator: 4, attribute: 5, domain: 7 };
const ATTRIBUTE = { graph: 6, graphs: 11 };
const TENSOR = { external: 13, location: 14 };
const ENTRY = { key: 1, value: 2 };

/** t2i-xl has 2,400 nodes. */
const MAXIMUM_NODES = 50_000;
/** Of ours they have 15 an operator, so t2i-xl has some 40,000. */
const MAXIMUM_FIELDS = 1_000_000;
/** Characters of a stranger's name that an error shows. */
const SHOWN = 60;

/**
 * @param beside name of the file in the graph's own folder in which its weights may lie; null where all of them have to be inside
 * @throws GenerateError `damaged-pack` with the name of the file and of what is not allowed
 */
export function checkGraph(bytes: Bytes, path: string, beside: string | null = null): void {
  const refuse = (why: string): never => {
    throw new GenerateError('damaged-pack', `The graph "${path}" is refused: ${why}.`);
  };
  const walk = walkProtobuf(bytes, refuse, MAXIMUM_FIELDS);
  let graphs = 0;
  let nodes = 0;
  for (const field of walk.fields(walk.whole)) {
    if (field.number === MODEL.functions) refuse('it brings functions of its own');
    if (field.number === MODEL.training) refuse('it brings what is for training');
    if (field.number !== MODEL.graph) continue;
    graphs++;
    for (const part of walk.fields(inside(field, refuse))) {
      if (part.number === GRAPH.sparse) refuse('it has sparse weights');
      if (part.number === GRAPH.node) {
        nodes++;
        if (nodes > MAXIMUM_NODES) refuse(`it has more than ${MAXIMUM_NODES} operators`);
        checkNode(inside(part, refuse), walk, refuse);
      }
      if (part.number === GRAPH.initializer) checkWeights(inside(part, refuse), beside, walk, refuse);
    }
  }
  if (graphs !== 1) refuse(`it holds ${graphs} graphs instead of one`);
}

type Refuse = (why: string) => never;

function checkNode(node: Part, walk: Walk, refuse: Refuse): void {
  let operator = '';
  let domain = '';
  for (const field of walk.fields(node)) {
    if (field.number === NODE.operator) operator = walk.text(inside(field, refuse));
    if (field.number === NODE.domain) domain = walk.text(inside(field, refuse));
    if (field.number === NODE.attribute)
      for (const { number } of walk.fields(inside(field, refuse)))
        if (number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs) refuse('an operator holds a graph of its own');
  }
  const shown = operator.slice(0, SHOWN);
  if (!(DOMAINS as readonly string[]).includes(domain))
    refuse(`the operator "${shown}" is of "${domain.slice(0, SHOWN)}", which is not known here`);
  if (!(OPERATORS as readonly string[]).includes(operator))
    refuse(`the operator "${shown}" is not among those that pictures need`);
}

/** A location is a path to ONNX Runtime, and one of its names for it is an address in memory. */
function checkWeights(tensor: Part, beside: string | null, walk: Walk, refuse: Refuse): void {
  const elsewhere = () =>
    refuse(beside === null ? 'its weights lie in another file' : `its weights lie in another file than "${beside}"`);
  let outside = false;
  let located = false;
  for (const field of walk.fields(tensor)) {
    if (field.number === TENSOR.location && field.value !== 0) outside = true;
    if (field.number !== TENSOR.external) continue;
    const entry: { key?: string; value?: string } = {};
    for (const said of walk.fields(inside(field, refuse)))
      for (const name of ['key', 'value'] as const) {
        if (said.number !== ENTRY[name]) continue;
        // Of two the last one would count.
        if (entry[name] !== undefined) refuse(`where its weights lie has a second ${name}`);
        entry[name] = walk.text(inside(said, refuse));
      }
    if (entry.key === 'offset' || entry.key === 'length') continue;
    // Such as weights that are packed for a processor already, which nothing compares with their shape.
    if (entry.key !== 'location')
      refuse(`it says "${entry.key?.slice(0, SHOWN)}" of where its weights lie, which is not known here`);
    if (beside === null || entry.value !== beside) elsewhere();
    located = true;
  }
  if (outside && !located) elsewhere();
}

function inside({ number, part }: Field, refuse: Refuse): Part {
  return part ?? refuse(`field ${number} is not what it should be`);
}
