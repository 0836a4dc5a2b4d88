/** The teacher's logits for codes that are already known: all positions in one call, nothing cached. */

import { attentionBias } from '../../families/llamagen/attention-bias.js';
import { feedConditions } from '../../families/llamagen/condition.js';
import { emptyCache, feedCache } from '../../families/llamagen/key-value-cache.js';
import type { PromptFeeds } from '../../families/llamagen/prompt-feeds.js';
import type { TeacherPack } from '../../families/llamagen/teacher.js';
import { LAYOUT, TEACHER } from '../../graphs.js';
import { type Graph, int64 } from '../../run/runtime.js';
import { range } from '../../sampling/schedule.js';

/** [positions, V]: row i predicts code i from the prompt and the codes before it, guided when `guidance` is above 1. */
export async function scoreCodes(
  graph: Graph,
  pack: TeacherPack,
  prompt: PromptFeeds,
  codes: readonly number[],
  guidance: number,
): Promise<Float32Array> {
  const { teacher } = pack;
  if (!teacher) throw new RangeError(`pack ${pack.id} has no teacher`);
  const branches = guidance > 1 ? 2 : 1;
  const total = codes.length;
  const conditions = range(0, branches).map(() => ({ kind: 'fresh', count: prompt.count }) as const);
  const { layers, heads, width } = teacher;
  const cache = emptyCache({ layers, heads, head: width / heads, total }, branches);
  // Code 0 is predicted by the last condition row, code i by the row of code i - 1.
  const rowsOf = (branch: number) => [
    branches * total + (branch + 1) * prompt.count - 1,
    ...range(branch * total, (branch + 1) * total - 1),
  ];
  const mix = new Float32Array(total * total * branches);
  for (const position of range(0, total)) {
    mix[position * total * branches + position] = branches === 2 ? guidance : 1;
    if (branches === 2) mix[position * total * branches + total + position] = 1 - guidance;
  }
  const outputs = await graph.run(
    {
      ...feedConditions(conditions, range(0, branches), { layers: teacher.layers, width: teacher.width }),
      ...feedCache(cache),
      ...prompt.rows('teacher', branches),
      [LAYOUT.imageShape]: int64([3], [branches, total, -1]),
      [LAYOUT.imageRows]: int64([1], [branches * total]),
      [LAYOUT.attentionBias]: attentionBias({
        counts: range(0, branches).map(() => prompt.count),
        positions: total,
        cache: { capacity: total, filled: 0 },
      }),
      [TEACHER.inputs.codes]: int64(
        [branches, total],
        range(0, branches).flatMap(() => codes),
      ),
      [TEACHER.inputs.start]: int64([1], [0]),
      [TEACHER.inputs.readRows]: int64([branches * total], range(0, branches).flatMap(rowsOf)),
      [TEACHER.inputs.guidanceMix]: { type: 'float32', shape: [total, branches * total], data: mix },
    },
    [TEACHER.outputs.logits],
  );
  return outputs.float32(TEACHER.outputs.logits);
}
