/**
 * Regular expressions and white space as Python has them. Its \s, \w, \d and \b know Unicode and are not quite
 * JavaScript's; captions were cleaned with Python's, so ours are cleaned with these.
 */

/** str.isspace and \s: the separators, the C0 separators 1c-1f and U+0085, but not U+FEFF. */
const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
/** \w: str.isalnum or "_"; no combining marks, all letters and numbers of every kind. */
const WORD = '\\p{L}\\p{N}_';
const DIGIT = '\\p{Nd}';

/**
 * Compiles a pattern with Python's meaning of \s \S \w \d \b (the others mean the same in both). Within brackets only
 * \s \w \d.
 * @param flags JavaScript's; `u` is added
 */
export function python(source: string, flags = ''): RegExp {
  let translated = '';
  let inBrackets = false;
  for (let index = 0; index < source.length; index++) {
    const character = source[index] as string;
    if (character !== '\\') {
      if (character === '[') inBrackets = true;
      if (character === ']') inBrackets = false;
      translated += character;
      continue;
    }
    const escaped = source[++index] as string;
    translated += (inBrackets ? IN_BRACKETS : OUTSIDE)[escaped] ?? `\\${escaped}`;
  }
  return new RegExp(translated, `${flags}u`);
}

const IN_BRACKETS: Readonly<Record<string, string>> = { s: SPACE, w: WORD, d: DIGIT };
const OUTSIDE: Readonly<Record<string, string>> = {
  s: `[${SPACE}]`,
  S: `[^${SPACE}]`,
  w: `[${WORD}]`,
  d: `[${DIGIT}]`,
  b: `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`,
};

const NOT_SPACE = python('\\S');
const LEADING = python('^\\s+');

/** str.strip(). From the end by hand: a pattern would look at every run of spaces within the text, to its end. */
export function strip(text: string): string {
  let end = text.length;
  while (end > 0 && !NOT_SPACE.test(text[end - 1] as string)) end--;
  return text.slice(0, end).replace(LEADING, '');
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** urllib.parse.unquote_plus: "+" is a space, runs of %xx are UTF-8, what is not becomes U+FFFD. */
export function unquotePlus(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/(?:%[0-9a-fA-F]{2})+/g, (run) =>
      decoder.decode(Uint8Array.from(run.slice(1).split('%'), (pair) => Number.parseInt(pair, 16))),
    );
}
