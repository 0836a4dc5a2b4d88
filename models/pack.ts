/**
 * pack.json: everything that a runtime must know of a model. Behaviour is data here, never the model's name.
 *
 * A pack is a folder: pack.json and the files that it lists. Every path is relative, with forward slashes, and stays inside.
 */
import * as z from 'zod';
import { printable, printableLines } from './printable.js';
import { LIMITS, Sampling } from './protocol.js';
import { VOCABULARY_LIMITS } from './vocabulary.js';

/** 4 GiB wasm memory ends far below; the largest real file is flan-t5-xl's encoder at 4.9 GB in fp32. */
const MAXIMUM_FILE_BYTES = 64 * 2 ** 30;

const MAXIMUM_REFINEMENTS = LIMITS.refinements;

/** What a stranger wrote, and is shown. */
const Line = z.string().overwrite(printable);
const Lines = z.string().overwrite(printableLines);

/** A path that can't leave the pack: no absolute path, no drive, no backslash, no empty, `.` or `..` segment. */
export const PackPath = z
  .string()
  .max(200)
  .regex(
    /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/,
    'is not a plain relative path (letters, digits, ".", "_", "-" and "/" only)',
  );

/**
 * Names that mean something where a pack grows or lies: its own manifest, and the notes of an import or a download; and those that Windows
 * has for devices, whatever follows them.
 */
const RESERVED = /^(pack\.json|import\.lock|import-state\.json(\.new)?)$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|\.$/i;

/** Also the name of its folder. A pack that is being made or fetched grows in a folder called so with ".partial" behind. */
export const PackId = z
  .string()
  .regex(
    /^(?!.*\.partial$)[a-z0-9][a-z0-9._-]{0,99}$/,
    'is not a pack id (lower-case letters, digits, ".", "_", "-"; not with ".partial" at its end)',
  )
  .refine((id) => !RESERVED.test(id), 'is a name that is reserved');

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in lower-case hexadecimal');

export const PackFile = z.strictObject({
  path: PackPath,
  /** Bytes. */
  size: z.number().int().min(0).max(MAXIMUM_FILE_BYTES),
  sha256: Sha256,
});

const Condition = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('text'),
    /** Graph: token ids -> states (models/graphs.ts, TextEncoder). */
    encoder: PackPath,
    /** A tokenizer.json of Hugging Face's format. */
    tokenizer: PackPath,
    /** The most tokens the model was trained on; longer prompts are cut, the end token kept. */
    tokens: z.number().int().min(2).max(4096),
    /** Width of a text state. */
    width: z.number().int().min(1).max(65_536),
    /** Caption cleaning that was applied in training and so is part of the model. */
    cleaning: z.enum(['llamagen', 'none']),
  }),
  z.strictObject({
    kind: z.literal('class'),
    /** JSON: an array of labels, each an array of names, the first shown (models/run/text/labels.ts). */
    labels: PackPath,
    classes: z.number().int().min(1).max(1_000_000),
  }),
]);

const Transformer = {
  graph: PackPath,
  layers: z.number().int().min(1).max(1000),
  width: z.number().int().min(1).max(65_536),
};

/** Positions known at the start of each step; the first is 0. `[0, 80]` is two steps. */
const Times = z.array(z.number().int().min(0)).min(1).max(16);

/** Float32 file `[codebook.size, codebook.channels]`, rows of norm 1. */
const Codebook = PackPath;

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
      standard: z.number().int().min(0).max(MAXIMUM_REFINEMENTS),
      fine: z.number().int().min(0).max(MAXIMUM_REFINEMENTS),
    }),
    /** What the student was trained with; its guidance is inside it. */
    sampling: Sampling,
    /** Temperature of code 0, where it settles what a prompt leaves open; without it, that of the others. */
    firstTemperature: Sampling.shape.temperature.optional(),
    /** Whether its image rows look the prompt's words up, one by one, beside its mean (graph input `words`). */
    words: z.boolean().optional(),
    codebook: Codebook,
  }),
  z.strictObject({
    kind: z.literal('two-head'),
    ...Transformer,
    times: Times,
    split: z.number().int().min(1),
    /** The split of the last step when the teacher took part, where it is another. */
    mixedSplit: z.number().int().min(1).optional(),
  }),
]);

const Teacher = z.strictObject({
  ...Transformer,
  heads: z.number().int().min(1).max(1000),
  sampling: Sampling,
  /** What the noise-to-code map and the mixed schedule read. */
  codebook: Codebook,
});

/** What rounding the weights cost, measured against the pack as it was trained (`twostep pack convert`). */
const Quality = z.strictObject({
  /** Pictures of noise that were compared, with one prompt of the pack. */
  noises: z.number().int().min(1),
  /** Error of the logits, L2, relative to their own; null where the graph does not give them. */
  logits: z.number().min(0).nullable(),
  /** Codes of one pass that are the same, 0..1. */
  codes: z.number().min(0).max(1),
  /** Decibels between the decoded pictures, 8 bits; null where they are the same. */
  psnr: z.number().nullable(),
});

