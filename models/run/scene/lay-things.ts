/** Where the things of a picture stand: as the prompt says, else as the plan does. */
import type { KnownItem } from '../vocabulary/match.js';
import type { Cast, Laid, Setting } from './compose-scene.js';
import { behind, groundColoursOf } from './grounds.js';
import { arrange, placeBox, type SizeName, smaller, type Way, waysFor } from './layout.js';
import { membersOf } from './members.js';
import { joinParts, partsOf, variantOf } from './pins.js';
import type { Box } from './scene.js';

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
const STACKED: ReadonlySet<string> = new Set(['above', 'below', 'column']);
const BESIDE: ReadonlySet<string> = new Set(['left of', 'right of', 'beside', 'row']);
const SWAPPED: ReadonlySet<string> = new Set(['right of', 'below']);

export function layThings(cast: readonly Cast[], isBadge: boolean, setting: Setting): Laid {
  const onBadge =
    cast.find(({ noun }) => noun.joint?.meaning.id === 'with') ??
    cast.find(({ noun }) => noun.adjectives.length > 0) ??
    cast[0];
  if (isBadge && onBadge) return badge(onBadge, setting);
  const special = insideOf(cast, setting) ?? dotted(cast, setting);
  if (special) return special;
  const { rules, intent } = setting;
  const isPattern = cast.length === 1 && intent.styles.some(({ meaning }) => meaning.id === 'pattern');
  const least = isPattern ? (setting.choices.pick('layout', [4, 5]) ?? 4) : 1;
  const members = membersOf(cast, least).slice(0, setting.vocabulary.most ?? undefined);
  const { boxes, layout } =
    members.length === 1 && members[0] ? single(members[0], setting) : several(members, setting);
  const ordered = swaps(cast, intent.ends) && members.length === 2 ? members.toReversed() : members;
  const things = ordered.map(({ drawing, colour }, at) => ({
    token: drawing.token,
    colour,
    ...(boxes[at] ?? placeBox('center', rules.sizes.small, rules.grid)),
  }));
  const ground = behind(cast, setting);
  return {
    scene: { things, ...ground, light: null },
    // How many a pattern repeats is part of its layout, and no value says it.
    plan: { background: joinParts('background', ground.colours), layout: isPattern ? undefined : layout },
  };
}

/** @param layout as a value of the plan */
type Boxes = { readonly boxes: readonly Box[]; readonly layout: string | undefined };

function single({ noun }: Cast, { rules, choices, pins, intent, vocabulary }: Setting): Boxes {
  const says = (wanted: string) =>
    [...noun.adjectives, ...intent.bare, ...intent.ground].find(({ meaning }) => meaning.class === wanted)?.meaning.id;
  const held = partsOf('layout', pins.layout);
  const [size, place] = [
    says('size') ?? held.find((part) => part in rules.sizes),
    says('place') ?? held.find((part) => vocabulary.words.place.some(({ id }) => id === part)),
  ];
  const free = SINGLE.filter(
    (one) => (size === undefined || one.size === size) && (place === undefined || one.place === place),
  );
  const choice = choices.pick('layout', free, ({ weight }) => weight);
  const chosen = size ?? choice?.size ?? (place === undefined || place === 'center' ? 'large' : 'medium');
  const where = place ?? choice?.place ?? 'center';
  return {
    boxes: [placeBox(where, rules.sizes[chosen as SizeName], rules.grid)],
    layout: joinParts('layout', [where, chosen]),
  };
}

function several(members: readonly Cast[], { rules, choices, intent, pins }: Setting): Boxes {
  const { side, ways } = waysFor(members.length, rules.sizes, rules.grid);
  const relations = [...members.map(({ noun }) => noun.joint), ...intent.ends].flatMap(
    (joint) => joint?.meaning.id ?? [],
  );
  const areStacked = relations.some((id) => STACKED.has(id)) || members.some(({ noun }) => isOnTop(noun));
  const areBeside = relations.some((id) => BESIDE.has(id)) || members.some(({ noun }) => saidOf('place', noun));
  const said: Way | undefined = areStacked ? 'column' : areBeside ? 'row' : undefined;
  const isRow = said === 'row' && members.length === 4;
  const held = partsOf('layout', pins.layout);
  const way = said ?? ways.find((one) => held.includes(one)) ?? choices.pick('layout', ways) ?? 'row';
  const layout = isRow || ways.includes(way) ? way : (ways[0] ?? 'rows');
  const boxes = arrange(members.length, isRow ? rules.sizes.small : side, layout, rules.grid);
  if (members.length !== 2) return { boxes, layout };
  const sizes = members.map(({ noun }) => saidOf('size', noun));
  const isLess = (at: number) => sizes[at] === 'small' && sizes[1 - at] !== 'small';
  return { boxes: boxes.map((box, at) => (isLess(at) ? smaller(box) : box)), layout };
}

