/** A decoded picture at the size and on the background that were asked for. */
import type { Pack } from '../pack.js';
import type { GenerateRequest } from '../protocol.js';
import { vectoriseAny, withoutBackground } from '../vector/cutout.js';
import { colourOf, recolour } from '../vector/recolour.js';
import { render, renderTransparent } from '../vector/render.js';
import { scaleLayers } from '../vector/scale.js';
import { suits } from '../vector/suits.js';
import { vectorise } from '../vector/vectorise.js';
import type { Vectors } from '../vector/vectors.js';
import type { Canvas } from './canvas.js';
import { compose } from './compose.js';
import { groundOf } from './ground.js';
import { coverCrop, fitTo, type Redraw, sizeWithin } from './image.js';
import { matte } from './matte.js';
import { isPattern } from './pattern.js';
import type { RgbImage } from './png.js';

/** From this scale on a flat picture is drawn anew from its layers: enlarged pixels would be soft. */
const ENLARGED = 1.25;

/** Layers stand for a picture whose pixels nobody sees where they keep so much of it. A glow or a texture would be missed. */
const ALL_BUT = 0.95;

export type Finished = {
  readonly image: RgbImage;
  /** A transparent background was asked for, and this picture stands on none that could be taken away. */
  readonly staysOpaque: boolean;
  /** A palette was asked for, and this picture does not come apart into layers that could have it. */
  readonly keepsColours: boolean;
};

export function finishImage(
  decoded: RgbImage,
  { palette, ...request }: Pick<GenerateRequest, 'size' | 'background' | 'palette'>,
  pack: Pick<Pack, 'transparency'>,
): Finished {
  const recoloured = palette.length > 0 && pack.transparency === 'matte' ? inPalette(decoded, palette) : null;
  const { image, staysOpaque } = fit(recoloured?.image ?? decoded, request, pack, recoloured?.vectors ?? null);
  return { image, staysOpaque, keepsColours: palette.length > 0 && !recoloured };
}

/** A picture drawn anew from its layers in other colours, or null where they would not be the same picture. */
function inPalette(decoded: RgbImage, palette: readonly string[]): { image: RgbImage; vectors: Vectors } | null {
  const traced = vectorise(decoded);
  if (suits(traced) !== 'yes') return null;
  const vectors = recolour(traced, palette.map(colourOf));
  const { width, height } = decoded;
  return { image: { width, height, rgb: render(vectors.layers, width, height) }, vectors };
}

/** @param drawn the layers of a picture that is made of them; others are drawn from layers only when they are enlarged */
function fit(
  decoded: RgbImage,
  { size: { width, height }, background }: Pick<GenerateRequest, 'size' | 'background'>,
  { transparency }: Pick<Pack, 'transparency'>,
  drawn: Vectors | null,
): Omit<Finished, 'keepsColours'> {
  const ground = groundOf(decoded);
  const isContinued = ground !== null || isPattern(decoded);
  const [across, down] = [width / decoded.width, height / decoded.height];
  const scale = isContinued ? Math.min(across, down) : Math.max(across, down);
  const vectors = drawn ?? (scale >= ENLARGED ? layersOf(decoded) : null);
  const redraw: Redraw | undefined = vectors
    ? (w, h) => ({ width: w, height: h, rgb: render(scaleLayers(vectors, w, h), w, h) })
    : undefined;
  const opaque = () => fitTo(decoded, width, height, redraw);
  if (background === 'opaque') return { image: opaque(), staysOpaque: false };
  if (transparency !== 'matte' || !ground) return { image: opaque(), staysOpaque: true };
  if (vectors && !isPattern(decoded)) return { image: cutOut(vectors, decoded, width, height), staysOpaque: false };
  const image = matte(opaque(), scale);
  return image ? { image, staysOpaque: false } : { image: opaque(), staysOpaque: true };
}

/**
 * What was drawn into a canvas, at the request's size: pixels that may not change are those of the picture that the edit starts from.
 */
export function finishEdit(
  canvas: Canvas,
  decoded: RgbImage,
  { size, background, palette }: Pick<GenerateRequest, 'size' | 'background' | 'palette'>,
  pack: Pick<Pack, 'transparency'>,
): Finished {
  const { window, open, isWhole } = canvas;
  // A region in other colours than its picture is not what a palette is for.
  const recoloured =
    isWhole && palette.length > 0 && pack.transparency === 'matte' ? inPalette(decoded, palette) : null;
  const keepsColours = palette.length > 0 && !recoloured;
  const vectors = recoloured?.vectors ?? (window.width / decoded.width >= ENLARGED ? layersOf(decoded) : null);
  const { width, height } = window;
  const scaled = vectors
    ? { width, height, rgb: render(scaleLayers(vectors, width, height), width, height) }
    : coverCrop(decoded, width, height);
  const image = open.includes(1) ? compose(canvas, scaled) : canvas.frame;
  if (background === 'opaque') return { image, staysOpaque: false, keepsColours };
  const cut = fit(image, { size, background }, pack, null);
  // Where nothing was taken away, the pixels are not touched either.
  return cut.staysOpaque ? { image, staysOpaque: true, keepsColours } : { ...cut, keepsColours };
}

function layersOf(decoded: RgbImage): Vectors | null {
  const vectors = vectorise(decoded);
  return suits(vectors) === 'yes' && vectors.fidelity >= ALL_BUT ? vectors : null;
}

/** A flat picture larger, drawn from its layers; null where its pixels would be missed. */
export function enlargeFlat(image: RgbImage, scale: number): RgbImage | null {
  const vectors = vectoriseAny(image);
  if (suits(vectors) !== 'yes' || vectors.fidelity < ALL_BUT) return null;
  const [width, height] = [image.width * scale, image.height * scale];
  const layers = scaleLayers(vectors, width, height);
  return image.alpha?.some((opacity) => opacity < 255)
    ? renderTransparent(layers, width, height)
    : { width, height, rgb: render(layers, width, height) };
}

/** All of a picture in the middle, with nothing behind it and around it. */
function cutOut(vectors: Vectors, decoded: RgbImage, width: number, height: number): RgbImage {
  const inner = sizeWithin(decoded, width, height);
  const drawn = renderTransparent(
    scaleLayers(withoutBackground(vectors), inner.width, inner.height),
    inner.width,
    inner.height,
  );
  const [left, top] = [(width - inner.width) >> 1, (height - inner.height) >> 1];
  const [rgb, alpha] = [new Uint8Array(3 * width * height), new Uint8Array(width * height)];
  for (let row = 0; row < inner.height; row += 1) {
    const [from, to] = [row * inner.width, (row + top) * width + left];
    rgb.set(drawn.rgb.subarray(3 * from, 3 * (from + inner.width)), 3 * to);
    alpha.set(drawn.alpha.subarray(from, from + inner.width), to);
  }
  return { width, height, rgb, alpha };
}
