/** What a prompt says of a picture's colours and of what it shows, for its layers. */

import type { GenerateRequest } from '../../protocol.js';
import { nameColour } from '../../vector/names.js';
import type { NamedColour } from '../../vector/palette.js';
import { colourOf } from '../../vector/recolour.js';
import type { Told } from '../../vector/vectorise.js';
import type { Vocabulary } from '../../vocabulary.js';
import { wordsOf } from '../../wildcards.js';
import { readPrompt } from './read.js';

export function toldBy(prompt: string, vocabulary: Vocabulary): Told {
  const { understood } = readPrompt(prompt, vocabulary);
  const colours = vocabulary.words.colour.map((colour): NamedColour & { readonly id: string } => ({
    id: colour.id,
    name: nameOf(colour),
    rgb: [partOf(colour.rgb, 0), partOf(colour.rgb, 2), partOf(colour.rgb, 4)],
  }));
  const said = new Set(understood.flatMap(({ class: kind, id }) => (kind === 'colour' ? [id] : [])));
  const concepts = understood.filter(({ class: kind }) => kind === 'concept');
  const only = concepts.length === 1 ? vocabulary.concepts.find(({ id }) => id === concepts[0]?.id) : undefined;
  const isThing = only?.kind === 'thing' || only?.kind === 'icon';
  return {
    known: colours,
    said: colours.filter(({ id }) => said.has(id)),
    ...(only && isThing ? { thing: nameOf(only) } : {}),
  };
}

/**
 * What a request says of its picture's colours and of what it shows.
 *
 * @param vocabulary of its pack, where that is known
 */
export function toldOf(
  request: Pick<GenerateRequest, 'prompt' | 'seeds' | 'palette'>,
  vocabulary: Vocabulary | null | undefined,
): Told {
  const told = vocabulary ? toldBy(wordsOf(request), vocabulary) : { known: [], said: [] };
  const palette = request.palette.map(colourOf).map((rgb): NamedColour => ({ name: nameColour(rgb), rgb }));
  return palette.length > 0 ? { ...told, said: palette } : told;
}

/** Names of layers are in English, as those of shapes are. */
const nameOf = ({ id, names }: { readonly id: string; readonly names: Readonly<Record<string, readonly string[]>> }) =>
  names['en']?.[0] ?? id;

const partOf = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
