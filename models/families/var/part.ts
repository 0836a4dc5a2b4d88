/** VAR's part of pack.json: scales of tokens, the networks that draw them, and the decoder that makes pixels of them. */
import * as z from 'zod/mini';
import { type Pack, PackPath, type UsedFile } from '../../pack.js';
import { Sampling } from '../../protocol.js';
import { countTokens } from '../../sampling/scales.js';
import { integer, list } from '../../schema.js';

export const KIND = 'var';

/** What each token sees is a table of tokens by tokens. The published model of 512 pixels has 2,240. */
const MAXIMUM_TOKENS = 4096;

const Transformer = {
  graph: PackPath,
  /** Graph: class -> what it does to each layer. */
  condition: PackPath,
  layers: integer(1, 1000),
  width: integer(1, 65_536),
};

/** How a student draws, counted in scales. */
export const StudentSchedule = z.strictObject({
  /** Scales known at the start of each step; the first is 0. `[0, 5]` is two steps. */
  times: list(z.int().check(z.minimum(0)), 1, 16),
  /** Scales whose tokens are codes; those of finer ones are continuous vectors. */
  split: z.int().check(z.minimum(1)),
  /** How it draws when the teacher draws scales again before the last step. */
  assisted: z.optional(
    z.strictObject({
      sampling: Sampling,
      /** The split of the last step where at least so many scales were drawn again; without one, as ever. */
      splits: list(z.strictObject({ scales: z.int().check(z.minimum(1)), split: z.int().check(z.minimum(1)) }), 0, 16),
    }),
  ),
});

const Student = z.strictObject({ ...Transformer, ...StudentSchedule.shape });

const Teacher = z.strictObject({
  ...Transformer,
  heads: integer(1, 1000),
  sampling: Sampling,
  /** Graph: tokens so far -> input of the next scale. */
  levels: PackPath,
  /** Float32 file `[codebook.size, codebook.channels]`. */
  codebook: PackPath,
});

export const VarPart = z.strictObject({
  kind: z.literal(KIND),
  /** Sides of the token maps, coarse to fine. */
  scales: list(integer(1, 64), 1, 64),
  /** Pixels a side for each token of the finest scale. */
  downsample: integer(1, 64),
  codebook: z.strictObject({
    size: integer(2, 1_000_000),
    channels: integer(1, 1024),
  }),
  student: z.nullable(Student),
  teacher: z.nullable(Teacher),
  decoder: z.strictObject({ graph: PackPath }),
});
export type VarPart = z.infer<typeof VarPart>;

/** What VAR's code reads of a pack. */
export type VarModel = VarPart & { readonly id: string };

export function modelOf({ id, family }: Pick<Pack, 'id' | 'family'>): VarModel {
  if (family.kind !== KIND) throw new RangeError(`pack ${id} is of the family ${family.kind}`);
  // Its `kind` says which schema it passed when pack.json was read.
  return { id, ...(family as VarPart) };
}

export function listFiles(pack: Pack): UsedFile[] {
  const { student, teacher, decoder } = modelOf(pack);
  const graphs = [student?.graph, student?.condition, teacher?.graph, teacher?.condition];
  return [
    ...graphs.flatMap((path) => (path === undefined ? [] : [{ path, role: 'transformer' as const }])),
    { path: decoder.graph, role: 'decoder' },
    ...(teacher
      ? [
          { path: teacher.levels, role: 'exact' as const },
          { path: teacher.codebook, role: 'data' as const },
        ]
      : []),
  ];
}

type Fault = { readonly path: readonly (string | number)[]; readonly message: string };

export function findFaults(pack: Pack): Fault[] {
  const { scales, downsample, student, teacher } = modelOf(pack);
  const faults: Fault[] = [];
  const complain = (path: readonly (string | number)[], message: string) => faults.push({ path, message });
  const side = (scales.at(-1) ?? 0) * downsample;
  if (pack.size.width !== side || pack.size.height !== side)
    complain(['scales'], `make ${side} x ${side} pixels, and "size" says ${pack.size.width} x ${pack.size.height}`);
  if (!rises(scales)) complain(['scales'], `scales must rise: ${scales.join(', ')}`);
  const tokens = countTokens(scales);
  if (tokens > MAXIMUM_TOKENS) complain(['scales'], `have ${tokens} tokens; at most ${MAXIMUM_TOKENS} are drawn`);
  if (pack.condition.kind !== 'class') complain(['kind'], 'draws classes, and "condition" says text');
  if (student) {
    const { times, split, assisted } = student;
    if (times[0] !== 0) complain(['student', 'times'], `times begin with ${times[0]}, not with 0`);
    if (!rises(times)) complain(['student', 'times'], `times must rise: ${times.join(', ')}`);
    const last = times.at(-1) ?? 0;
    if (last >= scales.length) complain(['student', 'times'], `time ${last} is not below the ${scales.length} scales`);
    const splits = [split, ...(assisted?.splits ?? []).map((one) => one.split)];
    for (const one of splits)
      if (one > scales.length || one < last)
        complain(['student', 'split'], `split ${one} is not between the last time ${last} and ${scales.length}`);
  }
  if (teacher && teacher.width % teacher.heads !== 0)
    complain(['teacher', 'heads'], `${teacher.width} is not a width that ${teacher.heads} heads can share`);
  if (!student && !teacher) complain(['student'], 'a pack needs a student or a teacher');
  return faults;
}

const rises = (values: readonly number[]): boolean =>
  values.every((value, index) => index === 0 || value > (values[index - 1] as number));
