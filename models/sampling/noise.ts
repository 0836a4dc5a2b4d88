/**
 * Standard normal noise that a picture starts from, the same bits in every JavaScript engine.
 *
 * Math.log and Math.cos may differ between engines in the last bit, and one bit of noise can tip a code. So only
 * + - * / and the square root are used (IEEE 754 rounds all five correctly; ECMAScript words it for the first four,
 * and every engine compiles Math.sqrt to the processor's instruction).
 */
import { keyOf, philox, STREAMS } from './philox.js';

/**
 * Noise of a picture: `[positions, channels]`, row-major, standard normal.
 * A value depends on (seed, position, channel) alone: a larger grid or batch begins with the same numbers.
 */
export function noiseFor(seed: number, positions: number, channels: number): Float32Array {
  const noise = new Float32Array(positions * channels);
  const key = keyOf(seed);
  const counter = Uint32Array.of(0, 0, STREAMS.noise, 0);
  const block = new Uint32Array(4);
  for (let position = 0; position < positions; position++) {
    counter[0] = position;
    for (let channel = 0; channel < channels; channel += 2) {
      // One block of 128 bits makes two numbers; its lane is the pair of channels.
      counter[1] = channel / 2;
      philox(counter, key, block);
      const [a = 0, b = 0, c = 0, d = 0] = block;
      const at = position * channels + channel;
      noise[at] = normalFromWords(a, b);
      if (channel + 1 < channels) noise[at + 1] = normalFromWords(c, d);
    }
  }
  return noise;
}

/** 52 random bits, moved by half a step so that neither 0 nor 1 can come out, through the inverse of the normal law. */
function normalFromWords(high: number, low: number): number {
  return normalQuantile((high * 2 ** 20 + (low >>> 12) + 0.5) / 2 ** 52);
}

/**
 * Inverse of the standard normal distribution, relative error about 1e-16: Wichura, "Algorithm AS 241: the percentage
 * points of the normal distribution" (Applied Statistics 37, 1988), routine PPND16.
 * @param probability in (0, 1)
 */
export function normalQuantile(probability: number): number {
  const q = probability - 0.5;
  if (q >= -0.425 && q <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(CENTRE_TOP, r)) / polynomial(CENTRE_BOTTOM, r);
  }
  const r = Math.sqrt(-naturalLogarithm(q < 0 ? probability : 1 - probability));
  const magnitude =
    r <= 5
      ? polynomial(MIDDLE_TOP, r - 1.6) / polynomial(MIDDLE_BOTTOM, r - 1.6)
      : polynomial(TAIL_TOP, r - 5) / polynomial(TAIL_BOTTOM, r - 5);
  return q < 0 ? -magnitude : magnitude;
}

const LN2_HIGH = 0.6931471803691238; // 33 bits, so that its product with an exponent is exact
const LN2_LOW = 1.9082149292705877e-10;
/** 1/3, 1/5, ... 1/23: with s^2 <= 0.0295 the first term left out is below 2^-60 of the sum. */
const ODD_RECIPROCALS = [1 / 23, 1 / 21, 1 / 19, 1 / 17, 1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3];

const view = new DataView(new ArrayBuffer(8));

/**
 * ln(x) for positive normal x: x = 2^e m with m near 1, and ln m = 2 artanh((m-1)/(m+1)) by its series.
 * Errors stay below 2 units in the last place where we use it (0 < x < 0.1); the same bits everywhere.
 */
export function naturalLogarithm(x: number): number {
  view.setFloat64(0, x);
  const high = view.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  view.setUint32(0, (high & 0x000fffff) | 0x3ff00000);
  let mantissa = view.getFloat64(0); // 1..2
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  const logarithm = 2 * s + 2 * s * square * polynomial(ODD_RECIPROCALS, square);
  return exponent * LN2_HIGH + (exponent * LN2_LOW + logarithm);
}

/** Horner's scheme; the coefficient of the highest power comes first. */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (const coefficient of coefficients) sum = sum * x + coefficient;
  return sum;
}

// The published coefficients of PPND16, highest power first, each written as the double that it is.
const CENTRE_TOP = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
  133.14166789178438, 3.3871328727963665,
];
const CENTRE_BOTTOM = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
  42.31333070160091, 1,
];
const MIDDLE_TOP = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
];
const MIDDLE_BOTTOM = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1,
];
const TAIL_TOP = [
  2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
  1.7848265399172913, 5.463784911164114, 6.657904643501103,
];
const TAIL_BOTTOM = [
  2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
  0.1369298809227358, 0.599832206555888, 1,
];
