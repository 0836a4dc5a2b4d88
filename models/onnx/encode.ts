/** Numbers -> the little-endian bytes of a tensor. Every platform that runs JavaScript engines of today is little-endian. */

export type ElementType = 'float32' | 'float16' | 'int64' | 'int32' | 'bool' | 'uint8' | 'int8';

export const ELEMENT_BYTES: Record<ElementType, number> = {
  float32: 4,
  float16: 2,
  int64: 8,
  int32: 4,
  bool: 1,
  uint8: 1,
  int8: 1,
};

/** Largest finite float16. */
const FLOAT16_MAXIMUM = 65_504;
/** From here on (half a step above the maximum) rounding would give infinity. */
const FLOAT16_OVERFLOW = 65_520;

/** Throws a RangeError, naming the first value that the type can't hold. */
export function encodeValues(type: ElementType, values: Float32Array | readonly number[]): Uint8Array {
  switch (type) {
    case 'float32':
      return bytesOf(values instanceof Float32Array ? values : Float32Array.from(values));
    case 'float16':
      return bytesOf(toFloat16(values));
    case 'int64':
      return bytesOf(BigInt64Array.from(values as readonly number[], (value) => BigInt(wholeNumber(type, value))));
    case 'int32':
      return bytesOf(Int32Array.from(values, (value) => wholeNumber(type, value, -(2 ** 31), 2 ** 31 - 1)));
    case 'bool':
      return Uint8Array.from(values, (value) => wholeNumber(type, value, 0, 1));
    case 'uint8':
      return Uint8Array.from(values, (value) => wholeNumber(type, value, 0, 255));
    case 'int8':
      return bytesOf(Int8Array.from(values, (value) => wholeNumber(type, value, -128, 127)));
    default:
      throw new RangeError(`There is no element type ${type satisfies never}`);
  }
}

/** Round to nearest, ties to even (IEEE 754 binary16). */
export function toFloat16(values: ArrayLike<number>): Uint16Array {
  const halves = new Uint16Array(values.length);
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  for (let index = 0; index < halves.length; index += 1) {
    const value = values[index] as number;
    const size = Math.abs(value);
    if (!(size < FLOAT16_OVERFLOW))
      throw new RangeError(`value ${index} is ${value}, beyond the largest float16, ${FLOAT16_MAXIMUM}`);
    float[0] = size;
    let half: number;
    if (size < 2 ** -14) {
      // Below the smallest normal number steps are 2^-24; adding 0.5 = 2^-24 * 2^23 makes float32 round to that step.
      float[0] = size + 0.5;
      half = (bits[0] as number) - 0x3f000000;
    } else {
      const all = bits[0] as number;
      // Half a step less one, and one more where the kept part is odd; then the exponent's bias goes from 127 to 15.
      half = (all + 0xfff + ((all >>> 13) & 1) - (112 << 23)) >>> 13;
    }
    halves[index] = half | (value < 0 || Object.is(value, -0) ? 0x8000 : 0);
  }
  return halves;
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function wholeNumber(
  type: ElementType,
  value: number,
  minimum = Number.MIN_SAFE_INTEGER,
  maximum = Number.MAX_SAFE_INTEGER,
): number {
  if (!Number.isInteger(value) || value < minimum || value > maximum)
    throw new RangeError(`${value} is not a value of type ${type}`);
  return value;
}
