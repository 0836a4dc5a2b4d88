import { describe, expect, it } from 'vitest';
import type { ImagePaint } from '../../../plugin/host.js';
import { GREY, HERO, kinds, made, picture, reserve, SKY } from '../../support/canvas-messages.js';
import { openPlugin, pngHead } from '../../support/fake-figma.js';

describe('a transparent picture', () => {
  it('stands whole in the layer, with nothing behind it, and takes nobody’s colour away', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    for (const seed of [1, 2]) {
      figma.send(picture({ bytes: pngHead(256, 256, seed), beyond: 'nothing' }));
      expect(kinds(figma, '1:2')).toEqual(['SOLID', 'IMAGE']);
      expect(figma.layer('1:2').fills).toMatchObject([GREY, { scaleMode: 'FIT' }]);
    }
    figma.send(picture({ bytes: pngHead(256, 256, 3), beyond: SKY }));
    expect(kinds(figma, '1:2')).toEqual(['SOLID', 'SOLID', 'IMAGE']);
    figma.send(picture({ bytes: pngHead(256, 256, 4), beyond: 'nothing' }));
    expect(figma.layer('1:2').fills).toMatchObject([GREY, { scaleMode: 'FIT' }]);
  });
});

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
    expect(figma.last('placed')).toEqual({
      type: 'placed',
      job: 'j',
      index: 0,
      mark: 1,
      names: ['Hero'],
      hindered: [],
    });
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

  it('puts another picture where ours was, with its ground, below what the person laid over it', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    const over = { type: 'SOLID', color: { r: 0, g: 0, b: 0 } } as const;
    const shade = () => {
      const { fills } = figma.layer('1:2');
      figma.document.change('1:2', { fills: [...(fills as ImagePaint[]), over] });
    };
    figma.send(picture({ beyond: SKY }));
    shade();
    figma.send(reserve(1));
    figma.send(picture({ bytes: pngHead(256, 256, 2) }));
    expect(figma.layer('1:2').fills).toMatchObject([GREY, { type: 'IMAGE', scaleMode: 'FILL' }, over]);
    figma.send(picture({ bytes: pngHead(256, 256, 3), beyond: SKY }));
    const shown = [GREY, { type: 'SOLID', color: SKY }, { type: 'IMAGE', scaleMode: 'FIT' }, over];
    expect(figma.layer('1:2').fills).toMatchObject(shown);
    // Where the person took ours away, the next one covers what there is.
    figma.document.change('1:2', { fills: [GREY, over] });
    figma.send(picture({ bytes: pngHead(256, 256, 4) }));
    expect(figma.layer('1:2').fills).toMatchObject([GREY, over, { type: 'IMAGE' }]);
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

  it('fills more layers than a message may name, and layers of very long names, and says so', async () => {
    const layers = Array.from({ length: 60 }, () => ({ name: 'x'.repeat(900) }));
    const figma = await openPlugin({ layers, selected: layers.map((_, at) => at) });
    figma.send(picture());
    expect(figma.last('placed')?.names.length).toBe(50);
    expect(figma.last('placed')?.names[0]?.length).toBe(500);
    expect(figma.all().filter(({ data }) => data['request']).length).toBe(60);
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

  it('beside others that were filled are not told of, because nothing stands beside them', async () => {
    const locked = { ...HERO, name: 'Logo', locked: true };
    const figma = await openPlugin({ layers: [HERO, locked], selected: [0, 1] });
    figma.send(picture());
    expect(figma.last('placed')).toMatchObject({ names: ['Hero'], hindered: [] });
    // The first picture that finds no layer stands beside in their place.
    figma.send(reserve(3));
    const answers = [0, 1, 2].map((index) => {
      figma.send(picture({ index }));
      return figma.last('placed')?.hindered;
    });
    expect(answers).toEqual([[], [{ name: 'Logo', hindrance: 'locked' }], []]);
    expect(made(figma).filter(({ name }) => name === 'green hills').length).toBe(2);
  });

  it('that get locked meanwhile are told of only where nothing else was filled', async () => {
    const figma = await openPlugin({ layers: [HERO, { ...HERO, name: 'Other' }], selected: [0, 1] });
    figma.send(reserve(1));
    figma.document.change('1:2', { locked: true });
    figma.send(picture());
    expect(figma.last('placed')).toMatchObject({ names: ['Other'], hindered: [] });
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
