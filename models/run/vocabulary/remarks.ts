/** What was understood of a prompt, in sentences for the person. */
import type { Reading, Vocabulary } from '../../vocabulary.js';

/** Classes of what is seen, in the order in which they are said. */
const ORDER = ['concept', 'colour', 'size', 'count', 'place', 'light', 'direction'];
/** More of one kind are no help at a glance. */
const SHOWN = 20;

/** Whether every word was understood as it was written. */
export const isWhole = ({ unknown, corrected, left, beyond }: Reading): boolean =>
  unknown.length + corrected.length + left.length + beyond.length === 0;

/**
 * "Drew: star, yellow, large. Not understood: fox."
 *
 * @param asWritten the words were drawn as they stand, whatever was understood
 */
export function describeReading(
  reading: Reading,
  { most }: Vocabulary,
  { asWritten = false }: { readonly asWritten?: boolean } = {},
): string {
  const { understood, beyond, drawn, language, says } = reading;
  const names = ORDER.flatMap((one) => understood.filter((word) => word.class === one)).map(({ name }) => name);
  return [
    ...(asWritten ? ['Drawn as it is written.'] : []),
    names.length > 0 ? `${asWritten ? 'Understood' : 'Drew'}: ${list(names)}.` : 'Nothing of it was understood.',
    ...remarksOf(asWritten ? { ...reading, corrected: [], left: [] } : reading),
    ...(beyond.length > 0
      ? [`It draws at most ${most} of a thing, so not ${list(beyond.map(({ value }) => `${value}`))}.`]
      : []),
    ...(language === 'en' || !says || asWritten ? [] : [`In English: ${drawn}.`]),
  ].join(' ');
}

/** Why nothing is drawn, and what could be. */
export function describeUnknown(reading: Reading, vocabulary: Vocabulary): string {
  const near = reading.unknown.flatMap(({ text, nearest }) =>
    nearest.length > 0 ? [`for "${text}" ${nearest.join(', ')}`] : [],
  );
  const examples = vocabulary.concepts
    .filter((_, at) => at % Math.max(1, Math.floor(vocabulary.concepts.length / EXAMPLES)) === 0)
    .slice(0, EXAMPLES)
    .map(({ names, id }) => names['en']?.[0] ?? id);
  return [
    'Nothing was drawn, because no word says what to draw that this model knows.',
    ...remarksOf(reading),
    near.length > 0 ? `Nearest: ${near.slice(0, SHOWN).join('; ')}.` : `It knows, for example: ${examples.join(', ')}.`,
  ].join(' ');
}

const EXAMPLES = 8;

function remarksOf({ unknown, corrected, left }: Reading): string[] {
  const quoted = left.map(({ text }) => `"${text}"`);
  return [
    ...(unknown.length > 0 ? [`Not understood: ${list(unknown.map(({ text }) => text))}.`] : []),
    ...(corrected.length > 0 ? [`Read as: ${list(corrected.map(({ text, as }) => `${text} -> ${as}`))}.`] : []),
    ...(left.length > 0 ? [`Left out: ${list(quoted)}.`] : []),
  ];
}

function list(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  return distinct.slice(0, SHOWN).join(', ') + (distinct.length > SHOWN ? ', …' : '');
}
