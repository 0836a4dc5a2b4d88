/** Pictures of the starter pack that were drawn once, in test/unit/vector/pictures. */
import { readdirSync } from 'node:fs';
import sharp from 'sharp';
import type { RgbImage } from '../../models/run/png.js';
import type { NamedColour } from '../../models/vector/palette.js';
import type { Colour } from '../../models/vector/vectors.js';
import { PALETTE } from './look.js';

const FOLDER = new URL('../unit/vector/pictures/', import.meta.url);

export const FLAT_FILES = readdirSync(FOLDER)
  .map((name) => name.replace('.webp', ''))
  .sort();

export async function readFlat(name: string): Promise<RgbImage> {
  const { data, info } = await sharp(new URL(`${name}.webp`, FOLDER).pathname)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: new Uint8Array(data) };
}

/** The starter's colours by name. */
export const NAMED: readonly NamedColour[] = Object.entries(PALETTE).map(([name, hex]) => ({
  names: [name],
  rgb: [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as [number, number, number] satisfies Colour,
}));
