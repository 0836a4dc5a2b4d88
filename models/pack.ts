/**
 * pack.json: everything that a runtime must know of a model. Behaviour is data here, never the model's name.
 *
 * What every model has stands here; `family` is the part of a model family, whose schema is in the family's own folder
 * (models/families). The schema of the whole is made of both by `createPackSchema`; hosts take it from models/families/packs.ts.
 *
 * A pack is a folder: pack.json and the files that it lists. Every path is relative, with forward slashes, and stays inside.
 */
import * as z from 'zod/mini';
import { printable, printableLines } from './printable.js';
import { integer, list, prepared } from './schema.js';
import { PACK_VERSION, upgradePack } from './upgrade-pack.js';
import { VOCABULARY_LIMITS } from './vocabulary.js';

/** 4 GiB wasm memory ends far below; the largest real file is flan-t5-xl's encoder at 4.9 GB in fp32. */
const MAXIMUM_FILE_BYTES = 64 * 2 ** 30;

/** The largest grid was 256 x 256 codes of 64 pixels a side, and packs of that time must still be read. */
const MAXIMUM_SIDE = 256 * 64;

/** What a stranger wrote, and is shown. */
const Line = z.string().check(z.overwrite(printable));
const Lines = z.string().check(z.overwrite(printableLines));

/** A path that can't leave the pack: no absolute path, no drive, no backslash, no empty, `.` or `..` segment. */
export const PackPath = z
  .string()
  .check(
    z.maxLength(200),
    z.regex(
      /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/,
      'is not a plain relative path (letters, digits, ".", "_", "-" and "/" only)',
    ),
  );

/**
 * Names that mean something where a pack grows or lies: its own manifest, and the notes of an import or a download; and those that Windows
 * has for devices, whatever follows them.
 */
const RESERVED = /^(pack\.json|import\.lock|import-state\.json(\.new)?)$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|\.$/i;

/** Also the name of its folder. A pack that is being made or fetched grows in a folder called so with ".partial" behind. */
export const PackId = z.string().check(
  z.regex(
    /^(?!.*\.partial$)[a-z0-9][a-z0-9._-]{0,99}$/,
    'is not a pack id (lower-case letters, digits, ".", "_", "-"; not with ".partial" at its end)',
  ),
  z.refine((id) => !RESERVED.test(id), 'is a name that is reserved'),
);

export const Sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in lower-case hexadecimal'));

export const PackFile = z.strictObject({
  path: PackPath,
  /** Bytes. */
  size: integer(0, MAXIMUM_FILE_BYTES),
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
    tokens: integer(2, 4096),
    /** Width of a text state. */
    width: integer(1, 65_536),
    /** Caption cleaning that was applied in training and so is part of the model. */
    cleaning: z.enum(['llamagen', 'clip', 'none']),
  }),
  z.strictObject({
    kind: z.literal('class'),
    /** JSON: an array of labels, each an array of names, the first shown (models/run/text/labels.ts). */
    labels: PackPath,
    classes: integer(1, 1_000_000),
  }),
]);

/** What rounding the weights cost, measured against the pack as it was trained (`twostep pack convert`). */
const Quality = z.strictObject({
  /** Pictures of noise that were compared, with one prompt of the pack. */
  noises: z.int().check(z.minimum(1)),
  /** Error of the logits, L2, relative to their own; null where the graph does not give them. */
  logits: z.nullable(z.number().check(z.minimum(0))),
  /** Codes of one pass that are the same, 0..1. */
  codes: z.number().check(z.minimum(0), z.maximum(1)),
  /** Decibels between the decoded pictures, 8 bits; null where they are the same. */
  psnr: z.nullable(z.number()),
});

/** A pack without it is as trained. */
const Precision = z.strictObject({
  /** models/import/storage.ts */
  storage: z.enum(['exact', 'small', 'fast', 'half']),
  /** Execution providers on which it computes as meant. */
  providers: z.array(z.enum(['cpu', 'webgpu', 'cuda', 'dml', 'coreml'])).check(z.minLength(1)),
  /** Null where it was not measured. */
  quality: z.nullable(Quality),
});

