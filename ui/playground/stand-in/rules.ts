/** What Figma refuses, refused here too, so that what works on the stand-in works there. Every breach throws. */

/** Pixels a side. */
const LARGEST_IMAGE = 4096;
/** Characters. */
const LONGEST_NOTICE = 100;
/** Bytes of one entry on a node. */
const PLUGIN_DATA = 100_000;
/** Bytes of all that a plugin keeps on a machine. */
export const CLIENT_STORAGE = 5_000_000;

/** JSON-like values, Date and Uint8Array are all that crosses between sandbox and panel. */
export function checkMessage(value: unknown, path = 'message'): void {
  if (value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value)) return;
  if (value instanceof Uint8Array || value instanceof Date) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkMessage(item, `${path}[${index}]`);
    return;
  }
  if (typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    for (const [key, item] of Object.entries(value)) checkMessage(item, `${path}.${key}`);
    return;
  }
  throw new TypeError(`${path} can't be posted: ${Object.prototype.toString.call(value)}`);
}

/** PNG, JPEG or GIF by its first bytes; the size is read where it is easy to find. */
export function checkImage(bytes: unknown): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('in createImage: expected a Uint8Array');
  const starts = (...signature: number[]) => signature.every((byte, index) => bytes[index] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47)) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < 33) throw new Error('in createImage: image is not complete');
    const sides = [view.getUint32(16), view.getUint32(20)];
    if (sides.some((side) => side > LARGEST_IMAGE))
      throw new Error(`in createImage: image is too large (${sides.join(' x ')}, at most ${LARGEST_IMAGE})`);
  } else if (!starts(0xff, 0xd8, 0xff) && !starts(0x47, 0x49, 0x46, 0x38))
    throw new Error('in createImage: image type is unsupported');
}

export function checkNotice(text: string): void {
  if (text.length > LONGEST_NOTICE)
    throw new Error(`in notify: ${text.length} characters, at most ${LONGEST_NOTICE} are allowed`);
}

export function checkPluginData(key: string, value: string): void {
  const size = new TextEncoder().encode(key + value).length;
  if (size > PLUGIN_DATA) throw new Error(`in setPluginData: ${size} bytes, at most ${PLUGIN_DATA} are allowed`);
}

/** @param hasImage whether an image of this hash was made */
export function checkFills(fills: unknown, hasImage: (hash: string) => boolean): void {
  if (!Array.isArray(fills)) throw new TypeError('in set_fills: expected an array');
  for (const fill of fills) {
    const known = ['IMAGE', 'GRADIENT_LINEAR', 'SOLID'].includes(fill?.type);
    if (!known) throw new TypeError(`in set_fills: "${fill?.type}" is not a kind of paint that is known here`);
    if (fill.type === 'IMAGE' && !hasImage(fill.imageHash))
      throw new Error(`in set_fills: there is no image with the hash "${fill.imageHash}"`);
    if (fill.type === 'IMAGE' && !['FILL', 'FIT', 'CROP', 'TILE'].includes(fill.scaleMode))
      throw new Error(`in set_fills: "${fill.scaleMode}" is no scale mode`);
    if (fill.type === 'SOLID') checkColour([fill.color?.r, fill.color?.g, fill.color?.b]);
    if (fill.type === 'GRADIENT_LINEAR') {
      if (fill.gradientTransform?.length !== 2 || fill.gradientStops?.length < 2)
        throw new Error('in set_fills: a gradient needs a transform of two rows and two stops');
      for (const { position, color } of fill.gradientStops) checkColour([position, color.r, color.g, color.b, color.a]);
    }
  }
}

function checkColour(parts: readonly number[]): void {
  for (const part of parts)
    if (!(part >= 0 && part <= 1)) throw new Error(`in set_fills: ${part} is not between 0 and 1`);
}
