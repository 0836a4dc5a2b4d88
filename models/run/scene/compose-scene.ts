/**
 * READ FIRST of this room. From what was understood of a prompt, and a seed, to a scene that leaves nothing open.
 *
 *   intent (models/run/vocabulary/intent.ts) -> what is drawn of it -> layout -> ground -> Scene
 *
 * The prompt decides what it says, the request's plan what it pins, and the seed everything else (choices.ts). Each part of a scene is
 * composed together with its part of the plan, so that what a picture shows can be pinned.
 */
import type { PlanField } from '../../protocol.js';
import type { Concept, SceneRules, Vocabulary } from '../../vocabulary.js';
import { coloursOf, type Intent, type Noun } from '../vocabulary/intent.js';
import type { Item } from '../vocabulary/match.js';
import { type Choices, choicesOf } from './choices.js';
import { type Chosen, chooseDrawing } from './drawings.js';
import { chooseGround, groundColoursOf, isLit } from './grounds.js';
import { layThings } from './lay-things.js';
import { SKY, scenery } from './places.js';
import type { Scene } from './scene.js';

/** Values that a person holds on to: "background" -> "mint". */
export type Pins = Readonly<Partial<Record<PlanField, string>>>;

export type Setting = {
  readonly vocabulary: Vocabulary;
  readonly rules: SceneRules;
  readonly choices: Choices;
  readonly pins: Pins;
  readonly intent: Intent;
};

/** One of the things of a picture. */
export type Cast = Chosen & {
  readonly noun: Noun;
  /** Id of the colour that it gets; null where the drawing has its own. */
  readonly colour: string | null;
};

/** A scene, and what was decided for it. */
export type Laid = { readonly scene: Scene; readonly plan: { readonly [field in PlanField]?: string | undefined } };

export type Composed = {
  readonly scene: Scene;
  /** What the picture shows of each field that has one value. Pinned, it is the same for every seed. */
  readonly plan: Pins;
  /** What was understood and is not in the scene: a fourth thing in a landscape, a colour for what has its own. */
  readonly omitted: readonly Item[];
};

export function composeScene(
  intent: Intent,
  vocabulary: Vocabulary & { readonly scene: SceneRules },
  seed: number,
  pins: Pins = {},
): Composed {
  const setting: Setting = { vocabulary, rules: vocabulary.scene, choices: choicesOf(seed), pins, intent };
  const nouns = intent.nouns.filter(({ item }) => item.meaning.class === 'concept');
  const isGround = (noun: Noun) => conceptsOf(noun, vocabulary)[0]?.ground !== undefined;
  const grounds = nouns.filter(isGround).flatMap((noun) => conceptsOf(noun, vocabulary)[0] ?? []);
  const cast = merged(nouns, vocabulary)
    .filter((noun) => !isGround(noun))
    .flatMap((noun) => memberOf(noun, intent))
    .flatMap((noun) => castOf(noun, setting));
  const land = grounds.find(({ kind }) => kind === 'scene');
  const { scene, plan } = land
    ? scenery(land, cast, setting)
    : cast.length === 0
      ? chooseGround(grounds[0], nouns, setting)
      : layThings(cast, grounds[0]?.ground === 'badge', setting);
  const shown = cast.filter(({ drawing }) => scene.things.some(({ token }) => token === drawing.token));
  const style = shared(shown.map(({ drawing }) => drawing.style));
  const colour = shared(shown.flatMap(({ colour }) => colour ?? []));
  return { scene, plan: withoutGaps({ style, colour, ...plan }), omitted: omittedFrom(scene, cast, intent) };
}

/** What all of them are; things that differ have no value that could be pinned. */
const shared = (values: readonly string[]): string | undefined =>
  values.every((value) => value === values[0]) ? values[0] : undefined;

const withoutGaps = (plan: Laid['plan']): Pins =>
  Object.fromEntries(Object.entries(plan).flatMap(([field, value]) => (value === undefined ? [] : [[field, value]])));

