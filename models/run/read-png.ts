/**
 * The pixels of a PNG, of the kind that this program and browsers' canvases write: 8 bits, RGB or RGBA, not interlaced (PNG 1.2, sections 3, 6
 * and 9). Web-standard, since requests carry such pictures into every engine. Hosts decode any other file before (server/pictures).
 */
import { unzlibSync } from 'fflate';
import { LIMITS } from '../protocol.js';
import { joinBytes, type RgbImage } from './png.js';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;
/** Chunks of a file that a canvas or `encodePng` wrote: a handful. */
const MAXIMUM_CHUNKS = 10_000;

export type PngHeader = { readonly width: number; readonly height: number /** 3 or 4 */; readonly channels: number };

/**
 * Size and channels, from the first 33 bytes.
 *
 * @throws Error with what is wrong with the file
 */
export function readPngHeader(bytes: Uint8Array): PngHeader {
  if (bytes.length < 33 || SIGNATURE.some((byte, index) => bytes[index] !== byte))
    throw new Error(`this is not a PNG: it does not begin with the PNG signature (${bytes.length} bytes)`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(8) !== 13 || typeAt(bytes, 12) !== 'IHDR')
    throw new Error('the PNG does not begin with its header');
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth = 0, colour = 0, compression = 0, filter = 0, interlace = 0] = bytes.subarray(24, 29);
  if (width < 1 || height < 1 || width > LIMITS.side || height > LIMITS.side)
    throw new Error(`the PNG has ${width} x ${height} pixels; 1 to ${LIMITS.side} a side are read`);
  if (depth !== 8 || (colour !== 2 && colour !== 6) || compression !== 0 || filter !== 0 || interlace !== 0)
    throw new Error(
      `the PNG has ${depth} bits, colour type ${colour} and interlacing ${interlace}; only 8 bits of RGB or RGBA without interlacing are read here`,
    );
  return { width, height, channels: colour === 6 ? 4 : 3 };
}

/**
 * Memory: the pixels twice, which `LIMITS.side` bounds; time: in proportion to them.
 *
 * @throws Error with what is wrong with the file
 */
export function decodePng(bytes: Uint8Array): RgbImage {
  const { width, height, channels } = readPngHeader(bytes);
  const stride = width * channels;
  const length = (stride + 1) * height;
  // A byte more than there may be, so that too much is seen. fflate writes no further than the array goes.
  const filtered = inflate(joinData(bytes), length + 1);
  if (filtered.length !== length)
    throw new Error(`the PNG does not hold the ${length} bytes that ${width} x ${height} pixels take`);
  const pixels = unfilter(filtered, { height, stride, channels });
  if (channels === 3) return { width, height, rgb: pixels };
  const [rgb, alpha] = [new Uint8Array(3 * width * height), new Uint8Array(width * height)];
  for (let pixel = 0; pixel < alpha.length; pixel += 1) {
    rgb.set(pixels.subarray(4 * pixel, 4 * pixel + 3), 3 * pixel);
    alpha[pixel] = pixels[4 * pixel + 3] as number;
  }
  return { width, height, rgb, alpha };
}

function joinData(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let offset: number = SIGNATURE.length;
  for (let count = 0; count < MAXIMUM_CHUNKS && offset + 12 <= bytes.length; count += 1) {
    const length = view.getUint32(offset);
    const type = typeAt(bytes, offset + 4);
    const end = offset + 12 + length;
    if (end > bytes.length)
      throw new Error(`the PNG chunk at byte ${offset} says ${length} bytes, but the file has ${bytes.length}`);
    if (type === 'IEND') return joinBytes(parts);
    if (type === 'IDAT') parts.push(bytes.subarray(offset + 8, end - 4));
    offset = end;
  }
  throw new Error(`the PNG ends at byte ${bytes.length}, before its IEND chunk`);
}

function inflate(data: Uint8Array, length: number): Uint8Array {
  try {
    return unzlibSync(data, { out: new Uint8Array(length) });
  } catch (cause) {
    throw new Error(`the pixels of the PNG can not be unpacked: ${(cause as Error).message}`, { cause });
  }
}

/** Undoes the filter of each row (PNG 6): what was predicted from the left, upper and upper left neighbours is added again. */
function unfilter(
  filtered: Uint8Array,
  { height, stride, channels }: { height: number; stride: number; channels: number },
): Uint8Array {
  const pixels = new Uint8Array(stride * height);
  for (let row = 0; row < height; row += 1) {
    const from = row * (stride + 1) + 1;
    const to = row * stride;
    const filter = filtered[from - 1] as number;
    if (filter > 4) throw new Error(`row ${row} of the PNG has the filter ${filter}, which does not exist`);
    for (let at = 0; at < stride; at += 1) {
      const left = at >= channels ? (pixels[to + at - channels] as number) : 0;
      const up = row > 0 ? (pixels[to + at - stride] as number) : 0;
      const corner = row > 0 && at >= channels ? (pixels[to + at - stride - channels] as number) : 0;
      pixels[to + at] = (filtered[from + at] as number) + predict(filter, left, up, corner);
    }
  }
  return pixels;
}

function predict(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const [toLeft, toUp, toCorner] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
}

const typeAt = (bytes: Uint8Array, offset: number): string =>
  String.fromCharCode(...bytes.subarray(offset, offset + 4));
