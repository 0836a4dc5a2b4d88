import { describe, expect, it } from 'vitest';
import { made, picture, reserve } from '../../support/canvas-messages.js';
import { openPlugin } from '../../support/fake-figma.js';

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
