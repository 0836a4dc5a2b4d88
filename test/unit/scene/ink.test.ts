/** Icons are drawn alone, in ink on paper; a program gives them colour, size and place. */
import { describe, expect, it } from 'vitest';
import { layIcon, plainImage } from '../../../models/run/ink.js';
import { composeScene } from '../../../models/run/scene/compose-scene.js';
import { type Rgb, separateInk } from '../../../models/run/scene/ink.js';
import { sayScene } from '../../../models/run/scene/scene.js';
import { readIntent } from '../../../models/run/vocabulary/read.js';
import type { SceneRules, Vocabulary } from '../../../models/vocabulary.js';
import { DRAWINGS } from './drawings-vocabulary.js';

type WithScene = Vocabulary & { readonly scene: SceneRules };
const PLAIN = DRAWINGS as WithScene;
const INKED: WithScene = { ...PLAIN, scene: { ...PLAIN.scene, ink: { colour: 'black', paper: 'white' } } };

const separated = (prompt: string, vocabulary = INKED) =>
  separateInk(composeScene(readIntent(prompt, vocabulary), vocabulary, 1).scene, vocabulary);

describe('what is drawn apart', () => {
  it('is an icon, on a ground that needs no network', () => {
    const found = separated('a large red search icon on a mint background');
    expect(found?.base).toBeNull();
    expect(found?.icons).toHaveLength(1);
    expect(found?.icons[0] && sayScene(found.icons[0].scene)).toMatch(
      /^kmagnifyingglass\w+ cblack s12 x2 y2 gplain cwhite$/,
    );
    expect(found?.icons[0]?.marks).toEqual([{ left: 2 / 16, top: 2 / 16, side: 12 / 16, rgb: [0xe6, 0x39, 0x46] }]);
    expect(found?.ground).toEqual(rgbOf('mint'));
  });

  it('is one drawing, however often it stands there', () => {
    const found = separated('three search icons in a row');
    expect(found?.icons).toHaveLength(1);
    expect(found?.icons[0]?.marks).toHaveLength(3);
    expect(found?.icons[0] && sayScene(found.icons[0].scene)).toContain('s12 x2 y2');
  });

  it('leaves the rest to be drawn as it stands', () => {
    const found = separated('a fox and a search icon');
    expect(found?.base?.things.map(({ token }) => token)).toEqual(['kfox']);
    expect(found?.icons).toHaveLength(1);
    const onTile = separated('a white search icon on a blue app icon badge');
    // A circle in the tile's colour, which nobody sees.
    expect(onTile?.base).toMatchObject({ ground: 'badge', things: [{ token: 'kcircle', colour: 'blue' }] });
  });

  it('is nothing without icons, and in packs whose networks draw them coloured', () => {
    expect(separated('a fox on yellow')).toBeNull();
    expect(separated('a red search icon', PLAIN)).toBeNull();
  });
});

describe('layIcon', () => {
  const facts = {
    box: { left: 0.25, top: 0.25, side: 0.5 },
    ink: [0, 0, 0] as const,
    paper: [255, 255, 255] as const,
  };
  const under = plainImage(8, 8, [0, 0, 255]);
  const red: Rgb = [200, 0, 0];

  /** An icon of 4 x 4 pixels in the middle: one of ink, one half of each, one of uneven paper. */
  const drawing = plainImage(8, 8, [255, 255, 255]);
  const inside = (x: number, y: number) => 3 * ((y + 2) * 8 + x + 2);
  drawing.rgb.set([0, 0, 0], inside(0, 0));
  drawing.rgb.set([128, 127, 128], inside(1, 0));
  drawing.rgb.set([246, 248, 244], inside(2, 0));
  drawing.rgb.set([0, 0, 0], 0); // strays outside of the box

  const laid = layIcon(under, drawing, [{ left: 0.5, top: 0, side: 0.5, rgb: red }], facts);
  const pixel = (x: number, y: number) => [...laid.rgb.subarray(3 * (8 * y + x), 3 * (8 * y + x) + 3)];

  it('puts ink into the colour asked for, and edges into mixtures', () => {
    expect(pixel(4, 0)).toEqual([200, 0, 0]);
    const [r = 0, g, b = 0] = pixel(5, 0);
    expect(Math.abs(r - 100)).toBeLessThan(3);
    expect(g).toBe(0);
    expect(Math.abs(b - 128)).toBeLessThan(4);
  });

  it('leaves what is behind as it was, to the bit', () => {
    const others = Buffer.from(laid.rgb);
    for (const x of [4, 5]) others.set([0, 0, 255], 3 * x);
    expect(others.equals(Buffer.from(under.rgb))).toBe(true);
  });

  it('makes it as large as its mark', () => {
    const full = plainImage(8, 8, [0, 0, 0]);
    const small = layIcon(under, full, [{ left: 0, top: 0.5, side: 0.25, rgb: red }], facts);
    const reds = Array.from({ length: 64 }, (_, at) => small.rgb[3 * at] === 200 && small.rgb[3 * at + 2] === 0);
    expect(reds.flatMap((is, at) => (is ? [at] : []))).toEqual([32, 33, 40, 41]);
  });

  it('keeps what is partly outside of the picture within it', () => {
    const full = plainImage(8, 8, [0, 0, 0]);
    const edge = layIcon(under, full, [{ left: 0.875, top: 0.875, side: 0.5, rgb: red }], facts);
    expect([...edge.rgb.subarray(-3)]).toEqual([200, 0, 0]);
  });
});

function rgbOf(id: string): number[] {
  const value = Number.parseInt(INKED.words.colour.find((colour) => colour.id === id)?.rgb ?? '', 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
