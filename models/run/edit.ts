/**
 * The picture that a request starts from: into the request (`toEdit`), and out of it again (`openEdit`). What is drawn anew of it is a matter of
 * codes, and the family's; which pixels stay is said here, whatever drew the others.
 */
import { type Edit, GenerateError, type GenerateRequest, LIMITS } from '../protocol.js';
import { fromBase64, toBase64 } from './base64.js';
import { encodePng, type RgbImage } from './png.js';
import { decodePng, readPngHeader } from './read-png.js';

/** One byte a pixel: 1 where it may change. */
export type Mask = { readonly width: number; readonly height: number; readonly open: Uint8Array };

export type EditWishes = {
  readonly image: RgbImage;
  /** Of the image's size; null where all of it may change. */
  readonly mask?: Mask | null;
  readonly strength?: number;
  readonly extend?: boolean;
};

/** How much is drawn anew where nobody says: enough for another thing in the same place, and less than everything. */
export const USUAL_STRENGTH = 0.75;

/**
 * The part of a request that starts from a picture.
 *
 * @throws GenerateError `unsupported-edit` where the picture is too large for a request, or the mask of another size
 */
export function toEdit({ image, mask = null, strength, extend = false }: EditWishes): Edit {
  if (mask) checkSizes(image, mask);
  return {
    image: packed('picture', encodePng(image), LIMITS.pictureBytes),
    mask: mask && packed('mask', encodePng(toImage(mask)), LIMITS.maskBytes),
    // All of a region is drawn anew: who marks one wants it to be another.
    strength: strength ?? (mask || extend ? 1 : USUAL_STRENGTH),
    extend,
  };
}

function packed(what: string, png: Uint8Array, most: number): string {
  if (png.length <= most) return toBase64(png);
  throw new GenerateError(
    'unsupported-edit',
    `The ${what} has ${png.length} bytes as a PNG, and a request has room for ${most}. Make it smaller before you edit it.`,
  );
}

function checkSizes(image: { width: number; height: number }, mask: { width: number; height: number }): void {
  if (mask.width === image.width && mask.height === image.height) return;
  throw new GenerateError(
    'unsupported-edit',
    `The mask has ${mask.width} x ${mask.height} pixels and the picture ${image.width} x ${image.height}; they must be of one size.`,
  );
}

/** As OpenAI has it: transparent is what may change. */
function toImage({ width, height, open }: Mask): RgbImage {
  return { width, height, rgb: new Uint8Array(3 * width * height), alpha: open.map((is) => (is ? 0 : 255)) };
}

/** What is less than half opaque may change; null where nothing is, as in a picture without transparency. */
export function maskOf({ width, height, alpha }: RgbImage): Mask | null {
  const open = alpha?.map((opacity) => (opacity < 128 ? 1 : 0));
  return open?.includes(1) ? { width, height, open } : null;
}

export type OpenedEdit = {
  readonly image: RgbImage;
  readonly mask: Mask | null;
  readonly strength: number;
  readonly extend: boolean;
};

/**
 * Looks at an edit without decoding it.
 *
 * @throws GenerateError `unsupported-edit`
 */
export function checkEdit({ image, mask }: Edit): void {
  if (image === null)
    throw new GenerateError(
      'unsupported-edit',
      'The picture that this one was made from was not kept with it. Choose that picture again, or draw from words alone.',
    );
  const size = sound('picture', () => readPngHeader(fromBase64(image.slice(0, 44))));
  if (mask !== null)
    checkSizes(
      size,
      sound('mask', () => readPngHeader(fromBase64(mask.slice(0, 44)))),
    );
}

/**
 * An edit's pixels. The picture is opaque: what is transparent in it is white.
 *
 * @throws GenerateError `unsupported-edit`
 */
export function openEdit(edit: NonNullable<GenerateRequest['edit']>): OpenedEdit {
  checkEdit(edit);
  const { image, mask, strength, extend } = edit;
  const found = sound('mask', () => (mask === null ? null : decodePng(fromBase64(mask))));
  return {
    image: flatten(sound('picture', () => decodePng(fromBase64(image ?? '')))),
    mask: found && (maskOf(found) ?? { ...found, open: new Uint8Array(found.width * found.height) }),
    strength,
    extend,
  };
}

function sound<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new GenerateError(
      'unsupported-edit',
      `The ${what} to start from can not be read: ${(cause as Error).message}.`,
      {
        cause,
      },
    );
  }
}

/** On white. */
export function flatten({ width, height, rgb, alpha }: RgbImage): RgbImage {
  if (!alpha) return { width, height, rgb };
  return {
    width,
    height,
    rgb: rgb.map((value, at) => {
      const opacity = alpha[Math.floor(at / 3)] as number;
      return Math.round((value * opacity + 255 * (255 - opacity)) / 255);
    }),
  };
}