/** A pack without it is as trained. */
const Precision = z.strictObject({
  /** models/import/storage.ts */
  storage: z.enum(['exact', 'small', 'fast', 'half']),
  /** Execution providers on which it computes as meant. */
  providers: z.array(z.enum(['cpu', 'webgpu', 'cuda', 'dml', 'coreml'])).min(1),
  /** Null where it was not measured. */
  quality: Quality.nullable(),
});

export const Pack = z
  .strictObject({
    format: z.literal('twostep-pack'),
    version: z.literal(1),
    id: PackId,
    name: Line.min(1).max(200),
    /** What it can draw, in a sentence for the person. */
    description: Line.max(2000),
    /** Prompts that suit it. */
    ideas: z.array(Line.max(500)).max(100),
    licence: z.strictObject({ spdx: Line.min(1).max(100), notice: Lines.max(5000) }),
    provenance: z.strictObject({
      recipe: Line.max(100),
      sources: z
        .array(
          z.strictObject({
            role: Line.max(50),
            file: Line.max(300),
            size: z.number().int().min(0),
            sha256: Sha256,
          }),
        )
        .max(100),
      notes: Lines.max(5000),
    }),
    condition: Condition,
    /** The words that it understands (models/vocabulary.ts). A pack without it is silent about words. */
    vocabulary: PackPath.optional(),
    /** How its pictures become transparent: `matte`, by taking away the even background that most stand on. Without it they are opaque. */
    transparency: z.literal('matte').optional(),
    grid: z.strictObject({
      rows: z.number().int().min(1).max(256),
      columns: z.number().int().min(1).max(256),
      /** Pixels a side for each code. */
      downsample: z.number().int().min(1).max(64),
    }),
    codebook: z.strictObject({
      size: z.number().int().min(2).max(1_000_000),
      channels: z.number().int().min(1).max(1024),
    }),
    student: Student.nullable(),
    teacher: Teacher.nullable(),
    decoder: z.strictObject({ graph: PackPath }),
    precision: Precision.optional(),
    files: z.array(PackFile).min(1).max(1000),
  })
  .check((context) => {
    const pack = context.value;
    const complain = (path: (string | number)[], message: string) =>
      context.issues.push({ code: 'custom', input: pack, path, message });
    const listed = new Set<string>();
    pack.files.forEach((file, index) => {
      const key = file.path.toLowerCase();
      if (listed.has(key)) complain(['files', index, 'path'], `"${file.path}" is listed twice`);
      listed.add(key);
      const reserved = file.path.split('/').find((name) => RESERVED.test(name));
      if (reserved !== undefined)
        complain(['files', index, 'path'], `"${file.path}" can not be in a pack: the name "${reserved}" is reserved`);
    });
    for (const [index, { path }] of pack.files.entries())
      for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1))
        if (listed.has(path.slice(0, end).toLowerCase()))
          complain(['files', index, 'path'], `"${path.slice(0, end)}" is listed as a file and as a folder`);
    for (const [where, path] of referencedPaths(pack))
      if (!pack.files.some((file) => file.path === path))
        complain([where], `"${path}" is not among the files of the pack`);
    const words = pack.files.find(({ path }) => path === pack.vocabulary);
    if (words && words.size > VOCABULARY_LIMITS.bytes)
      complain(
        ['vocabulary'],
        `"${words.path}" has ${words.size} bytes; a vocabulary has at most ${VOCABULARY_LIMITS.bytes}`,
      );
    const positions = pack.grid.rows * pack.grid.columns;
    if (pack.student) {
      const { times } = pack.student;
      const { split, mixedSplit } = pack.student.kind === 'two-head' ? pack.student : {};
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
    if (!pack.student && !pack.teacher) complain(['student'], 'a pack needs a student or a teacher');
  });

export type Pack = z.infer<typeof Pack>;
export type PackFile = z.infer<typeof PackFile>;

function referencedPaths(pack: {
  condition: z.infer<typeof Condition>;
  vocabulary?: string | undefined;
  student: z.infer<typeof Student> | null;
  teacher: z.infer<typeof Teacher> | null;
  decoder: { graph: string };
}): [string, string][] {
  const paths: [string, string][] = [['decoder', pack.decoder.graph]];
  if (pack.condition.kind === 'text')
    paths.push(['condition', pack.condition.encoder], ['condition', pack.condition.tokenizer]);
  else paths.push(['condition', pack.condition.labels]);
  if (pack.vocabulary !== undefined) paths.push(['vocabulary', pack.vocabulary]);
  if (pack.student) paths.push(['student', pack.student.graph]);
  if (pack.student?.kind === 'flow-head') paths.push(['student', pack.student.codebook]);
  if (pack.teacher) paths.push(['teacher', pack.teacher.graph], ['teacher', pack.teacher.codebook]);
  return paths;
}

/** The files that ONNX Runtime is given. */
export function graphPaths({ condition, student, teacher, decoder }: Pack): readonly string[] {
  const encoder = condition.kind === 'text' ? condition.encoder : undefined;
  return [encoder, student?.graph, teacher?.graph, decoder.graph].filter((path) => path !== undefined);
}
