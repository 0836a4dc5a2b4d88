import { describe, expect, it } from 'vitest';
import { toSvg } from '../../../models/vector/svg.js';
import { vectorise } from '../../../models/vector/vectorise.js';
import type { ToCanvas } from '../../../plugin/messages.js';
import { type FakeFigma, openPlugin } from '../../support/fake-figma.js';
import { BLUE, flat } from '../../support/flat-pictures.js';

const HERO = { name: 'Hero', x: 100, y: 50, width: 400, height: 300 };

const SVG = [
  '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100" viewBox="0 0 200 100">',
  '<title>a &lt;sun&gt;</title><metadata>{}</metadata>',
  '<defs><linearGradient id="fill-1" gradientUnits="userSpaceOnUse" x1="0" y1="0" x2="0" y2="100"><stop offset="0" stop-color="#fff"/></linearGradient></defs>',
  '<g id="picture"><rect id="blue-background" fill="url(#fill-1)" x="0" y="0" width="200" height="100"/>',
  '<circle id="yellow-circle" fill="#ffd23c" cx="150" cy="40" r="20"/>',
  '<path id="green" fill="#2a8c57" fill-rule="evenodd" d="M0 60L100 60C150 60 180 70 200 80L200 100L0 100Z"/></g></svg>',
].join('\n');

const vectors = (changes: Partial<Extract<ToCanvas, { type: 'place-vectors' }>> = {}) =>
  ({
    type: 'place-vectors',
    job: 'j',
    index: 0,
    where: 'selection',
    title: 'sunny hills',
    svg: SVG,
    layers: ['blue background', 'yellow circle', 'green'],
    bound: [],
    width: 200,
    height: 100,
    beyond: null,
    request: '{"prompt":"sunny hills"}',
    ...changes,
  }) as const;

const named = (figma: FakeFigma, name: string) => {
  const layer = figma.all().find((one) => one.name === name);
  if (!layer) throw new Error(`there is no layer "${name}"`);
  return layer;
};

