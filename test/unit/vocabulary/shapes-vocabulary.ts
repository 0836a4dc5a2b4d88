import { readFileSync } from 'node:fs';
import { parseVocabulary } from '../../../models/run/vocabulary/parse.js';

const FILE = new URL('shapes-vocabulary.json', import.meta.url);

/** A vocabulary without scenes: 24 shapes, patterns, landscapes and their words in five languages, as the first starter had it. */
export const SHAPES = parseVocabulary(JSON.parse(readFileSync(FILE, 'utf8')) as unknown);
