/**
 * What is drawn apart from the rest of a scene: icons, each alone and large in ink on paper. A program gives them their colour and
 * size and lays them over the rest (models/run/ink.ts).
 *
 * A thin line has other codes in every colour and size and on every ground. A network that had to know all of them drew 163 icons of
 * 392 well; this way it has a thousandth of that to remember (models/train/LOG.md).
 */
import type { InkRule, SceneRules, Vocabulary } from '../../vocabulary.js';
import { placeBox } from './layout.js';
import type { Scene, SceneThing } from './scene.js';

export type Rgb = readonly [red: number, green: number, blue: number];

/** A square, in shares of the picture's sides. */
export type Square = { readonly left: number; readonly top: number; readonly side: number };

/** Where an icon stands, and its colour. */
export type Mark = Square & { readonly rgb: Rgb };

export type Icon = {
  /** The icon in ink on paper, in the middle of its picture. */
  readonly scene: Scene;
  /** Everywhere that it stands. */
  readonly marks: readonly Mark[];
};

export type Separated = {
  /** What the networks draw as it stands; null where nothing is left but a ground of one colour. */
  readonly base: Scene | null;
  /** The ground's colour where there is no base. */
  readonly ground: Rgb;
  /** Each once, however often it stands in the scene. At least one. */
  readonly icons: readonly Icon[];
  /** Where an icon lies in its own picture. */
  readonly box: Square;
  readonly ink: Rgb;
  readonly paper: Rgb;
};

/**
 * @param how.isOverPicture what is there is drawn over, so that a ground of one colour has to be drawn as well
 * @returns null for a scene without such drawings, and for packs whose networks draw them as they are asked for
 */
export function separateInk(scene: Scene, vocabulary: Vocabulary, { isOverPicture = false } = {}): Separated | null {
  const rules = vocabulary.scene;
  if (!rules?.ink) return null;
  const { ink, grid } = rules;
  const tokens = inkTokens(vocabulary);
  const inked = scene.things.filter(({ token }) => tokens.has(token));
  if (inked.length === 0) return null;
  const rest = scene.things.filter(({ token }) => !tokens.has(token));
  const isBare = !isOverPicture && rest.length === 0 && scene.ground === 'plain';
  const markOf = (thing: SceneThing): Mark => ({
    ...inShares(thing, grid),
    rgb: rgbOf(thing.colour ?? ink.colour, vocabulary),
  });
  return {
    base: isBare ? null : { ...scene, things: rest.length > 0 ? rest : bare(scene, vocabulary) },
    ground: rgbOf(scene.colours[0], vocabulary),
    icons: [...new Set(inked.map(({ token }) => token))].map((token) => ({
      scene: onPaper(token, ink, rules),
      marks: inked.filter((thing) => thing.token === token).map(markOf),
    })),
    box: inShares(boxOf(rules), grid),
    ink: rgbOf(ink.colour, vocabulary),
    paper: rgbOf(ink.paper, vocabulary),
  };
}

/**
 * A tile was never practised with nothing on it, and draws a stain into the corner. With a circle of its own colour, which nobody sees, it
 * is clean. Every other ground is practised bare.
 */
function bare({ ground, colours }: Scene, { concepts, scene }: Vocabulary): readonly SceneThing[] {
  const circle = concepts.find(({ id }) => id === 'circle')?.drawings?.[0];
  if (ground !== 'badge' || !circle || !scene) return [];
  const box = placeBox('center', scene.sizes.medium, scene.grid);
  return [{ token: circle.token, colour: colours[0] ?? null, ...box }];
}

const boxOf = ({ sizes, grid }: SceneRules) => placeBox('center', sizes.large, grid);

const inShares = ({ side, left, top }: Square, grid: number): Square => ({
  left: left / grid,
  top: top / grid,
  side: side / grid,
});

const onPaper = (token: string, { colour, paper }: InkRule, rules: SceneRules): Scene => ({
  things: [{ token, colour, ...boxOf(rules) }],
  ground: 'plain',
  colours: [paper],
  direction: null,
  light: null,
  variant: null,
});

const listed = new WeakMap<Vocabulary, ReadonlySet<string>>();

function inkTokens(vocabulary: Vocabulary): ReadonlySet<string> {
  const known = listed.get(vocabulary);
  if (known) return known;
  const icons = vocabulary.concepts.filter(({ kind }) => kind === 'icon').flatMap(({ drawings = [] }) => drawings);
  const tokens = new Set(icons.filter(({ colours }) => colours === 'any').map(({ token }) => token));
  listed.set(vocabulary, tokens);
  return tokens;
}

/** Of a colour by its id; black where a vocabulary does not say. */
function rgbOf(id: string | undefined, { words }: Vocabulary): Rgb {
  const value = Number.parseInt(words.colour.find((colour) => colour.id === id)?.rgb ?? '000000', 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
