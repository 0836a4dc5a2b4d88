/**
 * Texts of strangers (names of packs and devices, prompts, messages that quote a file) made fit to be shown: control characters would move a
 * terminal's cursor, colour it or set its title, and direction marks would make a text read otherwise than it is.
 */

/** A whole escape sequence: CSI with its parameters, OSC, DCS, SOS, PM and APC up to their end, or two characters. */
const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?/g;
/** Controls but tab and line feed; marks of direction; separators of lines; marks of annotations. Joiners, which emoji need, stay. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufff9-\ufffb]/g;

/** Several lines stay several lines. */
export function printableLines(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(SEQUENCE, '')
    .replace(CONTROLS, '')
    .replace(/\p{Cs}/gu, '\ufffd');
}

/** One line. */
export function printable(text: string): string {
  return printableLines(text.replaceAll(/[\t\n\v\f\r\x85\u2028\u2029]+/g, ' '));
}

/** JSON whose strings are the same to whoever parses it, and do nothing to a terminal. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(
    CONTROLS,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
