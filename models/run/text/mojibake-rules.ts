/**
 * Which neighbouring characters look like UTF-8 that was read in another encoding.
 *
 * Captions were cleaned with ftfy, so its judgement is part of the model: the categories and rules are those of ftfy
 * 6.3.1, `ftfy.badness` (Copyright Robyn Speer, Apache-2.0), put as data. The general rules are sequences of
 * categories, the particular ones are typical sequences of one encoding.
 */
import { python } from './python.js';

/** Contents of character classes. */
const CATEGORIES: Readonly<Record<string, string>> = {
  /** In many contexts, and no sign by themselves. */
  common: '\\xa0\\xad\\xb4\\xb7\\u2013-\\u2015\\u2019\\u2026',
  control: '\\x80-\\x9f',
  /** Hardly ever meant. */
  bad: '\\xa4\\xa6\\xa8\\xaa\\xac\\xaf\\xb8\\xba\\u0192\\u02c6\\u02c7\\u02d8\\u02db\\u02dc\\u2020\\u2021\\u2030\\u2310\\u25ca\\ufffd',
  law: '\\xa7\\xb6',
  currency: '\\xa2\\xa3\\xa5\\u20a7\\u20ac',
  opening: '\\xa1\\xa9\\xab\\xbf\\u0384\\u0385\\u2018\\u201a\\u201c\\u201e\\u2022\\u2039\\uf8ff',
  closing: '\\xae\\xbb\\u02dd\\u201d\\u203a\\u2122',
  numeric:
    '\\xb1-\\xb3\\xb5\\xb9\\xbc-\\xbe\\xd7\\xf7\\u2044\\u2116\\u2202\\u2206\\u220f\\u2211\\u221a\\u221e\\u2229\\u222b\\u2248\\u2260\\u2261\\u2264\\u2265',
  /** Letters of faces that people draw with characters. */
  kaomoji: '\\xb0\\xd2-\\xd6\\xd9-\\xdc\\xf2-\\xf6\\xf8-\\xfc\\u014c\\u0150\\u016a\\u0172',
  /** Accented Latin letters (and Ghe with upturn), without those of faces. */
  capital:
    '\\xc0-\\xd1\\xd8\\xdc\\xdd\\u0100\\u0102\\u0104\\u0106\\u010c\\u010e\\u0110\\u0112\\u0116\\u0118\\u011a\\u011e\\u0122\\u012a\\u0130' +
    '\\u0136\\u0139\\u013b\\u013d\\u0141\\u0143\\u0145\\u0147\\u0152\\u0158\\u015a\\u015e\\u0160\\u0162\\u0164\\u016e\\u0170\\u0178\\u0179\\u017b\\u017d\\u0490',
  small:
    '\\xdf-\\xf1\\xfc\\u0101\\u0103\\u0105\\u0107\\u010d\\u010f\\u0111\\u0113\\u0117\\u0119\\u011b\\u011f\\u0123\\u012b\\u012f\\u0137\\u013a' +
    '\\u013c\\u013e\\u0142\\u0153\\u0155\\u015b\\u015f\\u0161\\u0165\\u017a\\u017c\\u017e\\u0491\\ufb01\\ufb02',
  /** Greek and Cyrillic, which also end words. */
  otherCapital: '\\xde\\u0386\\u0388-\\u038a\\u038c\\u038e\\u038f\\u0391-\\u03ab\\u0401-\\u042f',
  otherSmall: '\\u03ac-\\u03c9\\u0430-\\u045f',
  box: '\\u2502\\u250c\\u2510\\u2518\\u251c\\u2524\\u252c\\u253c\\u2550-\\u256c\\u2580\\u2584\\u2588\\u258c\\u2590-\\u2593',
};

/** One character class a word; in braces a category. */
const GENERAL_RULES = [
  '[{control}]',
  '[{bad}{small}{capital}{box}{opening}{closing}{currency}{numeric}{law}] [{bad}]',
  '[a-zA-Z] [{otherSmall}{otherCapital}] [{bad}]',
  '[{bad}] [{small}{capital}{box}{opening}{closing}{currency}{numeric}{law}]',
  '[{small}{otherSmall}{box}{closing}{currency}{numeric}] [{capital}]',
  '[{box}{closing}{currency}{numeric}] [{small}]',
  '[{small}{box}{closing}] [{currency}]',
  '\\s [{capital}] [{currency}]',
  '[{capital}{box}] [{numeric}{law}]',
  '[{small}{capital}{box}{currency}{closing}] [{opening}] [{numeric}]',
  '[{small}{capital}{currency}{numeric}{box}{law}] [{closing}] [{opening}]',
  '[{currency}{numeric}{box}] [{opening}]',
  '[a-z] [{capital}] [{opening}{currency}]',
  '[{box}] [{kaomoji}]',
  '[{small}{capital}{currency}{numeric}{opening}{closing}{law}] [{box}]',
  '[{box}] [{closing}]',
  '[{small}{capital}] [{opening}{closing}] \\w',
];

const PARTICULAR_RULES = [
  // The ligature oe before anything but a plain letter; a degree sign behind a capital; a multiplication sign and a
  // power.
  '[Œœ] [^A-Za-z]',
  '[{capital}] °',
  '× [²³]',
  // Windows-1252: two characters; Arabic, whose signs are common, so that four are asked for; South Asian scripts.
  '[ÂÃÎÐ] [€œŠš¢£Ÿž\\xa0\\xad®©°·»{opening}{closing}–—´]',
  '[ØÙ] [{common}{currency}{bad}{numeric}{opening}ŸŠ®°µ»] [ØÙ] [{common}{currency}{bad}{numeric}{opening}ŸŠ®°µ»]',
  'à [²µ¹¼½¾]',
  // MacRoman.
  '√ [±∂†≠®™´≤≥¥µø]',
  '≈ [°¢]',
  '‚ Ä [ìîïòôúùû†°¢π]',
  '‚ [âó] [àä°ê]',
  // Windows-1251: punctuation; Latin-1 and Cyrillic, three characters of them; Latin-1 upon Windows-1252 beside Latin
  // letters.
  'в Ђ',
  '[ВГРС] [{control}{bad}{opening}{closing}{currency}°µ] [ВГРС]',
  'Г ў В Ђ В . [A-Za-z\\x20]',
  // Windows-1252: à, á, and spaces that were no-break spaces; Â before the very character that it stands for.
  'Ã [\\xa0¡]',
  '[a-z] \\s? [ÃÂ] \\x20',
  '^ [ÃÂ] \\x20',
  '[a-z.,?!{closing}] Â [\\x20{opening}{closing}]',
  // Windows-1253: punctuation; Latin-1 and Greek. Windows-1257: punctuation.
  'β € [™\\xa0Ά\\xad®°]',
  '[ΒΓΞΟ] [{control}{bad}{opening}{closing}{currency}°] [ΒΓΞΟ]',
  'ā €',
];

const BADNESS = python(
  [...GENERAL_RULES, ...PARTICULAR_RULES]
    .map((rule) =>
      rule.replaceAll(' ', '').replace(/\{(\w+)\}/g, (_, category: string) => CATEGORIES[category] as string),
    )
    .join('|'),
);

/** Whether the text has a sequence that is much likelier to be mojibake than meant. */
export function looksBroken(text: string): boolean {
  return BADNESS.test(text);
}
