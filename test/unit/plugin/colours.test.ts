import { describe, expect, it } from 'vitest';
import { openPlugin, settle } from '../../support/fake-figma.js';

const RED = { r: 1, g: 0, b: 0 };
const solid = (color: typeof RED, opacity = 1) => ({ type: 'SOLID', color, opacity });
const COLOURS = {
  styles: [
    { id: 'S:1', name: 'Brand/Red', paints: [solid(RED)] },
    { id: 'S:2', name: 'Glass', paints: [solid(RED, 0.5)] },
    { id: 'S:3', name: 'Two', paints: [solid(RED), solid(RED)] },
    { id: 'S:4', name: 'Sky', paints: [{ type: 'GRADIENT_LINEAR' }] },
  ],
  variables: {
    mint: { r: 0.2, g: 0.8, b: 0.6, a: 1 },
    alias: { type: 'VARIABLE_ALIAS', id: 'mint' },
    loop: { type: 'VARIABLE_ALIAS', id: 'loop' },
    clear: { r: 0, g: 0, b: 0, a: 0.2 },
  },
};
const SVG = [
  '<svg width="20" height="10" viewBox="0 0 20 10"><g id="picture">',
  '<rect id="ground" fill="#33cc99" x="0" y="0" width="20" height="10"/>',
  '<circle id="sun" fill="#ff0000" cx="5" cy="5" r="2"/><circle id="moon" fill="#0000ff" cx="9" cy="5" r="2"/></g></svg>',
].join('');
const vectors = {
  type: 'place-vectors',
  job: 'v',
  index: 0,
  where: 'beside',
  title: 'as layers',
  svg: SVG,
  layers: ['ground', 'sun', 'moon'],
  bound: [
    { kind: 'style', id: 'S:1', name: 'Brand/Red', colour: '#ff0000' },
    { kind: 'variable', id: 'mint', name: 'mint', colour: '#33cc99' },
    { kind: 'variable', id: 'gone', name: 'gone', colour: '#0000ff' },
  ],
  width: 20,
  height: 10,
  beyond: null,
  request: '{}',
} as const;

describe('colours of the file', () => {
  it('are its styles and variables of one opaque colour, aliases followed', async () => {
    const figma = await openPlugin({ colours: COLOURS });
    figma.send({ type: 'read-colours' });
    await settle();
    expect(figma.last('colours')?.colours).toEqual([
      { kind: 'style', id: 'S:1', name: 'Brand/Red', colour: '#ff0000' },
      { kind: 'variable', id: 'mint', name: 'colour/mint', colour: '#33cc99' },
      { kind: 'variable', id: 'alias', name: 'colour/alias', colour: '#33cc99' },
    ]);
  });

  it('are none where an editor has neither', async () => {
    const figma = await openPlugin();
    figma.send({ type: 'read-colours' });
    await settle();
    expect(figma.last('colours')?.colours).toEqual([]);
  });

  it('bind the layers that have them; one that is gone leaves its colour', async () => {
    const figma = await openPlugin({ colours: COLOURS });
    figma.send(vectors);
    await settle();
    const named = (name: string) => figma.all().find((layer) => layer.name === name);
    expect(figma.last('placed')).toMatchObject({ names: ['as layers'] });
    expect(named('sun')).toMatchObject({ fillStyleId: 'S:1' });
    expect(named('ground')?.fills).toMatchObject([{ boundVariables: { color: { id: 'mint' } } }]);
    expect(named('moon')?.fills).toEqual([{ type: 'SOLID', color: { r: 0, g: 0, b: 1 } }]);
  });

  it('come in one step with their layers: an undo takes both away', async () => {
    const figma = await openPlugin({ colours: COLOURS });
    figma.send(vectors);
    await settle();
    figma.document.undo();
    expect(figma.all()).toEqual([]);
  });
});
