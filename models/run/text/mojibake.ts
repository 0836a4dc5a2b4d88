/**
 * Repairs text whose UTF-8 was decoded as something else ("schÃ¶n"), by the rules of ftfy 6.3.1's `fix_encoding`, with
 * which captions were cleaned. Bytes are kept as strings of the characters 0-255, so that they can be searched.
 */
import { CODE_PAGES, type CodePage, encodeIn, fromWindows1252 } from './code-pages.js';
import { looksBroken } from './mojibake-rules.js';

/** Repairs until nothing changes any more: text can be broken several times over. */
export function fixEncoding(text: string): string {
  for (let current = text; ; ) {
    const fixed = fixOnce(current);
    if (fixed === current) return fixed;
    current = fixed;
  }
}

function fixOnce(text: string): string {
  if (isAscii(text) || !looksBroken(text)) return text;
  for (const page of CODE_PAGES) {
    const bytes = encodeIn(page, text);
    if (bytes === null) continue;
    const decoded = decodeRestored(bytes, page);
    if (decoded !== null) return decoded;
  }
  const inPart = fixEmbedded(text);
  return inPart !== text ? inPart : fixControls(text);
}

/** C1 control characters taken for Windows-1252, as browsers do. */
export function fixControls(text: string): string {
  return text.replace(/[\x80-\x9f]/g, (control) => fromWindows1252(control.charCodeAt(0)));
}

/** UTF-8 in which a no-break space (a0) became a space (20). */
const ALTERED =
  /[\xc2\xc3\xc5\xce\xd0\xd9] |[\xe2\xe3] [\x80-\x84\x86-\x9f\xa1-\xbf]|[\xe0-\xe3][\x80-\x84\x86-\x9f\xa1-\xbf] |\xf0 [\x80-\xbf][\x80-\xbf]|\xf0[\x80-\xbf] [\x80-\xbf]|\xf0[\x80-\xbf][\x80-\xbf] /g;
/** "à" as a word of its own keeps its space, but not in Portuguese contractions such as "às". */
const LONE_A_GRAVE = /\xc3 (?! |quele|quela|quilo|s )/g;
/** UTF-8 (also of surrogates) in which a byte was lost (1a), or became "?". */
const LOSSY = new RegExp(
  [
    '[\\xc2-\\xdf]\\x1a',
    '[\\xc2\\xc3]\\?',
    '\\xed[\\xa0-\\xaf][\\x1a?]\\xed[\\xb0-\\xbf][\\x1a?\\x80-\\xbf]',
    '\\xed[\\xa0-\\xaf][\\x1a?\\x80-\\xbf]\\xed[\\xb0-\\xbf][\\x1a?]',
    '[\\xe0-\\xef][\\x1a?][\\x1a\\x80-\\xbf]',
    '[\\xe0-\\xef][\\x1a\\x80-\\xbf][\\x1a?]',
    '[\\xf0-\\xf4][\\x1a?][\\x1a\\x80-\\xbf][\\x1a\\x80-\\xbf]',
    '[\\xf0-\\xf4][\\x1a\\x80-\\xbf][\\x1a?][\\x1a\\x80-\\xbf]',
    '[\\xf0-\\xf4][\\x1a\\x80-\\xbf][\\x1a\\x80-\\xbf][\\x1a?]',
    '\\x1a',
  ].join('|'),
  'g',
);
/** U+FFFD in UTF-8. */
const LOST = '\xef\xbf\xbd';

/** The bytes read as UTF-8, after putting back what is commonly lost; null when they are none. */
function decodeRestored(bytes: string, page: CodePage): string | null {
  let restored = bytes;
  // In MacRoman it would match an en dash followed by a space.
  if (page.name !== 'macroman' && bytes.search(ALTERED) >= 0)
    restored = restored
      .replace(LONE_A_GRAVE, '\xc3\xa0 ')
      .replace(ALTERED, (sequence) => sequence.replaceAll(' ', '\xa0'));
  if (page.sloppy) restored = restored.replace(LOSSY, LOST);
  return /[\xc0\xed]/.test(restored) ? decodeVariants(restored) : decodeUtf8(restored);
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: string): string | null {
  try {
    return decoder.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  } catch {
    return null;
  }
}

const NUL_OR_SURROGATES = /\xc0\x80|\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]/;

/** UTF-8 with Java's two-byte U+0000, and with characters beyond U+FFFF as two surrogates of three bytes (CESU-8). */
function decodeVariants(bytes: string): string | null {
  let text = '';
  for (const [index, part] of bytes.split(new RegExp(`(${NUL_OR_SURROGATES.source})`)).entries()) {
    const decoded = index % 2 === 0 ? decodeUtf8(part) : decodeVariant(part);
    if (decoded === null) return null;
    text += decoded;
  }
  return text;
}

function decodeVariant(sequence: string): string {
  if (sequence.length === 2) return '\0';
  const bits = (index: number, mask: number) => sequence.charCodeAt(index) & mask;
  return String.fromCodePoint(
    0x10000 + (bits(1, 0x0f) << 16) + (bits(2, 0x3f) << 10) + (bits(4, 0x0f) << 6) + bits(5, 0x3f),
  );
}

/** Text of several sources: only the parts that look like UTF-8 are repaired, those that are broken by themselves. */
function fixEmbedded(text: string): string {
  return text.replace(embeddedUtf8(), (part) =>
    part.length < text.length && looksBroken(part) ? fixEncoding(part) : part,
  );
}

let embedded: RegExp | undefined;

/** Sequences of characters that stand for UTF-8's bytes in any of the encodings that resemble Latin-1. */
function embeddedUtf8(): RegExp {
  embedded ??= compileEmbedded();
  return embedded;
}

function compileEmbedded(): RegExp {
  const pages = CODE_PAGES.filter(({ name }) => name === 'latin-1' || name.startsWith('windows'));
  const standingFor = (from: number, to: number) =>
    [...new Set(pages.flatMap(({ high }) => [...high.slice(from - 0x80, to + 1 - 0x80)]))]
      .map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('');
  const following = standingFor(0x80, 0xbf);
  // Dashes, quotation marks, the bullet and the ellipsis often stand for themselves beside mojibake.
  const behind = `(?<!(?![\\u2013-\\u2015\\u2018-\\u201a\\u201c-\\u201e\\u2022\\u2026])[${following}])`;
  const two = `[${standingFor(0xc2, 0xdf)}][\\x20${following}]`;
  const three = `[${standingFor(0xe0, 0xef)}][\\x20${following}]{2}`;
  const four = `[${standingFor(0xf0, 0xf0)}${standingFor(0xf3, 0xf3)}][\\x20${following}]{3}`;
  return new RegExp(`${behind}(?:${two}|${three}|${four})+`, 'g');
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII includes them.
  return /^[\x00-\x7f]*$/.test(text);
}
