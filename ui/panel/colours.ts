/** Which colours flat images get: their own, those of the file, or a palette of the person's. */
import { LIMITS } from '../../models/protocol.js';
import { readPalette } from '../../models/request/palette.js';
import type { FileColour } from '../../plugin/messages.js';
import type { State, Tile } from './state.js';

/** Each colour once, as many as a request takes. */
export const coloursOfFile = ({ fileColours }: State): readonly string[] =>
  [...new Set(fileColours.map(({ colour }) => colour))].slice(0, LIMITS.palette);

/** What is typed, as far as it is a palette: one colour is none. */
export function coloursTyped(text: string): readonly string[] {
  const read = readPalette(text);
  return 'colours' in read && read.colours.length > 1 ? read.colours.slice(0, LIMITS.palette) : [];
}

/** What the next images get; none are their own. */
export function paletteOf(state: State): string[] {
  const { colours, palette } = state.settings;
  const chosen = { drawn: [], file: coloursOfFile(state), palette: coloursTyped(palette) }[colours];
  return chosen.length > 1 ? [...chosen] : [];
}

/** What another press of the image's menu would give it: the chosen colours, or else those of the file; its own where it has others. */
export function otherColours(state: State, { request }: Tile): string[] | null {
  if (request.palette.length > 0) return [];
  const chosen = paletteOf(state);
  const other = chosen.length > 0 ? chosen : [...coloursOfFile(state)];
  return other.length > 1 ? other : null;
}

/** Styles and variables that an image's layers are bound to. */
export const boundTo = ({ fileColours }: State, { request }: Tile): readonly FileColour[] =>
  fileColours.filter(({ colour }) => request.palette.includes(colour));
