/** What lies on the canvas at first: a page of a website that waits for its pictures. */
import type { SolidPaint } from '../../plugin/host.js';
import type { StandInDocument } from './stand-in/document.js';

/** @param hex six hexadecimal digits */
function solid(hex: string): SolidPaint[] {
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  return [{ type: 'SOLID', color: { r, g, b } }];
}

export function fillSample(document: StandInDocument): string {
  const page = document.add({
    name: 'Landing page',
    x: 0,
    y: 0,
    width: 720,
    height: 620,
    radius: 8,
    fills: solid('ffffff'),
  });
  const inside = { parent: page };
  const text = { ...inside, type: 'TEXT', fills: solid('1e1e1e') };
  document.add({ ...text, name: 'Brand', text: 'Morning walks', x: 32, y: 28, width: 200, height: 24 });
  document.add({
    ...inside,
    type: 'ELLIPSE',
    name: 'Avatar',
    x: 648,
    y: 20,
    width: 40,
    height: 40,
    fills: solid('e4e4e7'),
  });
  const hero = document.add({
    ...inside,
    type: 'RECTANGLE',
    name: 'Hero',
    x: 32,
    y: 80,
    width: 656,
    height: 280,
    radius: 16,
    fills: solid('e4e4e7'),
  });
  for (const [index, name] of ['Coast', 'Forest', 'Hills'].entries()) {
    const x = 32 + index * 224;
    document.add({
      ...inside,
      type: 'RECTANGLE',
      name,
      x,
      y: 392,
      width: 208,
      height: 144,
      radius: 12,
      fills: solid('e4e4e7'),
    });
    document.add({ ...text, name: `${name} title`, text: name, x, y: 548, width: 208, height: 24 });
  }
  document.add({
    type: 'RECTANGLE',
    name: 'Poster',
    x: 800,
    y: 0,
    width: 240,
    height: 340,
    radius: 4,
    rotation: 0,
    fills: solid('e4e4e7'),
  });
  document.add({
    name: 'Logo',
    x: 800,
    y: 400,
    width: 120,
    height: 120,
    radius: 60,
    locked: true,
    fills: solid('ffd52e'),
  });
  return hero;
}
