/**
 * A scene leaves nothing open: what stands where, in which colours, on what ground. Packs whose vocabulary has `scene` are told a scene in
 * the words of their own language; their text encoder never reads what a person wrote.
 *
 *     kheart cred s6 x1 y5 kstar cyellow s6 x9 y5 gplain cnavy
 *     gstripes cblue cwhite dvertical v1
 *
 * The same language as in models/train/twostep_train/scenes/language.py, which says what its words mean; a test holds the two together.
 */

/** A box on the grid of tokens: the side, and the left and upper edge. */
export type Box = { readonly side: number; readonly left: number; readonly top: number };

export type SceneThing = Box & {
  /** The word of a drawing ("kfox"). */
  readonly token: string;
  /** Id of its colour; null where it has colours of its own. */
  readonly colour: string | null;
};

export type Scene = {
  /** In the order in which they are painted. */
  readonly things: readonly SceneThing[];
  /** "plain", "gradient", "stripes", "hills". */
  readonly ground: string;
  /** Ids of the ground's colours, in the order of its kind. */
  readonly colours: readonly string[];
  readonly direction: string | null;
  readonly light: string | null;
  /** Which of a ground's forms, from 1; null on a plain one, which has one. */
  readonly variant: number | null;
};

/** A word of the language: kind "c" and "light blue" are "clightblue". */
export const word = (kind: string, name: string | number): string => kind + String(name).replaceAll(' ', '');

export function sayScene({ things, ground, colours, direction, light, variant }: Scene): string {
  return [
    ...things.flatMap(({ token, colour, side, left, top }) => [
      token,
      ...(colour === null ? [] : [word('c', colour)]),
      word('s', side),
      word('x', left),
      word('y', top),
    ]),
    word('g', ground),
    ...colours.map((colour) => word('c', colour)),
    ...(direction === null ? [] : [word('d', direction)]),
    ...(light === null ? [] : [word('l', light)]),
    ...(variant === null ? [] : [word('v', variant)]),
  ].join(' ');
}
