/** The album: screenshots of every state, small enough to lie beside the sources. TWOSTEP_ALBUM=1 makes them anew. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

export const ALBUM = fileURLToPath(new URL('album/', import.meta.url));
export const MAKE = process.env['TWOSTEP_ALBUM'] === '1';

export async function putInAlbum(name: string, png: Buffer): Promise<void> {
  writeFileSync(`${ALBUM}${name}.webp`, await sharp(png).webp({ quality: 36, effort: 6 }).toBuffer());
}
