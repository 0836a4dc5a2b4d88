/** Pictures of the starter pack that were drawn once, in test/unit/vector/pictures. */
import { readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import type { RgbImage } from '../../models/run/png.js';
import { parseVocabulary } from '../../models/run/vocabulary/parse.js';
import { toldBy } from '../../models/run/vocabulary/told.js';

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

const VOCABULARY = new URL('../unit/vocabulary/shapes-vocabulary.json', import.meta.url);

/** What the vocabulary of those pictures knows of a prompt. */
export const told = (prompt: string) => toldBy(prompt, parseVocabulary(JSON.parse(readFileSync(VOCABULARY, 'utf8'))));
