/** Landscapes, and one thing in them: standing on the ground, or in the sky beside the sun. */
import type { Concept } from '../../vocabulary.js';
import type { Cast, Laid, Setting } from './compose-scene.js';
import { partsOf, variantOf } from './pins.js';

const LIGHTS = ['day', 'sunset', 'night'] as const;
/** Variants whose sun or moon is on the right. */
const SUN_RIGHT: ReadonlySet<number> = new Set([2, 5]);
const SIDE = 6;
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
  const one = cast.find(({ concept }) => !SKY.has(concept.id));
  const rest = { ground, colours: [], direction: null, light, variant };
  if (!one) return { scene: { ...rest, things: [] }, plan };
  const flies = rules.flying.includes(one.concept.id) || ABOVE.has(one.noun.joint?.meaning.id ?? '');
  const isLeft = SUN_RIGHT.has(variant);
  const box = flies ? { left: isLeft ? 1 : 9, top: 1 } : { left: isLeft ? 2 : 8, top: 8 };
  const thing = { token: one.drawing.token, colour: one.colour, side: SIDE, ...box };
  return { scene: { ...rest, things: [thing] }, plan };
}
