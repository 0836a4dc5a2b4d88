/** Words for each of the selected layers: what the layer is about, then what is in the field ("Coast" and "at sunset"). */
import { LIMITS } from '../../models/protocol.js';
import { escapeWords, joinLines } from '../../models/wildcards.js';
import { placeOf, type State } from './state.js';

/** Whether several layers are to be filled, each with words of its own. */
export const hasLayerWords = (state: State): boolean => state.settings.layerWords && placeOf(state).layers > 1;

/**
 * A prompt of a line for each layer that can be filled, in the order in which pictures fill them; what a layer is about stands as it is, the
 * field may have choices. A layer that says nothing gets the field alone.
 *
 * @returns null where that gives no words to each of them: the field's words are all there is
 */
export function promptForLayers(state: State): string | null {
  if (!hasLayerWords(state)) return null;
  const open = state.targets.filter(({ hindrance }) => hindrance === null).slice(0, LIMITS.pictures);
  const labels = open.map(({ id }) => state.labels.find((one) => one.id === id)?.label ?? null);
  const rest = joinLines(state.prompt).trim();
  const isSilent = (label: string | null) => label === null;
  if (labels.every(isSilent) || (rest === '' && labels.some(isSilent))) return null;
  return labels.map((label) => [label === null ? '' : escapeWords(label), rest].filter(Boolean).join(' ')).join('\n');
}
