import { describe, expect, it } from 'vitest';
import type { ImagePaint } from '../../../plugin/host.js';
import type { ToCanvas } from '../../../plugin/messages.js';
import { type FakeFigma, openPlugin, pngHead } from '../../support/fake-figma.js';

const HERO = { name: 'Hero', x: 0, y: 0, width: 400, height: 300, rotation: 12, radius: 16 };
const GREY = { type: 'SOLID', color: { r: 0.5, g: 0.5, b: 0.5 } } as const;
const SKY = { r: 0.5, g: 0.75, b: 1 };

const picture = (changes: Partial<Extract<ToCanvas, { type: 'place' }>> = {}) =>
  ({
    type: 'place',
    job: 'j',
    index: 0,
    where: 'selection',
    title: 'green hills',
    bytes: pngHead(),
    width: 256,
    height: 256,
    beyond: null,
    request: '{"prompt":"green hills"}',
    ...changes,
  }) as const;

const reserve = (pictures: number, where: 'selection' | 'beside' = 'selection') =>
  ({ type: 'reserve', job: 'j', pictures, where, width: 256, height: 256 }) as const;

const kinds = (figma: FakeFigma, id: string) => {
  const { fills } = figma.layer(id);
  return Array.isArray(fills) ? fills.map(({ type }) => type) : fills;
};
const made = (figma: FakeFigma) => figma.all().filter(({ id }) => Number(id.split(':')[1]) > 2);

describe('filling a layer', () => {
  it('covers it, keeps rotation, corners and the fills below, and keeps the request on it', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    figma.send(picture());
    const hero = figma.layer('1:2');
    expect(kinds(figma, '1:2')).toEqual(['SOLID', 'IMAGE']);
    expect(hero.fills?.[1]).toMatchObject({ scaleMode: 'FILL' });
    expect(hero).toMatchObject({ rotation: 12, radius: 16, width: 400, height: 300, name: 'Hero' });
    expect(hero.data['request']).toBe('{"prompt":"green hills"}');
    expect(hero.relaunch).toEqual(['regenerate', 'vary', 'copy-prompt']);
    expect(figma.last('placed')).toEqual({ type: 'placed', job: 'j', index: 0, names: ['Hero'], hindered: [] });
    expect(made(figma)).toEqual([]);
  });

  it('replaces its picture of before, and nobody else’s', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    const { hash } = figma.host.createImage(pngHead(10, 10, 99));
    figma.document.change('1:2', {
      fills: [GREY, { type: 'IMAGE', scaleMode: 'FILL', imageHash: hash } as ImagePaint],
    });
    figma.send(picture({ bytes: pngHead(256, 256, 1) }));
    figma.send(picture({ bytes: pngHead(256, 256, 2) }));
    const hashes = (figma.layer('1:2').fills as ImagePaint[]).map(({ imageHash }) => imageHash);
    expect(hashes.length).toBe(3);
    expect(hashes[1]).toBe(hash);
  });

  it('shows all of a picture of one ground in a layer of another shape, and goes on with the ground', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    figma.send(picture({ beyond: SKY }));
    const shown = [GREY, { type: 'SOLID', color: SKY }, { type: 'IMAGE', scaleMode: 'FIT' }];
    expect(figma.layer('1:2').fills).toMatchObject(shown);
    figma.send(picture({ bytes: pngHead(256, 256, 2), beyond: SKY }));
    expect(figma.layer('1:2').fills).toMatchObject(shown);
    expect(figma.layer('1:2').fills?.length).toBe(3);
    figma.send(picture({ bytes: pngHead(256, 256, 3) }));
    expect(figma.layer('1:2').fills).toMatchObject([GREY, { type: 'IMAGE', scaleMode: 'FILL' }]);
    expect(figma.layer('1:2').fills?.length).toBe(2);
  });

  it('repeats a seamless pattern in a layer of another shape, once along its shorter side', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    figma.send(picture({ beyond: 'again' }));
    const tiled = { type: 'IMAGE', scaleMode: 'TILE', scalingFactor: 300 / 256 };
    expect(figma.layer('1:2').fills).toMatchObject([GREY, tiled]);
    figma.send(picture({ bytes: pngHead(256, 256, 2), beyond: SKY }));
    figma.send(picture({ bytes: pngHead(256, 256, 3), beyond: 'again' }));
    expect(figma.layer('1:2').fills).toMatchObject([GREY, tiled]);
    expect(figma.layer('1:2').fills?.length).toBe(2);
  });

  it('covers a layer of the same shape, and a new frame, whatever the ground', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, width: 511, height: 512 }], selected: [0] });
    figma.send(picture({ beyond: SKY }));
    figma.send(picture({ beyond: SKY, where: 'beside', job: 'beside' }));
    expect(figma.layer('1:2').fills).toMatchObject([{ type: 'IMAGE', scaleMode: 'FILL' }]);
    expect(made(figma)[0]?.fills).toMatchObject([{ type: 'IMAGE', scaleMode: 'FILL' }]);
  });

  it('gives layers one picture each, and all of them the same when there is one', async () => {
    const layers = ['A', 'B', 'C'].map((name, at) => ({ name, x: at * 200 }));
    const figma = await openPlugin({ layers, selected: [0, 1, 2] });
    figma.send(reserve(3));
    for (const index of [0, 1, 2]) figma.send(picture({ index, bytes: pngHead(256, 256, index) }));
    const hashes = ['1:2', '1:3', '1:4'].map((id) => (figma.layer(id).fills as ImagePaint[])[0]?.imageHash);
    expect(new Set(hashes).size).toBe(3);
    figma.send(picture({ job: 'other', bytes: pngHead(256, 256, 7) }));
    expect(figma.last('placed')?.names).toEqual(['A', 'B', 'C']);
  });

  it('fills layers whose fills differ in parts', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, type: 'VECTOR', fills: 'mixed' }], selected: [0] });
    figma.send(reserve(1));
    expect(figma.layer('1:2').fills).toBe('mixed');
    figma.send(picture());
    expect(kinds(figma, '1:2')).toEqual(['IMAGE']);
  });

  it('fills an instance of a component', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, type: 'INSTANCE' }], selected: [0] });
    figma.send(picture());
    expect(kinds(figma, '1:2')).toEqual(['IMAGE']);
  });
});

