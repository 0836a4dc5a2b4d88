/** What is behind things, and pictures that are nothing but a ground: gradients, patterns, blobs. */
import type { Concept } from '../../vocabulary.js';
import type { Noun } from '../vocabulary/intent.js';
import type { Cast, Setting } from './compose-scene.js';
import type { Scene } from './scene.js';

const PATTERNS: ReadonlySet<string> = new Set(['stripes', 'dots', 'checks', 'wavy lines', 'triangles', 'terrazzo']);
const BLENDS: ReadonlySet<string> = new Set(['gradient', 'mesh', 'blobs', 'waves', 'radial']);
const DIRECTED: ReadonlySet<string> = new Set(['gradient', 'stripes']);
const VARIANTS = [1, 2, 3, 4, 5] as const;
const DIRECTIONS = ['vertical', 'horizontal', 'diagonal'] as const;

/** Ids of the colours that the prompt gives to the ground. */
export const groundColoursOf = ({ intent, pins }: Setting): string[] => {
  const said = intent.ground.filter(({ meaning }) => meaning.class === 'colour').map(({ meaning }) => meaning.id);
  return said.length > 0 ? said : pins.background === undefined ? [] : pins.background.split(' to ');
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
export function chooseGround(concept: Concept | undefined, nouns: readonly Noun[], setting: Setting): Scene {
  const { choices, intent, pins } = setting;
  const kind = concept?.ground ?? choices.pick('layout', [...BLENDS]) ?? 'gradient';
  const said = [...nouns.flatMap(({ adjectives }) => adjectives), ...intent.bare].flatMap(({ meaning }) =>
    meaning.class === 'colour' ? [meaning.id] : [],
  );
  const ground = groundColoursOf(setting);
  const variant = Number(pins.variant) || (choices.pick('variant', VARIANTS) ?? 1);
  const direction = DIRECTED.has(kind) ? (saidDirection(setting) ?? choices.pick('layout', DIRECTIONS) ?? null) : null;
  const rest = { things: [], ground: kind, light: null, direction, variant };
  const names = [...new Set([...said, ...ground])];
  return { ...rest, colours: fill(kind, names, setting) };
}

/** As many colours as a ground has, in its order; those that nobody named go with the ones that somebody did. */
function fill(kind: string, names: readonly string[], { choices, rules }: Setting): string[] {
  const [first, second, third] = names;
  if (PATTERNS.has(kind)) {
    const one = first ?? choices.pick('colour', rules.accents) ?? 'blue';
    const partners = rules.calm.filter((name) => name !== one && rules.contrast[one]?.includes(name));
    const two = second ?? choices.pick('background', partners) ?? 'white';
    if (kind !== 'terrazzo') return [one, two];
    const chips = rules.accents.filter((name) => name !== one && name !== two && rules.contrast[two]?.includes(name));
    return [two, one, third ?? choices.pick('colour', chips) ?? one, one];
  }
  const pairs = rules.blends.filter((pair) => first === undefined || pair.includes(first));
  const pair = choices.pick('background', pairs.length > 0 ? pairs : rules.blends) ?? ['blue', 'purple'];
  const one = first ?? pair[0];
  const two = second ?? pair.find((name) => name !== one) ?? pair[1];
  if (kind === 'mesh') return [one, two, ...(third === undefined ? [] : [third])];
  if (kind !== 'blobs') return [one, two];
  const fits = rules.calm.filter((name) => name !== one && name !== two);
  return [one, ...(second === undefined ? [] : [two]), third ?? choices.pick('background', fits) ?? 'white'];
}

const saidDirection = ({ intent }: Setting): string | undefined =>
  [...intent.nouns.flatMap(({ adjectives }) => adjectives), ...intent.bare].find(
    ({ meaning }) => meaning.class === 'direction',
  )?.meaning.id;
