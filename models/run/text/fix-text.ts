/**
 * `ftfy.fix_text` of ftfy 6.3.1 with its default settings: broken encodings, entities, ligatures, widths, quotes,
 * controls, NFC.
 */
import { namedCharacter, unescapeHtml } from './entities.js';
import { fixControls, fixEncoding } from './mojibake.js';

/** Each line by itself, until nothing changes. Entities are left alone from the first line on that has a "<". */
export function fixText(text: string): string {
  let unescapes = true;
  let fixed = '';
  for (const line of text.match(/[^\n]*\n|[^\n]+/g) ?? []) {
    if (line.includes('<')) unescapes = false;
    fixed += fixLine(line, unescapes);
  }
  return fixed;
}

function fixLine(line: string, unescapes: boolean): string {
  for (let current = line; ; ) {
    let fixed = unescapes ? unescapeUnambiguous(current) : current;
    fixed = fixEncoding(fixed);
    fixed = fixControls(fixed)
      .replace(LIGATURE, (ligature) => LIGATURES[ligature] as string)
      .replace(/[\u3000\uff01-\uffef]/g, (wide) => (wide === '\u3000' ? ' ' : wide.normalize('NFKC')))
      .replace(/[\u201c-\u201f]/g, '"')
      .replace(/[\u02bc\u2018-\u201b]/g, "'")
      .replace(/\r\n|[\r\u2028\u2029\x85]/g, '\n')
      .replace(/\p{Cs}/gu, '\ufffd')
      .replace(TERMINAL_ESCAPE, '')
      .replace(CONTROL, '')
      .normalize('NFC');
    if (fixed === current) return fixed;
    current = fixed;
  }
}

/** Latin ligatures and digraphs that are one character for typographical or historical reasons. */
const LIGATURES: Readonly<Record<string, string>> = {
  Ĳ: 'IJ',
  ĳ: 'ij',
  ŉ: 'ʼn',
  Ǳ: 'DZ',
  ǲ: 'Dz',
  ǳ: 'dz',
  Ǆ: 'DŽ',
  ǅ: 'Dž',
  ǆ: 'dž',
  Ǉ: 'LJ',
  ǈ: 'Lj',
  ǉ: 'lj',
  Ǌ: 'NJ',
  ǋ: 'Nj',
  ǌ: 'nj',
  ﬀ: 'ff',
  ﬁ: 'fi',
  ﬂ: 'fl',
  ﬃ: 'ffi',
  ﬄ: 'ffl',
  ﬅ: 'ſt',
  ﬆ: 'st',
};
const LIGATURE = new RegExp(`[${Object.keys(LIGATURES).join('')}]`, 'g');

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const TERMINAL_ESCAPE = /\x1b\[[\p{Nd};]*[a-zA-Z]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\x00-\x08\x0b\x0e-\x1f\x7f\u206a-\u206f\ufeff\ufff9-\ufffc]/g;

/** Entities that end in a semicolon; names of one case also in capitals ("&EACUTE;" is "É"). */
function unescapeUnambiguous(text: string): string {
  return text.replace(/&(#?[0-9A-Za-z]{1,24});/g, (whole, name: string) => {
    if (name.startsWith('#')) {
      const unescaped = unescapeHtml(whole);
      return unescaped.includes(';') ? whole : unescaped;
    }
    return namedCharacter(name) ?? namedInCapitals(whole, name) ?? whole;
  });
}

function namedInCapitals(whole: string, name: string): string | undefined {
  const lower = name.toLowerCase();
  if (lower.toUpperCase() !== name || unescapeHtml(whole) !== whole) return undefined;
  return namedCharacter(lower)?.toUpperCase();
}
