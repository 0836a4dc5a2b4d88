/** The API described for programs (OpenAPI 3.1), from the very schemas that validate it. */

import * as z from 'zod';
import {
  ApiFailure,
  EditRequest,
  Health,
  ImagesAnswer,
  ImagesRequest,
  ImagesStreamEvent,
  Job,
  JobEvent,
  JobList,
  JobRequest,
  Model,
  ModelList,
  PackList,
  PairAnswer,
  PairRequest,
  PanelAnswer,
  PanelOrder,
  Placement,
  PlacementRequest,
  PORTS,
  Pull,
  PullList,
  PullRequest,
  TokenList,
  UpscaleAnswer,
  UpscaleRequest,
  Usage,
  VariationRequest,
  VectorizeAnswer,
  VectorizeRequest,
  VectorsMade,
} from '../../../models/api.js';
import { Pack } from '../../../models/families/packs.js';

import { GenerateRequest } from '../../../models/protocol.js';
import { Reading } from '../../../models/vocabulary.js';
import { Options, Txt2Img } from './a1111.js';
import { ListQuery, PictureQuery } from './jobs-route.js';
import { ResponsesRequest } from './responses.js';

/** Older versions are taken as well; clients are made for this one. */
const NewJob = z.strictObject({ ...JobRequest.shape, request: GenerateRequest });

/** Schemas by the names that they have in the description, and so in clients that are made from it. */
const NAMED = {
  ApiFailure,
  Health,
  PairRequest,
  PairAnswer,
  TokenList,
  Model,
  ModelList,
  ImagesRequest,
  EditRequest,
  VariationRequest,
  Usage,
  VectorsMade,
  Reading,
  ImagesAnswer,
  ImagesStreamEvent,
  UpscaleRequest,
  UpscaleAnswer,
  VectorizeRequest,
  VectorizeAnswer,
  GenerateRequest,
  JobRequest: NewJob,
  JobEvent,
  Job,
  JobList,
  Pack,
  PackList,
  Pull,
  PullList,
  PullRequest,
  PanelOrder,
  PanelAnswer,
  Placement,
  PlacementRequest,
} as const;

/** A body: JSON of this schema, or a media type with the schema of its parts; null where it is bytes. */
type Content = z.core.$ZodType | readonly [media: string, schema: z.core.$ZodType | null];

type Operation = {
  /** What a client made from the description calls it. */
  readonly id: string;
  readonly tag: keyof typeof TAGS;
  readonly summary: string;
  /** Works without a token. */
  readonly open?: true;
  readonly body?: z.core.$ZodType;
  /** The body may be a form as well, in which what is base64 in JSON is a file. */
  readonly form?: true;
  readonly query?: z.core.$ZodObject;
  /** Status -> bodies to choose among by `Accept` or the request; none where there is nothing to say. */
  readonly answers: Readonly<Record<number, readonly Content[]>>;
  /** Bodies of its failures, where they may have another shape than OpenAI's. */
  readonly failures?: z.core.$ZodType;
};

const TAGS = {
  Images: "OpenAI's Images API.",
  Webui: "AUTOMATIC1111's API, as far as its clients use it.",
  Jobs: "The core's own requests, their events and pictures.",
  Packs: 'Models on this machine, and downloads of more.',
  Panel: 'Pictures for the document in which the panel is open.',
  Access: 'Pairing and tokens.',
  Companion: 'What it says of itself.',
} as const;

/** Server-sent events; the schema is that of what one of their `data` holds. */
const stream = (schema: Streamed) => [EVENTS, schema] as const;
const bytes = (media: string) => [media, null] as const;
const text = (media: string) => [media, z.string()] as const;

const BINARY = 'application/octet-stream';
const EVENTS = 'text/event-stream';

