/** Ways in which a file gets damaged, or is made to lie. All are drawn from one random number generator, so that a seed tells the file. */

export type Random = () => number;

/** A whole number from 0 to below the limit. */
export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[below(random, items.length)]!;
}

/** Numbers at which arithmetic goes wrong. */
const EDGES = [
  0n,
  1n,
  2n,
  0x7fn,
  0xffn,
  0x7fffn,
  0xffffn,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const TEXT_EDGES = ['0', '-1', '1', '3', '65536', '2147483648', '4294967296', '9007199254740993', '1e308', '-0', '1.5'];

/** Most of a checkpoint is numbers that may be anything; what describes them is at both ends. */
function place(random: Random, length: number): number {
  const end = Math.min(length, 4096);
  const chance = random();
  if (chance < 0.4) return below(random, end);
  if (chance < 0.8) return length - 1 - below(random, end);
  return below(random, length);
}

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const flipBits: Mutation = (bytes, random) => {
  const changed = new Uint8Array(bytes);
  for (let count = 1 + below(random, 8); count > 0; count--) {
    const at = place(random, changed.length);
    changed[at] = changed[at]! ^ (1 << below(random, 8));
  }
  return changed;
};

const overwriteRun: Mutation = (bytes, random) => {
  const changed = new Uint8Array(bytes);
  const from = place(random, changed.length);
  const to = Math.min(changed.length, from + 1 + below(random, 64));
  const fill = pick(random, [0, 0xff, undefined]);
  for (let at = from; at < to; at++) changed[at] = fill ?? below(random, 256);
  return changed;
};

const truncate: Mutation = (bytes, random) => bytes.slice(0, place(random, bytes.length));

/** A piece of the file is put over, or in before, another place of it. */
const splice: Mutation = (bytes, random) => {
  const from = place(random, bytes.length);
  const piece = bytes.subarray(from, from + 1 + below(random, 200));
  const to = place(random, bytes.length);
  const rest = to + (random() < 0.5 ? piece.length : 0);
  return Buffer.concat([bytes.subarray(0, to), piece, bytes.subarray(rest)]);
};

const remove: Mutation = (bytes, random) => {
  const from = place(random, bytes.length);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + below(random, 100))]);
};

/** A length, an offset or a size becomes a number that is easily got wrong, or one more or less than it is. */
const editNumber: Mutation = (bytes, random) => {
  const changed = Buffer.from(bytes);
  const size = pick(random, [1, 2, 4, 8]);
  const at = Math.min(place(random, changed.length), changed.length - size);
  if (at < 0) return changed;
  const wide = Buffer.alloc(8);
  changed.copy(wide, 0, at, at + size);
  const value = random() < 0.5 ? pick(random, EDGES) : wide.readBigUInt64LE() + pick(random, [-8n, -1n, 1n, 8n]);
  wide.writeBigUInt64LE(BigInt.asUintN(64, value));
  wide.copy(changed, at, 0, size);
  return changed;
};

/** The same for numbers in text. */
const editDecimal: Mutation = (bytes, random) => {
  const start = below(random, Math.min(bytes.length, 4096));
  const text = Buffer.from(bytes.subarray(start, start + 200)).toString('latin1');
  const found = /\d+/.exec(text);
  if (found === null) return editNumber(bytes, random);
  const at = start + found.index;
  const edge = Buffer.from(pick(random, TEXT_EDGES), 'latin1');
  return Buffer.concat([bytes.subarray(0, at), edge, bytes.subarray(at + found[0].length)]);
};

/** A character of text becomes another that means something in JSON, or one is put in. */
const editText: Mutation = (bytes, random) => {
  const at = below(random, Math.min(bytes.length, 4096));
  const character = Buffer.from(
    pick(random, ['{', '}', '[', ']', '"', ':', ',', '-', '.', '0', '9', 'a', '/', '\\', ' ']),
    'latin1',
  );
  return Buffer.concat([bytes.subarray(0, at), character, bytes.subarray(at + below(random, 2))]);
};

const MUTATIONS: readonly Mutation[] = [
  flipBits,
  overwriteRun,
  truncate,
  splice,
  remove,
  editNumber,
  editNumber,
  editDecimal,
  editDecimal,
  editText,
];

/** One to three mutations, one after the other. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let changed = bytes;
  for (let count = pick(random, [1, 1, 1, 2, 3]); count > 0 && changed.length > 0; count--) {
    changed = pick(random, MUTATIONS)(changed, random);
  }
  return changed;
}
