/**
 * What a generation is: the contract of every runtime (command line, companion, engine page, panel).
 *
 * Invariants
 * - A request is a plain value, comparable and complete: the same request gives the same pixels on the same runtime.
 *   It is what is stored on the node, in the PNG's metadata and in the history.
 * - A stored or received request is read with `upgradeRequest` (models/request/upgrade.ts), never with `GenerateRequest.parse`.
 * - The prompt holds the words as they were typed, with choices in braces; what picture j draws of them is `wordsFor(prompt, seeds[j])`
 *   (models/wildcards.ts).
 * - Picture j depends on `seeds[j]` and the pictures before it in its request, never on its place in a batch. Of two that would
 *   be the same to the eye the later one takes the next seed; events and files carry the seed that was used, and alone it
 *   draws the same picture.
 * - Expected failures are `error` events with a code; only bugs throw. Cancel is the signal.
 * - `done` or `error` is the last event, exactly once. Pictures already sent stay valid after an `error`.
 */
import * as z from 'zod/mini';
import { integer, list, text } from './schema.js';
import type { Reading } from './vocabulary.js';
import { faultOf } from './wildcards.js';

/** Limits are named, with the largest honest use that they must allow. */
export const LIMITS = {
  /** T5 reads 120 tokens, some 600 characters; a pasted page must still give "cut here", not "refused". */
  promptCharacters: 20_000,
  /** The panel shows 1-4 and OpenAI's `n` allows 10; a contact sheet from the command line wants more. */
  pictures: 64,
  /** Figma takes at most 4096 pixels a side. */
  side: 4096,
  /** A pass more makes at least one more position final, so that 256 passes are always enough for a grid of 16 x 16. */
  refinements: 256,
  /** "left, large" has 11 characters. */
  planValue: 60,
  /** Colours of a palette: the styles of a file. A ramp of 12 steps in five hues has 60. */
  palette: 64,
  /** Of the PNG that an edit starts from: a photograph of 1024 x 1024 pixels has 2 MB, a flat picture of that size 100 kB. */
  pictureBytes: 4 * 2 ** 20,
  /** Of an edit's mask, which is of one colour: 4096 x 4096 pixels with the edge of a brush have some 100 kB. */
  maskBytes: 2 ** 20,
} as const;

export const Seed = integer(0, Number.MAX_SAFE_INTEGER);

/** How the codes of a picture come about. Which of these a pack can do follows from its networks. */
export const Schedule = z.discriminatedUnion('kind', [
  /** The student in one or two passes; a flow-head student may then read its own codes again, `refinements` times (none if not said). */
  z.strictObject({
    kind: z.literal('student'),
    steps: z.union([z.literal(1), z.literal(2)]),
    refinements: z.optional(integer(0, LIMITS.refinements)),
  }),
  /** Teacher-involved: between the student's passes the teacher re-samples the last `resampled` codes before the second pass. */
  z.strictObject({ kind: z.literal('mixed'), resampled: integer(1, 65_536) }),
  /** The teacher alone, one step a code; `noise` maps the picture's noise to codes (METHOD: flow map), so that it can be compared with the student. */
  z.strictObject({ kind: z.literal('teacher'), draw: z.enum(['sample', 'noise']) }),
  /** A model of another image server, which knows qualities by OpenAI's names, and perhaps how many steps it is to take. */
  z.strictObject({
    kind: z.literal('upstream'),
    quality: z.enum(['auto', 'low', 'medium', 'high']),
    steps: z.nullable(integer(1, 1000)),
  }),
]);

/** How the teacher turns logits into probabilities. `null` leaves the choice to the pack. */
export const Sampling = z.strictObject({
  guidance: z.number().check(z.minimum(0), z.maximum(100)),
  topK: integer(0, 1_000_000),
  topP: z.number().check(z.gt(0), z.maximum(1)),
  temperature: z.number().check(z.gt(0), z.maximum(100)),
});

/** A PNG of 8-bit RGB or RGBA, not interlaced, in base64: what `encodePng` (models/run/png.ts) and a browser's canvas write. */
const pngOf = (bytes: number) => z.base64().check(z.maxLength(4 * Math.ceil(bytes / 3)));

/**
 * The picture that a request starts from, instead of from nothing but noise (models/run/edit.ts). It travels inside the request, so that a
 * request stays a plain value that can be stored, copied and drawn again anywhere.
 */
