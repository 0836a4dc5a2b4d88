/** The name of a picture's file: one for the command, the panel and the engine page, safe on every file system. */

const ENCODER = new TextEncoder();

/** Longest part that comes from the prompt, in characters as a reader counts them. */
const LONGEST = 50;

/**
 * File systems take 255 bytes (ext4) or 255 UTF-16 units (NTFS, APFS). Seed, copy number, ending and the name of the file while it is
 * written need up to 60.
 */
const LONGEST_BYTES = 180;

/**
 * Letters and digits of every script with the marks on them: without its marks, Japanese "ga" is "ka" and Hindi is unreadable. A joiner
 * stays only inside a word. No dot, space or control can come out of it, so Windows has nothing to cut off at the end.
 */
const WORD = /[\p{L}\p{N}](?:[\p{L}\p{N}\p{Mn}\p{Mc}]|\p{Join_Control}(?=[\p{L}\p{N}]))*/gu;

/** They choose between pictures of one character and are no part of a word. */
const VARIATION_SELECTORS = /[\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]/gu;

/**
 * "A Red Fox, jumping!" and 7 become "a-red-fox-jumping-7". The seed is always behind the words, so no name is one that Windows
 * keeps for itself (CON, NUL, COM1).
 */
export function fileStemOf(prompt: string, seed: number): string {
  const text = prompt.normalize('NFC').toLowerCase().normalize('NFC').replace(VARIATION_SELECTORS, '');
  return `${shorten((text.match(WORD) ?? []).join('-')) || 'picture'}-${seed}`;
}

export function fileNameOf(prompt: string, seed: number, ending: 'png' | 'svg' = 'png'): string {
  return `${fileStemOf(prompt, seed)}.${ending}`;
}

/** Whole characters only: a mark is not cut off its letter, unless one character alone is too long. */
function shorten(text: string): string {
  const characters = [...new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(text)].slice(0, LONGEST);
  const whole = takeBytes(characters.map(({ segment }) => segment));
  return (whole || takeBytes([...text])).replace(/-+$/, '');
}

function takeBytes(parts: readonly string[]): string {
  let bytes = 0;
  const end = parts.findIndex((part) => {
    bytes += ENCODER.encode(part).length;
    return bytes > LONGEST_BYTES;
  });
  return parts.slice(0, end < 0 ? parts.length : end).join('');
}