/** Method and path of every route. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'get /health': {
    id: 'getHealth',
    tag: 'Companion',
    summary: 'Whether it is there and ready; with a token, also how.',
    open: true,
    answers: { 200: [Health] },
  },
  'post /v1/pair': {
    id: 'pair',
    tag: 'Access',
    summary: 'Exchanges the pairing code for a token.',
    open: true,
    body: PairRequest,
    answers: { 200: [PairAnswer] },
  },
  'get /v1/tokens': {
    id: 'listTokens',
    tag: 'Access',
    summary: 'The tokens that were given out, without the tokens.',
    answers: { 200: [TokenList] },
  },
  'delete /v1/tokens/{id}': { id: 'revokeToken', tag: 'Access', summary: 'Revokes a token.', answers: { 204: [] } },
  'get /v1/models': {
    id: 'listModels',
    tag: 'Images',
    summary: "The packs at hand, as OpenAI's models.",
    answers: { 200: [ModelList] },
  },
  'get /v1/models/{id}': { id: 'getModel', tag: 'Images', summary: 'One of them.', answers: { 200: [Model] } },
  'get /v1/models/{id}/vocabulary': {
    id: 'getVocabulary',
    tag: 'Images',
    summary: 'The words that it understands, in all its languages; 404 where it does not say.',
    answers: { 200: [z.looseObject({ object: z.literal('vocabulary'), model: z.string(), version: z.literal(1) })] },
  },
  'post /v1/images/generations': {
    id: 'generateImages',
    tag: 'Images',
    summary: "Draws pictures: OpenAI's Images API. With `stream` the pictures come as events.",
    body: ImagesRequest,
    answers: { 200: [ImagesAnswer, stream(ImagesStreamEvent)] },
  },
  'post /v1/images/edits': {
    id: 'editImage',
    tag: 'Images',
    summary: "Changes a picture, all of it or where a mask is transparent: OpenAI's Images API.",
    body: EditRequest,
    form: true,
    answers: { 200: [ImagesAnswer, stream(ImagesStreamEvent)] },
  },
  'post /v1/images/variations': {
    id: 'varyImage',
    tag: 'Images',
    summary: 'Draws what a picture shows with other seeds; of a picture from elsewhere `prompt` says what it shows.',
    body: VariationRequest,
    form: true,
    answers: { 200: [ImagesAnswer, stream(ImagesStreamEvent)] },
  },
  'post /v1/images/upscale': {
    id: 'upscaleImage',
    tag: 'Images',
    summary:
      'Makes a picture 2 or 4 times as large: a flat one from its layers, any other by the upscaler that was imported.',
    body: UpscaleRequest,
    answers: { 200: [UpscaleAnswer] },
  },
  'post /v1/images/vectorize': {
    id: 'vectorizeImage',
    tag: 'Images',
    summary: 'Makes an SVG of a picture, of few layers with outlines, and says how much of it they keep.',
    body: VectorizeRequest,
    answers: { 200: [VectorizeAnswer] },
  },
  'post /v1/responses': {
    id: 'createResponse',
    tag: 'Images',
    summary: "Draws one picture: OpenAI's Responses API with the tool image_generation, and nothing else of it.",
    body: ResponsesRequest,
    answers: { 200: [z.looseObject({ object: z.literal('response') }), bytes(EVENTS)] },
  },
  'post /sdapi/v1/txt2img': {
    id: 'textToImage',
    tag: 'Webui',
    summary: 'Draws pictures; what belongs to diffusion is not used.',
    body: Txt2Img,
    answers: { 200: [z.object({ images: z.array(z.string()), parameters: z.unknown(), info: z.string() })] },
  },
  'get /sdapi/v1/sd-models': {
    id: 'listCheckpoints',
    tag: 'Webui',
    summary: 'The models that draw.',
    answers: { 200: [z.array(z.looseObject({ title: z.string(), model_name: z.string() }))] },
  },
  'get /sdapi/v1/options': {
    id: 'getOptions',
    tag: 'Webui',
    summary: 'The model that this token chose, or the best.',
    answers: { 200: [Options] },
  },
  'post /sdapi/v1/options': {
    id: 'setOptions',
    tag: 'Webui',
    summary: 'Chooses a model for this token; other options mean nothing here.',
    body: Options,
    answers: { 200: [z.looseObject({})] },
  },
  'get /sdapi/v1/progress': {
    id: 'getProgress',
    tag: 'Webui',
    summary: 'How far the pictures of this token are.',
    answers: { 200: [z.looseObject({ progress: z.number() })] },
  },
  'post /sdapi/v1/interrupt': {
    id: 'interrupt',
    tag: 'Webui',
    summary: 'Stops the pictures of this token; what is finished is answered.',
    answers: { 200: [z.looseObject({})] },
  },
  'post /v1/jobs': {
    id: 'createJob',
    tag: 'Jobs',
    summary: "Draws pictures by the core's own request. With Accept: text/event-stream the events follow at once.",
    body: NewJob,
    answers: { 200: [stream(JobEvent)], 202: [Job] },
  },
  'get /v1/jobs': {
    id: 'listJobs',
    tag: 'Jobs',
    summary: 'History, newest first.',
    query: ListQuery,
    answers: { 200: [JobList] },
  },
  'get /v1/jobs/{id}': { id: 'getJob', tag: 'Jobs', summary: 'One job.', answers: { 200: [Job] } },
  'delete /v1/jobs/{id}': {
    id: 'deleteJob',
    tag: 'Jobs',
    summary: 'Forgets a job that is over.',
    answers: { 204: [] },
  },
  'get /v1/jobs/{id}/events': {
    id: 'streamJobEvents',
    tag: 'Jobs',
    summary: 'Its events, from the one after Last-Event-ID on.',
    answers: { 200: [stream(JobEvent)] },
  },
  'post /v1/jobs/{id}/cancel': {
    id: 'cancelJob',
    tag: 'Jobs',
    summary: 'Stops it; pictures that are finished stay.',
    answers: { 200: [Job] },
  },
  'get /v1/jobs/{id}/pictures/{file}': {
    id: 'getPicture',
    tag: 'Jobs',
    summary: 'A finished picture, by its number and perhaps a format: 0 or 0.webp.',
    query: PictureQuery,
    answers: { 200: [bytes('image/png'), bytes('image/jpeg'), bytes('image/webp'), bytes('image/svg+xml')] },
  },
  'get /v1/jobs/{id}/pictures/{file}/thumbnail': {
    id: 'getThumbnail',
    tag: 'Jobs',
    summary: 'It, small.',
    answers: { 200: [bytes('image/webp')] },
  },
  'get /v1/packs': {
    id: 'listPacks',
    tag: 'Packs',
    summary: 'The packs at hand with their manifests.',
    answers: { 200: [PackList] },
  },
  'get /v1/packs/{id}': { id: 'getPack', tag: 'Packs', summary: 'One manifest.', answers: { 200: [Pack] } },
  'get /v1/packs/{id}/files/{path}': {
    id: 'getPackFile',
    tag: 'Packs',
    summary: 'A file of a pack; takes Range and If-None-Match.',
    answers: { 200: [bytes(BINARY)], 206: [bytes(BINARY)] },
  },
  'get /v1/pulls': {
    id: 'listPulls',
    tag: 'Packs',
    summary: 'Downloads of packs, under way and ended.',
    answers: { 200: [PullList] },
  },
  'post /v1/pulls': {
    id: 'startPull',
    tag: 'Packs',
    summary: 'Fetches a pack of the registry, by its name.',
    body: PullRequest,
    answers: { 202: [Pull] },
  },
  'get /v1/panel/orders': {
    id: 'followOrders',
    tag: 'Panel',
    summary: 'For panels: what other programs ask to be placed, as it comes.',
    answers: { 200: [stream(PanelOrder)] },
  },
  'post /v1/panel/orders/{id}': {
    id: 'answerOrder',
    tag: 'Panel',
    summary: 'For panels: what came of an order.',
    body: PanelAnswer,
    answers: { 204: [] },
  },
  'post /v1/placements': {
    id: 'placePicture',
    tag: 'Panel',
    summary: 'Has the panel that is open place a finished picture; 409 where none is.',
    body: PlacementRequest,
    answers: { 200: [Placement] },
  },
  'post /mcp': {
    id: 'speakMcp',
    tag: 'Companion',
    summary: 'The Model Context Protocol for agents (streamable HTTP); its clients know the rest.',
    body: z.looseObject({ jsonrpc: z.literal('2.0') }),
    answers: { 200: [z.looseObject({ jsonrpc: z.literal('2.0') }), bytes(EVENTS)], 202: [] },
    // What the protocol's own library refuses it refuses in JSON-RPC's shape.
    failures: z.union([
      z.looseObject({ jsonrpc: z.literal('2.0'), error: z.looseObject({ code: z.int(), message: z.string() }) }),
      ApiFailure,
    ]),
  },
  'get /metrics': {
    id: 'getMetrics',
    tag: 'Companion',
    summary: 'Numbers for Prometheus.',
    answers: { 200: [text('text/plain')] },
  },
  'get /openapi.json': {
    id: 'getDescription',
    tag: 'Companion',
    summary: 'This description.',
    open: true,
    answers: { 200: [z.looseObject({ openapi: z.string() })] },
  },
  'get /docs': {
    id: 'getDocs',
    tag: 'Companion',
    summary: 'This description, to be read.',
    open: true,
    answers: { 200: [text('text/html')] },
  },
};

const registry = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
/** What streams carry, and the name of an event that carries it. */
const STREAMED = [JobEvent, ImagesStreamEvent, PanelOrder] as const;
type Streamed = (typeof STREAMED)[number];
const messageOf = (schema: z.core.$ZodType) => `${registry.get(schema)?.id}Message`;
/** Descriptions of what is sent, since that is what clients are made for; answers may always grow. */
const OPTIONS = { io: 'input', unrepresentable: 'any', override: withoutChoiceOfOne } as const;

