/** `POST /v1/images/generations`: OpenAI's words for a request, and OpenAI's shapes for what comes back. */
import { randomInt } from 'node:crypto';
import { BORROWED_MODEL, type ImagesAnswer, type ImagesRequest, type ImagesStreamEvent } from '../../../models/api.js';
import type { GenerateRequest, Picture, Schedule } from '../../../models/protocol.js';
import { buildRequest, InvalidRequestError, seedsFor, type Wishes } from '../../../models/request/build.js';
import { nearestPreset, PRESETS, type Preset, presetLike } from '../../../models/request/presets.js';
import { upgradeRequest } from '../../../models/request/upgrade.js';
import { wordsFor } from '../../../models/wildcards.js';
import { type DrawingModel, findModel, listModels, type ModelSources } from '../../drawing/drawing-model.js';
import { type Encoded, type Encoding, encodeAs } from '../../drawing/formats.js';
import type { Source } from '../../pictures/source.js';
import type { Trace } from '../../vector/trace.js';
import type { LoggedEvent, StoredJob } from '../jobs/store.js';
import { failure, failureOf } from './failure.js';

/**
 * The model that is meant. Its own name counts, of a pack also behind that of a provider (`openai/starter`); a model of somebody else's is the best
 * pack at hand.
 *
 * @throws GenerateError `unknown-pack`
 */
export async function findModelFor(
  { model }: Pick<ImagesRequest, 'model'>,
  sources: ModelSources,
): Promise<DrawingModel> {
  if (model === null || model === undefined) return findModel(sources, undefined);
  const ids = (await listModels(sources)).map(({ id }) => id);
  const named = [model, baseName(model)].find((name) => ids.includes(name));
  const isBorrowed = named === undefined && BORROWED_MODEL.test(model);
  return findModel(sources, isBorrowed ? undefined : (named ?? model));
}

/** The model for an edit: where none of this machine's is named, the best that starts from pictures. */
export async function findEditorFor(body: Pick<ImagesRequest, 'model'>, sources: ModelSources): Promise<DrawingModel> {
  const best = await findModelFor(body, sources);
  if (best.canEdit || (body.model && [body.model, baseName(body.model)].includes(best.id))) return best;
  return (await listModels(sources)).find(({ canEdit }) => canEdit) ?? best;
}

const baseName = (model: string) => model.slice(model.lastIndexOf('/') + 1);

/** As OpenAI has it, DALL-E gives addresses unless told otherwise, and programs written for it look for nothing else. */
export const wantsAddress = ({ model, response_format }: Pick<ImagesRequest, 'model' | 'response_format'>): boolean =>
  (response_format ?? (/^dall-e-/.test(baseName(model ?? '')) ? 'url' : 'b64_json')) === 'url';

export type ImagesOrder = {
  readonly request: GenerateRequest;
  readonly encoding: Encoding;
  /** The fields that every answer repeats. */
  readonly said: {
    readonly background: GenerateRequest['background'];
    readonly output_format: string;
    readonly quality: string;
    readonly size: string;
  };
  /** What was understood otherwise than it was said, in sentences. */
  readonly remarks: readonly string[];
  /** What OpenAI's stream calls its events. */
  readonly events: 'image_generation' | 'image_edit';
};

/**
 * @param said remarks that there are already
 * @param source the picture to start from, and the size that it gives
 * @throws HttpError, GenerateError when the pack can not do it
 */
export function readOrder(
  body: ImagesRequest,
  model: DrawingModel,
  said: readonly string[],
  source: Pick<Source, 'edit' | 'size'> | null = null,
): ImagesOrder {
  const encoding = readEncoding(body);
  const remarks: string[] = [...said];
  const background = readBackground(body, encoding, remarks);
  if (body.model && ![body.model, baseName(body.model)].includes(model.id))
    remarks.push(`"${body.model}" is not at hand; "${model.id}" drew instead.`);
  const { schedule, quality } = readSchedule(body, model, remarks);
  const size = source?.size ?? readSize(body, model, remarks);
  const request = build(model, {
    prompt: body.prompt,
    seeds: readSeeds(body),
    schedule,
    sampling: readSampling(body, model),
    size,
    force: body.force ?? false,
    background,
    plan: body.plan ?? {},
    palette: body.palette ?? [],
    edit: source?.edit ?? null,
    draft: body.stream === true && (body.partial_images ?? 0) > 0,
  });
  for (const warning of model.check(request)) remarks.push(warning.message);
  if (body.prompt.trim() === '') throw failureOf('empty-prompt', 'The prompt is empty: say what to draw.');
  return {
    request,
    encoding,
    said: {
      background,
      output_format: encoding.format,
      quality,
      size: `${size.width}x${size.height}`,
    },
    remarks,
    events: source ? 'image_edit' : 'image_generation',
  };
}

