/**
 * The fields of a protobuf message from a stranger, in their order, without a copy of it. It is so strict that no other reader can see other
 * fields in the same bytes: what two of them might take for different things is refused.
 */

/**
 * A file, or what is like one: a Uint8Array, or a host's way to the pieces of a file that is too large to be read. A piece is good
 * until the next one is asked for.
 */
export type Bytes = {
  readonly length: number;
  subarray(start: number, end: number): Uint8Array;
};

/** A message inside the bytes. */
export type Part = { readonly start: number; readonly end: number };

export type Field = {
  readonly number: number;
  /** What a field of bytes holds; null for a field that is a number. */
  readonly part: Part | null;
  /** 0 for a field that is not a whole number. Exact up to 2^53, and never 0 for a value that is not. */
  readonly value: number;
};

export type Walk = {
  readonly whole: Part;
  fields(part: Part): Generator<Field>;
  /** ASCII; anything else becomes a mark that no list of names holds. What is longer than `LONGEST_TEXT` is cut. */
  text(part: Part): string;
};

/** A path of a pack has at most 200 characters (models/pack.ts), the name of an operator some 30. */
const LONGEST_TEXT = 256;

/** protobuf ends here; a length above it is read as an error by some and as a negative number by others. */
const MAXIMUM_BYTES = 2 ** 31 - 1;

/** 64 bits. */
const LONGEST_VARINT = 10;

/**
 * @param refuse throws
 * @param maximumFields how many may be looked at, in all messages together
 */
export function walkProtobuf(bytes: Bytes, refuse: (why: string) => never, maximumFields: number): Walk {
  let looked = 0;
  if (bytes.length > MAXIMUM_BYTES) refuse(`it has ${bytes.length} bytes, more than ${MAXIMUM_BYTES}`);
  return {
    whole: { start: 0, end: bytes.length },
    *fields({ start, end }) {
      let at = start;
      const varint = (): number => {
        const piece = bytes.subarray(at, Math.min(at + LONGEST_VARINT, end));
        let value = 0;
        for (let index = 0; index < piece.length; index += 1) {
          const byte = piece[index] as number;
          value += (byte & 0x7f) * 2 ** (7 * index);
          if (byte >= 0x80) continue;
          // Writers make numbers as short as they can be.
          if (byte === 0 && index > 0) refuse('a number in it is longer than it need be');
          at += index + 1;
          return value;
        }
        return refuse('it is damaged or cut off');
      };
      while (at < end) {
        looked += 1;
        if (looked > maximumFields) refuse(`it has more than ${maximumFields} fields`);
        const key = varint();
        // Others keep 32 bits of a key: with one bit more, it is another field to them.
        if (key < 8 || key > 0xffff_ffff) refuse('a field in it has a number that there is not');
        const number = Math.floor(key / 8);
        let length = 0;
        switch (key % 8) {
          case 0:
            yield { number, part: null, value: varint() };
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
        if (length > end - at) refuse(`a part says ${length} bytes where ${end - at} are left`);
        yield { number, part: key % 8 === 2 ? { start: at, end: at + length } : null, value: 0 };
        at += length;
      }
    },
    text: ({ start, end }) =>
      Array.from(bytes.subarray(start, Math.min(end, start + LONGEST_TEXT)), (byte) =>
        byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '?',
      ).join(''),
  };
}
