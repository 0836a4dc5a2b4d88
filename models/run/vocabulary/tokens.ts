/** A prompt in words, each with its place in the prompt and its plain form. */

export type Token = {
  /** In the prompt, in UTF-16 units, as `slice` counts. */
  readonly start: number;
  readonly end: number;
  /** In plain form (`fold`). */
  readonly word: string;
  /** Of a run of a script without spaces; its word is one character. */
  readonly isSpaceless: boolean;
  /** Whether a comma, a full stop or another mark stands before it. */
  readonly isAfterBreak: boolean;
};

/** Scripts that are written without spaces, with the marks that lengthen or repeat a character. */
const SPACELESS =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}ー々〆ヶﾞﾟ';
/** A digit belongs to the run that it begins: "3つの". */
const TOKEN = new RegExp(`\\p{N}*[${SPACELESS}]+|(?:(?![${SPACELESS}])[\\p{L}\\p{M}\\p{N}])+%?`, 'gu');
const IS_SPACELESS = new RegExp(`[${SPACELESS}]`, 'u');
/** What ends a phrase. Apostrophes, hyphens and quotation marks do not. */
const BREAK = /[,;:.!?()\n、。・]/;
/** A character with the marks that turn it into another one. */
const CHARACTER = /[\s\S][\u3099\u309A\uFF9E\uFF9F]*/gu;

/** Most of what is read; the rules of Unicode take ten times as long. */
const IS_PLAIN = /^[\x20-\x7e]*$/;
const PLAIN_TOKEN = /[A-Za-z0-9]+%?/g;

const LETTERS: Readonly<Record<string, string>> = { ß: 'ss', œ: 'oe', æ: 'ae', ø: 'o', ł: 'l', ı: 'i' };

/**
 * The form in which words are compared: NFKC, lower case, Latin and Greek letters without their accents. Marks of other
 * scripts stay, since they make other letters (ガ is not カ).
 */
export function fold(text: string): string {
  if (IS_PLAIN.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(/([\p{Script=Latin}\p{Script=Greek}])\p{M}+/gu, '$1')
    .normalize('NFC')
    .replace(/[ßœæøłı]/g, (letter) => LETTERS[letter] ?? letter);
}

export function tokensOf(prompt: string): Token[] {
  const tokens: Token[] = [];
  let before = 0;
  const isPlain = IS_PLAIN.test(prompt);
  for (const { 0: text, index } of prompt.matchAll(isPlain ? PLAIN_TOKEN : TOKEN)) {
    const isAfterBreak = BREAK.test(prompt.slice(before, index));
    before = index + text.length;
    if (isPlain || !IS_SPACELESS.test(text)) {
      tokens.push({ start: index, end: before, word: fold(text), isSpaceless: false, isAfterBreak });
      continue;
    }
    let start = index;
    for (const [character] of text.matchAll(CHARACTER)) {
      const end = start + character.length;
      tokens.push({
        start,
        end,
        word: fold(character),
        isSpaceless: true,
        isAfterBreak: isAfterBreak && start === index,
      });
      start = end;
    }
  }
  return tokens;
}

/** The key under which a name is found: its plain words, with spaces between them where its script has them. */
export const keyOf = (name: string): string => keyOfTokens(tokensOf(name));

export function keyOfTokens(tokens: readonly Token[]): string {
  let key = '';
  for (const { word, isSpaceless } of tokens) key += isSpaceless || key === '' ? word : ` ${word}`;
  return key;
}
