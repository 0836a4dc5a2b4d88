/** Landscapes and what is in them: up to three things that stand on the ground, and one in the sky beside the sun. */
import type { Concept } from '../../vocabulary.js';
import type { Cast, Laid, Setting } from './compose-scene.js';
import { membersOf } from './members.js';
import { partsOf, variantOf } from './pins.js';

const LIGHTS = ['day', 'sunset', 'night'] as const;
/** Variants whose sun or moon is on the right. */
const SUN_RIGHT: ReadonlySet<number> = new Set([2, 5]);
const SIDE = 6;
const [STANDING, FLYING] = [3, 1];
/** Left edges of boxes beside each other, by their number. One alone keeps away from the sun. */
const BESIDE: Readonly<Record<number, readonly number[]>> = { 2: [1, 9], 3: [0, 5, 10] };
/** What a landscape has anyway. */
export const SKY: ReadonlySet<string> = new Set(['sun', 'crescent']);
const ABOVE: ReadonlySet<string> = new Set(['above']);

export function scenery(land: Concept, cast: readonly Cast[], setting: Setting): Laid {
  const { choices, intent, pins, rules } = setting;
  const pinned = LIGHTS.find((light) => partsOf('background', pins.background).includes(light));
  // A green hill is green by day.
  const isColoured = intent.nouns.some(
    ({ item, adjectives }) =>
      item.meaning.id === land.id && adjectives.some(({ meaning }) => meaning.class === 'colour'),
  );
  const light =
    intent.lights[0]?.meaning.id ??
    pinned ??
    (isColoured ? 'day' : undefined) ??
    choices.pick('background', LIGHTS) ??
    'day';
  const variant = variantOf(setting);
  const plan = { background: light, variant: String(variant) };
  const ground = land.ground ?? 'hills';
  const members = membersOf(cast.filter(({ concept }) => !SKY.has(concept.id)));
  const flies = ({ concept, noun }: Cast) =>
    rules.flying.includes(concept.id) || ABOVE.has(noun.joint?.meaning.id ?? '');
  const isLeft = SUN_RIGHT.has(variant);
  const standing = members.filter((one) => !flies(one)).slice(0, STANDING);
  const edges = BESIDE[standing.length] ?? [isLeft ? 2 : 8];
  const placed = (one: Cast, left: number, top: number) => ({
    token: one.drawing.token,
    colour: one.colour,
    side: SIDE,
    left,
    top,
  });
  const things = [
    ...members
      .filter(flies)
      .slice(0, FLYING)
      .map((one) => placed(one, isLeft ? 1 : 9, 1)),
    ...standing.map((one, at) => placed(one, edges[at] ?? 8, 8)),
  ];
  return { scene: { things, ground, colours: [], direction: null, light, variant }, plan };
}
