/** What rounding the weights costs: one pass over the same noises with both packs, one after the other, compared. */
import type { Pack } from '../../pack.js';
import type { OpenPack } from '../../run/open.js';

export type Quality = NonNullable<NonNullable<Pack['precision']>['quality']>;

/** What a pack answers to the noises of seeds 0, 1, 2, ... */
export type Answers = {
  readonly codes: readonly (readonly number[])[];
  /** Of the first noise. */
  readonly logits: Float32Array | null;
  /** RGB of the first few. */
  readonly pictures: readonly Uint8Array[];
};

/** Pictures that are decoded: the decoder is the slowest part, and they differ little. */
const PICTURES = 4;

/** Yields how many noises are done. Returns null where the pack has no network that answers in one pass. */
export async function* answer(
  { session, readPrompt }: OpenPack,
  noises: number,
  words: string,
): AsyncGenerator<number, Answers | null> {
  if (!session.probe) return null;
  const codes: (readonly number[])[] = [];
  const pictures: Uint8Array[] = [];
  let logits: Float32Array | null = null;
  const prompt = await (await readPrompt(words)).promptFor(0);
  for (let seed = 0; seed < noises; seed++) {
    const drawn = await session.probe(prompt, seed, { logits: seed === 0 });
    codes.push(drawn.codes);
    logits ??= drawn.logits;
    if (seed < PICTURES) pictures.push((await session.decode(drawn.latents)).rgb);
    yield seed + 1;
  }
  return { codes, logits, pictures };
}

export function compareAnswers(exact: Answers, rounded: Answers): Quality {
  let same = 0;
  let all = 0;
  exact.codes.forEach((row, noise) => {
    row.forEach((code, place) => {
      all += 1;
      if (rounded.codes[noise]?.[place] === code) same += 1;
    });
  });
  let error = 0;
  let values = 0;
  exact.pictures.forEach((picture, index) => {
    picture.forEach((value, place) => {
      error += (value - (rounded.pictures[index]?.[place] ?? 0)) ** 2;
      values += 1;
    });
  });
  const mean = error / values;
  return {
    noises: exact.codes.length,
    logits: exact.logits && rounded.logits ? relativeError(exact.logits, rounded.logits) : null,
    codes: same / all,
    psnr: mean === 0 ? null : 10 * Math.log10(255 ** 2 / mean),
  };
}

/** L2 of the difference, relative to that of `exact`. */
export function relativeError(exact: Float32Array, other: Float32Array): number {
  let difference = 0;
  let size = 0;
  exact.forEach((value, index) => {
    difference += (value - (other[index] ?? 0)) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(difference / size);
}
