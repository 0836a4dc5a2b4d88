/** Reads and writes NumPy's .npy files (format 1 to 3), row-major, little-endian: reference outputs and what we compute. */
import { readFileSync, writeFileSync } from 'node:fs';

export type NpyValues =
  | Float32Array
  | Float64Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array;

export interface Npy {
  /** NumPy's name of the element type: `<f4`, `<f2`, `<i8`, `|u1`, `|b1`, ... */
  readonly type: string;
  readonly shape: readonly number[];
  /** Row-major. float16 is widened to float32; bool is 0 or 1. */
  readonly values: NpyValues;
}

export function readNpy(path: string): Npy {
  return parseNpy(readFileSync(path));
}

export function parseNpy(file: Uint8Array): Npy {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 10 || view.getUint32(0) !== 0x934e554d) throw new Error('This is not a .npy file');
  const wide = (file[6] as number) > 1;
  const start = wide ? 12 : 10;
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder().decode(file.subarray(start, end));
  const type = /'descr': '([^']+)'/.exec(header)?.[1];
  const shape = /'shape': \(([^)]*)\)/.exec(header)?.[1];
  if (type === undefined || shape === undefined || !/'fortran_order': False/.test(header))
    throw new Error(`The header ${header.trim()} is not that of a row-major array`);
  const lengths = shape.split(',').flatMap((length) => (length.trim() === '' ? [] : [Number(length)]));
  // A copy, so that wide elements are aligned; a Buffer's own slice would be a view.
  const { buffer } = Uint8Array.from(file.subarray(end));
  const values = decode(type, buffer);
  const size = lengths.reduce((product, length) => product * length, 1);
  if (values.length !== size) throw new Error(`The shape (${shape}) does not hold ${values.length} values`);
  return { type, shape: lengths, values };
}

/** Writes float32, int32 or int64 values. */
export function writeNpy(
  path: string,
  shape: readonly number[],
  values: Float32Array | Int32Array | BigInt64Array,
): void {
  const type = values instanceof Float32Array ? '<f4' : values instanceof Int32Array ? '<i4' : '<i8';
  const tuple = `${shape.join(', ')}${shape.length === 1 ? ',' : ''}`;
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${tuple}), }`;
  // The values begin at a multiple of 64 bytes; the header is padded with spaces and ends with a line feed.
  const length = Math.ceil((10 + header.length + 1) / 64) * 64;
  const file = Buffer.alloc(length + values.byteLength, ' ');
  file.write('\x93NUMPY\x01\x00', 0, 'latin1');
  file.writeUInt16LE(length - 10, 8);
  file.write(header, 10, 'latin1');
  file.write('\n', length - 1, 'latin1');
  file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), length);
  writeFileSync(path, file);
}

/** The values as plain numbers, for comparing. */
export function numbersOf({ values }: Npy): number[] {
  return Array.from(values as ArrayLike<number | bigint>, Number);
}

function decode(type: string, bytes: ArrayBuffer): NpyValues {
  switch (type) {
    case '<f8':
      return new Float64Array(bytes);
    case '<f4':
      return new Float32Array(bytes);
    case '<f2':
      return Float32Array.from(new Uint16Array(bytes), widenHalf);
    case '<i8':
      return new BigInt64Array(bytes);
    case '<i4':
      return new Int32Array(bytes);
    case '<i2':
      return new Int16Array(bytes);
    case '<u2':
      return new Uint16Array(bytes);
    case '|i1':
      return new Int8Array(bytes);
    case '|u1':
    case '|b1':
      return new Uint8Array(bytes);
    default:
      throw new Error(`The element type ${type} is not read here`);
  }
}

function widenHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
