/** The same for a server, whose own thread must stay free: tracing has a thread of its own, and libvips draws and encodes in its own. */

import { encodePng, type RgbImage } from '../../models/run/png.js';
import type { Scale } from '../../models/run/upscale.js';
import { toXmp } from '../../models/run/xmp.js';
import type { Trace } from '../vector/trace.js';

/** As in models/run/finish.ts: with less of it in its layers, a picture's pixels would be missed. */
const ALL_BUT = 0.95;

/** @returns draws a flat picture larger from its layers, as SVG of ours; null for one that is not */
export const createFromLayers =
  (trace: Trace) =>
  async (image: RgbImage, scale: Scale): Promise<RgbImage | null> => {
    const { svg, suits, fidelity } = await trace(encodePng(image, {}));
    if (suits !== 'yes' || fidelity < ALL_BUT) return null;
    const sharp = (await import('sharp')).default;
    // An SVG's pixel is one of 72 in an inch.
    const { data, info } = await sharp(Buffer.from(svg), { density: 72 * scale })
      .resize(image.width * scale, image.height * scale, { fit: 'fill' })
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return toImage(data, info.width, info.height);
  };

/** @param rgba [height, width, 4] */
export function toImage(rgba: Uint8Array, width: number, height: number): RgbImage {
  const [rgb, alpha] = [new Uint8Array(3 * width * height), new Uint8Array(width * height)];
  for (let pixel = 0; pixel < alpha.length; pixel++) {
    rgb.set(rgba.subarray(4 * pixel, 4 * pixel + 3), 3 * pixel);
    alpha[pixel] = rgba[4 * pixel + 3] as number;
  }
  return alpha.some((opacity) => opacity < 255) ? { width, height, rgb, alpha } : { width, height, rgb };
}

/** A PNG that says that a model made it. */
export async function toPng({ width, height, rgb, alpha }: RgbImage): Promise<Buffer> {
  const sharp = (await import('sharp')).default;
  const picture = sharp(rgb, { raw: { width, height, channels: 3 } });
  const whole = alpha ? picture.joinChannel(Buffer.from(alpha), { raw: { width, height, channels: 1 } }) : picture;
  return whole
    .withXmp(toXmp({ request: null, prompt: null }))
    .png()
    .toBuffer();
}