export const Edit = z.strictObject({
  /**
   * The picture; where it is transparent, white. Brought to the request's size as pictures are: cropped to its aspect, or, with `extend`, whole.
   * Null where a place had no room for it (a JPEG's metadata has 60 kB): such a request can be read and varied, not drawn.
   */
  image: z.nullable(pngOf(LIMITS.pictureBytes)),
  /** Of the same size as `image`: what is less than half opaque is drawn anew, and every other pixel stays what it is. Null: all of it may change. */
  mask: z.nullable(pngOf(LIMITS.maskBytes)),
  /** Share of the codes, of those that may change, that are drawn anew: 0 changes nothing, 1 keeps nothing. */
  strength: z.number().check(z.minimum(0), z.maximum(1)),
  /**
   * Where the request's aspect is another one than the picture's: whether all of it is kept, in the middle, and what is beyond its edges is drawn
   * (continued, where it is a seamless pattern or stands on one even ground). Otherwise it is cropped.
   */
  extend: z.boolean(),
});

/** Grows with every new field. Older requests are brought up to it, newer ones kept as they are (models/request/upgrade.ts). */
export const REQUEST_VERSION = 6;

/** Fields of a plan, in the order of models/run/scene/choices.ts. Only ever add at the end: their order decides what a seed draws. */
export const PLAN_FIELDS = ['background', 'layout', 'style', 'colour', 'variant'] as const;
export type PlanField = (typeof PLAN_FIELDS)[number];