/** "A white arrow on a black circle", "a heart with a star inside". */
function insideOf(cast: readonly Cast[], setting: Setting): Laid | undefined {
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
  const ground = behind([outer], setting);
  const things = [
    { token: outer.drawing.token, colour: outer.colour, ...placeBox('center', sizes.large, grid) },
    { token: inner.drawing.token, colour, ...placeBox('center', side, grid) },
  ];
  return {
    scene: { things, ...ground, light: null },
    plan: { background: joinParts('background', ground.colours) },
  };
}

/** "With a star on top". */
const isOnTop = ({ joint, adjectives }: Cast['noun']) =>
  joint?.meaning.id === 'with' && adjectives.some(({ meaning }) => meaning.class === 'place' && meaning.id === 'top');

/** "A bell icon with a red dot": news are a dot at the upper right corner. */
function dotted(cast: readonly Cast[], setting: Setting): Laid | undefined {
  const [first, dot] = cast;
  if (cast.length !== 2 || !first || !dot || !/^(?:dot|dots)$/.test(dot.noun.item.key)) return undefined;
  if (dot.noun.joint?.meaning.id !== 'with' || (first.noun.count ?? 1) > 1) return undefined;
  const { sizes, grid } = setting.rules;
  const [large, small] = [placeBox('center', sizes.large, grid), sizes.small];
  const ground = behind(cast, setting);
  const things = [
    { token: first.drawing.token, colour: first.colour, ...large },
    {
      token: dot.drawing.token,
      colour: saidOf('colour', dot.noun) ?? 'red',
      side: small,
      left: large.left + large.side - small,
      top: large.top,
    },
  ];
  return {
    scene: { things, ...ground, light: null },
    plan: { background: joinParts('background', ground.colours) },
  };
}

/** On an app icon's tile. Its colour in the plan is the tile's. */
function badge(one: Cast, setting: Setting): Laid {
  const { rules, choices, intent, pins } = setting;
  const tiles = intent.nouns
    .flatMap(({ item, adjectives }) => (item.meaning.id === 'badge' ? adjectives : []))
    .flatMap(({ meaning }) => (meaning.class === 'colour' ? [meaning.id] : []));
  const fits = rules.accents.filter((name) => one.colour === null || rules.contrast[one.colour]?.includes(name));
  const said = saidOf('colour', one.noun);
  const pinned = said === undefined || rules.contrast[said]?.includes(pins.colour ?? '') ? pins.colour : undefined;
  const tile = tiles[0] ?? pinned ?? choices.pick('colour', fits) ?? 'blue';
  const seen = rules.contrast[tile] ?? ['white'];
  const around = rules.calm.filter((name) => seen.includes(name));
  const free = seen.includes('white') ? 'white' : (seen.find((name) => rules.accents.includes(name)) ?? 'black');
  const colour = one.colour === null || seen.includes(one.colour) ? one.colour : free;
  const background = groundColoursOf(setting)[0] ?? choices.pick('background', around) ?? 'white';
  const variant = variantOf(setting, [1, 2]);
  return {
    scene: {
      things: [{ token: one.drawing.token, colour, ...placeBox('center', rules.sizes.medium, rules.grid) }],
      ground: 'badge',
      colours: [tile, background],
      direction: null,
      light: null,
      variant,
    },
    plan: { background, colour: tile, variant: String(variant) },
  };
}

const saidOf = (wanted: 'colour' | 'size' | 'place', { adjectives }: Cast['noun']) =>
  adjectives.find(({ meaning }) => meaning.class === wanted)?.meaning.id;

/** Whether the second thing of two stands before the first. */
function swaps(cast: readonly Cast[], ends: readonly KnownItem[]): boolean {
  const [first, second] = cast;
  const joint = second?.noun.joint?.meaning.id ?? ends[0]?.meaning.id ?? '';
  const one = (first && saidOf('place', first.noun)) ?? '';
  const two = (second && saidOf('place', second.noun)) ?? '';
  return SWAPPED.has(joint) || /right|bottom/.test(one) || (one === '' && /left|top/.test(two));
}
