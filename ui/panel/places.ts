/** Places of a run: in view, and on the canvas. Those of another try stand among what the try before has finished. */
import type { Where } from '../../plugin/messages.js';
import { placeOf, type State, type Tile } from './state.js';

/**
 * @param places of the pictures that are to be drawn
 * @param among of the try before, in their order: the first place is for the first that was missing there, and so on
 * @param of the picture of a key that is still in view
 * @returns all that is in view from now on
 */
export function joinPlaces(
  places: readonly Tile[],
  among: readonly Tile[],
  of: (key: string) => Tile | undefined,
): readonly Tile[] {
  const rest = [...places];
  const before = among.flatMap(({ key, state }) => (state === 'done' ? (of(key) ?? []) : rest.splice(0, 1)));
  return [...before, ...rest];
}

/**
 * Where pictures go as they come. What the try before has placed stays as it is.
 *
 * @returns `pictures` are those among which the canvas divides the room; their order counts
 */
export function roomFor(
  state: State,
  places: readonly Tile[],
  view: readonly Tile[],
): { readonly where: Where; readonly pictures: readonly Tile[] } {
  const { where, layers } = placeOf(state);
  // Layer j is for picture j, whichever try drew it.
  if (layers > 1) return { where, pictures: view };
  // A single layer is the first picture's.
  return { where: layers === 1 && view[0] !== places[0] ? 'beside' : where, pictures: places };
}
