import { describe, expect, it } from 'vitest';
import type { GradientPaint } from '../../../plugin/host.js';
import { withoutBar } from '../../../plugin/placeholder.js';
import { GREY, HERO, kinds, picture, reserve } from '../../support/canvas-messages.js';
import { openPlugin } from '../../support/fake-figma.js';

const RED = { type: 'SOLID', color: { r: 1, g: 0, b: 0 } } as const;
const BAR = ['SOLID', 'GRADIENT_LINEAR'];

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

/** How far the bar of the layer has come. */
const fractionOf = (fills: readonly { readonly type: string }[] | 'mixed' | null) =>
  ((fills as GradientPaint[]).find(({ type }) => type === 'GRADIENT_LINEAR') as GradientPaint).gradientStops[1]
    ?.position;

describe('a bar over a layer', () => {
  const advance = (job: string, fraction: number) => ({ type: 'advance', job, index: 0, fraction }) as const;

  it('is one for two runs that wait for the layer, and goes with the last of them', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    figma.send(reserve(1));
    figma.send(advance('j', 0.5));
    figma.send({ ...reserve(1), job: 'next' });
    expect(kinds(figma, '1:2')).toEqual(BAR);
    figma.send(advance('j', 0.75));
    figma.send(advance('next', 0.25));
    figma.send({ type: 'release', job: 'j' });
    expect(kinds(figma, '1:2')).toEqual(BAR);
    expect(fractionOf(figma.layer('1:2').fills)).toBe(0.25);
    figma.send({ type: 'release', job: 'next' });
    expect(figma.layer('1:2').fills).toEqual([GREY]);
  });

  it('of a later run stays over the picture of the one before, and then makes room for its own', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    figma.send(reserve(1));
    figma.send({ ...reserve(1), job: 'next' });
    figma.send(picture());
    figma.send({ type: 'release', job: 'j' });
    expect(kinds(figma, '1:2')).toEqual(['SOLID', 'IMAGE', 'GRADIENT_LINEAR']);
    figma.send(picture({ job: 'next' }));
    figma.send({ type: 'release', job: 'next' });
    expect(kinds(figma, '1:2')).toEqual(['SOLID', 'IMAGE']);
  });

  it.each(['release', 'place'] as const)('leaves the person their changes of the fill until the %s', async (end) => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    figma.send(reserve(1));
    const [, bar] = figma.layer('1:2').fills as GradientPaint[];
    figma.document.change('1:2', { fills: [RED, bar as GradientPaint] });
    figma.send(advance('j', 0.5));
    expect(figma.layer('1:2').fills).toMatchObject([RED, { type: 'GRADIENT_LINEAR' }]);
    figma.document.change('1:2', { fills: [RED, GREY] });
    figma.send(end === 'place' ? picture() : { type: 'release', job: 'j' });
    expect(figma.layer('1:2').fills).toMatchObject([RED, GREY, { type: 'IMAGE' }].slice(0, end === 'place' ? 3 : 2));
    expect(kinds(figma, '1:2')?.length).toBe(end === 'place' ? 3 : 2);
  });

  it('that the person took off is not missed: nothing is written, and a colour style that they gave it meanwhile stays', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    figma.send(reserve(1));
    figma.document.change('1:2', { fills: [RED], fillStyleId: 'S:red' });
    figma.send(advance('j', 0.5));
    figma.send({ type: 'release', job: 'j' });
    expect(figma.layer('1:2')).toMatchObject({ fills: [RED], fillStyleId: 'S:red' });
  });

  it('is not drawn where it would take the layer off its colour style for good', async () => {
    const figma = await openPlugin({
      layers: [
        { ...HERO, fills: [GREY], fillStyleId: 'S:grey' },
        { ...HERO, name: 'Other', fills: [GREY] },
      ],
      selected: [0, 1],
    });
    const before = figma.layer('1:2');
    figma.send(reserve(2));
    figma.send(picture({ index: 1 }));
    figma.send({ type: 'release', job: 'j' });
    expect(figma.layer('1:2')).toEqual(before);
    figma.send(picture());
    expect(figma.layer('1:2').fillStyleId).toBe('');
    expect(kinds(figma, '1:2')).toEqual(['SOLID', 'IMAGE']);
  });

  it('that a window left behind when it was ended goes with the next picture', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    figma.send(reserve(1));
    const { fills } = figma.layer('1:2');
    const later = await openPlugin({ layers: [{ ...HERO, fills }], selected: [0] });
    later.send(picture());
    expect(kinds(later, '1:2')).toEqual(['SOLID', 'IMAGE']);
  });

  it('is known with its colours rounded, and a gradient of the person’s own is none', async () => {
    const figma = await openPlugin({ layers: [{ ...HERO, fills: [GREY] }], selected: [0] });
    figma.send(reserve(1));
    const bar = (figma.layer('1:2').fills as GradientPaint[])[1] as GradientPaint;
    const recoloured = (change: (part: number) => number): GradientPaint => ({
      ...bar,
      gradientStops: bar.gradientStops.map(({ position, color: { r, g, b, a } }) => ({
        position,
        color: { r: change(r), g: change(g), b: change(b), a: change(a) },
      })),
    });
    expect(withoutBar([recoloured(Math.fround)])).toEqual([]);
    expect(withoutBar([recoloured((part) => Math.round(part * 255) / 255)])).toEqual([]);
    const own = recoloured((part) => part * 0.9);
    expect(withoutBar([GREY, own])).toEqual([GREY, own]);
  });
});
