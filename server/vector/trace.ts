/** A PNG of ours as SVG: decoded by libvips, traced by the code that the panel has too. */

import type { GenerateRequest } from '../../models/protocol.js';
import { upgradeRequestText } from '../../models/request/upgrade.js';
import { KEYWORD } from '../../models/run/metadata.js';
import { type RgbImage, readPngText } from '../../models/run/png.js';
import { toldOf } from '../../models/run/vocabulary/told.js';
import { toRdf } from '../../models/run/xmp.js';
import { vectoriseAny } from '../../models/vector/cutout.js';
import { type Suits, suits } from '../../models/vector/suits.js';
import { toSvg } from '../../models/vector/svg.js';
import type { Vocabulary } from '../../models/vocabulary.js';
import { wordsOf } from '../../models/wildcards.js';
import { listPacks } from '../packs/list.js';
import { readVocabulary } from '../packs/vocabulary.js';

export type Traced = {
  readonly svg: string;
  /** Share of the picture's pixels that the layers reproduce, 0..1. */
  readonly fidelity: number;
  readonly points: number;
  readonly layers: number;
  /** Parts of the picture that stand out, and how many of them the layers do not show. */
  readonly regions: number;
  readonly lost: number;
  readonly suits: Suits;
};

export type Trace = (png: Uint8Array) => Promise<Traced>;

export const tracePng: Trace = async (png) => {
  const sharp = (await import('sharp')).default;
  const { data, info } = await sharp(png)
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  // As it stands in the picture: a request of any version goes on into the SVG.
  const request = readPngText(png).get(KEYWORD) ?? null;
  const read = request === null ? null : upgradeRequestText(request);
  const told = read?.ok ? toldOf(read.request, await vocabularyOf(read.request)) : undefined;
  const vectors = vectoriseAny(toImage(data, info.width, info.height), told);
  const svg = toSvg(vectors, {
    title: read?.ok ? wordsOf(read.request) : 'Twostep',
    metadata: toRdf({ request, prompt: null }),
  });
  const { fidelity, points, layers, regions, lost } = vectors;
  return { svg, fidelity, points, layers: layers.length, regions, lost, suits: suits(vectors) };
};

/** Of the pack that drew it; nothing where that is not here, or damaged. */
async function vocabularyOf({ pack }: GenerateRequest): Promise<Vocabulary | null> {
  const found = (await listPacks()).find((one) => one.state === 'ready' && one.pack.id === pack);
  return found?.state === 'ready' ? readVocabulary(found).catch(() => null) : null;
}

/** @param rgba [height, width, 4] */
function toImage(rgba: Uint8Array, width: number, height: number): RgbImage {
  const [rgb, alpha] = [new Uint8Array(3 * width * height), new Uint8Array(width * height)];
  for (let pixel = 0; pixel < alpha.length; pixel++) {
    rgb.set(rgba.subarray(4 * pixel, 4 * pixel + 3), 3 * pixel);
    alpha[pixel] = rgba[4 * pixel + 3] as number;
  }
  return { width, height, rgb, alpha };
}
