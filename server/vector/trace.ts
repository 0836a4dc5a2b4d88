/** A PNG of ours as SVG: decoded by libvips, traced by the code that the panel has too. */

import { upgradeRequestText } from '../../models/request/upgrade.js';
import { requestTextFromPng } from '../../models/run/metadata.js';
import { type Suits, suits } from '../../models/vector/suits.js';
import { toSvg } from '../../models/vector/svg.js';
import { vectorise } from '../../models/vector/vectorise.js';

export type Traced = {
  readonly svg: string;
  /** Share of the picture's pixels that the layers reproduce, 0..1. */
  readonly fidelity: number;
  readonly points: number;
  readonly layers: number;
  readonly suits: Suits;
};

export type Trace = (png: Uint8Array) => Promise<Traced>;

export const tracePng: Trace = async (png) => {
  const sharp = (await import('sharp')).default;
  const { data, info } = await sharp(png)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const vectors = vectorise({ width: info.width, height: info.height, rgb: new Uint8Array(data) });
  // As it stands in the picture: a request of any version goes on into the SVG.
  const request = requestTextFromPng(png);
  const read = upgradeRequestText(request);
  const svg = toSvg(vectors, { title: read.ok ? read.request.prompt : 'Twostep', request });
  const { fidelity, points, layers } = vectors;
  return { svg, fidelity, points, layers: layers.length, suits: suits(vectors) };
};
