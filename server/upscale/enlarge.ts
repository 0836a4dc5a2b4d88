/** A picture larger: from its layers where it is flat, which is sharp at any size, by an upscaler where it is not. */
import { GenerateError } from '../../models/protocol.js';
import { enlargeFlat } from '../../models/run/finish.js';
import type { RgbImage } from '../../models/run/png.js';
import { checkEnlarged, type Scale, upscale, type Way } from '../../models/run/upscale.js';
import { findUpscaler, HOW_TO_GET_ONE } from './upscaler.js';

export type EnlargeEvent =
  | { readonly type: 'progress'; readonly fraction: number }
  | { readonly type: 'picture'; readonly image: RgbImage /** What it was made with. */; readonly by: string };

export type EnlargeOptions = {
  readonly scale: Scale;
  readonly way: Way;
  /** Pixels of the larger picture, at most; left out, as many as are ever made. */
  readonly most?: number;
  /** Draws a flat picture larger; null for one that is not. */
  readonly fromLayers?: (image: RgbImage, scale: Scale) => Promise<RgbImage | null>;
};

/** @throws GenerateError saying what to do */
export async function* enlarge(
  image: RgbImage,
  { scale, way, most, fromLayers = async () => enlargeFlat(image, scale) }: EnlargeOptions,
  signal: AbortSignal,
): AsyncGenerator<EnlargeEvent> {
  try {
    checkEnlarged(image, scale, most);
  } catch (error) {
    throw new GenerateError('unsupported-size', `${(error as Error).message}.`);
  }
  yield { type: 'progress', fraction: 0 };
  const flat = way === 'network' ? null : await fromLayers(image, scale);
  if (flat) return yield { type: 'picture', image: flat, by: 'layers' };
  if (way === 'layers')
    throw new GenerateError(
      'invalid-request',
      'This picture does not come apart into few clean layers, so it can not be drawn larger from them.',
    );
  const upscaler = await findUpscaler();
  if (!upscaler)
    throw new GenerateError(
      'invalid-request',
      `This picture is not flat, so enlarging it takes an upscaler. ${HOW_TO_GET_ONE}`,
    );
  const network = await upscaler.open();
  try {
    for await (const event of upscale(image, scale, network, signal))
      if (event.type === 'progress') yield { type: 'progress', fraction: event.done / event.total };
      else yield { type: 'picture', image: event.image, by: upscaler.info.name };
  } finally {
    await network.close();
  }
}
