/** Where the things of a picture stand: as the prompt says, else as the plan does. */
import type { KnownItem } from '../vocabulary/match.js';
import type { Cast, Setting } from './compose-scene.js';
import { behind } from './grounds.js';
import { arrange, placeBox, type SizeName, smaller, type Way, waysFor } from './layout.js';
import type { Box, Scene } from './scene.js';

/** Shapes on which another thing has room, and the side that it has there. */
const ROOMY: Readonly<Record<string, number>> = {
  circle: 6,
  square: 6,
  hexagon: 6,
  diamond: 4,
  heart: 4,
  oval: 4,
  rectangle: 4,
  cloud: 4,
  star: 4,
};
/** One thing, when nobody says how large or where: mostly large and in the middle. */
const SINGLE = [
  { size: 'large', place: 'center', weight: 6 },
  { size: 'medium', place: 'center', weight: 2 },
  { size: 'large', place: 'left', weight: 1 },
  { size: 'large', place: 'right', weight: 1 },
] as const;
const SWAPPED: ReadonlySet<string> = new Set(['right of', 'below']);

export function layThings(cast: readonly Cast[], isBadge: boolean, setting: Setting): Scene {
  const onBadge =
    cast.find(({ noun }) => noun.joint?.meaning.id === 'with') ??
    cast.find(({ noun }) => noun.adjectives.length > 0) ??
    cast[0];
  if (isBadge && onBadge) return badge(onBadge, setting);
  const inside = insideOf(cast, setting);
  if (inside) return inside;
  const { rules, intent } = setting;
  const isPattern = cast.length === 1 && intent.styles.some(({ meaning }) => meaning.id === 'pattern');
  const least = isPattern ? (setting.choices.pick('layout', [4, 5]) ?? 4) : 1;
  const members = cast
    .flatMap((one) => Array.from({ length: Math.max(least, one.noun.count) }, () => one))
    .slice(0, setting.vocabulary.most ?? undefined);
  const boxes = members.length === 1 && members[0] ? [single(members[0], setting)] : several(members, setting);
  const ordered = swaps(cast, intent.ends) && members.length === 2 ? members.toReversed() : members;
  const things = ordered.map(({ drawing, colour }, at) => ({
    token: drawing.token,
    colour,
    ...(boxes[at] ?? placeBox('center', rules.sizes.small, rules.grid)),
  }));
  return { things, ...behind(cast, setting), light: null };
}

function single({ noun }: Cast, { rules, choices, pins, intent }: Setting): Box {
  const says = (wanted: string) =>
    [...noun.adjectives, ...intent.bare, ...intent.ground].find(({ meaning }) => meaning.class === wanted)?.meaning.id;
  const [size, place] = [
    says('size') ?? pinned(pins.layout, ['small', 'medium', 'large']),
    says('place') ?? placePinned(pins.layout),
  ];
  const free = SINGLE.filter(
    (one) => (size === undefined || one.size === size) && (place === undefined || one.place === place),
  );
  const choice = choices.pick('layout', free, ({ weight }) => weight);
  const side =
    rules.sizes[(size ?? choice?.size ?? (place === undefined || place === 'center' ? 'large' : 'medium')) as SizeName];
  return placeBox(place ?? choice?.place ?? 'center', side, rules.grid);
}

function several(members: readonly Cast[], { rules, choices, intent, pins }: Setting): Box[] {
  const { side, ways } = waysFor(members.length, rules.sizes, rules.grid);
  const relations = [...members.map(({ noun }) => noun.joint), ...intent.ends].flatMap(
    (joint) => joint?.meaning.id ?? [],
  );
  const said: Way | undefined = relations.some((id) => ['above', 'below', 'column'].includes(id))
    ? 'column'
    : relations.some((id) => ['left of', 'right of', 'beside', 'row'].includes(id)) ||
        members.some(({ noun }) => placeOf(noun.adjectives))
      ? 'row'
      : undefined;
  const isRow = said === 'row' && members.length === 4;
  const way = said ?? ways.find((one) => one === pins.layout) ?? choices.pick('layout', ways) ?? 'row';
  const boxes = arrange(
    members.length,
    isRow ? rules.sizes.small : side,
    isRow || ways.includes(way) ? way : (ways[0] ?? 'rows'),
    rules.grid,
  );
  if (members.length !== 2) return boxes;
  const sizes = members.map(({ noun }) => noun.adjectives.find(({ meaning }) => meaning.class === 'size')?.meaning.id);
  return boxes.map((box, at) => (sizes[at] === 'small' && sizes[1 - at] !== 'small' ? smaller(box) : box));
}

