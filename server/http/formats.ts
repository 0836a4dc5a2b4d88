/**
 * PNG to JPEG and WebP, and thumbnails, by libvips (sharp), which works off this thread; to SVG by the thread that traces. Loaded when first wanted, so that a
 * start does not wait for it.
 */
import type { OutputFormat } from '../../models/api.js';
import type { Trace, Traced } from '../vector/trace.js';

export type Encoding = { readonly format: OutputFormat /** 0..100, for JPEG and WebP */; readonly quality: number };

export const MEDIA_TYPES = { png: 'image/png', jpeg: 'image/jpeg', webp: 'image/webp', svg: 'image/svg+xml' } as const;

/** Pixels of a side; twice what lists show, for dense screens. */
const THUMBNAIL_SIDE = 192;

export type Encoded = {
  readonly bytes: Uint8Array;
  /** Of an SVG: what it keeps of the picture, so that a client can decide whether it suits. */
  readonly vectors?: Omit<Traced, 'svg'>;
};

export async function encodeAs(png: Uint8Array, { format, quality }: Encoding, trace: Trace): Promise<Encoded> {
  switch (format) {
    case 'png':
      // Never encoded again: it carries its request and is what the core drew, bit for bit.
      return { bytes: png };
    case 'jpeg':
      return {
        bytes: await (await load())(png)
          // A JPEG has no transparency; without a word libvips puts black behind the picture.
          .flatten({ background: '#ffffff' })
          .jpeg({ quality: Math.max(1, quality) })
          .toBuffer(),
      };
    case 'webp':
      return {
        bytes: await (await load())(png)
          .webp({ quality: Math.max(1, quality) })
          .toBuffer(),
      };
    case 'svg': {
      const { svg, ...vectors } = await trace(png);
      return { bytes: Buffer.from(svg), vectors };
    }
    default:
      return format satisfies never;
  }
}

export async function makeThumbnail(png: Uint8Array): Promise<Uint8Array> {
  return (await load())(png).resize(THUMBNAIL_SIDE, THUMBNAIL_SIDE, { fit: 'inside' }).webp({ quality: 80 }).toBuffer();
}

const load = async () => (await import('sharp')).default;
