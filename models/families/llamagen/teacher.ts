/**
 * The teacher, one code after the other with a key/value cache (models/graphs.ts, TEACHER).
 *
 * Guidance runs the pictures twice in one call, conditional rows first; the graph mixes the two branches' logits.
 */
import { CONDITION, LAYOUT, TEACHER } from '../../graphs.js';
import type { Sampling } from '../../protocol.js';
import { type Feed, type Feeds, type Graph, int64 } from '../../run/runtime.js';
import { range } from '../../sampling/schedule.js';
import { attentionBias } from './attention-bias.js';
import { cacheCondition, feedConditions } from './condition.js';
import { emptyCache, feedCache, fillCache, type KeyValueCache, newCache } from './key-value-cache.js';
import type { LlamaGenModel } from './part.js';
import type { PromptFeeds } from './prompt-feeds.js';

/** Turns the guided logits [V] of one picture and position into a code. */
export type ChooseCode = (logits: Float32Array, picture: number, position: number) => number;

export type TeacherRun = {
  readonly pictures: number;
  /** Codes already given, the same count for each picture. */
  readonly prefix: readonly (readonly number[])[];
  /** How many codes there are in the end, the prefix included. */
  readonly until: number;
  readonly sampling: Sampling;
  readonly choose: ChooseCode;
};

/** What of a pack the teacher's run depends on. */
export type TeacherPack = Pick<LlamaGenModel, 'id' | 'grid' | 'codebook' | 'teacher'>;

/** Yields the codes of all pictures so far after each position; the caller owns progress and cancellation. */
export async function* runTeacher(
  graph: Graph,
  pack: TeacherPack,
  prompt: PromptFeeds,
  run: TeacherRun,
): AsyncGenerator<{ readonly codes: readonly (readonly number[])[] }> {
  const { teacher, grid } = pack;
  if (!teacher) throw new RangeError(`pack ${pack.id} has no teacher`);
  const total = grid.rows * grid.columns;
  if (run.until > total) throw new RangeError(`${run.until} codes asked of a grid of ${total}`);
  // As the authors do: a scale of 1 or less means that the unconditional branch is not run at all.
  const branches = run.sampling.guidance > 1 ? 2 : 1;
  const sizes = { layers: teacher.layers, heads: teacher.heads, head: teacher.width / teacher.heads, total };
  const shape = { layers: teacher.layers, width: teacher.width };

  // The condition rows run once, by themselves: see `readCondition` of the student. Their last row predicts code 0.
  const reading = await graph.run({
    ...feedConditions(
      range(0, branches).map(() => ({ kind: 'fresh', count: prompt.count })),
      range(0, branches),
      shape,
    ),
    ...prompt.rows('teacher', branches),
    ...feedCodes(
      range(0, branches).map(() => [0]),
      { start: 0, count: prompt.count, cache: emptyCache(sizes, branches) },
    ),
    [TEACHER.inputs.readRows]: int64(
      [branches],
      range(0, branches).map((branch) => branches + (branch + 1) * prompt.count - 1),
    ),
    [TEACHER.inputs.guidanceMix]: mixBranches(1, branches, run.sampling.guidance),
  });
  const condition = range(0, branches).map((branch) =>
    cacheCondition(reading.float32(CONDITION.output), { picture: branch, batch: branches, count: prompt.count }, shape),
  );

  const codes = run.prefix.map((row) => [...row]);
  const batch = run.pictures * branches;
  const pictures = range(0, batch).map((row) => Math.floor(row / run.pictures));
  const cache = newCache(sizes, batch);
  const mix = mixBranches(run.pictures, branches, run.sampling.guidance);
  for (let position = codes[0]?.length ?? 0; position < run.until; position++) {
    let logits = reading.float32(TEACHER.outputs.logits);
    if (position > 0) {
      const input = codes.map((row) => row.slice(cache.filled));
      const start = cache.filled;
      const outputs = await graph.run({
        ...feedConditions(condition, pictures, shape),
        ...prompt.dummyRow('teacher'),
        ...feedCodes(
          range(0, branches).flatMap(() => input),
          { start, count: prompt.count, cache },
        ),
        [TEACHER.inputs.readRows]: int64(
          [batch],
          range(0, batch).map((row) => (row + 1) * (position - start) - 1),
        ),
        [TEACHER.inputs.guidanceMix]: mix,
      });
      fillCache(cache, outputs, position);
      logits = outputs.float32(TEACHER.outputs.logits);
    }
    const size = pack.codebook.size;
    codes.forEach((row, picture) => {
      const own = position > 0 ? picture : 0;
      row.push(run.choose(logits.subarray(own * size, (own + 1) * size), picture, position));
    });
    yield { codes };
  }
}

/** Codes [B][S] that go in from position `start` on, and what they see. */
function feedCodes(
  codes: readonly (readonly number[])[],
  { start, count, cache }: { start: number; count: number; cache: KeyValueCache },
): Feeds {
  const batch = codes.length;
  const length = codes[0]?.length ?? 0;
  return {
    ...feedCache(cache),
    [LAYOUT.imageShape]: int64([3], [batch, length, -1]),
    [LAYOUT.imageRows]: int64([1], [batch * length]),
    [LAYOUT.attentionBias]: attentionBias({
      counts: codes.map(() => count),
      positions: length,
      cache: { capacity: cache.sizes.total, filled: cache.filled },
    }),
    [TEACHER.inputs.codes]: int64([batch, length], codes.flat()),
    [TEACHER.inputs.start]: int64([1], [start]),
  };
}

/** float32 [pictures, batch]: uncond + (cond - uncond) * scale, as a matrix. */
function mixBranches(pictures: number, branches: 1 | 2, scale: number): Feed {
  const guided = branches === 2;
  const batch = pictures * branches;
  const data = new Float32Array(pictures * batch);
  for (let picture = 0; picture < pictures; picture++) {
    data[picture * batch + picture] = guided ? scale : 1;
    if (guided) data[picture * batch + pictures + picture] = 1 - scale;
  }
  return { type: 'float32', shape: [pictures, batch], data };
}
