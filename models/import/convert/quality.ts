/** What rounding the weights costs: one pass over the same noises with both packs, one after the other, compared. */

import { latentsOf, runFlowHead } from '../../families/llamagen/flow-head.js';
import { planStep } from '../../families/llamagen/schedule.js';
import { feedStudent } from '../../families/llamagen/student.js';
import { FLOW_STUDENT, STUDENT, VQ_DECODER } from '../../graphs.js';
import type { Pack } from '../../pack.js';
import { toRgb } from '../../run/image.js';
import type { OpenPack } from '../../run/open.js';
import type { Graph, Outputs } from '../../run/runtime.js';
import { noiseFor } from '../../sampling/noise.js';

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

/** Yields how many noises are done. */
export async function* answer(open: OpenPack, noises: number, prompt: string): AsyncGenerator<number, Answers> {
  const { pack } = open;
  const { rows, columns, downsample } = pack.grid;
  const total = rows * columns;
  const codes: number[][] = [];
  const pictures: Uint8Array[] = [];
  let logits: Float32Array | null = null;
  const draw = await drawerOf(open, prompt);
  for (let seed = 0; seed < noises; seed++) {
    const noise = noiseFor(seed, total, pack.codebook.channels);
    const drawn = await draw(noise, seed === 0);
    codes.push([...drawn.codes]);
    logits ??= drawn.logits;
    if (seed < PICTURES) {
      const shape = [1, total, pack.codebook.channels];
      const decoded = await (await open.decoder()).run({
        [VQ_DECODER.inputs.latents]: { type: 'float32', shape, data: drawn.latents },
      });
      const image = decoded.float32(VQ_DECODER.outputs.image);
      pictures.push(toRgb(image, columns * downsample, rows * downsample).rgb);
    }
    yield seed + 1;
  }
  return { codes, logits, pictures };
}

type Drawn = { codes: Iterable<number>; logits: Float32Array | null; latents: Float32Array };

/** One pass over all positions of one picture. */
async function drawerOf(
  open: OpenPack,
  words: string,
): Promise<(noise: Float32Array, full: boolean) => Promise<Drawn>> {
  const { pack } = open;
  const { student } = pack;
  if (!student) throw new RangeError(`pack ${pack.id} has no student`);
  const total = pack.grid.rows * pack.grid.columns;
  const prompt = await (await open.readPrompt(words)).promptFor(0);
  const condition = await open.conditionOf(prompt);
  const graph = await open.student();
  if (student.kind === 'two-head') {
    const plan = planStep({ known: 0, positions: total, split: student.split });
    return async (noise, full) => {
      const wanted = [STUDENT.outputs.latents, STUDENT.outputs.codes, ...(full ? [STUDENT.outputs.logits] : [])];
      const outputs = await graph.run(
        feedStudent(pack, prompt, condition, { plan, batch: 1, noise, latents: noise }),
        wanted,
      );
      return {
        codes: outputs.int64(STUDENT.outputs.codes),
        logits: full ? outputs.float32(STUDENT.outputs.logits) : null,
        latents: outputs.float32(STUDENT.outputs.latents),
      };
    };
  }
  const codebook = await open.codebook();
  return async (noise) => {
    let seen: Outputs | undefined;
    const watched: Graph = {
      ...graph,
      run: async (feeds, wanted) => {
        seen = await graph.run(feeds, wanted);
        return seen;
      },
    };
    const pass = { keep: 0, known: 0, until: total };
    const { codes } = await runFlowHead(watched, pack, { prompt, condition, codebook }, pass, noise, [
      new Int32Array(total),
    ]);
    return {
      codes: codes[0] ?? [],
      logits: seen?.float32(FLOW_STUDENT.outputs.logits) ?? null,
      latents: latentsOf(codes, codebook, pack.codebook.channels),
    };
  };
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
