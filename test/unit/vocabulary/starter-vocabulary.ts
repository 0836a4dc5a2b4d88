import { readFileSync } from 'node:fs';
import { parseVocabulary } from '../../../models/run/vocabulary/parse.js';
import { EMBEDDED_PACK } from '../../../server/setup/embed.mjs';
import { inRoot } from '../../../server/setup/paths.mjs';

const read = (path: string | URL) => parseVocabulary(JSON.parse(readFileSync(path, 'utf8')) as unknown);

/** That of the pack that comes along, which composes scenes. */
export const STARTER = read(inRoot(EMBEDDED_PACK, 'vocabulary.json'));

/** That of the starter before, whose text encoder read what people wrote: 24 shapes, patterns and landscapes. */
export const CAPTIONS = read(new URL('captions-vocabulary.json', import.meta.url));
