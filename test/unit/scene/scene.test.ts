/** Scenes are laid out and said as the trainer does it, and composed from what people write. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { layoutMap } from '../../../models/families/llamagen/layout-map.js';
import type { Layout } from '../../../models/families/llamagen/part.js';
import { checkPins, readWords } from '../../../models/run/read-prompt.js';
import { composeScene, type Pins } from '../../../models/run/scene/compose-scene.js';
import { arrange, type Way } from '../../../models/run/scene/layout.js';
import { type Scene, sayScene } from '../../../models/run/scene/scene.js';
import { readIntent } from '../../../models/run/vocabulary/read.js';
import { TOLD } from '../../support/told-scenes.js';
import { DRAWINGS } from './drawings-vocabulary.js';

const TRAINER = JSON.parse(readFileSync(new URL('trainer.json', import.meta.url), 'utf8')) as {
  layouts: { count: number; side: number; way: Way; places: [number, number][] }[];
  scenes: { scene: Scene; words: string }[];
};

const vocabulary = DRAWINGS;

function scene(prompt: string, seed = 1, pins: Pins = {}): Scene {
  const { scene: rules } = vocabulary;
  if (!rules) throw new RangeError('it has no scenes');
  return composeScene(readIntent(prompt, vocabulary), { ...vocabulary, scene: rules }, seed, pins).scene;
}

const words = (prompt: string, seed = 1, pins: Pins = {}) => sayScene(scene(prompt, seed, pins));

describe('the scene language', () => {
  it('says scenes in the words of the trainer', () => {
    for (const { scene, words } of TRAINER.scenes) expect(sayScene(scene)).toBe(words);
  });

  it('lays boxes out as the trainer practised them', () => {
    for (const { count, side, way, places } of TRAINER.layouts)
      expect(
        arrange(count, side, way, 16).map(({ left, top }) => [left, top]),
        `${count} ${way}`,
      ).toEqual(places);
  });
});

describe('a layout map', () => {
  const { layout, maps } = JSON.parse(readFileSync(new URL('layout-maps.json', import.meta.url), 'utf8')) as {
    layout: Layout;
    maps: { words: string; rows: number; columns: number; map: number[] }[];
  };

  it('says of every position what the trainer says', () => {
    expect(maps.length).toBe(2 * TOLD.length);
    for (const { words, map, ...grid } of maps) {
      const scene = TOLD.find((one) => sayScene(one) === words);
      expect(scene && [...layoutMap(scene, layout, grid)], `${words} on ${grid.rows}x${grid.columns}`).toEqual(map);
    }
  });
});

describe('a scene', () => {
  const said: readonly (readonly [prompt: string, words: RegExp])[] = [
    ['a cute fox', /^kfox s12 .* gplain c\w+$/],
    ['a fox on mint', /^kfox s12 .* gplain cmint$/],
    ['search icon, outline', /^kmagnifyingglassoutline c\w+ s12/],
    ['shopping cart icon white on blue', /^kshoppingcart(?:solid|outline) cwhite s12 .* gplain cblue$/],
    ['three balloons', /^(?:kballoon s4 x\d+ y\d+ ){3}gplain/],
    ['five bees', /^(?:khoneybee s4 x\d+ y\d+ ){5}gplain/],
    ['two red hearts and a blue star', /^(?:kheart cred s4 x\d+ y\d+ ){2}kstar cblue s4/],
    ['a big red heart left and a small blue star right', /^kheart cred s6 x1 y5 kstar cblue s4 x10 y6 gplain/],
    ['a green square below a yellow star', /^kstar cyellow s6 x5 y1 ksquare cgreen s6 x5 y9/],
    ['an apple in a circle', /^kcircle c\w+ s12 x2 y2 kredapple s6 x5 y5/],
    ['purple badge with a white lightning bolt', /^kbolt cwhite s6 x5 y5 gbadge cpurple c\w+ v[12]$/],
    ['a red house on a green hill', /^khouse cred s6 x[28] y8 ghills l\w+ v\d$/],
    ['rocket over the mountains at night', /^krocket s6 x[19] y1 gmountains lnight v\d$/],
    ['green hills with a house and a tree', /^khouse c\w+ s6 x1 y8 ktree c\w+ s6 x9 y8 ghills l\w+ v\d$/],
    ['three houses on a hill', /^(?:khouse c\w+ s6 x\d+ y8 ){3}ghills l\w+ v\d$/],
    ['red and blue houses on a hill', /^khouse cred s6 x\d+ y8 khouse cblue s6 x\d+ y8 .*ghills/],
    ['a cloud and a house by the sea at night', /^kcloud c\w+ s6 x[19] y1 khouse c\w+ s6 x[28] y8 gsea lnight v\d$/],
    ['a cat at night', /^kcat s\d+ .* gplain cnavy$/],
    ['a fox at sunset', /^kfox s\d+ .* ggradient corange cpurple dvertical v1$/],
    ['gear icon, flat, minimal', /^kgear(?:solid|outline) c\w+ s12/],
    ['hearts', /^(?:kheart c\w+ s4 x\d+ y\d+ ){3}gplain/],
    ['scissors', /^kscissors s12 x\d+ y\d+ gplain/],
    ['foxes and owls', /^(?:kfox s6 x\d+ y\d+ ){2}(?:kowl s6 x\d+ y\d+ ){2}gplain/],
    ['red and blue stars', /^kstar cred s4 x\d+ y\d+ kstar cblue s4 x\d+ y\d+ kstar cred s4/],
    ['terrazzo pattern in pink and mint', /^gterrazzo cmint cpink c\w+ cpink v\d$/],
    ['bell notification icon with red dot', /^kbell\w+ c\w+ s12 x2 y2 kcircle cred s4 x10 y2 gplain/],
    ['a tree with a star on top', /^kstar cyellow s6 x5 y1 ktree c\w+ s6 x5 y9 gplain/],
    ['avatar of a fox', /^kfox s12 x\d+ y\d+ gplain/],
    ['sunset over the sea', /^gsea lsunset v\d$/],
    ['blue to purple gradient', /^ggradient cblue cpurple d\w+ v\d$/],
    ['pink polka dots', /^gdots cpink c\w+ v\d$/],
    ['seamless floral pattern, pastel', /^(?:kflower c\w+ s[46] x\d+ y\d+ ){4,5}gplain/],
    ['ein rotes Herz auf blauem Hintergrund', /^kheart cred s12 .* gplain cblue$/],
    ['青い背景に黄色い星', /^kstar cyellow s12 .* gplain cblue$/],
    ['un renard', /^kfox s12/],
    ['user profile avatar, purple', /^kuser\w+ cpurple s12 x\d+ y\d+ gplain/],
    ['coffee cup on teal background, top left', /^khotbeverage s6 x1 y1 gplain cteal$/],
  ];
  it.each(said)('is composed from "%s"', (prompt, wanted) => {
    expect(words(prompt)).toMatch(wanted);
  });

  it('is the same for the same seed, and another for each of four seeds in a row', () => {
    for (const prompt of ['a cute fox', 'search icon', 'three balloons', 'mountains', 'waves']) {
      expect(words(prompt, 7)).toBe(words(prompt, 7));
      for (const first of [0, 1, 99, 2 ** 40, Number.MAX_SAFE_INTEGER - 3]) {
        const four = [0, 1, 2, 3].map((more) => words(prompt, first + more));
        expect(new Set(four).size, `${prompt} from ${first}: ${four.join(' | ')}`).toBe(4);
      }
    }
  });

  it('keeps what is pinned and varies the rest', () => {
    const pinned = [1, 2, 3, 4, 5, 6].map((seed) => scene('a cute fox', seed, { background: 'mint' }));
    expect(new Set(pinned.map(({ colours }) => colours.join()))).toEqual(new Set(['mint']));
    expect(new Set(pinned.map(({ things }) => `${things[0]?.left} ${things[0]?.side}`)).size).toBeGreaterThan(1);
    const laid = [1, 2, 3, 4, 5, 6].map((seed) => scene('a cute fox', seed, { layout: 'left, medium' }));
    expect(new Set(laid.map(({ things }) => `${things[0]?.left} ${things[0]?.side}`)).size).toBe(1);
    expect(new Set(laid.map(({ colours }) => colours.join())).size).toBeGreaterThan(2);
  });

  it('says what it leaves out of what it understood', () => {
    const left = (prompt: string) => readWords(prompt, vocabulary, false)?.warning.message;
    expect(left('green hills with a house, a tree, a cow and a dog')).toContain('Left out: "dog"');
    expect(left('green hills with a house and a tree')).not.toContain('Left out');
    expect(left('five houses on a hill')).toContain('Left out: "five"');
    expect(left('three houses on a hill')).not.toContain('Left out');
    expect(left('a blue fox')).toContain('Left out: "blue"');
    expect(left('a red heart')).not.toContain('Left out');
    expect(left('a red and blue star')).toContain('Left out: "blue"');
    expect(left('red and blue stars')).not.toContain('Left out');
    expect(left('a cat at night')).not.toContain('Left out');
    expect(left('a cat at night on yellow')).toContain('Left out: "at night"');
    expect(left('a yellow sun over the hills')).not.toContain('"sun"');
  });

  it('puts nothing on a ground on which it is hardly seen', () => {
    const { contrast = {} } = vocabulary.scene ?? {};
    for (let seed = 0; seed < 60; seed++)
      for (const prompt of ['search icon', 'a heart', 'two stars']) {
        const { things, colours } = scene(prompt, seed);
        for (const { colour } of things) expect(contrast[colours[0] ?? ''], `${prompt} ${seed}`).toContain(colour);
      }
  });

  it('stays on the grid, whatever is asked for', () => {
    for (const prompt of [
      'fox',
      'ten foxes',
      'a small fox at the bottom right',
      'fox, cat, dog, bird and bee',
      'fox in a heart',
    ])
      for (let seed = 0; seed < 20; seed++)
        for (const { side, left, top } of scene(prompt, seed).things)
          expect(left >= 0 && top >= 0 && left + side <= 16 && top + side <= 16, `${prompt} ${seed}`).toBe(true);
  });
});

describe('pins', () => {
  it('are known values, or the request is at fault', () => {
    for (const pins of [
      { background: 'mint' },
      { background: 'blue to purple' },
      { layout: 'left, large' },
      { variant: '3' },
    ])
      expect(() => checkPins(pins, vocabulary)).not.toThrow();
    expect(() => checkPins({ background: 'minty' }, vocabulary)).toThrow(
      /background is "minty"; this model knows red,/,
    );
    expect(() => checkPins({ style: 'baroque' }, vocabulary)).toThrow(/flat, outline, solid/);
  });
});
