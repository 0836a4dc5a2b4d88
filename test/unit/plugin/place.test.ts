import { describe, expect, it } from 'vitest';
import { GREY, HERO, kinds, picture, reserve } from '../../support/canvas-messages.js';
import { openPlugin, pngHead } from '../../support/fake-figma.js';

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