const Common = z.strictObject({
  format: z.literal('twostep-pack'),
  version: z.literal(PACK_VERSION, { error: ({ input }) => describeVersion(input) }),
  id: PackId,
  name: Line.check(z.minLength(1), z.maxLength(200)),
  /** What it can draw, in a sentence for the person. */
  description: Line.check(z.maxLength(2000)),
  /** Prompts that suit it. */
  ideas: list(Line.check(z.maxLength(500)), 0, 100),
  licence: z.strictObject({
    spdx: Line.check(z.minLength(1), z.maxLength(100)),
    notice: Lines.check(z.maxLength(5000)),
  }),
  provenance: z.strictObject({
    recipe: Line.check(z.maxLength(100)),
    sources: list(
      z.strictObject({
        role: Line.check(z.maxLength(50)),
        file: Line.check(z.maxLength(300)),
        size: z.int().check(z.minimum(0)),
        sha256: Sha256,
      }),
      0,
      100,
    ),
    notes: Lines.check(z.maxLength(5000)),
  }),
  condition: Condition,
  /** The words that it understands (models/vocabulary.ts). A pack without it is silent about words. */
  vocabulary: z.optional(PackPath),
  /** How its pictures become transparent: `matte`, by taking away the even background that most stand on. Without it they are opaque. */
  transparency: z.optional(z.literal('matte')),
  /** Pixels of a picture as it draws it. */
  size: z.strictObject({
    width: integer(1, MAXIMUM_SIDE),
    height: integer(1, MAXIMUM_SIDE),
  }),
  precision: z.optional(Precision),
  files: list(PackFile, 1, 1000),
});

/** The part of a family. Only the family's own code knows more of it. */
export type FamilyPart = { readonly kind: string };

export type Pack = z.infer<typeof Common> & { readonly family: FamilyPart };

/**
 * What a file of a pack is for. All but `data` are graphs; storing their weights otherwise treats the `transformer`, the `text`
 * encoder, the `decoder` and the `encoder` of pictures each in its own way, and leaves what is `exact` as it is (models/import/storage.ts).
 */
export type GraphRole = 'text' | 'transformer' | 'decoder' | 'encoder' | 'exact';
export type UsedFile = { readonly path: string; readonly role: GraphRole | 'data' };

/** What reading pack.json needs to know of a family. */
export type PackFamily = {
  readonly kind: string;
  /** Schema of the family's part: an object whose `kind` is the literal above. */
  readonly part: z.core.$ZodType<FamilyPart> & z.core.$ZodTypeDiscriminable;
  /** The files that its part names, the graphs among them. */
  files(pack: Pack): readonly UsedFile[];
  /** What does not fit together in a part whose fields are each valid; paths are within the part. */
  faults(pack: Pack): readonly { readonly path: readonly (string | number)[]; readonly message: string }[];
};

/** All files that the pack of a family names. */
export function listUsedFiles(family: PackFamily, pack: Pack): readonly UsedFile[] {
  const { condition, vocabulary } = pack;
  return [
    ...(condition.kind === 'text'
      ? ([
          { path: condition.encoder, role: 'text' },
          { path: condition.tokenizer, role: 'data' },
        ] as const)
      : [{ path: condition.labels, role: 'data' } as const]),
    ...(vocabulary === undefined ? [] : [{ path: vocabulary, role: 'data' } as const]),
    ...family.files(pack),
  ];
}

/** pack.json of every version, as a pack of the newest one. */
export function createPackSchema(families: readonly PackFamily[]) {
  const kinds = families.map(({ kind }) => kind).join(', ');
  const [first, ...rest] = families.map(({ part }) => part);
  if (!first) throw new RangeError('there is no model family');
  const family = z.discriminatedUnion('kind', [first, ...rest], {
    error: ({ code }) =>
      code === 'invalid_union' ? `is of no model family that this Twostep knows (${kinds}); update it` : undefined,
  });
  const Whole = z.strictObject({ ...Common.shape, family }).check((context) => {
    const pack = context.value;
    const complain = (path: readonly (string | number)[], message: string) =>
      context.issues.push({ code: 'custom', input: pack, path: [...path], message });
    checkFiles(pack, complain);
    const own = families.find(({ kind }) => kind === pack.family.kind);
    if (!own) return;
    for (const { path } of listUsedFiles(own, pack))
      if (!pack.files.some((file) => file.path === path))
        complain(['files'], `"${path}" is not among the files of the pack`);
    for (const { path, message } of own.faults(pack)) complain(['family', ...path], message);
  });
  return prepared(upgradePack, Whole);
}

function checkFiles(pack: Pack, complain: (path: readonly (string | number)[], message: string) => void): void {
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
  const words = pack.files.find(({ path }) => path === pack.vocabulary);
  if (words && words.size > VOCABULARY_LIMITS.bytes)
    complain(
      ['vocabulary'],
      `"${words.path}" has ${words.size} bytes; a vocabulary has at most ${VOCABULARY_LIMITS.bytes}`,
    );
}

function describeVersion(input: unknown): string {
  return typeof input === 'number' && input > PACK_VERSION
    ? `is ${input}, of a newer Twostep; this one reads packs up to version ${PACK_VERSION}. Update it`
    : `is not a version of a pack (1 to ${PACK_VERSION})`;
}

export type PackFile = z.infer<typeof PackFile>;
