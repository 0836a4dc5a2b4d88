/**
 * VAR itself, one scale after the other with a key/value cache (VAR_TEACHER).
 *
 * Guidance runs the pictures twice in one call, those of the class first; it grows with the scale: at scale s of n the
 * logits are (1 + t) class - t none with t = guidance * s / (n - 1).
 */
import { type Feed, type Feeds, type Graph, int64 } from '../../run/runtime.js';
import { countTokens, tokensOfScale } from '../../sampling/scales.js';
import { range } from '../../sampling/schedule.js';
import { teacherBias } from './attention-bias.js';
import { type ClassCondition, feedClasses } from './condition.js';
import { VAR_LEVELS, VAR_TEACHER } from './graphs.js';

export type VarTeacherSizes = {
  readonly scales: readonly number[];
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly codes: number;
  readonly channels: number;
};

export type VarTeacherGraphs = { readonly teacher: Graph; readonly levels: Graph };

/** Turns the guided logits [codes] of one picture and token into a code. */
export type ChooseCode = (logits: Float32Array, picture: number, token: number) => number;

export type VarTeacherRun = {
  /** The class, and with guidance "none" behind it. */
  readonly condition: ClassCondition;
  readonly guidance: number;
  /** [codes, channels] */
  readonly codebook: Float32Array;
  /** [pictures][tokens] codes of the scales before `from`. */
  readonly codes: readonly (readonly number[])[];
  /** Scales that are drawn: from the first to behind the last. */
  readonly from: number;
  readonly until: number;
  readonly choose: ChooseCode;
  /** Runs given scales as the authors' teacher-assisted sampling does (attention-bias.ts); to reproduce their numbers. */
  readonly isUnmasked?: boolean;
};

/** Yields the codes of all pictures so far after each scale; the caller owns progress and cancellation. */
export async function* drawScales(
  graphs: VarTeacherGraphs,
  sizes: VarTeacherSizes,
  run: VarTeacherRun,
): AsyncGenerator<readonly (readonly number[])[]> {
  const { scales } = sizes;
  const pictures = run.codes.length;
  const branches = run.condition.classes;
  const batch = pictures * branches;
  const given = countTokens(scales, run.from);
  if (run.codes.some((row) => row.length !== given))
    throw new RangeError(`${run.codes.map((row) => row.length)} codes are not the ${given} of ${run.from} scales`);

  const condition = feedClasses(
    run.condition,
    range(0, batch).map((row) => Math.floor(row / pictures)),
  );
  const codes = run.codes.map((row) => [...row]);
  let cache = emptyCache(sizes, batch);
  let cached = 0;
  for (let scale = run.from; scale < run.until; scale++) {
    const { from, to } = tokensOfScale(scales, scale);
    const first = countTokens(scales, cached);
    const vectors: Float32Array[] = [];
    for (const own of range(cached, scale + 1))
      vectors.push(await readLevel(graphs.levels, sizes, run.codebook, codes, own));
    const outputs = await graphs.teacher.run({
      ...cache,
      [VAR_TEACHER.inputs.vectors]: joinLevels(vectors, { pictures, branches, channels: sizes.channels }),
      [VAR_TEACHER.inputs.start]: {
        type: 'float32',
        shape: [1, to - first, 1],
        data: Float32Array.from(range(first, to), (token) => (token === 0 ? 1 : 0)),
      },
      [VAR_TEACHER.inputs.positions]: int64([to - first], range(first, to)),
      [VAR_TEACHER.inputs.condition]: condition,
      [VAR_TEACHER.inputs.attentionBias]: teacherBias(scales, {
        cached,
        until: scale + 1,
        isUnmasked: run.isUnmasked ?? false,
      }),
      [VAR_TEACHER.inputs.readRows]: int64([to - from], range(from - first, to - first)),
      [VAR_TEACHER.inputs.guidanceMix]: mixBranches(pictures, branches, guidanceAt(run.guidance, scale, scales.length)),
    });
    cache = nextCache(sizes, outputs);
    cached = scale + 1;
    const logits = outputs.float32(VAR_TEACHER.outputs.logits);
    codes.forEach((row, picture) => {
      for (const token of range(from, to)) {
        const at = (picture * (to - from) + token - from) * sizes.codes;
        row.push(run.choose(logits.subarray(at, at + sizes.codes), picture, token));
      }
    });
    yield codes;
  }
}