describe('layers that can not be filled', () => {
  it.each([
    ['text', { type: 'TEXT', fills: [GREY] }],
    ['group', { type: 'GROUP', fills: null }],
    ['locked', { locked: true }],
    ['no-fill', { type: 'SLICE', fills: null }],
    ['no-fill', { type: 'LINE', fills: [] }],
  ] as const)('%s: left alone, the picture stands beside, and the panel hears it', async (hindrance, layer) => {
    const figma = await openPlugin({ layers: [{ ...HERO, rotation: 0, ...layer }], selected: [0] });
    const before = figma.layer('1:2');
    expect(figma.last('selection')?.targets[0]?.hindrance).toBe(hindrance);
    figma.send(picture());
    expect(figma.layer('1:2')).toEqual(before);
    expect(figma.last('placed')).toMatchObject({ names: ['green hills'], hindered: [{ name: 'Hero', hindrance }] });
    expect(made(figma)).toMatchObject([{ type: 'FRAME', x: 440, y: 0, width: 256, height: 256 }]);
  });

  it('something inside a locked frame is locked', async () => {
    const figma = await openPlugin({
      layers: [
        { name: 'Frame', locked: true },
        { name: 'Inside', parent: '1:2', type: 'RECTANGLE' },
      ],
      selected: [1],
    });
    expect(figma.last('selection')?.targets[0]).toMatchObject({ name: 'Inside', hindrance: 'locked' });
  });

  it('deleted while the picture was made: it gets a frame of its own', async () => {
    const figma = await openPlugin({ layers: [HERO, { name: 'Other', x: 900 }], selected: [0] });
    figma.send(reserve(1));
    figma.document.remove('1:2');
    figma.send(picture());
    expect(figma.last('placed')).toMatchObject({ hindered: [{ name: '', hindrance: 'deleted' }] });
    expect(made(figma).filter(({ name }) => name === 'green hills').length).toBe(1);
  });

  it('locked while the picture was made: it stays as it was', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    figma.send(reserve(1));
    figma.document.change('1:2', { locked: true });
    figma.send(picture());
    expect(kinds(figma, '1:2')).toEqual(['SOLID']);
    expect(figma.last('placed')).toMatchObject({ hindered: [{ name: 'Hero', hindrance: 'locked' }] });
  });
});

