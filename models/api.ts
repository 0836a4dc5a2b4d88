/**
 * What the companion says over HTTP, beside the core's own contract: the one file that server and panel share.
 *
 * - Every answer is JSON, server-sent events or a file. Every failure is an `ApiFailure`, in OpenAI's shape.
 * - A job is a request that was accepted. Its events carry ids (`<job>:<number>`, rising by one from 0) except `queued` and
 *   `progress`, which only tell how far it is. `Last-Event-ID` goes on after the event it names: nothing lost, nothing twice.
 * - `POST /v1/images/generations` is OpenAI's; the fields that are ours say so. `POST /v1/jobs` takes the core's request as it is.
 */

import * as z from 'zod/mini';
import { Pack } from './families/packs.js';
import { printable } from './printable.js';
import { ERROR_CODES, type ErrorCode, GenerateRequest, LIMITS, Schedule, Seed, WARNING_CODES } from './protocol.js';
import { AnyRequest } from './request/upgrade.js';
import { integer, list, text } from './schema.js';
import { Reading } from './vocabulary.js';
import { joinLines } from './wildcards.js';

/** The companion's port and its spares, tried in this order; the plugin's manifest names the same ones. */
export const PORTS = [21212, 21213, 21214, 21215] as const;

/** Grows when something here changes its meaning. */
export const API_VERSION = 1;

export const JobId = z.string().check(z.regex(/^job_[0-9a-f]{32}$/, 'is not the id of a job'));

/** Whose work it is within one client, so that a newer request of the same session replaces an unfinished older one. */
export const Session = text(1, 100);

export const ApiFailure = z.object({
  error: z.object({
    message: z.string(),
    type: z.enum([
      'invalid_request_error',
      'authentication_error',
      'permission_error',
      'not_found_error',
      'rate_limit_error',
      'server_error',
    ]),
    param: z.nullable(z.string()),
    /** An error code of the core with "_" for "-", or one of HTTP's own such as `invalid_api_key`. */
    code: z.nullable(z.string()),
    /** Of `unknown_words`: what was understood of the prompt, and what comes nearest to the rest. */
    reading: z.optional(Reading),
  }),
});

/** How the core's errors look from outside. OpenAI's clients repeat 408, 409, 429 and 5xx by themselves. */
export const STATUS_OF = {
  'invalid-request': 400,
  'empty-prompt': 400,
  'unknown-class': 400,
  'unknown-words': 422,
  'unsupported-schedule': 400,
  'unsupported-size': 400,
  'unsupported-edit': 400,
  'unknown-pack': 404,
  'damaged-pack': 500,
  // nginx's "client closed request": nobody should repeat what somebody stopped.
  cancelled: 499,
  'engine-unavailable': 503,
  'engine-failed': 500,
  'out-of-memory': 503,
} as const satisfies Record<ErrorCode, number>;

/** OpenAI's `prompt` ends at 32,000 characters; ours where the core's does. */
const prompt = text(0, LIMITS.promptCharacters);

/** `svg` is ours: the picture as few layers with outlines, traced after it was drawn. */
export const OutputFormat = z.enum(['png', 'jpeg', 'webp', 'svg']);

/**
 * Models of others that clients ask for without being told to; they get the best pack at hand. Pack ids hold no slash, so `vendor/model` is
 * one of them, and of the rest the families that programs have in their lists.
 */
export const BORROWED_MODEL =
  /\/|^(gpt-|chatgpt-|dall-?e|flux|sdxl|sd-?[1-3]|sd-turbo|stable-?diffusion|stable-image|imagen|gemini-|midjourney|qwen-image|seedream|ideogram|recraft|kolors|hidream|hunyuan|playground-v|grok-|nano-banana|z-image)/i;

