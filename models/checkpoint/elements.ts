/** Little-endian numbers in a file become float32. Every machine that ONNX Runtime ships for is little-endian, and so typed arrays are. */
import type { ElementType } from './tensor.js';

/** Up to here every integer is a float32; PyTorch's own weights hold integers only for counters and indices. */
const LARGEST_EXACT_INTEGER = 2 ** 24;

/** All 65,536 values of a float16 (IEEE 754 binary16), made when first wanted: 256 KiB. */
let float16Values: Float32Array | undefined;

function makeFloat16Values(): Float32Array {
  const values = new Float32Array(65_536);
  for (let bits = 0; bits < 65_536; bits++) {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const sign = bits & 0x8000 ? -1 : 1;
    if (exponent === 31) values[bits] = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    else if (exponent === 0) values[bits] = sign * fraction * 2 ** -24;
    else values[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return values;
}

/**
 * Decodes as many elements as `target` has.
 *
 * @param bytes Starts at a multiple of 8 in its buffer.
 * @returns An integer that float32 can't hold exactly, if there is one.
 */
export function decodeElements(type: ElementType, bytes: Uint8Array, target: Float32Array): bigint | undefined {
  const { buffer, byteOffset } = bytes;
  const count = target.length;
  switch (type) {
    case 'f32':
      target.set(new Float32Array(buffer, byteOffset, count));
      return undefined;
    case 'f64':
      target.set(new Float64Array(buffer, byteOffset, count));
      return undefined;
    case 'f16': {
      float16Values ??= makeFloat16Values();
      const halves = new Uint16Array(buffer, byteOffset, count);
      for (let index = 0; index < count; index++) target[index] = float16Values[halves[index]!]!;
      return undefined;
    }
    case 'bf16': {
      const halves = new Uint16Array(buffer, byteOffset, count);
      const bits = new Uint32Array(target.buffer, target.byteOffset, count);
      for (let index = 0; index < count; index++) bits[index] = halves[index]! << 16;
      return undefined;
    }
    case 'i64': {
      const values = new BigInt64Array(buffer, byteOffset, count);
      for (let index = 0; index < count; index++) {
        const value = Number(values[index]!);
        if (Math.abs(value) > LARGEST_EXACT_INTEGER) return values[index]!;
        target[index] = value;
      }
      return undefined;
    }
    case 'i32': {
      const values = new Int32Array(buffer, byteOffset, count);
      for (let index = 0; index < count; index++) {
        if (Math.abs(values[index]!) > LARGEST_EXACT_INTEGER) return BigInt(values[index]!);
        target[index] = values[index]!;
      }
      return undefined;
    }
    case 'i16':
      target.set(new Int16Array(buffer, byteOffset, count));
      return undefined;
    case 'i8':
      target.set(new Int8Array(buffer, byteOffset, count));
      return undefined;
    case 'u8':
      target.set(bytes.subarray(0, count));
      return undefined;
    case 'bool':
      for (let index = 0; index < count; index++) target[index] = bytes[index] === 0 ? 0 : 1;
      return undefined;
    default:
      return type satisfies never;
  }
}
