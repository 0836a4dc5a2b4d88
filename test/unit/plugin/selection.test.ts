import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HERO, picture, reserve } from '../../support/canvas-messages.js';
import { type FakeFigma, openPlugin } from '../../support/fake-figma.js';
import { OTHER_PAGE } from '../../support/fake-figma-host.js';

type Options = NonNullable<Parameters<typeof openPlugin>[0]>;

/** Milliseconds, longer than the plugin waits for more. */
const WHILE = 300;

describe('a selected layer that changes', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const open = async (options: Options): Promise<FakeFigma> => {
    const opening = openPlugin(options);
    await vi.advanceTimersByTimeAsync(1);
    return opening;
  };
  const pass = () => vi.advanceTimersByTimeAsync(WHILE);
  const told = (figma: FakeFigma) => figma.said.filter(({ type }) => type === 'selection').length;

  it.each([
    [{ width: 777 }, { width: 777 }],
    [{ height: 99 }, { height: 99 }],
    [{ name: 'Banner' }, { name: 'Banner' }],
    [{ locked: true }, { hindrance: 'locked' }],
    [{ visible: false }, { name: 'Hero' }],
  ] as const)('by %o is told again', async (change, target) => {
    const figma = await open({ layers: [HERO], selected: [0] });
    const before = told(figma);
    figma.document.change('1:2', change);
    await pass();
    expect(told(figma)).toBe(before + 1);
    expect(figma.last('selection')?.targets).toMatchObject([target]);
  });

  it('many times is told few times, and last of all as it is', async () => {
    const figma = await open({ layers: [HERO], selected: [0] });
    const before = told(figma);
    for (let width = 1; width <= 100; width++) {
      figma.document.change('1:2', { width });
      await vi.advanceTimersByTimeAsync(10);
    }
    await pass();
    expect(told(figma) - before).toBeLessThan(8);
    expect(figma.last('selection')?.targets[0]?.width).toBe(100);
  });

  it('because the frame around it was locked, or it was moved into such a frame, is told again', async () => {
    const layers = [{ name: 'Frame' }, { name: 'Inside', parent: '1:2' }, { name: 'Locked', locked: true }];
    const figma = await open({ layers, selected: [1] });
    figma.document.change('1:2', { locked: true });
    await pass();
    expect(figma.last('selection')?.targets).toMatchObject([{ hindrance: 'locked' }]);
    figma.document.change('1:2', { locked: false });
    await pass();
    expect(figma.last('selection')?.targets).toMatchObject([{ hindrance: null }]);
    figma.document.change('1:3', { parent: '1:4' });
    await pass();
    expect(figma.last('selection')?.targets).toMatchObject([{ hindrance: 'locked' }]);
    // What is around it now counts from now on.
    figma.document.change('1:4', { locked: false });
    await pass();
    expect(figma.last('selection')?.targets).toMatchObject([{ hindrance: null }]);
  });

  it('because it was deleted is told as gone', async () => {
    const figma = await open({ layers: [HERO], selected: [0] });
    figma.document.remove('1:2');
    await pass();
    expect(figma.last('selection')).toMatchObject({ targets: [], total: 0 });
  });

  it('by our own hand, or is not selected, or moves, is not told of', async () => {
    const figma = await open({ layers: [HERO, { name: 'Other' }], selected: [0] });
    const before = told(figma);
    figma.send(reserve(2));
    for (let step = 1; step <= 20; step++) {
      for (const index of [0, 1]) figma.send({ type: 'advance', job: 'j', index, fraction: step / 20 });
      await pass();
    }
    figma.document.change('1:3', { width: 5, name: 'Another', locked: true });
    figma.document.change('1:2', { x: 40 });
    await pass();
    expect(told(figma)).toBe(before);
    // A picture is told once, at once, because the layer has its request now.
    figma.send(picture());
    await pass();
    expect(told(figma)).toBe(before + 1);
  });

  it('is heard of on the page in view, and no longer on the one before', async () => {
    const figma = await open({ layers: [HERO, { ...HERO, name: 'There', parent: OTHER_PAGE }], selected: [0] });
    figma.goTo(OTHER_PAGE);
    figma.document.select(['1:3']);
    const before = told(figma);
    figma.document.change('1:3', { width: 777 });
    await pass();
    expect(figma.last('selection')?.targets).toMatchObject([{ name: 'There', width: 777 }]);
    figma.document.change('1:2', { width: 5 });
    await pass();
    expect(told(figma)).toBe(before + 1);
    figma.goTo('0:1');
    expect(figma.last('selection')?.targets).toMatchObject([{ name: 'Hero', width: 5 }]);
    figma.document.change('1:2', { width: 6 });
    await pass();
    expect(figma.last('selection')?.targets).toMatchObject([{ name: 'Hero', width: 6 }]);
  });

  it('goes unnoticed in an editor whose pages tell nothing, and the rest works', async () => {
    const figma = await open({ layers: [HERO], selected: [0], missing: ['nodechange'] });
    figma.document.change('1:2', { width: 777 });
    await pass();
    expect(figma.last('selection')?.targets).toMatchObject([{ width: 400 }]);
    figma.document.select([]);
    figma.document.select(['1:2']);
    expect(figma.last('selection')?.targets).toMatchObject([{ width: 777 }]);
  });
});
