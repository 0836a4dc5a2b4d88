/** What is behind things, and pictures that are nothing but a ground: gradients, patterns, blobs. */
import type { Concept } from '../../vocabulary.js';
import type { Intent, Noun } from '../vocabulary/intent.js';
import type { Cast, Laid, Setting } from './compose-scene.js';
import { BLENDS, DIRECTIONS, joinParts, partsOf, variantOf } from './pins.js';
import type { Scene } from './scene.js';

const PATTERNS: ReadonlySet<string> = new Set(['stripes', 'dots', 'checks', 'wavy lines', 'triangles', 'terrazzo']);
const DIRECTED: ReadonlySet<string> = new Set(['gradient', 'stripes']);

/** What is behind things at a time of day, where no landscape shows it. */
const BY_LIGHT: Readonly<Record<string, readonly string[]>> = {
  day: ['light blue'],
  sunset: ['orange', 'purple'],
  night: ['navy'],
};

const saidOf = ({ ground }: Intent): readonly string[] =>
  ground.filter(({ meaning }) => meaning.class === 'colour').map(({ meaning }) => meaning.id);

const ofLight = ({ lights }: Intent): readonly string[] => BY_LIGHT[lights[0]?.meaning.id ?? ''] ?? [];

/** Whether a time of day decides the ground: "a cat at night", but not "a cat at night on yellow". */
export const isLit = (intent: Intent): boolean => saidOf(intent).length === 0 && ofLight(intent).length > 0;

/** Ids of the colours that the prompt gives to the ground, or else the plan. */
export const groundColoursOf = ({ intent, pins, rules }: Setting): readonly string[] => {
  const said = saidOf(intent);
  if (said.length > 0) return said;
  if (isLit(intent)) return ofLight(intent);
  // In landscapes it is a time of day.
  return partsOf('background', pins.background).filter((part) => rules.contrast[part]);
};

/** The ground behind things: as it was said, else a calm one on which all of them are seen. */
export function behind(
  cast: readonly Cast[],
  setting: Setting,
): Pick<Scene, 'ground' | 'colours' | 'direction' | 'variant'> {
  const { rules, choices } = setting;
  const said = groundColoursOf(setting);
  if (said.length >= 2)
    return {
      ground: 'gradient',
      colours: said.slice(0, 2),
      direction: saidDirection(setting) ?? 'vertical',
      variant: 1,
    };
  const free = cast.flatMap(({ colour }) => colour ?? []);
  const pale = new Set(cast.flatMap(({ drawing }) => drawing.pale ?? []));
  const fits = (name: string) => !pale.has(name) && free.every((colour) => rules.contrast[colour]?.includes(name));
  const calm = rules.calm.filter(fits);
  const fallback = Object.keys(rules.contrast).filter(fits);
  const colour = said[0] ?? choices.pick('background', calm.length > 0 ? calm : fallback) ?? 'white';
  return { ground: 'plain', colours: [colour], direction: null, variant: null };
}

/** A picture without things. */
export function chooseGround(concept: Concept | undefined, nouns: readonly Noun[], setting: Setting): Laid {
  const { choices, intent, pins } = setting;
  const held: readonly string[] = partsOf('layout', pins.layout);
  const kind = concept?.ground ?? BLENDS.find((blend) => held.includes(blend)) ?? choices.pick('layout', BLENDS);
  const ground = kind ?? 'gradient';
  const said = [...nouns.flatMap(({ adjectives }) => adjectives), ...intent.bare].flatMap(({ meaning }) =>
    meaning.class === 'colour' ? [meaning.id] : [],
  );
  const variant = variantOf(setting);
  const pinned = DIRECTIONS.find((one) => held.includes(one));
  const direction = DIRECTED.has(ground)
    ? (saidDirection(setting) ?? pinned ?? choices.pick('layout', DIRECTIONS) ?? null)
    : null;
  const isBlend = BLENDS.some((blend) => blend === ground);
  const { colours, plan } = PATTERNS.has(ground)
    ? patternColours(ground, [...new Set(said)], setting)
    : blendColours(ground, said, setting);
  return {
    scene: { things: [], ground, light: null, direction, variant, colours },
    plan: {
      ...plan,
      layout: joinParts('layout', [isBlend ? ground : null, direction]),
      variant: String(variant),
    },
  };
}

type Coloured = { readonly colours: readonly string[]; readonly plan: Laid['plan'] };

/** What is drawn in one colour, on a ground of another. Colours that nobody named go with those that somebody did. */
function patternColours(kind: string, said: readonly string[], setting: Setting): Coloured {
  const { choices, rules, pins } = setting;
  const behind = groundColoursOf(setting);
  const onlyBehind = said.length === 0 && behind.length > 1;
  const [first, second] = onlyBehind ? behind : [said[0] ?? pins.colour, said[1] ?? behind[0]];
  const fits = (name: string, other: string) => name !== other && rules.contrast[other]?.includes(name);
  const accents = rules.accents.filter((name) => second === undefined || fits(name, second));
  const one = first ?? choices.pick('colour', accents.length > 0 ? accents : rules.accents) ?? 'blue';
  const calm = rules.calm.filter((name) => fits(name, one));
  const two = second !== undefined && second !== one ? second : (choices.pick('background', calm) ?? 'white');
  const plan = { background: two, colour: one };
  if (kind !== 'terrazzo') return { colours: [one, two], plan };
  const chips = rules.accents.filter((name) => name !== one && fits(name, two));
  return { colours: [two, one, said[2] ?? choices.pick('colour', chips) ?? one, one], plan };
}

/** Colours that run into each other, all of them the background. */
function blendColours(kind: string, said: readonly string[], setting: Setting): Coloured {
  const { choices, rules, pins } = setting;
  const named = [...new Set([...said, ...groundColoursOf(setting)])];
  const names = named.length === 0 && pins.colour !== undefined ? [pins.colour] : named;
  const [first, second, third] = names;
  const pairs = rules.blends.filter((pair) => first === undefined || pair.includes(first));
  const pair = choices.pick('background', pairs.length > 0 ? pairs : rules.blends) ?? ['blue', 'purple'];
  const one = first ?? pair[0];
  const two = second ?? pair.find((name) => name !== one) ?? pair[1];
  const asPlan = (colours: readonly string[]) => ({ colours, plan: { background: joinParts('background', colours) } });
  if (kind === 'mesh') return asPlan([one, two, ...(third === undefined ? [] : [third])]);
  if (kind !== 'blobs') return asPlan([one, two]);
  // Two that are pinned are those of a picture that had no third.
  const held = partsOf('background', pins.background);
  if (second !== undefined && third === undefined && names.every((name) => held.includes(name)))
    return asPlan([one, two]);
  const fits = rules.calm.filter((name) => name !== one && name !== two);
  const last = third ?? choices.pick('background', fits) ?? 'white';
  return asPlan([one, ...(second === undefined ? [] : [two]), last]);
}

const saidDirection = ({ intent }: Setting): string | undefined =>
  [...intent.nouns.flatMap(({ adjectives }) => adjectives), ...intent.bare].find(
    ({ meaning }) => meaning.class === 'direction',
  )?.meaning.id;
