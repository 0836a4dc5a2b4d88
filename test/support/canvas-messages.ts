/** What the tests of the plugin's main thread send to it, and ask of its document. */
import type { ToCanvas } from '../../plugin/messages.js';
import { type FakeFigma, pngHead } from './fake-figma.js';

export const HERO = { name: 'Hero', x: 0, y: 0, width: 400, height: 300, rotation: 12, radius: 16 };
export const GREY = { type: 'SOLID', color: { r: 0.5, g: 0.5, b: 0.5 } } as const;
export const SKY = { r: 0.5, g: 0.75, b: 1 };

export const picture = (changes: Partial<Extract<ToCanvas, { type: 'place' }>> = {}) =>
  ({
    type: 'place',
    job: 'j',
    index: 0,
    where: 'selection',
    title: 'green hills',
    bytes: pngHead(),
    width: 256,
    height: 256,
    beyond: null,
    request: '{"prompt":"green hills"}',
    ...changes,
  }) as const;

export const reserve = (pictures: number, where: 'selection' | 'beside' = 'selection') =>
  ({ type: 'reserve', job: 'j', pictures, where, width: 256, height: 256 }) as const;

export const kinds = (figma: FakeFigma, id: string) => {
  const { fills } = figma.layer(id);
  return Array.isArray(fills) ? fills.map(({ type }) => type) : fills;
};
export const made = (figma: FakeFigma) => figma.all().filter(({ id }) => Number(id.split(':')[1]) > 2);