/** "A white arrow on a black circle", "a heart with a star inside". */
function insideOf(cast: readonly Cast[], setting: Setting): Scene | undefined {
  const [first, second] = cast;
  if (cast.length !== 2 || !first || !second) return undefined;
  const joint = second.noun.joint?.meaning.id;
  const ends = setting.intent.ends.some(({ meaning }) => meaning.id === 'inside');
  const outer =
    (joint === 'inside' || joint === 'on') && ROOMY[second.concept.id]
      ? second
      : ends && ROOMY[first.concept.id]
        ? first
        : undefined;
  if (!outer) return undefined;
  const inner = outer === second ? first : second;
  const { grid, sizes } = setting.rules;
  const side = ROOMY[outer.concept.id] ?? sizes.small;
  const colour =
    inner.colour === null || setting.rules.contrast[outer.colour ?? '']?.includes(inner.colour)
      ? inner.colour
      : 'white';
  return {
    things: [
      { token: outer.drawing.token, colour: outer.colour, ...placeBox('center', sizes.large, grid) },
      { token: inner.drawing.token, colour, ...placeBox('center', side, grid) },
    ],
    ...behind([outer], setting),
    light: null,
  };
}

/** On an app icon's tile. */
function badge(one: Cast, setting: Setting): Scene {
  const { rules, choices, intent } = setting;
  const tiles = intent.nouns
    .flatMap(({ item, adjectives }) => (item.meaning.id === 'badge' ? adjectives : []))
    .flatMap(({ meaning }) => (meaning.class === 'colour' ? [meaning.id] : []));
  const fits = rules.accents.filter((name) => one.colour === null || rules.contrast[one.colour]?.includes(name));
  const tile = tiles[0] ?? choices.pick('colour', fits) ?? 'blue';
  const around = rules.calm.filter((name) => rules.contrast[tile]?.includes(name));
  const colour = one.colour === null || rules.contrast[tile]?.includes(one.colour) ? one.colour : 'white';
  const ground = setting.pins.background ?? intent.ground.find(({ meaning }) => meaning.class === 'colour')?.meaning.id;
  return {
    things: [{ token: one.drawing.token, colour, ...placeBox('center', rules.sizes.medium, rules.grid) }],
    ground: 'badge',
    colours: [tile, ground ?? choices.pick('background', around) ?? 'white'],
    direction: null,
    light: null,
    variant: choices.pick('variant', [1, 2]) ?? 1,
  };
}

const placeOf = (adjectives: readonly KnownItem[]) =>
  adjectives.find(({ meaning }) => meaning.class === 'place')?.meaning.id;

/** Whether the second thing of two stands before the first. */
function swaps(cast: readonly Cast[], ends: readonly KnownItem[]): boolean {
  const [first, second] = cast;
  const joint = second?.noun.joint?.meaning.id ?? ends[0]?.meaning.id ?? '';
  const [one, two] = [placeOf(first?.noun.adjectives ?? []) ?? '', placeOf(second?.noun.adjectives ?? []) ?? ''];
  return SWAPPED.has(joint) || /right|bottom/.test(one) || (one === '' && /left|top/.test(two));
}

const pinned = (layout: string | undefined, names: readonly string[]) => names.find((name) => layout?.includes(name));
const placePinned = (layout: string | undefined) =>
  layout?.match(/(?:top |bottom )?(?:left|right)|top|bottom|center/)?.[0];
