/**
 * A prompt as CLIP's own tokenizer reads it: broken text mended (ftfy), white space collapsed, lower case. Transformers' `CLIPTokenizer` does so
 * where ftfy is installed, and models that read CLIP were trained on what it gives.
 */
import { fixText } from './fix-text.js';
import { python, strip } from './python.js';

const SPACES = python('\\s+', 'g');

export const cleanForClip = (text: string): string => strip(fixText(text).replace(SPACES, ' ')).toLowerCase();
