/**
 * Strangers' pictures, decoded by libvips: what another server drew, as a PNG of ours with its request (`decodePicture`), and what a client wants
 * to be edited, as pixels (`readPicture`).
 */
import { type GenerateRequest, LIMITS } from '../../models/protocol.js';
import { encodePicture } from '../../models/run/metadata.js';
import type { RgbImage } from '../../models/run/png.js';

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
const PIXELS = LIMITS.side ** 2;
/** Cameras have 12 to 50 million; what is larger than `LIMITS.side` is made smaller as it is read. */
const SOURCE_PIXELS = 64_000_000;

/** The formats that image servers send. libvips knows many more, some of which are programs. */
const FORMATS = [/^\x89PNG\r\n/, /^\xff\xd8\xff/, /^RIFF[\s\S]{4}WEBP/] as const;

/** @throws Error saying what is wrong with it */
export async function decodePicture({ bytes, request, size, background }: ToDecode): Promise<Decoded> {
  const sharp = await openSharp(bytes);
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
  const { width, height, rgb, alpha } = planesOf(data, info);
  const isTransparent = background === 'transparent' && alpha.some((opacity) => opacity < 255);
  return { bytes: encodePicture({ width, height, rgb, ...(isTransparent ? { alpha } : {}) }, request), width, height };
}

/**
 * A client's picture as pixels, at most `LIMITS.side` a side, turned as its camera says.
 *
 * @throws Error saying what is wrong with it
 */
export async function readPicture(bytes: Uint8Array): Promise<RgbImage> {
  const sharp = await openSharp(bytes);
  const { data, info } = await sharp(bytes, {
    limitInputPixels: SOURCE_PIXELS,
    pages: 1,
    failOn: 'error',
  })
    .rotate()
    .toColourspace('srgb')
    .resize(LIMITS.side, LIMITS.side, { fit: 'inside', withoutEnlargement: true })
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { alpha, ...image } = planesOf(data, info);
  return alpha.some((opacity) => opacity < 255) ? { ...image, alpha } : image;
}

async function openSharp(bytes: Uint8Array) {
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  if (!FORMATS.some((format) => format.test(start))) throw new Error('it is no PNG, JPEG or WebP');
  const sharp = (await import('sharp')).default;
  sharp.cache(false);
  return sharp;
}

function planesOf(data: Uint8Array, { width, height }: { width: number; height: number }) {
  const [rgb, alpha] = [new Uint8Array(3 * width * height), new Uint8Array(width * height)];
  for (let pixel = 0; pixel < alpha.length; pixel++) {
    alpha[pixel] = data[4 * pixel + 3] as number;
    for (let channel = 0; channel < 3; channel++) rgb[3 * pixel + channel] = data[4 * pixel + channel] as number;
  }
  return { width, height, rgb, alpha };
}
