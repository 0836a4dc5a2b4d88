/** LlamaGen's part of pack.json: a grid of codes, the networks that draw them, and the decoder that makes pixels of them. */
import * as z from 'zod/mini';
import { type Pack, PackPath, type UsedFile } from '../../pack.js';
import { LIMITS, Sampling } from '../../protocol.js';
import { integer, list } from '../../schema.js';

export const KIND = 'llamagen';

const Transformer = {
  graph: PackPath,
  layers: integer(1, 1000),
  width: integer(1, 65_536),
};

/** Positions known at the start of each step; the first is 0. `[0, 80]` is two steps. */
const Times = list(z.int().check(z.minimum(0)), 1, 16);

/** Float32 file `[codebook.size, codebook.channels]`, rows of norm 1. */
const Codebook = PackPath;

/** A word of the scene language (models/run/scene/scene.ts). */
const SceneWords = list(z.string().check(z.regex(/^[a-z0-9]{1,64}$/, 'is no word of the scene language')), 0, 10_000);

/**
 * The words that a layout map has numbers for, each list counted from 1, if the student's image rows are told what stands at the position
 * that they predict (layout-map.ts).
 */
export const Layout = z.strictObject({
  things: SceneWords,
  colours: SceneWords,
  grounds: SceneWords,
  directions: SceneWords,
  lights: SceneWords,
  /** Forms of a ground. */
  variants: integer(1, 100),
  /** The largest side of a box, in tokens; also into how many rows and columns a picture is divided to say where a position is. */
  sides: integer(1, 256),
  /** Regions a side of a thing that have numbers of their own. */
  details: integer(1, 64),
});
export type Layout = z.infer<typeof Layout>;

/**
 * Kinds of student. `two-head` is the published one (METHOD 5): codes by arg-max below `split`, continuous vectors from there on.
 * `flow-head` predicts the teacher's distributions; its codes are the flow map of the picture's noise (METHOD 4), and as it can
 * read its own codes again, more passes make a picture better (RECIPE 4).
 */
const Student = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('flow-head'),
    ...Transformer,
    times: Times,
    /** Passes over its own codes that follow the steps: in the pack's standard quality, and in its highest. */
    refinements: z.strictObject({
      standard: integer(0, LIMITS.refinements),
      fine: integer(0, LIMITS.refinements),
    }),
    /** What the student was trained with; its guidance is inside it. */
    sampling: Sampling,
    /** Temperature of code 0, where it settles what a prompt leaves open; without it, that of the others. */
    firstTemperature: z.optional(Sampling.shape.temperature),
    /** Whether its image rows look the prompt's words up, one by one, beside its mean (graph input `words`). */
    words: z.optional(z.boolean()),
    layout: z.optional(Layout),
    codebook: Codebook,
  }),
  z.strictObject({
    kind: z.literal('two-head'),
    ...Transformer,
    times: Times,
    split: z.int().check(z.minimum(1)),
    /** The split of the last step when the teacher took part, where it is another. */
    mixedSplit: z.optional(z.int().check(z.minimum(1))),
  }),
]);

const Teacher = z.strictObject({
  ...Transformer,
  heads: integer(1, 1000),
  sampling: Sampling,
  /** What the noise-to-code map and the mixed schedule read. */
  codebook: Codebook,
});

export const LlamaGenPart = z.strictObject({
  kind: z.literal(KIND),
  grid: z.strictObject({
    rows: integer(1, 256),
    columns: integer(1, 256),
    /** Pixels a side for each code. */
    downsample: integer(1, 64),
  }),
  codebook: z.strictObject({
    size: integer(2, 1_000_000),
    channels: integer(1, 1024),
  }),
  student: z.nullable(Student),
  teacher: z.nullable(Teacher),
  decoder: z.strictObject({ graph: PackPath }),
  /** Picture -> codes (models/graphs.ts, VQ_ENCODER), in packs that can start from a picture. */
  encoder: z.optional(z.strictObject({ graph: PackPath })),
});
export type LlamaGenPart = z.infer<typeof LlamaGenPart>;

/** What LlamaGen's code reads of a pack. */
export type LlamaGenModel = LlamaGenPart & { readonly id: string };

export function modelOf(pack: Pick<Pack, 'id' | 'family'>): LlamaGenModel {
  return { id: pack.id, ...partOf(pack) };
}

export function partOf({ id, family }: Pick<Pack, 'id' | 'family'>): LlamaGenPart {
  if (family.kind !== KIND) throw new RangeError(`pack ${id} is of the family ${family.kind}`);
  // Its `kind` says which schema it passed when pack.json was read.
  return family as LlamaGenPart;
}

/** Codes that are known can be read by a flow head alone: what a two-head student takes for known are vectors of its own. */
export const canEdit = ({ encoder, student }: Pick<LlamaGenModel, 'encoder' | 'student'>): boolean =>
  encoder !== undefined && student?.kind === 'flow-head';

/** Codes of a picture. */
export const positionsOf = ({ grid }: Pick<LlamaGenModel, 'grid'>): number => grid.rows * grid.columns;

export function listFiles(pack: Pack): UsedFile[] {
  const { student, teacher, decoder, encoder } = modelOf(pack);
  const codebooks = [student?.kind === 'flow-head' ? student.codebook : undefined, teacher?.codebook];
  return [
    ...(student ? [{ path: student.graph, role: 'transformer' as const }] : []),
    ...(teacher ? [{ path: teacher.graph, role: 'transformer' as const }] : []),
    { path: decoder.graph, role: 'decoder' },
    ...(encoder ? [{ path: encoder.graph, role: 'encoder' as const }] : []),
    ...codebooks.flatMap((path) => (path === undefined ? [] : [{ path, role: 'data' as const }])),
  ];
}

type Fault = { readonly path: readonly (string | number)[]; readonly message: string };

export function findFaults(pack: Pack): Fault[] {
  const { grid, student, teacher } = modelOf(pack);
  const faults: Fault[] = [];
  const complain = (path: readonly (string | number)[], message: string) => faults.push({ path, message });
  const [width, height] = [grid.columns * grid.downsample, grid.rows * grid.downsample];
  if (pack.size.width !== width || pack.size.height !== height)
    complain(['grid'], `makes ${width} x ${height} pixels, and "size" says ${pack.size.width} x ${pack.size.height}`);
  const positions = grid.rows * grid.columns;
  if (student) {
    const { times } = student;
    const { split, mixedSplit } = student.kind === 'two-head' ? student : {};
    if (times[0] !== 0) complain(['student', 'times'], `times begin with ${times[0]}, not with 0`);
    times.forEach((time, index) => {
      if (time >= positions)
        complain(['student', 'times', index], `time ${time} is not below the ${positions} positions of the grid`);
      if (index > 0 && time <= (times[index - 1] ?? 0))
        complain(['student', 'times', index], `times must rise: ${times.join(', ')}`);
    });
    const last = times.at(-1) ?? 0;
    for (const [key, value] of [
      ['split', split],
      ['mixedSplit', mixedSplit],
    ] as const)
      if (value !== undefined && (value > positions || value < last))
        complain(['student', key], `${key} ${value} is not between the last time ${last} and ${positions}`);
  }
  if (!student && !teacher) complain(['student'], 'a pack needs a student or a teacher');
  return faults;
}
