/**
 * Foreign names are mapped at the door: a network states every tensor it needs with its shape, under the names that its
 * checkpoints use, and gets lazy weights under those of its table. Nothing may be missing, unknown or of another shape.
 */
import type { Checkpoint, Tensor } from '../checkpoint/tensor.js';
import type { Weight } from '../onnx/weight.js';

/** Tensor -> shape; where checkpoints call a tensor differently, all its names, the preferred first. */
export type TensorTable = Readonly<
  Record<string, readonly number[] | { readonly names: readonly string[]; readonly shape: readonly number[] }>
>;

export interface TakeOptions {
  /** What the table describes, for the error: "a LlamaGen VQ tokenizer". */
  network: string;
  /** Tensors that may be there and are not read: names, or patterns for whole parts. */
  ignore?: readonly (string | RegExp)[];
}

export interface Weights {
  /** The checkpoint they are from. */
  readonly file: string;
  /** A weight by the table's name; a name that the table does not have is a bug of the network. */
  get(name: string): Weight;
}

export interface Misshaped {
  readonly name: string;
  readonly shape: readonly number[];
  readonly expected: readonly number[];
}

/** More names than this say no more; the error's fields hold all. */
const NAMES_SHOWN = 100;

export interface NetworkFaults {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  readonly misshaped: readonly Misshaped[];
}

/** A file does not hold the network that it was given for. The person can give another file. */
export class NetworkError extends Error {
  override name = 'NetworkError';

  constructor(
    readonly file: string,
    sentence: string,
    readonly faults: NetworkFaults = { missing: [], extra: [], misshaped: [] },
  ) {
    super(`${file} ${sentence}`);
  }
}

/** Throws a NetworkError that lists all that is missing, unknown or misshaped. */
export function takeWeights(
  checkpoint: Checkpoint,
  table: TensorTable,
  { network, ignore = [] }: TakeOptions,
): Weights {
  const taken = new Map<string, Weight>();
  const known = new Set<string>();
  const missing: string[] = [];
  const misshaped: Misshaped[] = [];
  for (const [key, entry] of Object.entries(table)) {
    const { names, shape } = 'shape' in entry ? entry : { names: [key], shape: entry };
    // Where a file has a tensor under two names (tied embeddings), it is the same tensor.
    for (const name of names) known.add(name);
    const found = names.map((name) => checkpoint.tensors.get(name)).find((tensor) => tensor !== undefined);
    if (!found) missing.push(names[0] ?? key);
    else if (found.shape.join() !== shape.join())
      misshaped.push({ name: found.name, shape: found.shape, expected: shape });
    else taken.set(key, weightOfTensor(found));
  }
  const ignored = (name: string) => ignore.some((rule) => (typeof rule === 'string' ? rule === name : rule.test(name)));
  const extra = [...checkpoint.tensors.keys()].filter((name) => !known.has(name) && !ignored(name));
  if (missing.length + extra.length + misshaped.length > 0) {
    const faults = { missing, extra, misshaped };
    throw new NetworkError(checkpoint.file, `does not hold ${network}: ${describeFaults(faults)}`, faults);
  }
  return {
    file: checkpoint.file,
    get(name) {
      const weight = taken.get(name);
      if (!weight) throw new RangeError(`The table of ${network} has no tensor "${name}"`);
      return weight;
    },
  };
}

/**
 * The length of an axis of the first of these tensors that is there: how sizes are learned from a checkpoint.
 * Throws a NetworkError where none is, or it has no such axis.
 */
export function readLength(
  checkpoint: Checkpoint,
  network: string,
  places: readonly (readonly [name: string, axis: number])[],
): number {
  for (const [name, axis] of places) {
    const length = checkpoint.tensors.get(name)?.shape[axis];
    if (length !== undefined) return length;
  }
  const names = places.map(([name, axis]) => `axis ${axis} of ${quote(name)}`);
  throw new NetworkError(
    checkpoint.file,
    `does not hold ${network}: its size is read from ${names.join(' or ')}, which is missing`,
    { missing: places.map(([name]) => name), extra: [], misshaped: [] },
  );
}

/** One more than the largest number that the pattern's first group matches in a tensor's name; 0 where none does. */
export function countParts(checkpoint: Checkpoint, pattern: RegExp): number {
  let count = 0;
  for (const name of checkpoint.tensors.keys()) {
    const index = pattern.exec(name)?.[1];
    if (index !== undefined) count = Math.max(count, Number(index) + 1);
  }
  if (count > MAXIMUM_PARTS)
    throw new NetworkError(
      checkpoint.file,
      `names part ${count - 1} of a network; at most ${MAXIMUM_PARTS} parts are read`,
    );
  return count;
}

/** A name alone must not make us build a million layers. The deepest published models have about 130. */
const MAXIMUM_PARTS = 1000;

function weightOfTensor(tensor: Tensor): Weight {
  return { shape: tensor.shape, load: () => tensor.readFloat32() };
}

function describeFaults({ missing, extra, misshaped }: NetworkFaults): string {
  const parts = [
    listFaults(missing.map(quote), 'tensor is missing', 'tensors are missing'),
    listFaults(extra.map(quote), 'is not known', 'are not known'),
    listFaults(
      misshaped.map(
        ({ name, shape, expected }) => `${quote(name)} [${shape.join(', ')}] instead of [${expected.join(', ')}]`,
      ),
      'has another shape',
      'have other shapes',
    ),
  ];
  return parts.filter((part) => part !== '').join('; ');
}

function listFaults(names: readonly string[], one: string, many: string): string {
  if (names.length === 0) return '';
  const rest = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
  return `${names.length} ${names.length === 1 ? one : many} (${names.slice(0, NAMES_SHOWN).join(', ')}${rest})`;
}

/** Names come from somebody's file: control characters are escaped, and no name fills the screen. */
function quote(name: string): string {
  return JSON.stringify(name.length > 160 ? `${name.slice(0, 160)}…` : name);
}