export const GenerateRequest = z.strictObject({
  version: z.literal(REQUEST_VERSION),
  prompt: text(0, LIMITS.promptCharacters).check((context) => {
    const fault = faultOf(context.value);
    if (fault !== null) context.issues.push({ code: 'custom', message: fault, input: context.value });
  }),
  /** Identifier of the pack. */
  pack: text(1, 200),
  /** One picture a seed. */
  seeds: list(Seed, 1, LIMITS.pictures),
  schedule: Schedule,
  /** Only the teacher samples; a student was trained on one setting. */
  sampling: z.nullable(Sampling),
  /** Pixels. A seamless pattern is repeated to this aspect, a picture on one even ground continued, any other cropped; both are scaled from the grid that the pack serves. */
  size: z.strictObject({
    width: integer(16, LIMITS.side),
    height: integer(16, LIMITS.side),
  }),
  format: z.literal('png'),
  /** Whether a draft picture is wanted after the first of two steps (costs a decoding and the rest of step 1). */
  draft: z.boolean(),
  /**
   * Draw the words as they stand. Otherwise a pack with a vocabulary mends and translates them, leaves out what it does not
   * understand, and draws nothing where that is all.
   */
  force: z.boolean(),
  /** Whether the even background that a picture stands on is taken away. One without such a background stays as it is, which a warning says. */
  background: z.enum(['opaque', 'transparent']),
  /**
   * What is held on to of what the prompt leaves open, by field: `{ "background": "mint", "layout": "left, large" }`. Only packs that
   * compose scenes have a plan (models/run/scene); for others a warning says that there is none.
   */
  plan: z.partialRecord(z.enum(PLAN_FIELDS), z.string().check(z.trim(), z.minLength(1), z.maxLength(LIMITS.planValue))),
  /**
   * Colours that a flat picture is to have instead of its own, as `#rrggbb`; none leaves it as it was drawn. Which becomes which says
   * models/vector/recolour.ts. A picture that can't be taken apart into layers keeps its own, which a warning says.
   */
  palette: list(z.string().check(z.regex(/^#[0-9a-f]{6}$/, 'is not a colour as in #1a2b3c')), 0, LIMITS.palette).check(
    z.refine(({ length }) => length !== 1, 'one colour would leave nothing to be seen; give 2 or more'),
  ),
  /** Null: drawn from nothing. Only packs with an encoder start from a picture (`canEdit` of a model). */
  edit: z.nullable(Edit),
});

/** The fields that most requests leave as they are. A new field has its value here. */
export const REQUEST_DEFAULTS = {
  version: REQUEST_VERSION,
  sampling: null,
  format: 'png',
  draft: false,
  force: false,
  background: 'opaque',
  plan: {},
  palette: [],
  edit: null,
} as const satisfies Partial<z.infer<typeof GenerateRequest>>;

export type Schedule = z.infer<typeof Schedule>;
export type Sampling = z.infer<typeof Sampling>;
export type Edit = z.infer<typeof Edit>;
export type GenerateRequest = z.infer<typeof GenerateRequest>;

/** What can go wrong, by what the caller can do about it. */
export const ERROR_CODES = {
  /** Fix the request. */
  'invalid-request': 'fix',
  'empty-prompt': 'fix',
  'unknown-class': 'fix',
  /** Nothing of the prompt is understood; `force` draws all the same. */
  'unknown-words': 'fix',
  'unsupported-schedule': 'fix',
  'unsupported-size': 'fix',
  /** The pack starts from no picture, or not like this. */
  'unsupported-edit': 'fix',
  'unknown-pack': 'fix',
  /** Repair or fetch the pack again. */
  'damaged-pack': 'repair',
  /** The person asked for it. */
  cancelled: 'none',
  /** Try again, perhaps elsewhere. */
  'engine-unavailable': 'retry',
  'engine-failed': 'retry',
  'out-of-memory': 'retry',
} as const satisfies Record<string, 'fix' | 'repair' | 'none' | 'retry'>;

export type ErrorCode = keyof typeof ERROR_CODES;

export const WARNING_CODES = [
  'prompt-cut',
  /** All of the prompt was understood; the message says what as. */
  'understood',
  /** Words that were not understood, mended, left out or too many. */
  'unknown-words',
  'class-guessed',
  'sampling-ignored',
  /** No seed gave a picture that differs from those before it. */
  'few-answers',
  /** A transparent background was asked for, and there is none that could be taken away. */
  'stays-opaque',
  /** A palette was asked for, and the picture could not be taken apart into layers to have it. */
  'keeps-colours',
  /** The engine's process ended on the way, and another goes on. */
  'engine-replaced',
  /** Something of the plan was pinned in a pack that has none. */
  'plan-ignored',
  /** Another image server draws; the message says whose, and that the prompt goes there. */
  'upstream',
] as const;
export type WarningCode = (typeof WARNING_CODES)[number];

/** What the machine is busy with: loading graphs, reading the prompt, steps of student or teacher, making pixels and PNGs. */
export type Phase = 'load' | 'text' | 'step' | 'draft' | 'decode';

/** A finished or draft picture. `bytes` is an encoded PNG, made once and never encoded again on its way. */
export type Picture = {
  readonly index: number;
  readonly seed: number;
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
};

export type GenerateEvent =
  | {
      readonly type: 'progress';
      /** What is being done from now on. */
      readonly phase: Phase;
      /** Units of that phase (steps, codes, pictures) that are behind us, and how many there are. */
      readonly done: number;
      readonly total: number;
      /** 0..1 over the whole request, by expected time; never falls. */
      readonly fraction: number;
      /** Milliseconds still expected, once something has been measured. */
      readonly remaining: number | null;
    }
  | {
      readonly type: 'warning';
      readonly code: WarningCode;
      readonly message: string;
      /** What was understood of the prompt, where the pack has a vocabulary. */
      readonly reading?: Reading | undefined;
      /** The words that it is about, where a prompt has several to draw (models/wildcards.ts). */
      readonly words?: string | undefined;
    }
  | ({ readonly type: 'draft' } & Picture)
  | ({ readonly type: 'picture' } & Picture)
  | {
      readonly type: 'error';
      readonly code: ErrorCode;
      readonly message: string;
      /** What was understood of the prompt, where that is the reason. */
      readonly reading?: Reading | undefined;
    }
  | {
      readonly type: 'done';
      /** Milliseconds by phase, for the person ("0.4 s") and for the bench. */
      readonly milliseconds: Readonly<Partial<Record<Phase, number>>>;
    };

/** The one interface that pipeline, HTTP client, engine page, WASM worker and the fake of the tests implement. */
export type Engine = (request: GenerateRequest, signal: AbortSignal) => AsyncIterable<GenerateEvent>;

/** A failure that the person can understand and act on; engines turn it into an `error` event. */
export class GenerateError extends Error {
  readonly reading: Reading | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    { reading, ...options }: ErrorOptions & { readonly reading?: Reading } = {},
  ) {
    super(message, options);
    this.reading = reading;
    this.name = 'GenerateError';
  }
}
