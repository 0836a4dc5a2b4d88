/** The bytes of a pickle, read one argument at a time, and the memory budget that everything made of them is paid from. */
import { type CheckpointError, quote, type Refusal } from './error.js';
import { MAXIMUM_PICKLE_INTEGER_BYTES, MAXIMUM_PICKLE_LINE, MAXIMUM_PICKLE_MEMORY } from './limits.js';

/**
 * Estimated bytes in V8: an object and its fields; an array beside its slots; a slot of an array that was made in one piece, and of one that
 * grows and is copied for that; a map and an entry of it; a string beside its text.
 */
export const COST = { record: 56, array: 48, slot: 8, grownSlot: 24, map: 200, mapEntry: 48, string: 24 } as const;

export interface PickleBytes {
  /** Bytes not read yet. */
  left(): number;
  /** The next opcode; undefined at the end. */
  opcode(): number | undefined;
  /** Where the current opcode is. */
  opcodeAt(): number;
  uint(size: 1 | 2 | 4 | 8): number;
  int32(): number;
  /** Big-endian, as the only number in a pickle. */
  float64(): number;
  /** Two's complement, little-endian, of this many bytes. */
  integer(length: number): number | bigint;
  /** A view of the pickle's own bytes, not a copy. */
  bytes(length: number): Uint8Array;
  text(length: number, encoding: 'utf-8' | 'latin1'): string;
  /** Up to the next line feed. */
  line(): string;
  /** Takes memory from the budget before it is used; a negative cost gives back. */
  spend(cost: number): void;
  fault(what: string): CheckpointError;
}

export function readPickleBytes(bytes: Uint8Array, { damaged, unsupported }: Refusal): PickleBytes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let at = 0;
  let opcodeAt = 0;
  let budget = MAXIMUM_PICKLE_MEMORY - bytes.length;

  return {
    left: () => bytes.length - at,
    opcodeAt: () => opcodeAt,
    opcode() {
      opcodeAt = at;
      return bytes[at++];
    },
    uint(size) {
      need(size);
      at += size;
      if (size === 1) return view.getUint8(at - 1);
      if (size === 2) return view.getUint16(at - 2, true);
      if (size === 4) return view.getUint32(at - 4, true);
      return Number(view.getBigUint64(at - 8, true));
    },
    int32() {
      need(4);
      at += 4;
      return view.getInt32(at - 4, true);
    },
    float64() {
      need(8);
      spend(COST.grownSlot);
      at += 8;
      return view.getFloat64(at - 8, false);
    },
    integer(length) {
      need(length);
      if (length > MAXIMUM_PICKLE_INTEGER_BYTES) throw fault(`has an integer of ${length} bytes`);
      spend(COST.record + length);
      let value = 0n;
      for (let index = length - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[at + index]!);
      at += length;
      value = BigInt.asIntN(length * 8, value);
      const small = Number(value);
      return Number.isSafeInteger(small) ? small : value;
    },
    bytes(length) {
      need(length);
      spend(COST.record + COST.array);
      at += length;
      return bytes.subarray(at - length, at);
    },
    text,
    line() {
      const limit = Math.min(bytes.length, at + MAXIMUM_PICKLE_LINE);
      let end = at;
      while (end < limit && bytes[end] !== 0x0a) end++;
      if (end === bytes.length) throw cutShort();
      if (end === limit) throw fault(`has a line of more than ${MAXIMUM_PICKLE_LINE} bytes`);
      const line = text(end - at, 'latin1');
      at = end + 1;
      return line;
    },
    spend,
    fault,
  };

  function text(length: number, encoding: 'utf-8' | 'latin1'): string {
    need(length);
    spend(COST.string + length);
    const start = at;
    at += length;
    // Names are short and ASCII, and there may be millions: a TextDecoder takes ten times as long for them.
    if (encoding === 'latin1' || isAscii(start, at)) return buffer.toString('latin1', start, at);
    try {
      return utf8.decode(bytes.subarray(start, at));
    } catch {
      throw fault('has text that is not UTF-8');
    }
  }

  function isAscii(start: number, end: number): boolean {
    for (let index = start; index < end; index++) if (bytes[index]! > 0x7f) return false;
    return true;
  }

  function need(length: number): void {
    if (length > bytes.length - at) throw cutShort();
  }

  function spend(cost: number): void {
    budget -= cost;
    if (budget < 0) {
      throw unsupported(
        `its pickle would take more than ${MAXIMUM_PICKLE_MEMORY} bytes of memory by byte ${opcodeAt}. ` +
          'Save the weights alone, without the state of the optimizer: torch.save(model.state_dict(), f).',
      );
    }
  }

  function fault(what: string): CheckpointError {
    return damaged(`its pickle ${what} (byte ${opcodeAt}). Fetch the file again from a source you trust.`);
  }

  function cutShort(): CheckpointError {
    return damaged(
      `its pickle has ${bytes.length} bytes, but what starts at byte ${opcodeAt} is longer. Fetch the file again.`,
    );
  }
}

/** An integer in decimal, as protocol 0 has it. */
export function parseInteger(text: string, pickle: PickleBytes): number | bigint {
  if (!/^[+-]?\d+$/.test(text)) throw pickle.fault(`has ${quote(text)} where an integer should be`);
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

/** A float in decimal, as protocol 0 has it. */
export function parseFloat64(text: string, pickle: PickleBytes): number {
  const special: Record<string, number> = {
    inf: Number.POSITIVE_INFINITY,
    '-inf': Number.NEGATIVE_INFINITY,
    nan: Number.NaN,
  };
  if (Object.hasOwn(special, text)) return special[text]!;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text))
    throw pickle.fault(`has ${quote(text)} where a number should be`);
  return Number(text);
}
