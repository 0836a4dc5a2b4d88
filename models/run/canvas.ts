/**
 * The canvas of an edit: the picture that a request starts from at the request's size, what of it may change, and the window of it that the
 * model sees, at the size that the model draws. A model draws one shape, mostly a square, and frames have any.
 *
 *   picture, mask -> frame [request's size] -> window -> working picture [pack's size] -> codes ... new pixels -> window -> frame
 */

import type { Mask, OpenedEdit } from './edit.js';
import { groundOf } from './ground.js';
import { coverCrop, fitTo, sizeWithin } from './image.js';
import { isPattern } from './pattern.js';
import type { RgbImage } from './png.js';

export type Size = { readonly width: number; readonly height: number };
/** Pixels of the frame; a window may reach beyond it. */
export type Window = Size & { readonly left: number; readonly top: number };

export type Canvas = {
  /** What stays wherever nothing is drawn: the picture at the frame's size. */
  readonly frame: RgbImage;
  /** [height, width] of the frame: 1 where it may change. */
  readonly open: Uint8Array;
  /** Whether all of the frame may change. */
  readonly isWhole: boolean;
  readonly window: Window;
  /** What the model sees, of the pack's size. */
  readonly working: RgbImage;
  /** [height, width] of the working picture: 1 where it may change. */
  readonly workingOpen: Uint8Array;
};

/**
 * @param size of the request
 * @param drawn as the pack draws it
 */
export function openCanvas(edit: OpenedEdit, size: Size, drawn: Size): Canvas {
  const { frame, open: marked } = frameOf(edit, size);
  const open = edit.strength === 0 ? new Uint8Array(marked.length) : marked;
  const isWhole = open.every((is) => is === 1);
  const window = windowOf(open, isWhole, size, drawn);
  const working = coverCrop(cut(frame, window), drawn.width, drawn.height);
  return { frame, open, isWhole, window, working, workingOpen: shrink(open, size, window, drawn) };
}

/** The picture and what may change of it, at the frame's size. */
function frameOf({ image, mask, extend }: OpenedEdit, size: Size): { frame: RgbImage; open: Uint8Array } {
  const { width, height } = size;
  const inner = extend ? sizeWithin(image, width, height) : size;
  const fits = inner.width === width && inner.height === height;
  const within = place(inner, size);
  if (fits) {
    const frame = coverCrop(image, width, height);
    return { frame, open: openOf(mask, image, size, within, true) };
  }
  // What goes on by itself needs no model: as every other picture of a frame's shape (run/image.ts).
  const goesOn = groundOf(image) !== null || isPattern(image);
  const frame = goesOn
    ? fitTo(image, width, height)
    : cut(coverCrop(image, inner.width, inner.height), { ...size, left: -within.left, top: -within.top });
  return { frame, open: openOf(mask, image, size, within, !goesOn && mask === null ? 'around' : !goesOn) };
}

const place = (inner: Size, { width, height }: Size): Window => ({
  ...inner,
  left: (width - inner.width) >> 1,
  top: (height - inner.height) >> 1,
});

/**
 * @param within where the picture lies in the frame
 * @param around what lies beyond the picture: whether it may change, or that nothing else may
 */
function openOf(
  mask: Mask | null,
  image: Size,
  { width, height }: Size,
  within: Window,
  around: boolean | 'around',
): Uint8Array {
  const open = new Uint8Array(width * height);
  const scale = Math.max(within.width / image.width, within.height / image.height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const [column, row] = [x - within.left, y - within.top];
      const isInside = column >= 0 && row >= 0 && column < within.width && row < within.height;
      if (!isInside) open[y * width + x] = around === false ? 0 : 1;
      else if (!mask) open[y * width + x] = around === true ? 1 : 0;
      else {
        const from = (at: number, side: number, full: number) =>
          Math.min(full - 1, Math.max(0, Math.floor((at + 0.5 - side / 2) / scale + full / 2)));
        const at = from(row, within.height, mask.height) * mask.width + from(column, within.width, mask.width);
        open[y * width + x] = mask.open[at] as number;
      }
    }
  return open;
}

/**
 * The part of the frame that the model sees, of the pack's aspect: the largest that lies within the frame, around what may change, so that it is
 * seen as large as can be; and where that is larger, one that holds the whole frame.
 */
function windowOf(open: Uint8Array, isWhole: boolean, size: Size, drawn: Size): Window {
  const cover = Math.min(size.width / drawn.width, size.height / drawn.height);
  const [width, height] = [Math.round(cover * drawn.width), Math.round(cover * drawn.height)];
  const box = boundsOf(open, size);
  if (!isWhole && box && box.width <= width && box.height <= height) {
    const along = (start: number, length: number, side: number, full: number) =>
      Math.min(full - side, Math.max(0, Math.round(start + length / 2 - side / 2)));
    return {
      width,
      height,
      left: along(box.left, box.width, width, size.width),
      top: along(box.top, box.height, height, size.height),
    };
  }
  const contain = Math.max(size.width / drawn.width, size.height / drawn.height);
  const whole = { width: Math.ceil(contain * drawn.width), height: Math.ceil(contain * drawn.height) };
  return { ...whole, left: (size.width - whole.width) >> 1, top: (size.height - whole.height) >> 1 };
}

/** The smallest box around what is set; null where nothing is. */
export function boundsOf(open: Uint8Array, { width, height }: Size): Window | null {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      if (open[y * width + x]) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = y;
      }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** A window of a picture; beyond its edges their pixels go on. */
function cut(image: RgbImage, { left, top, width, height }: Window): RgbImage {
  if (left === 0 && top === 0 && width === image.width && height === image.height) return image;
  const rgb = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y += 1) {
    const row = Math.min(image.height - 1, Math.max(0, y + top)) * image.width;
    for (let x = 0; x < width; x += 1) {
      const from = 3 * (row + Math.min(image.width - 1, Math.max(0, x + left)));
      rgb.set(image.rgb.subarray(from, from + 3), 3 * (y * width + x));
    }
  }
  return { width, height, rgb };
}

/** What may change at the pack's size: a pixel with any of the frame's open pixels in it. What lies beyond the frame goes with its edge. */
function shrink(open: Uint8Array, size: Size, window: Window, drawn: Size): Uint8Array {
  const small = new Uint8Array(drawn.width * drawn.height);
  const range = (at: number, full: number, length: number, start: number, side: number): [number, number] => {
    const first = Math.floor((at * length) / full) + start;
    const last = Math.max(first, Math.ceil(((at + 1) * length) / full) + start - 1);
    return [Math.min(side - 1, Math.max(0, first)), Math.min(side - 1, Math.max(0, last))];
  };
  for (let y = 0; y < drawn.height; y += 1) {
    const [top, bottom] = range(y, drawn.height, window.height, window.top, size.height);
    for (let x = 0; x < drawn.width; x += 1) {
      const [left, right] = range(x, drawn.width, window.width, window.left, size.width);
      let isOpen = 0;
      for (let row = top; row <= bottom && !isOpen; row += 1)
        for (let column = left; column <= right && !isOpen; column += 1)
          isOpen = open[row * size.width + column] as number;
      small[y * drawn.width + x] = isOpen;
    }
  }
  return small;
}
