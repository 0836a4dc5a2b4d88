/** vocabulary.json of a pack, which may be a stranger's. */
import { Vocabulary } from '../../vocabulary.js';

/** @throws Error that says where the file is not what it should be */
export function parseVocabulary(json: unknown): Vocabulary {
  const parsed = Vocabulary.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`);
  throw new Error(`The vocabulary is not valid: ${faults.join('; ')}`);
}