function readEncoding({ output_format, output_compression }: ImagesRequest): Encoding {
  const format = output_format ?? 'png';
  const compressible = format === 'jpeg' || format === 'webp';
  if (!compressible && output_compression !== null && output_compression !== undefined && output_compression !== 100)
    throw failure(400, 'invalid_value', `Only jpeg and webp can be compressed; ${format} is as it was drawn.`, {
      param: 'output_compression',
    });
  return { format, quality: output_compression ?? 100 };
}

function readBackground({ background }: ImagesRequest, { format }: Encoding, remarks: string[]) {
  if (background !== 'transparent') return 'opaque';
  if (format !== 'jpeg') return 'transparent';
  remarks.push('JPEG has no transparency, so the picture keeps its background; png, webp and svg can do without.');
  return 'opaque';
}

function build(model: DrawingModel, wishes: Wishes): GenerateRequest {
  try {
    return buildRequest(model.target, wishes);
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    const [issue] = error.issues;
    const param = issue?.path.split('.')[0] ?? '';
    throw failure(400, 'invalid_value', `"${param}": ${issue?.message ?? 'is not valid'}.`, { param });
  }
}

/** OpenAI's words for presets. */
const QUALITY_OF = { draft: 'low', standard: 'medium', fine: 'high' } as const satisfies Record<Preset, string>;
const PRESET_OF = {
  low: 'draft',
  medium: 'standard',
  standard: 'standard',
  auto: 'standard',
  high: 'fine',
  hd: 'fine',
} as const satisfies Record<NonNullable<ImagesRequest['quality']>, Preset>;

/** The qualities that a pack draws, each in its own way. */
export function qualitiesOf({ target: { presets } }: DrawingModel): string[] {
  return PRESETS.filter((preset) => presets[preset]).map((preset) => QUALITY_OF[preset]);
}

function readSchedule(
  { quality, steps }: ImagesRequest,
  model: DrawingModel,
  remarks: string[],
): { schedule: Schedule; quality: string } {
  const { presets } = model.target;
  if (steps !== null && steps !== undefined) {
    const schedule = model.scheduleOfSteps(steps);
    return { schedule, quality: QUALITY_OF[presetLike(presets, schedule)] };
  }
  const wish = PRESET_OF[quality ?? 'auto'];
  const preset = nearestPreset(presets, wish);
  if (quality && quality !== 'auto' && preset !== wish)
    remarks.push(`Pack ${model.id} has no "${quality}", so it is drawn as "${QUALITY_OF[preset]}".`);
  const schedule = presets[preset];
  if (!schedule) throw new RangeError(`${model.id} has no way to draw`);
  return { schedule, quality: QUALITY_OF[preset] };
}

function readSize({ size }: ImagesRequest, model: DrawingModel, remarks: string[]): { width: number; height: number } {
  const drawn = model.target.size;
  if (!size || size === 'auto') return drawn;
  const [width, height] = size.split('x').map(Number) as [number, number];
  // Another server draws what it is asked for, as far as it can.
  if (model.notice !== null) return { width, height };
  if (width * drawn.height !== height * drawn.width)
    remarks.push(
      `Drawn as ${drawn.width}x${drawn.height} and repeated (a seamless pattern), continued (on one even ground) or cropped to ${size}.`,
    );
  else if (width !== drawn.width) remarks.push(`Drawn as ${drawn.width}x${drawn.height} and scaled to ${size}.`);
  return { width, height };
}

