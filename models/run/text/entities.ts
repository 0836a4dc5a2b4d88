/** Character references of HTML, as Python's html.unescape and Beautiful Soup read them. */
import { characterEntities } from 'character-entities';
import { characterEntitiesLegacy } from 'character-entities-legacy';
import { fromWindows1252 } from './code-pages.js';

/** Names that need no semicolon. */
const LEGACY: ReadonlySet<string> = new Set(characterEntitiesLegacy);

/** The character(s) of a name such as "eacute", case and all. */
export function namedCharacter(name: string): string | undefined {
  return Object.hasOwn(characterEntities, name) ? characterEntities[name] : undefined;
}

/**
 * The character of a number, as the HTML standard and Beautiful Soup have it: C1 controls mean Windows-1252, what can't
 * be a character becomes U+FFFD.
 */
export function numberedCharacter(code: number): string {
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
  if (code >= 0x80 && code <= 0x9f) return fromWindows1252(code);
  return String.fromCodePoint(code);
}

const REFERENCE = /&(?:#([0-9]+);?|#[xX]([0-9a-fA-F]+);?|([^\t\n\f <&#;]{1,32};?))/gu;

/** html.unescape: semicolons may be missing where HTML allows it, and the longest name counts ("&notit;" is "¬it;"). */
export function unescapeHtml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(REFERENCE, (whole, decimal?: string, hexadecimal?: string, name?: string) => {
    if (name === undefined) {
      const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal);
      return isNoCharacter(code) ? '' : numberedCharacter(code);
    }
    if (name.endsWith(';')) {
      const exact = namedCharacter(name.slice(0, -1));
      if (exact !== undefined) return exact;
    }
    for (let length = name.length; length >= 2; length--)
      if (LEGACY.has(name.slice(0, length))) return `${namedCharacter(name.slice(0, length))}${name.slice(length)}`;
    return whole;
  });
}

/**
 * Numbers that html.unescape drops: controls but white space, and the noncharacters. Windows-1252's and 0 are mapped
 * first.
 */
function isNoCharacter(code: number): boolean {
  return (
    (code >= 0x01 && code <= 0x08) ||
    code === 0x0b ||
    (code >= 0x0e && code <= 0x1f) ||
    code === 0x7f ||
    (code >= 0xfdd0 && code <= 0xfdef) ||
    (code <= 0x10ffff && (code & 0xfffe) === 0xfffe)
  );
}
