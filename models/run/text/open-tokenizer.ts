/** A pack's tokenizer.json, of one of the kinds that models here were trained with. */
import { createTokenizer, type PromptTokenizer } from './tokenize.js';
import { createClipTokenizer, hasBytePairs } from './tokenize-clip.js';

/** @throws Error that names what this tokenizer.json has and we do not know */
export const openTokenizer = (tokenizerJson: unknown, options: { readonly maximum: number }): PromptTokenizer =>
  hasBytePairs(tokenizerJson) ? createClipTokenizer(tokenizerJson, options) : createTokenizer(tokenizerJson, options);
