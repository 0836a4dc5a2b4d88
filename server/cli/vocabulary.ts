/** `twostep pack info --vocabulary`: the words that a pack understands. */
import type { Vocabulary } from '../../models/vocabulary.js';
import { EXIT, type ExitCode } from '../node/exit-codes.js';
import { findPack } from '../packs/list.js';
import { readVocabulary } from '../packs/vocabulary.js';
import type { PackDependencies } from './pack.js';

/** @param wanted folder or id; undefined means the best at hand */
export async function runPackVocabulary(wanted: string | undefined, { reporter }: PackDependencies): Promise<ExitCode> {
  const found = await findPack(wanted);
  const vocabulary = await readVocabulary(found);
  reporter.result(
    { type: 'vocabulary', pack: found.pack.id, vocabulary },
    vocabulary ? describeVocabulary(vocabulary) : `Pack ${found.pack.id} does not say which words it understands.`,
  );
  return EXIT.ok;
}

/** One line for each kind of concept and class of words, by their English names. */
function describeVocabulary({ languages, concepts, words, most }: Vocabulary): string {
  const kinds = [...new Set(concepts.map(({ kind }) => kind))];
  const named = (
    entries: readonly { readonly id: string; readonly names: Readonly<Record<string, readonly string[]>> }[],
  ) => entries.map(({ id, names }) => names['en']?.[0] ?? id).join(', ');
  const lines: [string, string][] = [
    ['languages', languages.join(', ')],
    ...kinds.map((kind): [string, string] => [kind, named(concepts.filter((concept) => concept.kind === kind))]),
    ...(['colour', 'size', 'place', 'relation', 'light', 'direction', 'style'] as const).map(
      (name): [string, string] => [name, named(words[name])],
    ),
    ['counts to', most === null ? 'not taught' : String(most)],
  ];
  return lines.map(([name, value]) => `${name.padEnd(10)}  ${value}`).join('\n');
}
