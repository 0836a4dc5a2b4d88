/**
 * The exact `Precompiled` normaliser of a tokenizer.json: SentencePiece's table of replacements, as Rust's
 * spm_precompiled (which the reference tokenizer runs) applies it.
 *
 * @huggingface/tokenizers takes NFKC and some spaces for it. Of the single characters of T5's table that is wrong for
 * two, but one of them is the zero-width joiner: it would cut every joined emoji into words.
 *
 * Layout, little endian: the byte length of the trie (uint32); the trie, a Darts double array of uint32 units; then the
 * replacements in UTF-8, each ended by a zero byte, to which the values of the trie point.
 */

import { GenerateError } from '../../protocol.js';

/** T5's and XLM-R's tables are 240 kB. */
const MAXIMUM_BYTES = 8_000_000;

/** The longest in T5's table has 33, what NFKC makes of U+FDFA. */
const LONGEST_REPLACEMENT_BYTES = 500;

/** As spm_precompiled: a longer cluster is looked up character by character. */
const LONGEST_CLUSTER_BYTES = 5;

const encoder = new TextEncoder();

/**
 * @param base64 `precompiled_charsmap` of a tokenizer.json
 * @param bounded throws when what has come of a text so far is too long
 * @returns throws when a replacement is longer than those of real tables
 * @throws Error when it is not such a table
 */
export function createCharsmap(base64: string, bounded: (text: string) => string): (text: string) => string {
  const { trie, replacements } = parseCharsmap(base64);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });
  const cache = new Map<string, string | null>();

  function lookUp(piece: string): string | null {
    const known = cache.get(piece);
    if (known !== undefined) return known;
    const start = shortestPrefix(trie, encoder.encode(piece));
    const found = start === null ? null : decoder.decode(replacementAt(start));
    if (cache.size < 10_000) cache.set(piece, found);
    return found;
  }

  function replacementAt(start: number): Uint8Array {
    const window = replacements.subarray(start, start + LONGEST_REPLACEMENT_BYTES + 1);
    const end = window.indexOf(0);
    if (end < 0 && window.length > LONGEST_REPLACEMENT_BYTES)
      throw new GenerateError(
        'damaged-pack',
        `The table of the tokenizer's normaliser replaces a character by more than ${LONGEST_REPLACEMENT_BYTES} bytes.`,
      );
    return end < 0 ? window : window.subarray(0, end);
  }

  return (text) => {
    // Plain ASCII has nothing to replace and no clusters (but for line ends, which are replaced).
    if (/^[\x20-\x7e]*$/.test(text)) return text;
    let result = '';
    for (const { segment } of segmenter.segment(text)) {
      const whole = utf8Length(segment) <= LONGEST_CLUSTER_BYTES ? lookUp(segment) : null;
      if (whole !== null) result += whole;
      else for (const character of segment) result += lookUp(character) ?? character;
      bounded(result);
    }
    return result;
  };
}

function parseCharsmap(base64: string): { trie: Uint32Array; replacements: Uint8Array } {
  if (base64.length > (MAXIMUM_BYTES * 4) / 3)
    throw new Error(`the table of the tokenizer's normaliser is larger than ${MAXIMUM_BYTES} bytes`);
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch (error) {
    throw new Error("the table of the tokenizer's normaliser is not base64", { cause: error });
  }
  const view = new DataView(bytes.buffer);
  const trieBytes = bytes.length >= 4 ? view.getUint32(0, true) : 0;
  if (trieBytes < 4 || trieBytes % 4 !== 0 || trieBytes > bytes.length - 4)
    throw new Error(
      `the table of the tokenizer's normaliser says that its trie has ${trieBytes} bytes, and ${bytes.length} are all there is`,
    );
  return {
    trie: Uint32Array.from({ length: trieBytes / 4 }, (_, unit) => view.getUint32(4 + unit * 4, true)),
    replacements: bytes.subarray(4 + trieBytes),
  };
}

/**
 * Value of the shortest key that begins `key`, as spm_precompiled takes the first that it meets. Null for none.
 * A unit of a Darts-clone trie holds a label (bits 0-7 and 31), "has a leaf" (8), and the offset of its children
 * (10-30, shifted by 8 when bit 9 is set); a leaf holds a value (0-30). Every step consumes a byte, so a lying table
 * can't make this loop.
 */
function shortestPrefix(trie: Uint32Array, key: Uint8Array): number | null {
  let position = offsetOf(trie[0] as number);
  for (const byte of key) {
    if (byte === 0) return null;
    position ^= byte;
    const unit = trie[position];
    if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return null;
    position ^= offsetOf(unit);
    if ((unit >>> 8) & 1) {
      const leaf = trie[position];
      return leaf === undefined ? null : leaf & 0x7fffffff;
    }
  }
  return null;
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}

function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return length;
}