/** A union of one, such as that of the model families, is what it holds. */
function withoutChoiceOfOne({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  const [only, ...others] = jsonSchema.oneOf ?? [];
  if (!only || others.length > 0) return;
  delete jsonSchema.oneOf;
  Object.assign(jsonSchema, only);
}

export function describeApi(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [key, operation] of Object.entries(OPERATIONS)) {
    const [method, path] = key.split(' ') as [string, string];
    paths[path] = { ...paths[path], [method]: describeOperation(path, operation) };
  }
  const { schemas } = z.toJSONSchema(registry, { ...OPTIONS, uri: (id) => `${REFERENCE}${id}` });
  return {
    openapi: '3.1.0',
    info: {
      title: 'Twostep companion',
      version,
      description: 'Pictures from text, drawn on this machine.',
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      {
        url: 'http://{host}:{port}',
        description: 'A companion on this machine.',
        variables: { host: { default: 'localhost' }, port: { default: String(PORTS[0]) } },
      },
    ],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: Object.fromEntries([
        ...Object.entries(schemas).map(([name, schema]) => [name, bare(schema)]),
        ...STREAMED.map((schema) => [messageOf(schema), describeMessage(schema)]),
      ]),
      responses: {
        Failure: { description: 'A failure, in OpenAI\u2019s shape.', content: describeContent([ApiFailure]) },
      },
    },
    security: [{ token: [] }],
  };
}

