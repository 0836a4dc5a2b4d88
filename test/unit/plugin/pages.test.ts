import { describe, expect, it } from 'vitest';
import { HERO, picture, reserve } from '../../support/canvas-messages.js';
import { type FakeFigma, openPlugin } from '../../support/fake-figma.js';
import { OTHER_PAGE } from '../../support/fake-figma-host.js';

const PAGE = '0:1';
const SVG =
  '<svg width="20" height="10" viewBox="0 0 20 10"><rect id="a" fill="#fff" x="0" y="0" width="20" height="10"/></svg>';
const vectors = {
  type: 'place-vectors',
  job: 'v',
  index: 0,
  where: 'beside',
  title: 'as layers',
  svg: SVG,
  layers: ['a'],
  bound: [],
  width: 20,
  height: 10,
  beyond: null,
  request: '{}',
} as const;

const places = (figma: FakeFigma) => figma.all().map(({ name, parent, x, y }) => [name, parent, x, y]);

describe('a person who goes elsewhere while pictures are drawn', () => {
  it('finds them on the page where they were asked for', async () => {
    const figma = await openPlugin();
    figma.send(reserve(3, 'beside'));
    const reserved = figma.all().map(({ x, y }) => [PAGE, x, y]);
    figma.goTo(OTHER_PAGE);
    figma.send({ type: 'advance', job: 'j', index: 2, fraction: 0.5 });
    for (const index of [0, 1]) figma.send(picture({ index, where: 'beside', title: `p${index}` }));
    expect(places(figma).sort()).toEqual([
      ['Twostep 50 %', ...(reserved[2] ?? [])],
      ['p0', ...(reserved[0] ?? [])],
      ['p1', ...(reserved[1] ?? [])],
    ]);
    figma.send({ type: 'release', job: 'j' });
    expect(figma.all().length).toBe(2);
    expect(figma.revealed).toEqual([]);
  });

  it('gets one of their own there for a layer that is gone', async () => {
    const layers = [HERO, { ...HERO, name: 'Title', parent: OTHER_PAGE }, { name: 'Long', width: 3000 }];
    const figma = await openPlugin({ layers, selected: [0] });
    figma.send(reserve(1));
    figma.goTo(OTHER_PAGE);
    figma.document.remove('1:2');
    figma.send(picture());
    // Around the middle of the view, and beside what lies there on that page.
    expect(places(figma).at(-1)).toEqual(['green hills', PAGE, 3040, -128]);
  });

  it('has free space on another page for what is asked for there', async () => {
    const figma = await openPlugin();
    figma.send(reserve(1, 'beside'));
    figma.goTo(OTHER_PAGE);
    figma.send({ ...reserve(1, 'beside'), job: 'there' });
    expect(places(figma)).toEqual([
      ['Twostep 0 %', PAGE, -128, -128],
      ['Twostep 0 %', OTHER_PAGE, -128, -128],
    ]);
  });

  const slides = [0, 1].map((at) => ({ type: 'SLIDE', name: `Slide ${at}`, width: 1920, height: 1080, fills: null }));
  const openSlides = () => openPlugin({ editorType: 'slides', layers: slides, focusedSlide: '1:2' });

  it('finds them on the slide where they were asked for', async () => {
    const figma = await openSlides();
    figma.send(reserve(2, 'beside'));
    figma.focus('1:3');
    for (const index of [0, 1]) figma.send(picture({ index, where: 'beside' }));
    expect(places(figma).slice(2)).toEqual([
      ['green hills', '1:2', 832, 412],
      ['green hills', '1:2', 872, 452],
    ]);
    expect(figma.namesIn('1:3')).toEqual([]);
  });

  it('gets them on the slide in view when the other is gone, and no placeholders there', async () => {
    const figma = await openSlides();
    figma.send(reserve(2, 'beside'));
    figma.focus('1:3');
    figma.document.remove('1:2');
    figma.send(picture({ where: 'beside' }));
    expect(places(figma).slice(1)).toEqual([['green hills', '1:3', 832, 412]]);
  });
});

describe('a new frame', () => {
  const far = { bounds: { x: 50_000, y: 0, width: 1000, height: 800 } };

  it('of which nothing is in view is scrolled to, once for all that were asked for together', async () => {
    const figma = await openPlugin({ layers: [HERO], selected: [0], ...far });
    figma.send(reserve(3, 'beside'));
    expect(figma.revealed).toEqual([]);
    for (const index of [0, 1, 2]) figma.send(picture({ index, where: 'beside', title: `p${index}` }));
    expect(figma.revealed).toEqual([['p0']]);
    figma.send(picture({ job: 'other', where: 'beside' }));
    expect(figma.revealed).toEqual([['p0'], ['green hills']]);
  });

  it('that is in view in part leaves the view as it is, and so do those after it', async () => {
    const bounds = { x: 500, y: 0, width: 300, height: 800 };
    const figma = await openPlugin({ layers: [{ ...HERO, rotation: 0 }], selected: [0], bounds });
    figma.send(reserve(3, 'beside'));
    for (const index of [0, 1, 2]) figma.send(picture({ index, where: 'beside' }));
    expect(figma.all().at(-1)?.x).toBeGreaterThan(800);
    expect(figma.revealed).toEqual([]);
  });

  it('is no layer that was filled', async () => {
    const figma = await openPlugin({ layers: [HERO], selected: [0], ...far });
    figma.send(picture());
    expect(figma.revealed).toEqual([]);
  });

  it('of layers with outlines is scrolled to as well, unless they went into a frame', async () => {
    const figma = await openPlugin({ layers: [{ name: 'Hero' }], selected: [0], ...far });
    figma.send({ ...vectors, where: 'selection' });
    expect(figma.revealed).toEqual([]);
    figma.send(vectors);
    expect(figma.revealed).toEqual([['as layers']]);
  });

  it('is made also where an editor says nothing of its view', async () => {
    const figma = await openPlugin({ ...far, missing: ['viewport'] });
    figma.send(picture());
    expect(figma.last('placed')?.names).toEqual(['green hills']);
  });
});