export const ImagesRequest = z.strictObject({
  prompt: z
    .pipe(
      z.union([prompt, list(prompt, 1, 10)], {
        error: ({ input }) => `is neither a text nor a list of up to 10, received ${typeof input}`,
      }),
      z.transform((said) => (typeof said === 'string' ? joinLines(said) : said.map(joinLines).join('\n'))),
    )
    .check(
      z.describe(
        'What to draw. {red|blue} and {1-5} are choices, each picture makes its own. A list is a batch: n pictures of each.',
      ),
    ),
  model: z.nullish(text(1, 200)).check(z.describe('Id of a pack; names of other models mean the best at hand.')),
  n: z.nullish(integer(1, 10)).check(z.describe('How many pictures.')),
  size: z
    .nullish(z.string().check(z.regex(/^(auto|\d{2,4}x\d{2,4})$/, 'is neither "auto" nor WIDTHxHEIGHT')))
    .check(
      z.describe(
        'Pixels. A picture on one even ground is continued to this aspect, any other cropped; both are scaled from the grid that the pack draws.',
      ),
    ),
  quality: z
    .nullish(z.enum(['auto', 'low', 'medium', 'high', 'standard', 'hd']))
    .check(
      z.describe(
        'low, medium (also standard, auto), high (also hd), as far as the pack has them: GET /v1/models lists them.',
      ),
    ),
  output_format: z
    .nullish(OutputFormat)
    .check(z.describe('svg is ours: traced into layers, with how much of the picture they keep.')),
  output_compression: z.nullish(integer(0, 100)).check(z.describe('Quality of JPEG and WebP, 100 by default.')),
  response_format: z.nullish(z.enum(['b64_json', 'url'])),
  stream: z.nullish(z.boolean()),
  partial_images: z.nullish(integer(0, 3)).check(z.describe('From 1 on, a draft after the first of two steps.')),
  user: z.nullish(text(0, 200)).check(z.describe('Whose request it is, for taking turns.')),
  background: z
    .nullish(z.enum(['auto', 'opaque', 'transparent']))
    .check(
      z.describe(
        'transparent: the even background that a picture stands on is taken away; where it stands on none, the remarks say so.',
      ),
    ),
  seed: z.nullish(Seed).check(z.describe('Ours. Seed of the first picture; the others follow.')),
  seeds: z.nullish(list(Seed, 1, LIMITS.pictures)).check(z.describe('Ours. One picture a seed, instead of n.')),
  steps: z.nullish(integer(1, 65_536)).check(z.describe('Ours. 1 or 2; more: codes the teacher draws again.')),
  guidance: z
    .nullish(z.number().check(z.minimum(0), z.maximum(100)))
    .check(z.describe('Ours. How closely the teacher follows the prompt.')),
  session: z
    .nullish(Session)
    .check(z.describe('Ours. A newer request of this session replaces an unfinished older one.')),
  force: z
    .nullish(z.boolean())
    .check(
      z.describe('Ours. Draw the words as they stand, also where none is understood (otherwise 422, unknown_words).'),
    ),
  plan: z
    .nullish(GenerateRequest.shape.plan)
    .check(
      z.describe(
        'Ours. What to hold on to of what the prompt leaves open: {"background": "mint", "layout": "left, large"}.',
      ),
    ),
  keep: z.nullish(z.boolean()).check(z.describe('Ours. Finish the job even when nobody is connected.')),
  palette: z
    .nullish(list(z.string().check(z.toLowerCase()), 0, LIMITS.palette))
    .check(z.describe('Ours. Colours that a flat picture gets instead of its own, 2 to 64: ["#1a2b3c", "#ffcc00"].')),
});

const InBase64 = z.string().check(z.describe('PNG, JPEG or WebP: a file in a form; in JSON base64 or a data: URL.'));
const Changes = {
  strength: z
    .nullish(z.number().check(z.minimum(0), z.maximum(1)))
    .check(z.describe('Ours. Share of what may change that is drawn anew: 0.75 by default, 1 with a mask.')),
  extend: z
    .nullish(z.boolean())
    .check(z.describe('Ours. Where size has another aspect: keep all of the picture and draw around it.')),
};

/** What is said of an edit beside its pictures. */
export const EditFields = z.strictObject({ ...ImagesRequest.shape, ...Changes });
/** Of a variation; the words are those that the picture carries, if it was made here. */
export const VariationFields = z.strictObject({
  ...EditFields.shape,
  prompt: z.optional(ImagesRequest.shape.prompt),
});

export const EditRequest = z.strictObject({
  ...EditFields.shape,
  image: InBase64,
  mask: z.nullish(InBase64.check(z.describe('Of the same size; transparent where the picture is drawn anew.'))),
});
export const VariationRequest = z.strictObject({ ...VariationFields.shape, image: InBase64 });

