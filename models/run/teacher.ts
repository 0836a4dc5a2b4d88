/**
 * The teacher, one code after the other with a key/value cache (models/graphs.ts, TEACHER).
 *
 * Guidance runs the pictures twice in one call, conditional rows first; the graph mixes the two branches' logits.
 * The cache is kept here, at full length, and written in place: a position that holds nothing is masked, so nothing is
 * copied to make room and only the new keys and values travel.
 */
import { CONDITION, LAYOUT, TEACHER } from '../graphs.js';
import type { Pack } from '../pack.js';
import type { Sampling } from '../protocol.js';
import { attentionBias } from './attention-bias.js';
import { type Condition, cacheCondition, feedConditions } from './condition.js';
import type { Prompt } from './prompt.js';
import { type Feed, type Graph, int64 } from './runtime.js';
import { range } from './schedule.js';

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
export type TeacherPack = Pick<Pack, 'id' | 'grid' | 'codebook' | 'teacher'>;

/** Yields the codes of all pictures so far after each position; the caller owns progress and cancellation. */
export async function* runTeacher(
  graph: Graph,
  pack: TeacherPack,
  prompt: Prompt,
  run: TeacherRun,
): AsyncGenerator<{ readonly codes: readonly (readonly number[])[] }> {
  const teacher = pack.teacher;
  if (!teacher) throw new RangeError(`pack ${pack.id} has no teacher`);
  // As the authors do: a scale of 1 or less means that the unconditional branch is not run at all.
  const guided = run.sampling.guidance > 1;
  const branches = guided ? 2 : 1;
  const batch = run.pictures * branches;
  const total = pack.grid.rows * pack.grid.columns;
  const head = teacher.width / teacher.heads;
  const shape = { layers: teacher.layers, width: teacher.width };
  const whose = range(0, batch).map((row) => Math.floor(row / run.pictures));
  const guidanceMix = mixBranches(run.pictures, guided, run.sampling.guidance);
  const codebookSize = pack.codebook.size;

  if (run.until > total) throw new RangeError(`${run.until} codes asked of a grid of ${total}`);
  const cacheShape = [batch, teacher.heads, total, head];
  const cacheValues = () => new Float32Array(batch * teacher.heads * total * head);
  const keys = range(0, teacher.layers).map(cacheValues);
  const values = range(0, teacher.layers).map(cacheValues);
  let filled = 0;

  const codes = run.prefix.map((row) => [...row]);
  let conditions: Condition[] = Array.from({ length: branches }, () => ({ kind: 'fresh', count: prompt.count }));

  for (let position = run.prefix[0]?.length ?? 0; position < run.until; position++) {
    const fresh = conditions[0]?.kind === 'fresh';
    // The first call takes the whole prefix, or one dummy row when there is none; later calls take the last code.
    const start = fresh ? 0 : position - 1;
    const length = Math.max(1, position - start);
    const input = codes.map((row) => (position === 0 ? [0] : row.slice(start, position)));
    const lastRowOf = (branch: number, picture: number) =>
      position === 0
        ? batch * length + (branch + 1) * prompt.count - 1
        : (branch * run.pictures + picture + 1) * length - 1;
    const cached: Record<string, Feed> = {};
    for (let layer = 0; layer < teacher.layers; layer++) {
      cached[TEACHER.inputs.keys(layer)] = { type: 'float32', shape: cacheShape, data: keys[layer] as Float32Array };
      cached[TEACHER.inputs.values(layer)] = {
        type: 'float32',
        shape: cacheShape,
        data: values[layer] as Float32Array,
      };
    }
    const outputs = await graph.run({
      ...feedConditions(conditions, whose, shape),
      ...cached,
      ...(fresh ? prompt.rows('teacher', branches) : prompt.dummyRow('teacher')),
      [LAYOUT.imageShape]: int64([3], [batch, length, -1]),
      [LAYOUT.imageRows]: int64([1], [batch * length]),
      [LAYOUT.attentionBias]: attentionBias({
        counts: Array<number>(batch).fill(prompt.count),
        positions: length,
        cache: { capacity: total, filled },
      }),
      [TEACHER.inputs.codes]: int64([batch, length], Array.from({ length: branches }, () => input.flat()).flat()),
      [TEACHER.inputs.start]: int64([1], [start]),
      [TEACHER.inputs.readRows]: int64(
        [batch],
        range(0, branches).flatMap((branch) => range(0, run.pictures).map((picture) => lastRowOf(branch, picture))),
      ),
      [TEACHER.inputs.guidanceMix]: guidanceMix,
    });

    const logits = outputs.float32(TEACHER.outputs.logits);
    codes.forEach((row, picture) => {
      row.push(run.choose(logits.subarray(picture * codebookSize, (picture + 1) * codebookSize), picture, position));
    });
    yield { codes };

    if (position > 0) {
      for (let layer = 0; layer < teacher.layers; layer++) {
        const place = { start, length, capacity: total, head };
        writeCache(keys[layer] as Float32Array, outputs.float32(TEACHER.outputs.keys(layer)), place);
        writeCache(values[layer] as Float32Array, outputs.float32(TEACHER.outputs.values(layer)), place);
      }
      filled = start + length;
    }
    if (fresh)
      conditions = range(0, branches).map((branch) =>
        cacheCondition(
          outputs.float32(CONDITION.output),
          { picture: branch * run.pictures, batch, count: prompt.count },
          shape,
        ),
      );
  }
}

/** float32 [pictures, batch]: uncond + (cond - uncond) * scale, as a matrix. */
function mixBranches(pictures: number, guided: boolean, scale: number): Feed {
  const batch = guided ? pictures * 2 : pictures;
  const data = new Float32Array(pictures * batch);
  for (let picture = 0; picture < pictures; picture++) {
    data[picture * batch + picture] = guided ? scale : 1;
    if (guided) data[picture * batch + pictures + picture] = 1 - scale;
  }
  return { type: 'float32', shape: [pictures, batch], data };
}

/** Copies new rows [B, heads, length, head] to `start` of a cache [B, heads, capacity, head]. */
function writeCache(
  cache: Float32Array,
  added: Float32Array,
  place: { readonly start: number; readonly length: number; readonly capacity: number; readonly head: number },
): void {
  const { start, length, capacity, head } = place;
  const lines = cache.length / (capacity * head);
  for (let line = 0; line < lines; line++) {
    const from = line * length * head;
    cache.set(added.subarray(from, from + length * head), (line * capacity + start) * head);
  }
}