describe('free space', () => {
  it('is in the middle of the view when nothing is selected', async () => {
    const figma = await openPlugin({ center: () => ({ x: 1000, y: 500 }) });
    figma.send(picture());
    expect(figma.all()).toMatchObject([{ x: 872, y: 372, width: 256, height: 256, name: 'green hills' }]);
  });

  it('is never where something lies, nor where another picture will be', async () => {
    const figma = await openPlugin({
      layers: [HERO, { x: 450, y: 0, width: 100, height: 100 }].map((layer) => ({ ...layer, rotation: 0 })),
      selected: [0],
    });
    figma.send(reserve(3, 'beside'));
    const placeholders = figma.all().filter(({ name }) => name.startsWith('Twostep'));
    expect(placeholders.map(({ x, y }) => [x, y])).toEqual([
      [590, 0],
      [886, 0],
      [1182, 0],
    ]);
  });

  it('is beside the whole artboard, not beside a button in it', async () => {
    const figma = await openPlugin({
      layers: [
        { name: 'Artboard', width: 800, height: 600 },
        { name: 'Title', type: 'TEXT', parent: '1:2', x: 20, y: 20 },
      ],
      selected: [1],
    });
    figma.send(picture());
    expect(figma.all().at(-1)).toMatchObject({ x: 840, y: 0 });
  });

  it('counts a rotated layer by the room that it takes', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, rotation: -90, width: 300, height: 100 }], selected: [0] });
    figma.send(picture({ where: 'beside' }));
    // Turned by 90 degrees about its corner, it reaches from -100 to 0.
    expect(figma.all().at(-1)).toMatchObject({ x: 40, y: 0 });
  });
});

describe('placeholders', () => {
  it('are there at once, grow, and become the picture', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    figma.send(reserve(2));
    expect(kinds(figma, '1:2')).toEqual(['SOLID', 'GRADIENT_LINEAR']);
    const beside = figma.all().at(-1);
    expect(beside).toMatchObject({ name: 'Twostep 0 %', x: expect.any(Number) });
    figma.send({ type: 'advance', job: 'j', index: 1, fraction: 0.5 });
    expect(figma.layer(beside?.id ?? '').name).toBe('Twostep 50 %');
    figma.send(picture({ index: 0 }));
    figma.send(picture({ index: 1, title: 'second' }));
    expect(kinds(figma, '1:2')).toEqual(['SOLID', 'IMAGE']);
    expect(figma.all().at(-1)).toMatchObject({ name: 'second', x: beside?.x, y: beside?.y });
    expect(figma.all().length).toBe(2);
  });

  it.each(['release', 'close'] as const)('vanish on %s, and pictures that are done stay', async (how) => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    figma.send(reserve(3, 'beside'));
    figma.send(picture({ index: 1 }));
    expect(figma.all().length).toBe(4);
    if (how === 'close') figma.close();
    else figma.send({ type: 'release', job: 'j' });
    expect(figma.all().map(({ name }) => name)).toEqual(['Hero', 'green hills']);
  });

  it('of filled layers leave no trace when they vanish', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    const before = figma.layer('1:2');
    figma.send(reserve(1));
    figma.send({ type: 'release', job: 'j' });
    expect(figma.layer('1:2')).toEqual(before);
  });

  it('that the person deletes come to no harm', async () => {
    const figma = await openPlugin();
    figma.send(reserve(1));
    figma.document.remove(figma.all()[0]?.id ?? '');
    figma.send({ type: 'advance', job: 'j', index: 0, fraction: 0.5 });
    figma.send(picture());
    expect(figma.all().map(({ name }) => name)).toEqual(['green hills']);
  });
});

