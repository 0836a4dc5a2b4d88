/** The canvas tells the panel which images still stand (row B3 of the cases), and gives back the image of a layer (B4). */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HERO, picture } from '../../support/canvas-messages.js';
import { type FakeFigma, openPlugin, pngHead } from '../../support/fake-figma.js';

/** Milliseconds, longer than the plugin waits for more. */
const WHILE = 300;

describe('an image that was placed', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const open = async (options: NonNullable<Parameters<typeof openPlugin>[0]>): Promise<FakeFigma> => {
    const opening = openPlugin(options);
    await vi.advanceTimersByTimeAsync(1);
    return opening;
  };
  const pass = () => vi.advanceTimersByTimeAsync(WHILE);
  const told = (figma: FakeFigma) =>
    figma.said.flatMap((message) => (message.type === 'standing' ? [[message.mark, message.names]] : []));

  it('is undone and done again', async () => {
    const figma = await open({ layers: [HERO], selected: [0] });
    figma.send(picture());
    await pass();
    const mark = figma.last('placed')?.mark;
    expect(told(figma)).toEqual([]);
    figma.document.undo();
    await pass();
    expect(told(figma)).toEqual([[mark, []]]);
    figma.document.redo();
    await pass();
    expect(told(figma).at(-1)).toEqual([mark, ['Hero']]);
  });

  it('goes with its layer, or with the frame around it', async () => {
    const layers = [{ name: 'Frame' }, { ...HERO, parent: '1:2' }];
    const figma = await open({ layers, selected: [1] });
    figma.send(picture());
    await pass();
    figma.document.remove('1:2');
    await pass();
    expect(told(figma)).toEqual([[1, []]]);
  });

  it('is painted over by the person, or replaced by another of ours', async () => {
    const figma = await open({ layers: [HERO], selected: [0] });
    figma.send(picture());
    figma.send(picture({ bytes: pngHead(256, 256, 2) }));
    await pass();
    expect(told(figma)).toEqual([[1, []]]);
    figma.document.change('1:2', { fills: [] });
    await pass();
    expect(told(figma).at(-1)).toEqual([2, []]);
  });

  it('in several layers stands in those that are left', async () => {
    const figma = await open({ layers: [HERO, { ...HERO, name: 'Poster' }], selected: [0, 1] });
    figma.send(picture());
    await pass();
    figma.document.remove('1:2');
    await pass();
    expect(told(figma)).toEqual([[1, ['Poster']]]);
  });

  it('is no affair of layers that move', async () => {
    const figma = await open({ layers: [HERO], selected: [0] });
    figma.send(picture());
    await pass();
    figma.document.change('1:2', { x: 500, name: 'Other' });
    await pass();
    expect(told(figma)).toEqual([]);
  });

  it('is told of by the selection where the editor tells of no changes', async () => {
    const figma = await open({ layers: [HERO], selected: [0], missing: ['nodechange'] });
    figma.send(picture());
    figma.document.undo();
    figma.document.select([]);
    await pass();
    expect(told(figma)).toEqual([[1, []]]);
  });

  it('is given back as it came, and not where the person put something else', async () => {
    const figma = await open({ layers: [HERO, { ...HERO, name: 'Empty' }], selected: [0] });
    const bytes = pngHead(256, 256, 5);
    figma.send(picture({ bytes }));
    figma.send({ type: 'read-image', id: '1:2' });
    await pass();
    expect(figma.last('image')).toEqual({ type: 'image', id: '1:2', bytes });
    for (const id of ['1:3', '9:9']) {
      figma.send({ type: 'read-image', id });
      await pass();
      expect(figma.last('image')).toEqual({ type: 'image', id, bytes: null });
    }
    figma.document.change('1:2', { fills: [] });
    figma.send({ type: 'read-image', id: '1:2' });
    await pass();
    expect(figma.last('image')).toEqual({ type: 'image', id: '1:2', bytes: null });
  });
});
