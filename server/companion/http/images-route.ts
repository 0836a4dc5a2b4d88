/** `POST /v1/images/generations`, its two neighbours that start from a picture, and `GET /v1/models`. */
import type { Context, Hono } from 'hono';
import { EditFields, ImagesRequest, type Model, VariationFields } from '../../../models/api.js';
import { type DrawingModel, findModel, listModels } from '../../drawing/drawing-model.js';
import { readVocabulary } from '../../packs/vocabulary.js';
import type { LoggedEvent, StoredJob } from '../jobs/store.js';
import type { Companion, Variables } from './companion.js';
import { editOrder, variationOrder } from './edits.js';
import { eventStream, parseEventId, type ServerEvent } from './event-stream.js';
import { failure, failureOf } from './failure.js';
import { translateForeign } from './foreign.js';
import {
  findModelFor,
  type ImagesOrder,
  qualitiesOf,
  readOrder,
  toAnswer,
  toStreamEvent,
  wantsAddress,
} from './images.js';
import { ownerOf } from './owner.js';
import { pictureAddress } from './picture-address.js';
import { publicAddress } from './public-address.js';
import { checkBody, readJson } from './read-body.js';
import { readUpload } from './read-upload.js';
import { leaveOf, untilRevoked } from './revocation.js';

export function addImages(app: Hono<Variables>, companion: Companion): void {
  const { jobs, catalogue, tokens, trace } = companion;

  app.post('/v1/images/generations', (context) => generate(context));
  // Azure's client has the model in the address.
  app.post('/openai/v1/images/generations', (context) => generate(context));
  app.post('/openai/deployments/:model/images/generations', (context) => generate(context, context.req.param('model')));

  async function generate(context: Context<Variables>, model?: string): Promise<Response> {
    const { body: translated, remarks } = translateForeign(await readJson(context.req.raw));
    const { model: named = model, ...rest } = checkBody(translated, ImagesRequest);
    const body: ImagesRequest = { ...rest, model: named };
    return respond(context, body, readOrder(body, await findModelFor(body, companion), remarks));
  }

  async function respond(context: Context<Variables>, body: ImagesRequest, order: ImagesOrder): Promise<Response> {
    const owner = ownerOf(context);
    const from = parseEventId(context.req.header('last-event-id'));
    const job = await (from ? resume(owner, from.job) : submit(owner, body, order));
    const headers = { 'X-Twostep-Job': job.id };
    if (body.stream) {
      const open = (gone: AbortSignal) => stream(owner, job, order, from?.number ?? -1, gone);
      return eventStream(context, untilRevoked(companion, owner, open), headers);
    }

    const log: LoggedEvent[] = [];
    const leave = leaveOf(companion, owner, context.req.raw.signal);
    for await (const { number, event } of jobs.watch(owner, job.id, -1, leave.signal))
      if (number !== null) log.push(event);
    leave.end();
    if (leave.revoked()) throw failure(401, 'invalid_api_key', 'This token was revoked meanwhile. Pair again.');
    const last = log.at(-1);
    if (last?.type === 'error') throw failureOf(last.code, last.message, last.reading);
    if (last?.type !== 'done')
      throw failure(503, 'closing', 'Twostep is closing; the job goes on when it is started again.', { headers });
    const base = publicAddress(context, companion.hosts);
    const addressOf = (index: number) => {
      const { format, quality } = order.encoding;
      const address = pictureAddress(tokens, { job: job.id, index }, format);
      return `${base}${address}${quality === 100 ? '' : `&quality=${quality}`}`;
    };
    return context.json(await toAnswer(job, order, log, trace, wantsAddress(body) ? addressOf : null), 200, headers);
  }

  app.post('/v1/images/edits', (context) => edit(context));
  app.post('/openai/v1/images/edits', (context) => edit(context));
  app.post('/openai/deployments/:model/images/edits', (context) => edit(context, context.req.param('model')));
  app.post('/v1/images/variations', (context) => vary(context));

  async function edit(context: Context<Variables>, model?: string): Promise<Response> {
    const upload = await readUpload(context.req.raw);
    const { body: translated, remarks } = translateForeign(upload.fields);
    const { model: named = model, ...fields } = checkBody(translated, EditFields);
    return respond(
      context,
      ...(await editOrder(companion, upload, { ...fields, model: named }, remarks, leaving(context))),
    );
  }

  async function vary(context: Context<Variables>): Promise<Response> {
    const upload = await readUpload(context.req.raw);
    const { body: translated, remarks } = translateForeign(upload.fields);
    const fields = checkBody(translated, VariationFields);
    return respond(context, ...(await variationOrder(companion, upload, fields, remarks, leaving(context))));
  }

  function submit(owner: string, body: ImagesRequest, { request }: ImagesOrder): Promise<StoredJob> {
    const client = body.user ? `${owner} ${body.user}` : owner;
    return jobs.submit({ owner, client, request, session: body.session, keep: body.keep });
  }

  async function resume(owner: string, id: string): Promise<StoredJob> {
    const found = await jobs.find(owner, id);
    if (!found) throw failure(404, 'job_not_found', `There is no job ${id}: it was never yours, or is too long ago.`);
    return found.job;
  }

  async function* stream(
    owner: string,
    job: StoredJob,
    order: ImagesOrder,
    after: number,
    gone: AbortSignal,
  ): AsyncGenerator<ServerEvent> {
    const remarks = [...order.remarks];
    for await (const { number, event } of jobs.watch(owner, job.id, after, gone)) {
      if (number === null) continue;
      if (event.type === 'warning') remarks.push(event.message);
      const data = await toStreamEvent(job, order, event, trace, remarks);
      if (data) yield { event: data.type, data, id: `${job.id}:${number}` };
    }
  }

  app.get('/v1/models', async (context) => {
    return context.json({ object: 'list', data: (await listModels(companion)).map(describe) });
  });
  app.get('/v1/models/:id', async (context) => {
    return context.json(describe(await findModel(companion, context.req.param('id'))));
  });
  app.get('/v1/models/:id/vocabulary', async (context) => {
    const found = await catalogue.find(context.req.param('id'));
    const vocabulary = await readVocabulary(found);
    if (vocabulary) return context.json({ object: 'vocabulary', model: found.pack.id, ...vocabulary });
    const message = `Model ${found.pack.id} does not say which words it understands.`;
    throw failure(404, 'vocabulary_not_found', message, { param: 'id' });
  });
}

/** A client that goes away needs no picture decoded. */
const leaving = ({ req }: Context<Variables>) => req.raw.signal;

function describe(model: DrawingModel): Model {
  const { id, name, description, ideas, licence, target, notice, canEdit } = model;
  return {
    id,
    object: 'model',
    created: 0,
    owned_by: notice === null ? 'twostep' : id.slice(0, id.indexOf('/')),
    name,
    description,
    ideas: [...ideas],
    licence,
    size: `${target.size.width}x${target.size.height}`,
    edits: canEdit,
    qualities: qualitiesOf(model),
    presets: target.presets,
    notice,
  };
}