function describeOperation(
  path: string,
  { id, tag, summary, open, body, form, query, answers, failures }: Operation,
): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(query?._zod.def.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: toJson(schema as z.core.$ZodType),
  }));
  const parameters = [...inPath, ...inQuery];
  const failure = { $ref: '#/components/responses/Failure' };
  const own = failures ? { description: 'A failure.', content: describeContent([failures]) } : failure;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(open ? { security: [] } : {}),
    ...(body
      ? {
          requestBody: {
            required: true,
            content: describeContent(form ? [body, ['multipart/form-data', body]] : [body]),
          },
        }
      : {}),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, contents]) => [status, describeAnswer(contents)])),
      400: own,
      ...(open ? {} : { 401: failure }),
      default: own,
    },
  };
}

const describeAnswer = (contents: readonly Content[]): object =>
  contents.length === 0 ? { description: 'Done.' } : { description: 'Done.', content: describeContent(contents) };

function describeContent(contents: readonly Content[]): object {
  return Object.fromEntries(
    contents.map((content) => {
      const [media, schema] = isSchema(content) ? ['application/json', content] : content;
      if (schema === null) return [media, { schema: { type: 'string', format: 'binary' } }];
      return [media, { schema: media === EVENTS ? { $ref: REFERENCE + messageOf(schema) } : toJson(schema) }];
    }),
  );
}

const isSchema = (content: Content): content is z.core.$ZodType => !Array.isArray(content);

/** One event by its fields, as OpenAPI 3.2 has it and tools for 3.1 read it: what `data` holds is JSON in a text. */
function describeMessage(schema: z.core.$ZodType): object {
  const data = { type: 'string', contentMediaType: 'application/json', contentSchema: toJson(schema) };
  return {
    type: 'object',
    properties: { id: { type: 'string' }, event: { type: 'string' }, data },
    required: ['event', 'data'],
  };
}

const REFERENCE = '#/components/schemas/';

function toJson(schema: z.core.$ZodType): object {
  const known = registry.get(schema);
  return known ? { $ref: REFERENCE + known.id } : bare(z.toJSONSchema(schema, OPTIONS));
}

/** Without what a schema says of itself where it stands alone. */
function bare({ $schema: _, $id: __, ...json }: { $schema?: string; $id?: string }): object {
  return json;
}
