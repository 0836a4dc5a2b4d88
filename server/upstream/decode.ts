/** A stranger's picture as a PNG of ours: decoded by libvips, fitted to the size that was asked for, and written with its request. */
import type { GenerateRequest } from '../../models/protocol.js';
import { encodePicture } from '../../models/run/metadata.js';

export type ToDecode = {
  readonly bytes: Uint8Array;
  /** Of this picture alone. */
  readonly request: GenerateRequest;
  readonly size: { readonly width: number; readonly height: number };
  readonly background: GenerateRequest['background'];
};
export type Decoded = { readonly bytes: Uint8Array; readonly width: number; readonly height: number };
export type Decode = (picture: ToDecode, signal: AbortSignal) => Promise<Decoded>;

/** Pixels of the largest picture that Figma takes. */
const PIXELS = 4096 * 4096;

/** The formats that image servers send. libvips knows many more, some of which are programs. */
const FORMATS = [/^\x89PNG\r\n/, /^\xff\xd8\xff/, /^RIFF[\s\S]{4}WEBP/] as const;

/** @throws Error saying what is wrong with it */
export async function decodePicture({ bytes, request, size, background }: ToDecode): Promise<Decoded> {
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  if (!FORMATS.some((format) => format.test(start))) throw new Error('it is no PNG, JPEG or WebP');
  const sharp = (await import('sharp')).default;
  sharp.cache(false);
  const { data, info } = await sharp(bytes, {
    limitInputPixels: PIXELS,
    pages: 1,
    failOn: 'error',
    sequentialRead: true,
  })
    .toColourspace('srgb')
    // As our own pictures that have another aspect: the middle.
    .resize(size.width, size.height, { fit: 'cover' })
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const [rgb, alpha] = [new Uint8Array(3 * width * height), new Uint8Array(width * height)];
  for (let pixel = 0; pixel < alpha.length; pixel++) {
    const opacity = data[4 * pixel + 3] as number;
    alpha[pixel] = opacity;
    for (let channel = 0; channel < 3; channel++) rgb[3 * pixel + channel] = data[4 * pixel + channel] as number;
  }
  const isTransparent = background === 'transparent' && alpha.some((opacity) => opacity < 255);
  return { bytes: encodePicture({ width, height, rgb, ...(isTransparent ? { alpha } : {}) }, request), width, height };
}
