/**
 * Logits -> the codes that may be drawn, and their probabilities, exactly in the order of LlamaGen's `sample`
 * (autoregressive/models/generate.py): temperature, then top-k, then top-p over what is left, then softmax.
 */

export interface Cutoffs {
  /** Divides the logits; the published code never divides by less than 1e-5. */
  readonly temperature: number;
  /** The most codes kept, 0 for all. Codes that tie with the last one stay, as in the published code. */
  readonly topK: number;
  /** The likeliest codes are kept until their probability exceeds this; 1 keeps all. */
  readonly topP: number;
}

/**
 * What is left of a vocabulary: codes in rising order and the natural logarithms of their probabilities, which sum to
 * 1.
 */
export interface Support {
  readonly codes: Int32Array;
  readonly logProbabilities: Float64Array;
}

const SMALLEST_TEMPERATURE = 1e-5;

/**
 * @param logits one row, [V]; infinite ones may be negative only
 * @throws Error when a logit is NaN or +Infinity: the network has failed, and no draw from it means anything
 */
export function supportOf(logits: Float32Array, cutoffs: Cutoffs): Support {
  const scaled = new Float32Array(logits.length);
  const temperature = Math.max(cutoffs.temperature, SMALLEST_TEMPERATURE);
  let largest = Number.NEGATIVE_INFINITY;
  for (let code = 0; code < scaled.length; code++) {
    const logit = logits[code] as number;
    if (Number.isNaN(logit) || logit === Number.POSITIVE_INFINITY)
      throw new Error(`logit ${code} of ${logits.length} is ${logit}: the network did not compute a number`);
    // + 0 turns -0 into 0, which has another bit pattern but must tie with it.
    scaled[code] = logit / temperature + 0;
    if (logit > largest) largest = logit;
  }
  if (largest === Number.NEGATIVE_INFINITY)
    throw new Error(`none of ${logits.length} logits is above -Infinity: there is nothing to draw`);

  const keys = orderKeys(scaled);
  const threshold = cutoffs.topK > 0 && cutoffs.topK < keys.length ? largestKey(keys, cutoffs.topK) : 0;
  let codes = new Int32Array(keys.length);
  let count = 0;
  for (let code = 0; code < keys.length; code++)
    if ((keys[code] as number) >= threshold && scaled[code] !== Number.NEGATIVE_INFINITY) codes[count++] = code;
  codes = codes.slice(0, count);
  if (cutoffs.topP < 1) codes = nucleus(codes, keys, scaled, cutoffs.topP);
  return { codes, logProbabilities: logSoftmax(scaled, codes) };
}

/** The position of the largest number, the first one where several tie. */
export function argMax(values: Float32Array): number {
  let best = 0;
  for (let index = 1; index < values.length; index++)
    if ((values[index] as number) > (values[best] as number)) best = index;
  return best;
}

/**
 * Unsigned integers in the order of the floats: IEEE 754 patterns compare like integers once negative ones are turned
 * round.
 */
function orderKeys(values: Float32Array): Uint32Array {
  const keys = new Uint32Array(values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength));
  for (let index = 0; index < keys.length; index++) {
    const bits = keys[index] as number;
    keys[index] = bits & 0x80000000 ? ~bits : bits | 0x80000000;
  }
  return keys;
}

const DIGIT_BITS = 11;

/** The `rank`-th largest key (1 is the largest) by counting digits from the top: three passes, no sort. */
function largestKey(keys: Uint32Array, rank: number): number {
  const counts = new Uint32Array(1 << DIGIT_BITS);
  let prefix = 0;
  let wanted = rank;
  let shift = 32;
  while (shift > 0) {
    const width = Math.min(DIGIT_BITS, shift);
    const known = shift;
    shift -= width;
    counts.fill(0);
    const mask = (1 << width) - 1;
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as number;
      // A shift by 32 is a shift by 0 in JavaScript, hence the first pass apart: there every key counts.
      if (known === 32 || key >>> known === prefix) {
        const digit = (key >>> shift) & mask;
        counts[digit] = (counts[digit] as number) + 1;
      }
    }
    let digit = mask;
    while ((counts[digit] as number) < wanted) wanted -= counts[digit--] as number;
    prefix = ((prefix << width) | digit) >>> 0;
  }
  return prefix;
}

/** Codes fit below the order key in the 53 exact bits of a double: 32 + 20 bits, and packs stop at 1,000,000 codes. */
const CODE_SPACE = 2 ** 20;

/** Top-p: the likeliest codes up to and including the one whose cumulative probability passes `topP`. */
function nucleus(codes: Int32Array, keys: Uint32Array, scaled: Float32Array, topP: number): Int32Array<ArrayBuffer> {
  if (scaled.length > CODE_SPACE)
    throw new RangeError(`top-p can sort at most ${CODE_SPACE} codes, and here are ${scaled.length}`);
  // Numbers that sort by falling logit, then by rising code: a plain numeric sort is several times faster than a
  // comparator.
  const ranked = new Float64Array(codes.length);
  codes.forEach((code, index) => {
    ranked[index] = (0xffffffff - (keys[code] as number)) * CODE_SPACE + code;
  });
  ranked.sort();
  const sorted = Int32Array.from(ranked, (value) => value % CODE_SPACE);
  const logProbabilities = logSoftmax(scaled, sorted);
  let cumulative = 0;
  let kept = 0;
  while (kept < sorted.length && (kept === 0 || cumulative <= topP))
    cumulative += Math.exp(logProbabilities[kept++] as number);
  return sorted.slice(0, kept).sort();
}

function logSoftmax(scaled: Float32Array, codes: Int32Array): Float64Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < codes.length; index++) {
    const value = scaled[codes[index] as number] as number;
    if (value > largest) largest = value;
  }
  const result = new Float64Array(codes.length);
  let sum = 0;
  for (let index = 0; index < codes.length; index++) {
    const shifted = (scaled[codes[index] as number] as number) - largest;
    result[index] = shifted;
    sum += Math.exp(shifted);
  }
  const logSum = Math.log(sum);
  for (let index = 0; index < result.length; index++) result[index] = (result[index] as number) - logSum;
  return result;
}