/** One of OpenAI's models: its four fields, and what is worth knowing beside them. */
export const Model = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.number(),
  owned_by: z.string(),
  name: z.string(),
  description: z.string(),
  ideas: z.array(z.string()),
  /** SPDX identifier. */
  licence: z.string(),
  /** What it draws, as WIDTHxHEIGHT. */
  size: z.string(),
  /** Whether it can start from a picture: `/v1/images/edits`, and `edit` of a request. */
  edits: z.boolean(),
  qualities: z.array(z.string()),
  /** What draft, standard and fine are for it, as requests have it. */
  presets: z.strictObject({ draft: z.optional(Schedule), standard: z.optional(Schedule), fine: z.optional(Schedule) }),
  /** Of a model on another server: what happens to the prompt, in a sentence that a person must have seen before it is first used. */
  notice: z.nullable(z.string()),
});
export const ModelList = z.object({ object: z.literal('list'), data: z.array(Model) });

/** OpenAI counts tokens; here nothing is counted. */
export const Usage = z.object({
  total_tokens: z.number(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  input_tokens_details: z.object({ text_tokens: z.number(), image_tokens: z.number() }),
});
/** The fields that every answer repeats. */
const said = { background: z.string(), output_format: z.string(), quality: z.string(), size: z.string() };
/** Of an SVG: share of the picture's pixels that it keeps (0..1), what it is made of, and how many of the picture's regions are lost. */
export const VectorsMade = z.object({
  fidelity: z.number(),
  points: z.number(),
  layers: z.number(),
  regions: z.number(),
  lost: z.number(),
  suits: z.enum(['yes', 'too-little-kept', 'parts-missing', 'too-many-points']),
});

export const ImagesAnswer = z.object({
  /** Seconds since 1970. */
  created: z.number(),
  /** Either base64 or an address; `seed` and `vectors` are ours. */
  data: z.array(
    z.object({
      b64_json: z.optional(z.string()),
      url: z.optional(z.string()),
      vectors: z.optional(VectorsMade),
      seed: Seed,
      revised_prompt: z
        .optional(z.string())
        .check(z.describe('The words that this picture draws, where the prompt has choices.')),
    }),
  ),
  ...said,
  usage: Usage,
  /** Ours: the job, its request, and what was understood otherwise than it was said. */
  twostep: z.object({
    job: JobId,
    request: z.unknown(),
    remarks: z.array(z.string()),
    /** What was understood of the prompt, where the pack has a vocabulary. */
    reading: z.optional(Reading),
  }),
});

const streamed = {
  b64_json: z.string(),
  vectors: z.optional(VectorsMade),
  created_at: z.number(),
  ...said,
  /** Ours: which of the pictures. */
  index: z.int().check(z.minimum(0)),
  seed: Seed,
  revised_prompt: z.optional(z.string()),
  twostep: z.object({ job: JobId, remarks: z.array(z.string()) }),
};

/** The data of one event of OpenAI's stream; `event:` repeats `type`. */
export const ImagesStreamEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('image_generation.partial_image'),
    ...streamed,
    partial_image_index: z.int().check(z.minimum(0)),
  }),
  z.object({ type: z.literal('image_generation.completed'), ...streamed, usage: Usage }),
  z.object({
    type: z.literal('image_edit.partial_image'),
    ...streamed,
    partial_image_index: z.int().check(z.minimum(0)),
  }),
  z.object({ type: z.literal('image_edit.completed'), ...streamed, usage: Usage }),
  z.object({ type: z.literal('error'), ...ApiFailure.shape }),
]);

export const JobRequest = z.strictObject({
  /** Of this version or an older one. */
  request: AnyRequest,
  session: z.nullish(Session),
  /** Finish it even when nobody is connected; otherwise a vanished client counts as cancel. */
  keep: z.nullish(z.boolean()),
});

const Phase = z.enum(['load', 'text', 'step', 'draft', 'decode']);
const index = z.int().check(z.minimum(0));
const picture = { index, seed: Seed, width: z.int(), height: z.int(), png: z.base64() };

