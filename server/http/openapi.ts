/** The API described for programs (OpenAPI 3.1), from the very schemas that validate it. */
import * as z from 'zod';
import {
  ApiFailure,
  Health,
  ImagesRequest,
  Job,
  JobList,
  JobRequest,
  PackList,
  PairAnswer,
  PairRequest,
  Pull,
  PullList,
  PullRequest,
  TokenList,
} from '../../models/api.js';
import { Pack } from '../../models/pack.js';
import { ListQuery, PictureQuery } from './jobs-route.js';

type Operation = {
  readonly summary: string;
  /** Works without a token. */
  readonly open?: true;
  readonly body?: z.ZodType;
  readonly query?: z.ZodObject;
  /** Status -> schema of JSON, or another media type's name. */
  readonly answers: Readonly<Record<number, z.ZodType | string | null>>;
};

const STREAM = 'text/event-stream';
const BINARY = 'application/octet-stream';

/** Method and path of every route. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'get /health': {
    summary: 'Whether it is there and ready; with a token, also how.',
    open: true,
    answers: { 200: Health },
  },
  'post /v1/pair': {
    summary: 'Exchanges the pairing code for a token.',
    open: true,
    body: PairRequest,
    answers: { 200: PairAnswer },
  },
  'get /v1/tokens': { summary: 'The tokens that were given out, without the tokens.', answers: { 200: TokenList } },
  'delete /v1/tokens/{id}': { summary: 'Revokes a token.', answers: { 204: null } },
  'get /v1/models': {
    summary: "The packs at hand, as OpenAI's models.",
    answers: { 200: z.object({ data: z.array(z.looseObject({ id: z.string() })) }) },
  },
  'get /v1/models/{id}': { summary: 'One of them.', answers: { 200: z.looseObject({ id: z.string() }) } },
  'get /v1/models/{id}/vocabulary': {
    summary: 'The words that it understands, in all its languages; 404 where it does not say.',
    answers: { 200: z.looseObject({ object: z.literal('vocabulary'), model: z.string(), version: z.literal(1) }) },
  },
  'post /v1/images/generations': {
    summary: "Draws pictures: OpenAI's Images API.",
    body: ImagesRequest,
    answers: { 200: z.looseObject({ created: z.number(), data: z.array(z.looseObject({})) }) },
  },
  'post /v1/jobs': {
    summary: "Draws pictures by the core's own request. With Accept: text/event-stream the events follow at once.",
    body: JobRequest,
    answers: { 200: STREAM, 202: Job },
  },
  'get /v1/jobs': { summary: 'History, newest first.', query: ListQuery, answers: { 200: JobList } },
  'get /v1/jobs/{id}': { summary: 'One job.', answers: { 200: Job } },
  'delete /v1/jobs/{id}': { summary: 'Forgets a job that is over.', answers: { 204: null } },
  'get /v1/jobs/{id}/events': { summary: 'Its events, from the one after Last-Event-ID on.', answers: { 200: STREAM } },
  'post /v1/jobs/{id}/cancel': { summary: 'Stops it; pictures that are finished stay.', answers: { 200: Job } },
  'get /v1/jobs/{id}/pictures/{index}': {
    summary: 'A finished picture.',
    query: PictureQuery,
    answers: { 200: 'image/png' },
  },
  'get /v1/jobs/{id}/pictures/{index}/thumbnail': { summary: 'It, small.', answers: { 200: 'image/webp' } },
  'get /v1/packs': { summary: 'The packs at hand with their manifests.', answers: { 200: PackList } },
  'get /v1/packs/{id}': { summary: 'One manifest.', answers: { 200: Pack } },
  'get /v1/packs/{id}/files/{path}': {
    summary: 'A file of a pack; takes Range and If-None-Match.',
    answers: { 200: BINARY, 206: BINARY },
  },
  'get /v1/pulls': { summary: 'Downloads of packs, under way and ended.', answers: { 200: PullList } },
  'post /v1/pulls': {
    summary: 'Fetches a pack of the registry, by its name.',
    body: PullRequest,
    answers: { 202: Pull },
  },
  'get /metrics': { summary: 'Numbers for Prometheus.', answers: { 200: 'text/plain' } },
  'get /openapi.json': {
    summary: 'This description.',
    open: true,
    answers: { 200: z.looseObject({ openapi: z.string() }) },
  },
  'get /docs': { summary: 'This description, to be read.', open: true, answers: { 200: 'text/html' } },
};

export function describeApi(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [key, operation] of Object.entries(OPERATIONS)) {
    const [method, path] = key.split(' ') as [string, string];
    paths[path] = { ...paths[path], [method]: describeOperation(method, path, operation) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Twostep companion', version, description: 'Pictures from text, drawn on this machine.' },
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    security: [{ token: [] }],
  };
}

function describeOperation(method: string, path: string, { summary, open, body, query, answers }: Operation): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'index' ? { type: 'integer', minimum: 0 } : { type: 'string' },
  }));
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: toJson(schema as z.ZodType),
  }));
  const failure = { description: 'A failure.', content: { 'application/json': { schema: toJson(ApiFailure) } } };
  const parameters = [...inPath, ...inQuery];
  return {
    operationId: `${method}${path.replaceAll(/[^a-z]+(\w?)/gi, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(open ? { security: [] } : {}),
    ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: toJson(body) } } } } : {}),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer)])),
      '4XX': failure,
      '5XX': failure,
    },
  };
}

function describeAnswer(answer: z.ZodType | string | null): object {
  if (answer === null) return { description: 'Done.' };
  if (typeof answer === 'string') return { description: 'Done.', content: { [answer]: {} } };
  return { description: 'Done.', content: { 'application/json': { schema: toJson(answer) } } };
}

const toJson = (schema: z.ZodType): object => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return json;
};