function omittedFrom(scene: Scene, cast: readonly Cast[], intent: Intent): Item[] {
  const { lights } = intent;
  const drawn = new Set(scene.things.map(({ token }) => token));
  return [
    ...cast.flatMap(({ noun, drawing, concept, colour }) => {
      if (!drawn.has(drawing.token)) return scene.light !== null && SKY.has(concept.id) ? [] : [noun.item];
      const several = scene.things.filter(({ token }) => token === drawing.token).length;
      const beyond = noun.counted && several < (noun.count ?? 1) ? [noun.counted] : [];
      const colours = noun.adjectives.filter(({ meaning }) => meaning.class === 'colour');
      // One thing has one colour; several share them out.
      return [...beyond, ...(colour === null ? colours : colours.slice(Math.max(1, noun.count ?? 1)))];
    }),
    ...(scene.light === null && !isLit(intent) ? lights : []),
  ];
}

/** Without nouns that only say again what the one before says: "user profile avatar" is one thing. */
function merged(nouns: readonly Noun[], vocabulary: Vocabulary): Noun[] {
  const kept: Noun[] = [];
  for (const noun of nouns) {
    const last = kept.at(-1);
    const shared = last && noun.joint === null && !noun.item.isAfterBreak;
    const before = new Set(last ? conceptsOf(last, vocabulary) : []);
    const isSame = shared && conceptsOf(noun, vocabulary).some((concept) => before.has(concept));
    const isShown = noun.isOf && last?.adjectives.length === 0 && [...before].every(({ kind }) => kind === 'icon');
    if (isShown) kept.pop();
    if (last && isSame && !isShown)
      kept[kept.length - 1] = {
        ...noun,
        joint: last.joint,
        adjectives: [...last.adjectives, ...noun.adjectives],
        counted: noun.counted ?? last.counted,
        count: last.count === null && noun.count === null ? null : Math.max(last.count ?? 1, noun.count ?? 1),
      };
    else kept.push(noun);
  }
  return kept;
}

/** All concepts that a noun may mean, the one that it was matched to first. */
export function conceptsOf({ item }: Noun, { concepts }: Vocabulary): Concept[] {
  const ids = [item.meaning, ...item.others].filter((meaning) => meaning.class === 'concept').map(({ id }) => id);
  return ids.flatMap((id) => concepts.find((concept) => concept.id === id) ?? []);
}

/** "A set of 4 weather icons" is of different ones, where several icons have the name. */
function memberOf(noun: Noun, intent: Intent): Noun[] {
  const { item, count } = noun;
  const others = [item.meaning, ...item.others].filter(({ kind }) => kind === 'icon');
  if (count === null || count < 2 || others.length < 2 || !intent.styles.some(({ meaning }) => meaning.id === 'icon'))
    return [noun];
  return Array.from({ length: count }, (_, at) => {
    const meaning = others[at % others.length] ?? item.meaning;
    return { ...noun, item: { ...item, meaning, others: [] }, count: null };
  });
}

function castOf(noun: Noun, setting: Setting): Cast[] {
  const { vocabulary, choices, pins, intent, rules } = setting;
  const colours = coloursOf(noun);
  const wish = {
    styles: new Set(intent.styles.map(({ meaning }) => meaning.id)),
    pinned: pins.style,
    isColoured: colours.length > 0,
    isTinted: colours.length > 0 || pins.colour !== undefined,
  };
  const chosen = chooseDrawing(conceptsOf(noun, vocabulary), wish, choices);
  if (!chosen) return [];
  const { concept, drawing } = chosen;
  if (drawing.colours === 'own') return [{ ...chosen, noun, colour: null }];
  const behind = groundColoursOf(setting)[0];
  const suits = (name: string) => behind === undefined || (rules.contrast[behind] ?? []).includes(name);
  const fitting = rules.accents.filter(suits);
  // Nobody says that a star is yellow.
  const own = concept.colour !== undefined && suits(concept.colour) ? concept.colour : undefined;
  const colour =
    colours[0] ?? pins.colour ?? own ?? choices.pick('colour', fitting.length > 0 ? fitting : rules.accents);
  return [{ ...chosen, noun, colour: colour ?? 'black' }];
}
