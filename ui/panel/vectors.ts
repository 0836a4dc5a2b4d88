/** Pictures as layers with outlines: traced here, on this computer, when somebody asks for it. */

import { toldOf } from '../../models/run/vocabulary/told.js';
import { toRdf } from '../../models/run/xmp.js';
import { vectoriseAny } from '../../models/vector/cutout.js';
import { suits } from '../../models/vector/suits.js';
import { toSvg } from '../../models/vector/svg.js';
import type { Vectors } from '../../models/vector/vectors.js';
import type { Vocabulary } from '../../models/vocabulary.js';
import { wordsOf } from '../../models/wildcards.js';
import { CANVAS_LIMITS } from '../../plugin/messages.js';
import type { Pictures } from './pictures.js';
import type { Tile, Tracing } from './state.js';
import { TEXT } from './text.js';

/** @returns what the tracing of a finished picture came to; it never fails */
export async function trace(tile: Tile, pictures: Pictures, vocabulary: Vocabulary | undefined): Promise<Tracing> {
  try {
    if (!tile.bytes) return { state: 'failed' };
    const prompt = wordsOf(tile.request);
    const vectors = vectoriseAny(await pictures.read(tile.bytes), toldOf(tile.request, vocabulary));
    const svg = toSvg(vectors, {
      title: prompt,
      metadata: toRdf({ request: JSON.stringify(tile.request), prompt: null }),
    });
    const fits = svg.length <= CANVAS_LIMITS.vectors && vectors.layers.length <= CANVAS_LIMITS.layers;
    return { state: 'done', svg, layers: vectors.layers.map(({ name }) => name), ...judge(vectors, fits) };
  } catch {
    return { state: 'failed' };
  }
}

type Judgement = { readonly suits: boolean; readonly words: string };

/** Whether it is offered, with what is kept of the picture. */
function judge(vectors: Vectors, fits: boolean): Judgement {
  // A share of 99.6 % is not all of it.
  const percent = Math.floor(vectors.fidelity * 100);
  const { points } = vectors;
  const answer = fits ? suits(vectors) : 'too-many-points';
  switch (answer) {
    case 'yes':
      return { suits: true, words: TEXT.vectors.measured(percent, points) };
    case 'too-little-kept':
      return { suits: false, words: TEXT.vectors.tooLittle(percent) };
    case 'parts-missing':
      return { suits: false, words: TEXT.vectors.missing(vectors.lost, vectors.regions) };
    case 'too-many-points':
      return { suits: false, words: TEXT.vectors.tooMany(points) };
    default:
      return answer satisfies never;
  }
}

/** A line of an image's menu. What the tracing came to is its tooltip. */
export function svgItem(tracing: Tracing | undefined, run: () => void) {
  const ready = tracing?.state === 'done' && tracing.suits;
  const title =
    tracing?.state === 'done'
      ? tracing.words
      : tracing?.state === 'failed'
        ? TEXT.vectors.failed
        : TEXT.vectors.tracing;
  return { label: TEXT.vectors.save, title, icon: 'vectors', disabled: !ready, run } as const;
}
