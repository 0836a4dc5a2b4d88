/** A file as pixels. */
import { readFile } from 'node:fs/promises';
import { GenerateError } from '../../models/protocol.js';
import type { RgbImage } from '../../models/run/png.js';
import { toImage } from './off-thread.js';

/** The person's own file, of any format that libvips knows. */
export async function decodeFile(picture: string): Promise<RgbImage> {
  const bytes = await readFile(picture);
  const sharp = (await import('sharp')).default;
  const { data, info } = await sharp(bytes, { limitInputPixels: 4096 * 4096 })
    .rotate()
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: Error) => {
      throw new GenerateError('invalid-request', `"${picture}" can not be read as a picture: ${error.message}.`);
    });
  return toImage(data, info.width, info.height);
}
