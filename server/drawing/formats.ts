/**
 * PNG to JPEG and WebP, and thumbnails, by libvips (sharp), which works off this thread; to SVG by the thread that traces. Loaded when first wanted, so that a
 * start does not wait for it.
 */
import type { OutputFormat } from '../../models/api.js';
import { upgradeRequestText } from '../../models/request/upgrade.js';
import { requestTextFromPng } from '../../models/run/metadata.js';
import { toXmp } from '../../models/run/xmp.js';
import { wordsOf } from '../../models/wildcards.js';
import type { Trace, Traced } from '../vector/trace.js';

export type Encoding = { readonly format: OutputFormat /** 0..100, for JPEG and WebP */; readonly quality: number };

export const MEDIA_TYPES = { png: 'image/png', jpeg: 'image/jpeg', webp: 'image/webp', svg: 'image/svg+xml' } as const;

/** A packet must fit into one segment of a JPEG; libvips leaves one that is longer than this out without a word. */
const JPEG_XMP_BYTES = 60_000;

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
          .withXmp(xmpOf(png, JPEG_XMP_BYTES))
          .jpeg({ quality: Math.max(1, quality) })
          .toBuffer(),
      };
    case 'webp':
      return {
        bytes: await (await load())(png)
          .withXmp(xmpOf(png, Number.POSITIVE_INFINITY))
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

/**
 * The packet for a picture: its request, its prompt, and that a model made it. Of what has no place the prompt goes first, since the request
 * has it too. Only prompts of 19,000 characters and more leave no place for the request; the PNG has it still.
 */
function xmpOf(png: Uint8Array, place: number): string {
  // As it stands in the picture: a request of any version goes on. In UTF-8 it takes less than half of what its ASCII takes.
  const request = JSON.stringify(JSON.parse(requestTextFromPng(png)));
  const read = upgradeRequestText(request);
  const packets = [
    { request, prompt: read.ok ? wordsOf(read.request) : null },
    { request, prompt: null },
    { request: null, prompt: null },
  ].map(toXmp);
  return packets.find((packet) => Buffer.byteLength(packet) <= place) ?? '';
}

export const makeThumbnail = (png: Uint8Array): Promise<Uint8Array> => makePreview(png, THUMBNAIL_SIDE);

/** @param side pixels of its longer side, at most */
export async function makePreview(png: Uint8Array, side: number): Promise<Uint8Array> {
  return (await load())(png).resize(side, side, { fit: 'inside' }).webp({ quality: 80 }).toBuffer();
}

const load = async () => (await import('sharp')).default;