function readSeeds({ prompt, seeds, seed, n }: ImagesRequest): number[] {
  if (seeds && (n ?? seeds.length) !== seeds.length)
    throw failure(400, 'invalid_value', `There are ${seeds.length} seeds and n is ${n}; leave n out.`, { param: 'n' });
  if (seeds) return seeds;
  const count = n ?? 1;
  const first = seed ?? randomInt(2 ** 32);
  return seedsFor(prompt, first, count);
}

function readSampling({ guidance }: ImagesRequest, { id, sampling }: DrawingModel): GenerateRequest['sampling'] {
  if (guidance === null || guidance === undefined) return null;
  if (sampling) return { ...sampling, guidance };
  throw failure(400, 'invalid_value', `Guidance steers the teacher, and pack ${id} has none.`, {
    param: 'guidance',
  });
}

/** OpenAI counts tokens; here nothing is counted, and nothing costs anything. */
const USAGE = {
  total_tokens: 0,
  input_tokens: 0,
  output_tokens: 0,
  input_tokens_details: { text_tokens: 0, image_tokens: 0 },
} as const;

/** @param addressOf gives the address of a picture, for `response_format: url` */
export async function toAnswer(
  job: StoredJob,
  order: ImagesOrder,
  log: readonly LoggedEvent[],
  trace: Trace,
  addressOf: ((index: number) => string) | null,
): Promise<ImagesAnswer> {
  const pictures = log.flatMap((event) => (event.type === 'picture' ? [event] : []));
  const warnings = log.filter((event) => event.type === 'warning');
  return {
    created: Math.floor(job.created / 1000),
    data: await Promise.all(
      pictures.map(async (picture) => ({
        ...(addressOf ? { url: addressOf(picture.index) } : await inBase64(picture, order.encoding, trace)),
        seed: picture.seed,
        ...revised(job.request, picture.seed),
      })),
    ),
    ...order.said,
    usage: USAGE,
    twostep: {
      job: job.id,
      request: job.request,
      remarks: [...order.remarks, ...warnings.map(({ message }) => message)],
      reading: warnings.find(({ reading }) => reading)?.reading,
    },
  };
}

/**
 * One event of the log in OpenAI's stream; undefined for what it has no word for.
 *
 * @param remarks what was said up to here
 */
export async function toStreamEvent(
  job: StoredJob,
  order: ImagesOrder,
  event: LoggedEvent,
  trace: Trace,
  remarks: readonly string[],
): Promise<ImagesStreamEvent | undefined> {
  switch (event.type) {
    case 'draft':
    case 'picture': {
      const shared = {
        ...(await inBase64(event, order.encoding, trace)),
        created_at: Math.floor(job.created / 1000),
        ...order.said,
        index: event.index,
        seed: event.seed,
        ...revised(job.request, event.seed),
        twostep: { job: job.id, remarks: [...remarks] },
      };
      return event.type === 'draft'
        ? { type: `${order.events}.partial_image`, ...shared, partial_image_index: 0 }
        : { type: `${order.events}.completed`, ...shared, usage: USAGE };
    }
    case 'error':
      return { type: 'error', error: failureOf(event.code, event.message, event.reading).detail };
    case 'warning':
    case 'done':
      return undefined;
    default:
      return event satisfies never;
  }
}

/** The words that a picture draws, where the prompt has choices; by OpenAI's name for what was drawn instead of the prompt. */
function revised(request: StoredJob['request'], seed: number): { readonly revised_prompt?: string } {
  const read = upgradeRequest(request);
  if (!read.ok) return {};
  const words = wordsFor(read.request.prompt, seed);
  return words === read.request.prompt ? {} : { revised_prompt: words };
}

async function inBase64(
  picture: Picture,
  encoding: Encoding,
  trace: Trace,
): Promise<{ readonly b64_json: string; readonly vectors?: Encoded['vectors'] }> {
  const { bytes, vectors } = await encodeAs(picture.bytes, encoding, trace);
  return { b64_json: Buffer.from(bytes).toString('base64'), ...(vectors ? { vectors } : {}) };
}
