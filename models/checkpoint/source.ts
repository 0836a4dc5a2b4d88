import { type Refusal, refusalOf } from './error.js';

/** Random access to bytes, wherever they are. Reads beyond `size` are refused before they reach the host. */
export interface ByteSource {
  /** What errors call it: the path of the file. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Fills the whole target from `offset`. */
  readInto(offset: number, target: Uint8Array): Promise<void>;
}

/** Reads `length` bytes from `offset`. The caller has bounded the length; the file bounds it again, before memory is taken. */
export async function readBytes(source: ByteSource, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  checkRange(source, offset, length);
  const target = new Uint8Array(length);
  await source.readInto(offset, target);
  return target;
}

export function checkRange(source: ByteSource, offset: number, length: number): void {
  if (offset < 0 || length < 0 || !Number.isSafeInteger(offset + length) || offset + length > source.size) {
    throw refusal(source).damaged(
      `bytes ${offset} to ${offset + length} are wanted, but the file ends at ${source.size}. It is probably cut short; fetch it again.`,
    );
  }
}

export function refusal(source: ByteSource): Refusal {
  return refusalOf(source.name);
}

/** Bytes that are in memory already. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    async readInto(offset, target) {
      target.set(bytes.subarray(offset, offset + target.length));
    },
  };
}

/** An unsigned 64-bit integer, little-endian; undefined beyond 2^53 - 1, where no size or offset of a real file is. */
export function readUint64(view: DataView, offset: number): number | undefined {
  const value = view.getUint32(offset + 4, true) * 2 ** 32 + view.getUint32(offset, true);
  return Number.isSafeInteger(value) ? value : undefined;
}
