import { readFileSync } from 'node:fs';
import { parseVocabulary } from '../../../models/run/vocabulary/parse.js';

/** That of a pack that composes scenes of 212 drawings and 81 icons, as the trainer writes it. */
export const DRAWINGS = parseVocabulary(
  JSON.parse(readFileSync(new URL('vocabulary.json', import.meta.url), 'utf8')) as unknown,
);
