import { describe, expect, it } from 'vitest';
import { openPlugin } from '../../support/fake-figma.js';

const PAGE = '0:1';
const box = (name: string, x: number, parent = PAGE) =>
  ({ type: 'RECTANGLE', name, parent, x, y: 0, width: 100, height: 80 }) as const;
const title = (text: string, x: number, y: number, parent = PAGE) =>
  ({ type: 'TEXT', name: 'title', text, parent, x, y, width: 60, height: 16 }) as const;

async function labelsOf(layers: Parameters<typeof openPlugin>[0]) {
  const figma = await openPlugin(layers);
  figma.send({ type: 'read-labels' });
  return figma.last('labels')?.labels.map(({ label }) => label);
}

describe('what a selected layer is about', () => {
  it('is its name, unless Figma gave it that', async () => {
    const layers = [box('Coast', 0), box('Rectangle 12', 200), box('Frame', 400), box('image-3', 600)];
    expect(await labelsOf({ layers, selected: [0, 1, 2, 3] })).toEqual(['Coast', null, null, null]);
  });

  it('is the nearest text beside it, where it has no name', async () => {
    const frame = { type: 'FRAME', name: 'Cards', x: 0, y: 0, width: 700, height: 200 } as const;
    const layers = [
      frame,
      box('Rectangle 1', 0, '1:2'),
      box('Rectangle 2', 200, '1:2'),
      title('Forest', 0, 90, '1:2'),
      title('Hills\nand dales', 205, 84, '1:2'),
      title('Far away', 400, 0, '1:2'),
      title('', 10, 82, '1:2'),
    ];
    expect(await labelsOf({ layers, selected: [1, 2] })).toEqual(['Forest', 'Hills and dales']);
  });

  it('is nothing of another frame, too far off, or as long as a paragraph', async () => {
    const frame = { type: 'FRAME', name: 'Cards', x: 0, y: 0, width: 700, height: 200 } as const;
    const layers = [
      frame,
      box('Rectangle 1', 0, '1:2'),
      title('Outside', 0, 85),
      title('Far', 0, 190, '1:2'),
      title('word '.repeat(50), 0, 84, '1:2'),
    ];
    expect(await labelsOf({ layers, selected: [1] })).toEqual([null]);
  });
});
