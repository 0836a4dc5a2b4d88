import { readFileSync } from 'node:fs';
import { parseVocabulary } from '../../../models/run/vocabulary/parse.js';
import { EMBEDDED_PACK } from '../../../scripts/embed.mjs';
import { inRoot } from '../../../scripts/paths.mjs';

/** That of the pack that comes along. */
export const STARTER = parseVocabulary(
  JSON.parse(readFileSync(inRoot(EMBEDDED_PACK, 'vocabulary.json'), 'utf8')) as unknown,
);
