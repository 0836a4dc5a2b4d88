/** New pixels into the picture that an edit starts from: what may not change is left as it is, bit for bit. */
import type { Canvas } from './canvas.js';
import { type Ground, groundOf, likeness } from './ground.js';
import type { RgbImage } from './png.js';

/** Share of the frame's shorter side over which new pixels take over from the edge of what may change: a token is four times as wide. */
const FEATHER = 1 / 64;
/** Levels, of 255, by which the ground of new pixels may be off and is still meant to be the picture's: colours of a model's own are some 40 apart. */
const SAME_GROUND = 48;

/**
 * @param scaled new pixels, at the size of the canvas' window
 * @returns the frame
 */
export function compose(canvas: Canvas, scaled: RgbImage): RgbImage {
  const { frame, open, isWhole, window } = canvas;
  const { width, height } = frame;
  const made = isWhole ? scaled : onSameGround(canvas, scaled);
  const rgb = frame.rgb.slice();
  const reach = Math.max(1, Math.round(Math.min(width, height) * FEATHER));
  const depth = isWhole ? null : depthOf(open, width, height, reach + 1);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const pixel = y * width + x;
      const [column, row] = [x - window.left, y - window.top];
      if (!open[pixel] || column < 0 || row < 0 || column >= window.width || row >= window.height) continue;
      const share = depth ? Math.min(1, (depth[pixel] as number) / (reach + 1)) : 1;
      const from = 3 * (row * window.width + column);
      for (let part = 0; part < 3; part += 1) {
        const own = frame.rgb[3 * pixel + part] as number;
        rgb[3 * pixel + part] = Math.round(own + share * ((made.rgb[from + part] as number) - own));
      }
    }
  return { width, height, rgb };
}

/** Steps to the nearest pixel that may not change, at most `most`; edges of the picture are no such pixels. */
function depthOf(open: Uint8Array, width: number, height: number, most: number): Uint8Array {
  const depth = open.map((is) => (is ? most : 0));
  const least = (at: number, other: number) => {
    depth[at] = Math.min(depth[at] as number, (depth[other] as number) + 1);
  };
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      if (x > 0) least(y * width + x, y * width + x - 1);
      if (y > 0) least(y * width + x, (y - 1) * width + x);
    }
  for (let y = height - 1; y >= 0; y -= 1)
    for (let x = width - 1; x >= 0; x -= 1) {
      if (x < width - 1) least(y * width + x, y * width + x + 1);
      if (y < height - 1) least(y * width + x, (y + 1) * width + x);
    }
  return depth;
}

/**
 * A picture on one even ground is in a shade of its own, and a model draws grounds in its own colours. So what is like the new pixels' ground becomes
 * the picture's, where the two are near each other.
 */
function onSameGround({ frame, open, window }: Canvas, made: RgbImage): RgbImage {
  const ground = groundOf(frame);
  if (!ground) return made;
  const own = middleAlong(made, frame, open, window);
  if (!own || own.some((value, part) => Math.abs(value - (ground[part] as number)) > SAME_GROUND)) return made;
  const rgb = made.rgb.slice();
  for (let at = 0; at < rgb.length; at += 3) {
    const share = likeness(made.rgb, at, own);
    for (let part = 0; part < 3; part += 1)
      rgb[at + part] = Math.min(
        255,
        Math.max(
          0,
          Math.round((made.rgb[at + part] as number) + share * ((ground[part] as number) - (own[part] as number))),
        ),
      );
  }
  return { ...made, rgb };
}

/** The middle one of the new pixels' colours along the edge of what may change. */
function middleAlong(made: RgbImage, frame: RgbImage, open: Uint8Array, window: Canvas['window']): Ground | null {
  const { width, height } = frame;
  const found: number[] = [];
  const isOpen = (x: number, y: number) => x < 0 || y < 0 || x >= width || y >= height || open[y * width + x] === 1;
  for (let y = Math.max(0, window.top); y < Math.min(height, window.top + window.height); y += 1)
    for (let x = Math.max(0, window.left); x < Math.min(width, window.left + window.width); x += 1) {
      if (!open[y * width + x]) continue;
      const isEdge = !isOpen(x - 1, y) || !isOpen(x + 1, y) || !isOpen(x, y - 1) || !isOpen(x, y + 1);
      if (isEdge) found.push(3 * ((y - window.top) * window.width + x - window.left));
    }
  if (found.length === 0) return null;
  const middle = (part: number) =>
    found.map((at) => made.rgb[at + part] as number).sort((a, b) => a - b)[found.length >> 1] as number;
  return [middle(0), middle(1), middle(2)];
}