describe('undo', () => {
  it('takes back one picture at a time and never shows a placeholder', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    figma.send(reserve(3, 'beside'));
    for (const index of [0, 1, 2]) figma.send(picture({ index, title: `p${index}` }));
    figma.send({ type: 'release', job: 'j' });
    const names = () => figma.all().map(({ name }) => name);
    expect(names()).toEqual(['Hero', 'p0', 'p1', 'p2']);
    figma.document.undo();
    expect(names()).toEqual(['Hero', 'p0', 'p1']);
    figma.document.undo();
    expect(names()).toEqual(['Hero', 'p0']);
    figma.document.undo();
    expect(names()).toEqual(['Hero']);
    figma.document.redo();
    expect(names()).toEqual(['Hero', 'p0']);
  });

  it('after one filled layer gives back what it was', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    figma.send(reserve(1));
    figma.send(picture());
    figma.document.undo();
    expect(figma.layer('1:2')).toMatchObject({ fills: [GREY], data: {}, relaunch: [] });
  });
});

describe('refusals', () => {
  it('a file that can only be read: says so, changes nothing, and placeholders stay quiet', async () => {
    const figma = await openPlugin({ layers: [HERO], selected: [0], readOnly: true });
    const before = figma.all();
    figma.send(reserve(2));
    figma.send({ type: 'advance', job: 'j', index: 0, fraction: 0.3 });
    figma.send(picture());
    figma.send(picture({ index: 1 }));
    expect(figma.said.filter(({ type }) => type === 'refused')).toEqual([
      { type: 'refused', job: 'j', index: 0, reason: 'read-only' },
      { type: 'refused', job: 'j', index: 1, reason: 'read-only' },
    ]);
    expect(figma.all()).toEqual(before);
  });

  it.each([
    ['not-a-picture', new TextEncoder().encode('<svg>')],
    ['too-large', pngHead(5000, 10)],
  ] as const)('%s', async (reason, bytes) => {
    const figma = await openPlugin({ layers: [HERO], selected: [0] });
    figma.send(picture({ bytes }));
    expect(figma.last('refused')?.reason).toBe(reason);
    expect(kinds(figma, '1:2')).toEqual([]);
  });
});

describe('other editors', () => {
  it('FigJam gets rectangles', async () => {
    const figma = await openPlugin({ editorType: 'figjam' });
    figma.send(picture());
    expect(figma.all()).toMatchObject([{ type: 'RECTANGLE', name: 'green hills' }]);
  });

  it('Slides get frames', async () => {
    const figma = await openPlugin({ editorType: 'slides' });
    figma.send(picture());
    expect(figma.all()).toMatchObject([{ type: 'FRAME' }]);
  });

  it('on the slide in view, whole and in its middle; several like cards', async () => {
    const slide = { type: 'SLIDE', name: 'Slide', width: 1920, height: 1080, fills: null };
    const figma = await openPlugin({ editorType: 'slides', layers: [slide], focusedSlide: '1:2' });
    figma.send({ ...reserve(2), where: 'beside', width: 4000, height: 2000 });
    figma.send(picture({ where: 'beside', width: 4000, height: 2000 }));
    figma.send(picture({ index: 1, where: 'beside', width: 4000, height: 2000 }));
    const [first, second] = made(figma);
    expect(first).toMatchObject({ parent: '1:2', x: 40, y: 80, width: 1840, height: 920 });
    expect(second).toMatchObject({ parent: '1:2', x: 80, y: 120 });
  });

  it('an editor without frames, undo points, drops and quick actions gets its pictures all the same', async () => {
    const missing = ['createFrame', 'commitUndo', 'drop', 'parameters'];
    const figma = await openPlugin({ editorType: 'slides', missing });
    figma.send(picture());
    expect(figma.last('placed')?.names).toEqual(['green hills']);
    expect(figma.all()).toMatchObject([{ type: 'RECTANGLE' }]);
  });

  it('an editor that lets nothing be made says so', async () => {
    const figma = await openPlugin({ editorType: 'slides', missing: ['createFrame', 'createRectangle'] });
    figma.send(picture());
    expect(figma.last('refused')?.reason).toBe('unsupported');
    expect(figma.all()).toEqual([]);
  });
});
