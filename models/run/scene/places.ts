/** Landscapes, and one thing in them: standing on the ground, or in the sky beside the sun. */
import type { Concept } from '../../vocabulary.js';
import type { Cast, Setting } from './compose-scene.js';
import type { Scene } from './scene.js';

const LIGHTS = ['day', 'sunset', 'night'] as const;
const VARIANTS = [1, 2, 3, 4, 5] as const;
/** Variants whose sun or moon is on the right. */
const SUN_RIGHT: ReadonlySet<number> = new Set([2, 5]);
const SIDE = 6;
/** What a landscape has anyway. */
export const SKY: ReadonlySet<string> = new Set(['sun', 'crescent']);
const ABOVE: ReadonlySet<string> = new Set(['above']);

export function scenery(land: Concept, cast: readonly Cast[], setting: Setting): Scene {
  const { choices, intent, pins, rules } = setting;
  const light = intent.lights[0]?.meaning.id ?? choices.pick('background', LIGHTS) ?? 'day';
  const variant = Number(pins.variant) || (choices.pick('variant', VARIANTS) ?? 1);
  const ground = land.ground ?? 'hills';
  const one = cast.find(({ concept }) => !SKY.has(concept.id));
  const rest = { ground, colours: [], direction: null, light, variant };
  if (!one) return { ...rest, things: [] };
  const flies = rules.flying.includes(one.concept.id) || ABOVE.has(one.noun.joint?.meaning.id ?? '');
  const isLeft = SUN_RIGHT.has(variant);
  const box = flies ? { left: isLeft ? 1 : 9, top: 1 } : { left: isLeft ? 2 : 8, top: 8 };
  return { ...rest, things: [{ token: one.drawing.token, colour: one.colour, side: SIDE, ...box }] };
}
