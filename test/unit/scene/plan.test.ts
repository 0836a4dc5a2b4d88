/** What a picture shows can be pinned, and is then the same for every seed. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PLAN_FIELDS } from '../../../models/protocol.js';
import { checkPins } from '../../../models/run/read-prompt.js';
import { composeScene, type Pins } from '../../../models/run/scene/compose-scene.js';
import { knownPins } from '../../../models/run/scene/pins.js';
import { planOf } from '../../../models/run/scene/plan.js';
import type { Scene } from '../../../models/run/scene/scene.js';
import { readIntent } from '../../../models/run/vocabulary/read.js';
import { SHAPES } from '../vocabulary/shapes-vocabulary.js';
import { DRAWINGS } from './drawings-vocabulary.js';

const { scene: rules } = DRAWINGS;
if (!rules) throw new RangeError('it has no scenes');
const vocabulary = { ...DRAWINGS, scene: rules };

const plan = (prompt: string, seed: number, pins: Pins = {}) => planOf(prompt, vocabulary, seed, pins);
const sceneOf = (prompt: string, seed: number, pins: Pins = {}) =>
  composeScene(readIntent(prompt, vocabulary), vocabulary, seed, pins).scene;

const PROMPTS = [
  'a cute fox',
  'a big fox on the left',
  'a small star at the top right',
  'search icon',
  'search icon, outline',
  'a flat heart',
  'icon of a house',
  'a heart',
  'a heart and a star',
  'a red heart and a star',
  'three balloons',
  'three stars in a row',
  'four bees',
  'five hearts on navy',
  'fox, cat and dog',
  'seamless heart pattern',
  'an apple in a circle',
  'a star in a heart',
  'app icon of a star',
  'badge with a heart',
  'purple badge with a white lightning bolt',
  'mountains',
  'a red house on a green hill',
  'rocket over the mountains at night',
  'blue',
  'gradient',
  'pink to orange gradient',
  'red gradient',
  'blobs',
  'blue blobs',
  'blue and pink blobs',
  'mesh',
  'waves',
  'stripes',
  'blue stripes',
  'polka dots on white',
  'dots on a blue and white background',
  'blue and blue dots',
  'terrazzo in cream and teal',
  'checks',
  'ein rotes Herz auf blauem Hintergrund',
  ...readFileSync(new URL('designers.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')),
];

describe('the plan of a picture', () => {
  it.each(PROMPTS)('can be pinned field by field: %s', (prompt) => {
    for (const seed of [0, 3, 48_210, 2 ** 40]) {
      const shown = plan(prompt, seed);
      expect(() => checkPins(shown, vocabulary)).not.toThrow();
      expect(knownPins(shown, vocabulary)).toEqual(shown);
      expect(plan(prompt, seed, shown), `all of it, seed ${seed}`).toEqual(shown);
      for (const field of PLAN_FIELDS) {
        const value = shown[field];
        if (value === undefined) continue;
        for (const other of [1, 2, 7, 99, 123_456])
          expect(plan(prompt, other, { [field]: value })[field], `${field} of seed ${seed} at ${other}`).toBe(value);
      }
      for (const other of [1, 2, 7, 99, 123_456])
        expect(plan(prompt, other, shown), `everything of seed ${seed} at ${other}`).toMatchObject(shown);
    }
  });

  const seeds = Array.from({ length: 12 }, (_, seed) => seed);
  const kinds = (prompt: string, pins: Pins, part: (scene: Scene) => unknown) =>
    new Set(seeds.map((seed) => JSON.stringify(part(sceneOf(prompt, seed, pins))))).size;

  it('holds what is seen of it, and the rest still varies', () => {
    const { background, layout, colour } = plan('a heart', 5);
    const ground = ({ ground, colours }: Scene) => [ground, colours];
    const boxes = ({ things }: Scene) => things.map(({ side, left, top }) => [side, left, top]);
    const tints = ({ things }: Scene) => things.map(({ colour }) => colour);
    expect(kinds('a heart', { background: background ?? '' }, ground)).toBe(1);
    expect(kinds('a heart', { background: background ?? '' }, boxes)).toBeGreaterThan(1);
    expect(kinds('a heart', { layout: layout ?? '' }, boxes)).toBe(1);
    expect(kinds('a heart', { layout: layout ?? '' }, ground)).toBeGreaterThan(3);
    expect(kinds('search icon', { colour: 'teal' }, tints)).toBe(1);
    expect(kinds('search icon', { style: 'outline' }, ({ things }) => things[0]?.token)).toBe(1);
    expect(colour).toBe('red');
  });

  it.each(['mountains', 'rocket over the sea', 'gradient', 'blobs', 'mesh', 'stripes', 'polka dots'])(
    'pinned whole leaves one scene of "%s"',
    (prompt) => {
      expect(kinds(prompt, {}, (scene) => scene)).toBeGreaterThan(3);
      expect(kinds(prompt, plan(prompt, 9), (scene) => scene)).toBe(1);
    },
  );

  it('yields to the prompt', () => {
    expect(plan('a fox on mint', 1, { background: 'navy' }).background).toBe('mint');
    expect(plan('search icon, outline', 1, { style: 'solid' }).style).toBe('outline');
    expect(plan('mountains at night', 1, { background: 'day' }).background).toBe('night');
    expect(plan('app icon of a star on teal background', 1, { background: 'mint' }).background).toBe('teal');
  });

  it('has the colours of patterns and tiles where people look for them', () => {
    expect(sceneOf('polka dots', 4, { colour: 'teal', background: 'white' })).toMatchObject({
      ground: 'dots',
      colours: ['teal', 'white'],
    });
    for (const tile of ['white', 'yellow', 'navy']) {
      const { colours, things } = sceneOf('app icon of a heart', 4, { colour: tile });
      expect(colours[0]).toBe(tile);
      expect(rules.contrast[tile]).toContain(things[0]?.colour);
    }
    expect(sceneOf('app icon of a heart', 4, { background: 'blue to purple' }).colours[1]).toBe('blue');
    // A time of day says nothing where there is no sky, and a colour nothing in a landscape.
    expect(sceneOf('a heart', 4, { background: 'night' })).toEqual(sceneOf('a heart', 4));
    expect(sceneOf('mountains', 4, { background: 'mint' })).toEqual(sceneOf('mountains', 4));
    expect(sceneOf('mountains', 4, { background: 'sunset' }).light).toBe('sunset');
  });
});

describe('pins of another pack', () => {
  it('fall away where a vocabulary does not know them, each by itself', () => {
    const pins = { background: 'mint to teal', layout: 'left, huge', style: 'baroque', colour: 'red' };
    expect(knownPins(pins, vocabulary)).toEqual({ background: 'mint to teal', colour: 'red' });
    expect(knownPins(pins, SHAPES)).toEqual({});
  });
});
