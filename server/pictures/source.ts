/** From a client's files to the part of a request that starts from a picture (models/run/edit.ts). */
import { type Edit, GenerateError, LIMITS } from '../../models/protocol.js';
import { maskOf, toEdit } from '../../models/run/edit.js';
import { coverCrop } from '../../models/run/image.js';
import { encodePng, type RgbImage } from '../../models/run/png.js';
import type { ReadPicture } from './decoder.js';

/** A file as it came. 50 MB is what OpenAI takes. */
export const MAXIMUM_FILE_BYTES = 50_000_000;
/** Figma takes no smaller frame, nor does a request. */
const SMALLEST = 16;

export type SourceFiles = {
  readonly image: Uint8Array;
  /** Transparent where the picture is to be drawn anew. */
  readonly mask?: Uint8Array | null | undefined;
  /** Without a mask: whether the picture's own transparency is one, as OpenAI has it. */
  readonly masksItself?: boolean;
};

export type SourceWishes = {
  readonly strength?: number | undefined;
  /** The frame's width divided by its height, where the picture is to be extended to it. */
  readonly aspect?: number | undefined;
  readonly size?: { readonly width: number; readonly height: number } | undefined;
  /** With `size`: keep all of the picture where its aspect is another one. */
  readonly extend?: boolean | undefined;
};

export type Source = {
  readonly edit: Edit;
  readonly size: { readonly width: number; readonly height: number };
  /** What was done otherwise than it was said, in sentences. */
  readonly remarks: readonly string[];
};

/**
 * @throws GenerateError `invalid-request` or `unsupported-edit` with what is wrong with the files
 */
export async function readSource(
  files: SourceFiles,
  wishes: SourceWishes,
  read: ReadPicture,
  signal: AbortSignal,
): Promise<Source> {
  const image = await readFile('picture', files.image, read, signal);
  const marked = files.mask ? await readFile('mask', files.mask, read, signal) : null;
  const mask = marked ? maskOf(marked) : files.masksItself ? maskOf(image) : null;
  if (marked && !mask)
    throw new GenerateError(
      'unsupported-edit',
      'The mask is opaque everywhere, so nothing would change. Make it transparent where the picture is to be drawn anew.',
    );
  if (marked && (marked.width !== image.width || marked.height !== image.height))
    throw new GenerateError(
      'unsupported-edit',
      `The mask has ${marked.width} x ${marked.height} pixels and the picture ${image.width} x ${image.height}; they must be of one size.`,
    );
  const fitted = fitToRequest(image);
  const remarks =
    fitted === image
      ? []
      : [`The picture was made smaller, to ${fitted.width}x${fitted.height}, so that the request can carry it.`];
  const { strength, aspect, extend = aspect !== undefined } = wishes;
  const smallMask = mask && (fitted === image ? mask : shrinkMask(mask, fitted));
  return {
    edit: toEdit({
      // Where the picture's transparency is the mask, its colours below it are not white.
      image: mask && !marked ? { width: fitted.width, height: fitted.height, rgb: fitted.rgb } : fitted,
      mask: smallMask,
      extend,
      ...(strength === undefined ? {} : { strength }),
    }),
    size: wishes.size ?? frameOf(fitted, aspect),
    remarks,
  };
}

async function readFile(what: string, bytes: Uint8Array, read: ReadPicture, signal: AbortSignal): Promise<RgbImage> {
  if (bytes.length > MAXIMUM_FILE_BYTES)
    throw new GenerateError(
      'unsupported-edit',
      `The ${what} has ${bytes.length} bytes; files of at most ${MAXIMUM_FILE_BYTES} are read.`,
    );
  const image = await read(bytes, signal);
  if (Math.min(image.width, image.height) < SMALLEST)
    throw new GenerateError(
      'unsupported-edit',
      `The ${what} has ${image.width} x ${image.height} pixels; ${SMALLEST} a side is the least that can be edited.`,
    );
  return image;
}

/** As large as a request has room for. */
function fitToRequest(image: RgbImage): RgbImage {
  let fitted = image;
  for (;;) {
    const { length } = encodePng(fitted);
    if (length <= LIMITS.pictureBytes) return fitted;
    const scale = 0.95 * Math.sqrt(LIMITS.pictureBytes / length);
    const side = (full: number) => Math.max(SMALLEST, Math.round(full * scale));
    fitted = coverCrop(
      { width: fitted.width, height: fitted.height, rgb: fitted.rgb },
      side(fitted.width),
      side(fitted.height),
    );
  }
}

function shrinkMask({ width, height, open }: NonNullable<ReturnType<typeof maskOf>>, to: RgbImage) {
  const small = Uint8Array.from({ length: to.width * to.height }, (_, pixel) => {
    const row = Math.floor(((Math.floor(pixel / to.width) + 0.5) * height) / to.height);
    const column = Math.floor((((pixel % to.width) + 0.5) * width) / to.width);
    return open[row * width + column] as number;
  });
  return { width: to.width, height: to.height, open: small };
}

/** The smallest frame of this aspect that holds the whole picture. */
function frameOf({ width, height }: RgbImage, aspect: number | undefined): { width: number; height: number } {
  if (aspect === undefined) return { width, height };
  const frame =
    aspect > width / height
      ? { width: Math.round(height * aspect), height }
      : { width, height: Math.round(width / aspect) };
  if (Math.max(frame.width, frame.height) <= LIMITS.side) return frame;
  throw new GenerateError(
    'unsupported-edit',
    `Extended, the picture would have ${frame.width} x ${frame.height} pixels; ${LIMITS.side} a side is the most. Make it smaller before, or say a size.`,
  );
}
