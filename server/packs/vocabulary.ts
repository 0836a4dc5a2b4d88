/** The words that a pack on disk understands. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GenerateError } from '../../models/protocol.js';
import { parseVocabulary } from '../../models/run/vocabulary/parse.js';
import { VOCABULARY_LIMITS, type Vocabulary } from '../../models/vocabulary.js';
import type { PackFolder } from './folder.js';

/** @returns null for a pack that says nothing of words @throws GenerateError `damaged-pack` */
export async function readVocabulary({ folder, pack }: PackFolder): Promise<Vocabulary | null> {
  if (pack.vocabulary === undefined) return null;
  const path = join(folder, pack.vocabulary);
  try {
    const { size } = await stat(path);
    if (size > VOCABULARY_LIMITS.bytes) throw new Error(`it has ${size} bytes, more than ${VOCABULARY_LIMITS.bytes}`);
    return parseVocabulary(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    const why = (cause as Error).message;
    throw new GenerateError('damaged-pack', `"${pack.vocabulary}" of pack ${pack.id} can not be used: ${why}.`, {
      cause,
    });
  }
}