/** Guidance of a scale. */
export const guidanceAt = (guidance: number, scale: number, scales: number): number =>
  scales > 1 ? (guidance * scale) / (scales - 1) : 0;

/** The input of a scale, [pictures, tokens, channels]: what follows from the codes of those before it. */
async function readLevel(
  levels: Graph,
  { scales, channels }: VarTeacherSizes,
  codebook: Float32Array,
  codes: readonly (readonly number[])[],
  scale: number,
): Promise<Float32Array> {
  const { from, to } = tokensOfScale(scales, scale);
  // The first token is predicted from the class alone.
  if (scale === 0) return new Float32Array(codes.length * channels);
  const total = countTokens(scales);
  const tokens = new Float32Array(codes.length * total * channels);
  codes.forEach((row, picture) => {
    tokens.set(lookUpCodes(codebook, row.slice(0, from), channels), picture * total * channels);
  });
  const outputs = await levels.run({
    [VAR_LEVELS.inputs.tokens]: { type: 'float32', shape: [codes.length, total, channels], data: tokens },
    [VAR_LEVELS.inputs.known]: {
      type: 'float32',
      shape: [1, scales.length],
      data: Float32Array.from(scales, (_, other) => (other < scale ? 1 : 0)),
    },
    [VAR_LEVELS.inputs.rows]: int64([to - from], range(from, to)),
  });
  return outputs.float32(VAR_LEVELS.outputs.vectors);
}

/** Code vectors [codes, channels], one after the other. */
export function lookUpCodes(codebook: Float32Array, codes: readonly number[], channels: number): Float32Array {
  const vectors = new Float32Array(codes.length * channels);
  codes.forEach((code, place) => {
    vectors.set(codebook.subarray(code * channels, (code + 1) * channels), place * channels);
  });
  return vectors;
}

/** Inputs of scales, [pictures, tokens, channels] each, as one call's [branches * pictures, S, channels]. */
function joinLevels(
  levels: readonly Float32Array[],
  { pictures, branches, channels }: { pictures: number; branches: number; channels: number },
): Feed {
  const whole = levels.reduce((sum, { length }) => sum + length, 0) / pictures;
  const data = new Float32Array(branches * pictures * whole);
  for (const row of range(0, branches * pictures)) {
    let at = row * whole;
    for (const level of levels) {
      const own = level.length / pictures;
      const picture = row % pictures;
      data.set(level.subarray(picture * own, (picture + 1) * own), at);
      at += own;
    }
  }
  return { type: 'float32', shape: [branches * pictures, whole / channels, channels], data };
}

/** One place that holds nothing and is masked for ever: empty tensors are a trap on some providers. */
function emptyCache({ layers, heads, width }: VarTeacherSizes, batch: number): Feeds {
  const nothing = new Float32Array(batch * width);
  const feed: Feed = { type: 'float32', shape: [batch, heads, 1, width / heads], data: nothing };
  return Object.fromEntries(
    range(0, layers).flatMap((layer) => [
      [VAR_TEACHER.inputs.keys(layer), feed],
      [VAR_TEACHER.inputs.values(layer), feed],
    ]),
  );
}

function nextCache({ layers }: VarTeacherSizes, outputs: Awaited<ReturnType<Graph['run']>>): Feeds {
  const feed = (name: string): Feed => ({ type: 'float32', shape: outputs.shape(name), data: outputs.float32(name) });
  return Object.fromEntries(
    range(0, layers).flatMap((layer) => [
      [VAR_TEACHER.inputs.keys(layer), feed(VAR_TEACHER.outputs.keys(layer))],
      [VAR_TEACHER.inputs.values(layer), feed(VAR_TEACHER.outputs.values(layer))],
    ]),
  );
}

/** float32 [pictures, batch]: (1 + t) class - t none, as a matrix. */
function mixBranches(pictures: number, branches: number, t: number): Feed {
  const batch = pictures * branches;
  const data = new Float32Array(pictures * batch);
  for (const picture of range(0, pictures)) {
    data[picture * batch + picture] = branches === 2 ? 1 + t : 1;
    if (branches === 2) data[picture * batch + pictures + picture] = -t;
  }
  return { type: 'float32', shape: [pictures, batch], data };
}
