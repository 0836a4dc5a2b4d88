/** Pictures whose truth is known: SVG drawn by librsvg, and pixels made by code. */
import sharp from 'sharp';
import type { RgbImage } from '../../models/run/png.js';

/** @param scale pixels for one of the SVG */
export async function drawSvg(svg: string, scale = 1): Promise<RgbImage> {
  const { data, info } = await sharp(Buffer.from(svg), { density: 72 * scale })
    .flatten({ background: '#fff' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: new Uint8Array(data) };
}

export const flat = (shapes: string, width = 256, height = 256) =>
  drawSvg(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes}</svg>`);

export const BLUE = '<rect width="256" height="256" fill="#2b6cf0"/>';

export const star = (points: number, outer: number, inner: number, x = 128, y = 128) =>
  Array.from({ length: 2 * points }, (_, index) => {
    const angle = (Math.PI * index) / points - Math.PI / 2;
    const radius = index % 2 ? inner : outer;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)] as const;
  });

export const polygon = (corners: readonly (readonly [number, number])[], fill: string) =>
  `<polygon points="${corners.map(([x, y]) => `${x.toFixed(3)},${y.toFixed(3)}`).join(' ')}" fill="${fill}"/>`;

/** A sky with three stops, a sun, two hills: what the starter pack was taught to draw. */
export const SCENE = [
  '<defs><linearGradient id="g" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#3a1c71"/>',
  '<stop offset=".5" stop-color="#d76d77"/><stop offset="1" stop-color="#ffaf7b"/></linearGradient></defs>',
  '<rect width="256" height="256" fill="url(#g)"/><circle cx="180" cy="100" r="28" fill="#fff1b8"/>',
  '<path d="M0 190Q60 120 130 180T256 160V256H0Z" fill="#5b3a7a"/>',
  '<path d="M0 220Q90 170 160 215T256 205V256H0Z" fill="#2d1b4e"/>',
].join('');

/** Every pixel another colour. */
export function noise(width: number, height: number): RgbImage {
  let state = 1;
  const rgb = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state >> 16;
  });
  return { width, height, rgb };
}

export function paintPixels(
  width: number,
  height: number,
  colourOf: (x: number, y: number) => readonly [number, number, number],
): RgbImage {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) for (let x = 0; x < width; x++, at += 3) rgb.set(colourOf(x, y), at);
  return { width, height, rgb };
}

/** Share of the pixels that differ by more than `tolerance` in any channel. */
export function difference(one: RgbImage, other: RgbImage, tolerance: number): number {
  let off = 0;
  for (let at = 0; at < one.rgb.length; at += 3)
    if ([0, 1, 2].some((c) => Math.abs((one.rgb[at + c] as number) - (other.rgb[at + c] as number)) > tolerance))
      off += 1;
  return off / (one.rgb.length / 3);
}