/** The core's events as they travel: a picture's bytes are base64. `event:` of the stream repeats `type`. */
export const JobEvent = z.discriminatedUnion('type', [
  /** Jobs ahead of this one, and milliseconds until its turn where that is known. */
  z.object({ type: z.literal('queued'), ahead: z.int().check(z.minimum(0)), remaining: z.nullable(z.number()) }),
  z.object({
    type: z.literal('progress'),
    phase: Phase,
    done: z.number(),
    total: z.number(),
    fraction: z.number().check(z.minimum(0), z.maximum(1)),
    remaining: z.nullable(z.number()),
  }),
  z.object({
    type: z.literal('warning'),
    code: z.enum(WARNING_CODES),
    message: z.string(),
    reading: z.optional(Reading),
    words: z.optional(z.string()),
  }),
  z.object({ type: z.literal('draft'), ...picture }),
  z.object({ type: z.literal('picture'), ...picture }),
  z.object({
    type: z.literal('error'),
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
    reading: z.optional(Reading),
  }),
  z.object({ type: z.literal('done'), milliseconds: z.partialRecord(Phase, z.number()) }),
]);

export const JOB_STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;

export const Job = z.object({
  id: JobId,
  state: z.enum(JOB_STATES),
  /** Milliseconds since 1970. */
  created: z.number(),
  finished: z.nullable(z.number()),
  /** Of any version: read it with `upgradeRequest`. */
  request: z.unknown(),
  /** Why the companion itself can not read the request, in a sentence; null for those it can. */
  unreadable: z.nullish(z.string()),
  /** Finished pictures: `/v1/jobs/{id}/pictures/{index}` and `.../thumbnail`. */
  pictures: z.array(z.object({ index, seed: Seed, width: z.number(), height: z.number() })),
  error: z.nullable(z.object({ code: z.string(), message: z.string() })),
});

export const JobList = z.object({
  jobs: z.array(Job),
  /** To be given as `before` for the page of older ones. */
  next: z.nullable(z.string()),
});

/** What is known of one provider (RUNTIME, provider selection). */
export const ProviderReport = z.object({
  provider: z.string(),
  outcome: z.enum(['chosen', 'unavailable', 'wrong', 'not-tried']),
  reason: z.string(),
  /** Largest error of the self-test, relative; null where it did not run. */
  error: z.nullable(z.number()),
});

/** Without a token only the first four fields are told. */
export const Health = z.object({
  name: z.literal('twostep'),
  version: z.string(),
  api: z.number(),
  state: z.enum(['starting', 'ready', 'failed']),
  paired: z.optional(z.boolean()),
  reason: z.optional(z.string()),
  pack: z.optional(z.nullable(z.string())),
  provider: z.optional(z.nullable(z.string())),
  ladder: z.optional(z.array(ProviderReport)),
  queue: z.optional(z.object({ waiting: z.number(), running: z.number(), limit: z.number() })),
});

export const PairRequest = z.strictObject({
  code: text(1, 40),
  /** Who asks, for the list of tokens: "Figma panel". */
  name: z.string().check(z.overwrite(printable), z.minLength(1), z.maxLength(100)),
});
export const PairAnswer = z.object({ token: z.string(), id: z.string(), name: z.string() });

export const Token = z.object({
  id: z.string(),
  name: z.string(),
  /** Whether it may see and revoke others: those of `twostep token create` may, those of a pairing code only themselves. */
  manages: z.optional(z.boolean()),
  created: z.number(),
  used: z.nullable(z.number()),
});
export const TokenList = z.object({ tokens: z.array(Token) });

export const PackList = z.object({
  packs: z.array(z.object({ pack: Pack, embedded: z.boolean(), open: z.boolean() })),
  broken: z.array(z.object({ name: z.string(), reason: z.string() })),
});

/** Where a picture goes in a document: into the layers that are selected there, or into a new frame beside what there is. */
export const PlaceWhere = z.enum(['selection', 'beside']);

/** To be placed by the panel that connected last: a finished picture of this token's own jobs. */
export const PlacementRequest = z.strictObject({
  job: JobId,
  index: z.int().check(z.minimum(0)),
  where: z.nullish(PlaceWhere).check(z.describe('beside by default.')),
});
/** Names of the layers that carry the picture now. */
export const Placement = z.object({ names: z.array(z.string()) });

/** What a panel hears that is open and paired. */
export const PanelOrder = z.object({
  type: z.literal('place'),
  id: z.string().check(z.regex(/^order_[0-9a-f]{16}$/, 'is not the id of an order')),
  /** Path of the PNG, with its key. */
  picture: z.string(),
  /** Of any version, with one seed. */
  request: z.unknown(),
  width: z.int(),
  height: z.int(),
  where: PlaceWhere,
});
/** What a panel says of an order, once. */
export const PanelAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('placed'),
    names: list(z.string().check(z.overwrite(printable), z.maxLength(500)), 0, 50),
  }),
  z.strictObject({ outcome: z.literal('refused'), reason: z.string().check(z.overwrite(printable), z.maxLength(500)) }),
]);