describe('placing vectors', () => {
  it('covers the selected frame with named layers in a group, and keeps the request', async () => {
    const figma = await openPlugin({ layers: [HERO], selected: [0] });
    figma.send(vectors());
    const frame = named(figma, 'sunny hills');
    expect(frame).toMatchObject({ type: 'FRAME', parent: '1:2', width: 600, height: 300, x: 0, y: 50 });
    expect(frame.data['request']).toBe('{"prompt":"sunny hills"}');
    expect(frame.relaunch).toEqual(['regenerate', 'vary', 'copy-prompt']);
    const group = named(figma, 'picture');
    expect(group).toMatchObject({ type: 'GROUP', parent: frame.id });
    expect(named(figma, 'yellow circle')).toMatchObject({
      type: 'ELLIPSE',
      parent: group.id,
      x: 390,
      y: 110,
      width: 120,
    });
    expect(named(figma, 'green')).toMatchObject({ type: 'VECTOR', y: 230, height: 120 });
    expect(figma.last('placed')).toEqual({
      type: 'placed',
      job: 'j',
      index: 0,
      mark: 1,
      names: ['sunny hills'],
      hindered: [],
    });
  });

  it('shows all of a picture on one ground in a frame of another shape, whose ground grows', async () => {
    const ground = '<rect id="blue-background" fill="#80bfff" x="0" y="0" width="200" height="100"/>';
    const svg = SVG.replace(/<rect [^>]*>/, ground).replace(/<path[^>]*>/, '');
    const beyond = { r: 0.5, g: 0.75, b: 1 };
    const figma = await openPlugin({ layers: [HERO], selected: [0] });
    figma.send(vectors({ svg, layers: ['blue background', 'yellow circle'], beyond }));
    // 200 x 100 in 400 x 300: twice as large, and 50 of its own units more above and below.
    expect(named(figma, 'sunny hills')).toMatchObject({ parent: '1:2', x: 100, y: 50, width: 400, height: 300 });
    expect(named(figma, 'blue background')).toMatchObject({ x: 100, y: 50, width: 400, height: 300 });
    expect(named(figma, 'yellow circle')).toMatchObject({ x: 360, y: 140, width: 80 });
    // Where the lowest layer is not one colour there is nothing to grow.
    const other = await openPlugin({ layers: [HERO], selected: [0] });
    other.send(vectors({ beyond }));
    expect(named(other, 'sunny hills')).toMatchObject({ width: 600, height: 300 });
    expect(named(other, 'blue background')).toMatchObject({ width: 600 });
  });

  it('finds the ground in what the tracer writes', async () => {
    const traced = vectorise(await flat(`${BLUE}<circle cx="120" cy="130" r="70" fill="#ffd23c"/>`));
    const { width, height } = traced;
    const svg = toSvg(traced, { title: 'a circle', metadata: '' });
    const layers = traced.layers.map(({ name }) => name);
    const figma = await openPlugin({ layers: [HERO], selected: [0] });
    figma.send(vectors({ svg, layers, width, height, beyond: { r: 0.17, g: 0.42, b: 0.94 } }));
    expect(named(figma, 'blue background')).toMatchObject({ x: 100, y: 50, height: 300 });
    expect(named(figma, 'blue background').width).toBeCloseTo(400, 1);
    expect(named(figma, 'yellow circle').width).toBeCloseTo(140 * (300 / 256), 0);
  });

  it('makes a frame of its own in free space at the picture’s size', async () => {
    const figma = await openPlugin({ layers: [HERO], selected: [0] });
    figma.send(vectors({ where: 'beside' }));
    expect(named(figma, 'sunny hills')).toMatchObject({ parent: '0:1', x: 540, y: 50, width: 200, height: 100 });
  });

  it('stands beside a layer that can’t hold layers, and says why', async () => {
    for (const [layer, hindrance] of [
      [{ ...HERO, type: 'RECTANGLE' }, 'no-layers'],
      [{ ...HERO, type: 'INSTANCE' }, 'no-layers'],
      [{ ...HERO, locked: true }, 'locked'],
      [{ ...HERO, type: 'TEXT' }, 'text'],
    ] as const) {
      const figma = await openPlugin({ layers: [layer], selected: [0] });
      figma.send(vectors());
      expect(named(figma, 'sunny hills')).toMatchObject({ parent: '0:1', x: 540 });
      expect(figma.last('placed')?.hindered).toEqual([{ name: 'Hero', hindrance }]);
    }
  });

  it('stands below the frame’s own layers, as a fill would, and above pictures that it was given before', async () => {
    for (const itemReverseZIndex of [false, true]) {
      const text = { type: 'TEXT', parent: '1:2' };
      const figma = await openPlugin({
        layers: [
          { ...HERO, itemReverseZIndex },
          { ...text, name: 'Title' },
          { ...text, name: 'Words' },
        ],
        selected: [0],
      });
      figma.send(vectors());
      figma.send(vectors({ title: 'rainy hills' }));
      const fromBelow = ['sunny hills', 'rainy hills'];
      const expected = itemReverseZIndex
        ? ['Title', 'Words', ...fromBelow.reverse()]
        : [...fromBelow, 'Title', 'Words'];
      expect(figma.namesIn('1:2')).toEqual(expected);
    }
  });

  it('covers a frame that lays its layers out, and moves none of them', async () => {
    const item = { type: 'TEXT', parent: '1:2', y: 50, width: 80 };
    const figma = await openPlugin({
      layers: [
        { ...HERO, layoutMode: 'HORIZONTAL' },
        { ...item, name: 'Title', x: 100 },
        { ...item, name: 'Words', x: 180 },
      ],
      selected: [0],
    });
    figma.send(vectors());
    expect(named(figma, 'sunny hills')).toMatchObject({
      parent: '1:2',
      layoutPositioning: 'ABSOLUTE',
      x: 0,
      y: 50,
      width: 600,
    });
    expect([named(figma, 'Title').x, named(figma, 'Words').x]).toEqual([100, 180]);
    expect(figma.namesIn('1:2')).toEqual(['sunny hills', 'Title', 'Words']);
  });

  it('stands beside a frame inside an instance, which takes no layers', async () => {
    const figma = await openPlugin({
      layers: [
        { ...HERO, name: 'Card', type: 'INSTANCE' },
        { ...HERO, name: 'Head', parent: '1:2' },
        { ...HERO, name: 'Cover', parent: '1:3', width: 200 },
      ],
      selected: [2],
    });
    figma.send(vectors());
    expect(named(figma, 'sunny hills')).toMatchObject({ parent: '0:1', x: 540, y: 50 });
    expect(figma.last('placed')).toMatchObject({ hindered: [{ name: 'Cover', hindrance: 'no-layers' }] });
  });

  it('is one step of undo, also while pictures wait for their places', async () => {
    const figma = await openPlugin({ layers: [HERO], selected: [0] });
    figma.send({ type: 'reserve', job: 'other', pictures: 1, where: 'beside', width: 256, height: 256 });
    const before = figma.all().length;
    figma.send(vectors());
    expect(figma.all().length).toBe(before + 5);
    // First the placeholder goes, which came back after the step was closed.
    figma.document.undo();
    expect(figma.all().map(({ name }) => name)).toContain('sunny hills');
    figma.document.undo();
    expect(figma.all().map(({ name }) => name)).toEqual(['Hero']);
  });

  it('leaves names alone where Figma made other layers of it', async () => {
    const figma = await openPlugin({ layers: [HERO], selected: [0] });
    figma.send(vectors({ layers: ['only one'] }));
    expect(figma.all().map(({ name }) => name)).toContain('yellow-circle');
  });

  it('refuses what is no SVG, a file that can only be viewed, and an editor without vectors, and leaves nothing behind', async () => {
    for (const [options, changes, reason] of [
      [{}, { svg: '<svg width="10" height="10"><script>x</script></svg>' }, 'not-vectors'],
      [{}, { svg: 'words' }, 'not-vectors'],
      [{}, { svg: SVG.replace('</g>', '') }, 'not-vectors'],
      [{ readOnly: true }, {}, 'read-only'],
      [{ missing: ['createNodeFromSvg'] }, {}, 'unsupported'],
    ] as const) {
      const figma = await openPlugin({ layers: [HERO], selected: [0], ...options });
      figma.send(vectors(changes));
      expect(figma.last('refused')).toEqual({ type: 'refused', job: 'j', index: 0, reason });
      expect(figma.all().map(({ name }) => name)).toEqual(['Hero']);
    }
  });

  it('hears no message that is too long', async () => {
    const figma = await openPlugin({ layers: [HERO], selected: [0] });
    figma.send(vectors({ svg: `${SVG}${' '.repeat(500_000)}` }));
    figma.send(vectors({ layers: Array.from({ length: 501 }, (_, at) => `${at}`) }));
    expect(figma.said.filter(({ type }) => type === 'placed' || type === 'refused')).toEqual([]);
  });
});