/** A PNG of 8 bits, RGB or RGBA, not interlaced, of at most 4096 pixels a side: base64, or a data URL. */
const pngInBase64 = text(1, 8_000_000).check(
  z.regex(/^(data:image\/png;base64,)?[A-Za-z0-9+/\s]+=*\s*$/, 'is not base64 of a PNG'),
);

export const UpscaleRequest = z.strictObject({
  image: pngInBase64.check(z.describe('A PNG, 8 bits, RGB or RGBA, as base64 or as a data URL.')),
  scale: z.nullish(z.literal([2, 4])).check(z.describe('2 by default.')),
  by: z
    .nullish(z.enum(['auto', 'layers', 'network']))
    .check(z.describe('auto: a flat picture is drawn from its layers, any other by the upscaler that was imported.')),
});
export const UpscaleAnswer = z.object({
  created: z.number(),
  data: z.array(z.object({ b64_json: z.string() })),
  size: z.string(),
  /** "layers", or the name of the upscaler. */
  by: z.string(),
});
export const VectorizeRequest = z.strictObject({
  image: pngInBase64.check(z.describe('A PNG, 8 bits, RGB or RGBA, as base64 or as a data URL.')),
});
export const VectorizeAnswer = z.object({ created: z.number(), svg: z.string(), vectors: VectorsMade });

/** A name of the registry: what a client may have fetched is decided on this machine, never by an address it sends. */
export const PullRequest = z.strictObject({ name: text(1, 100) });
export const Pull = z.object({
  name: z.string(),
  state: z.enum(['running', 'done', 'failed']),
  bytes: z.number(),
  total: z.number(),
  message: z.nullable(z.string()),
});

export const PullList = z.object({ pulls: z.array(Pull) });

/** What a client of this version can read of a list. The companion may be newer, and one thing it can't read hides no other. */
export function readEach<Item extends z.ZodMiniType>(item: Item, list: readonly unknown[]): z.infer<Item>[] {
  return list.flatMap((one) => {
    const read = item.safeParse(one);
    return read.success ? [read.data] : [];
  });
}

/** An event of a stream; null for one that this version does not know. A failure is never missed. */
export function readJobEvent(json: unknown): JobEvent | null {
  const event = JobEvent.safeParse(json);
  if (event.success) return event.data;
  const failure = z.object({ type: z.literal('error'), message: z.string() }).safeParse(json);
  return failure.success ? { type: 'error', code: 'engine-failed', message: failure.data.message } : null;
}

export type ApiFailure = z.infer<typeof ApiFailure>;
export type Health = z.infer<typeof Health>;
export type ImagesAnswer = z.infer<typeof ImagesAnswer>;
export type EditFields = z.infer<typeof EditFields>;
export type VariationFields = z.infer<typeof VariationFields>;
export type UpscaleRequest = z.infer<typeof UpscaleRequest>;
export type UpscaleAnswer = z.infer<typeof UpscaleAnswer>;
export type VectorizeAnswer = z.infer<typeof VectorizeAnswer>;
export type ImagesRequest = z.infer<typeof ImagesRequest>;
export type ImagesStreamEvent = z.infer<typeof ImagesStreamEvent>;
export type Job = z.infer<typeof Job>;
export type JobEvent = z.infer<typeof JobEvent>;
export type JobRequest = z.infer<typeof JobRequest>;
export type JobList = z.infer<typeof JobList>;
export type Model = z.infer<typeof Model>;
export type OutputFormat = z.infer<typeof OutputFormat>;
export type PackList = z.infer<typeof PackList>;
export type ProviderReport = z.infer<typeof ProviderReport>;
export type PanelAnswer = z.infer<typeof PanelAnswer>;
export type PanelOrder = z.infer<typeof PanelOrder>;
export type Placement = z.infer<typeof Placement>;
export type PlacementRequest = z.infer<typeof PlacementRequest>;
export type Pull = z.infer<typeof Pull>;
export type Token = z.infer<typeof Token>;
