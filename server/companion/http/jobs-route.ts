/** Jobs: the core's own requests and events, history, cancel, pictures and thumbnails. */
import type { Context, Hono } from 'hono';
import * as z from 'zod';
import { type Job, type JobEvent, JobId, type JobList, JobRequest, OutputFormat } from '../../../models/api.js';
import { upgradeRequest } from '../../../models/request/upgrade.js';
import { findModel } from '../../drawing/drawing-model.js';
import { encodeAs, MEDIA_TYPES, makeThumbnail } from '../../drawing/formats.js';
import type { FoundJob } from '../jobs/jobs.js';
import type { JobUpdate } from '../jobs/live-job.js';
import type { Companion, Variables } from './companion.js';
import { eventStream, parseEventId, type ServerEvent } from './event-stream.js';
import { failure, failureOfSchema } from './failure.js';
import { isSigned } from './guard.js';
import { ownerOf } from './owner.js';
import { MAXIMUM_REQUEST_BYTES, readBody } from './read-body.js';
import { untilRevoked } from './revocation.js';

export const ListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  before: z.optional(JobId),
});
export const PictureQuery = z.strictObject({
  key: z.string().max(100).optional(),
  format: z.optional(OutputFormat),
  quality: z.coerce.number().int().min(0).max(100).default(100),
});

type FoundPicture = {
  readonly id: string;
  readonly index: number;
  readonly bytes: Uint8Array;
  /** What the address says of the format, as programs expect it that keep a file under the name in its address. */
  readonly ending: OutputFormat | undefined;
};

export function addJobs(app: Hono<Variables>, companion: Companion): void {
  const { jobs, store, tokens, trace, log } = companion;

  app.post('/v1/jobs', async (context) => {
    const body = await readBody(context.req.raw, JobRequest, MAXIMUM_REQUEST_BYTES);
    (await findModel(companion, body.request.pack)).check(body.request);
    const owner = ownerOf(context);
    const streams = (context.req.header('accept') ?? '').includes('text/event-stream');
    const { request, session } = body;
    // Who does not listen can't go away.
    const job = await jobs.submit({ owner, client: owner, request, session, keep: streams ? body.keep : true });
    const headers = { 'X-Twostep-Job': job.id };
    if (streams)
      return eventStream(
        context,
        untilRevoked(companion, owner, (gone) => events(owner, job.id, -1, gone)),
        headers,
      );
    return context.json(describe({ job, running: false, log: [] }), 202, {
      ...headers,
      Location: `/v1/jobs/${job.id}`,
    });
  });

  app.get('/v1/jobs', async (context) => {
    const owner = ownerOf(context);
    const query = ListQuery.safeParse(context.req.query());
    if (!query.success) throw failureOfSchema(query.error);
    const listed = await store.list(owner, query.data);
    const found = await Promise.all(listed.map(({ id }) => jobs.find(owner, id)));
    const list: JobList = {
      jobs: found.flatMap((one) => (one ? [describe(one)] : [])),
      next: listed.length === query.data.limit ? (listed.at(-1)?.id ?? null) : null,
    };
    return context.json(list);
  });

  app.get('/v1/jobs/:id', async (context) => context.json(describe(await find(context))));

  app.get('/v1/jobs/:id/events', async (context) => {
    const { job } = await find(context);
    const from = parseEventId(context.req.header('last-event-id'));
    if (from && from.job !== job.id)
      throw failure(400, 'invalid_value', `Last-Event-ID is of ${from.job}, not of ${job.id}.`, {
        param: 'Last-Event-ID',
      });
    const open = (gone: AbortSignal) => events(job.owner, job.id, from?.number ?? -1, gone);
    return eventStream(context, untilRevoked(companion, job.owner, open), { 'X-Twostep-Job': job.id });
  });

  app.post('/v1/jobs/:id/cancel', async (context) => {
    const { job } = await find(context);
    await jobs.cancel(job.owner, job.id);
    return context.json(describe(await find(context)));
  });

  app.delete('/v1/jobs/:id', async (context) => {
    const { job } = await find(context);
    if (job.state === 'waiting')
      throw failure(400, 'job_unfinished', `Job ${job.id} is not over; cancel it first.`, { param: 'id' });
    await jobs.forget(job.id);
    return context.body(null, 204);
  });

  app.get('/v1/jobs/:id/pictures/:file', async (context) => {
    const query = PictureQuery.safeParse(context.req.query());
    if (!query.success) throw failureOfSchema(query.error);
    const { bytes, ending } = await picture(context);
    const encoding = { quality: query.data.quality, format: query.data.format ?? ending ?? 'png' };
    const isHead = context.req.method === 'HEAD';
    return file(isHead ? null : (await encodeAs(bytes, encoding, trace)).bytes, MEDIA_TYPES[encoding.format]);
  });

  app.get('/v1/jobs/:id/pictures/:file/thumbnail', async (context) => {
    const { id, index, bytes } = await picture(context);
    if (context.req.method === 'HEAD') return file(null, MEDIA_TYPES.webp);
    const known = await store.thumbnail(id, index);
    const thumbnail = known ?? (await makeThumbnail(bytes));
    // Where the disk takes nothing it is made again the next time.
    if (!known) await store.putThumbnail(id, index, thumbnail).catch((error: Error) => log.fault(error.message));
    return file(thumbnail, MEDIA_TYPES.webp);
  });

  async function find(context: Context<Variables>): Promise<FoundJob> {
    const owner = ownerOf(context);
    // The store's keys have an end, and what is no id is nobody's job.
    const id = JobId.safeParse(context.req.param('id'));
    const found = id.success ? await jobs.find(owner, id.data) : undefined;
    if (found) return found;
    throw failure(404, 'job_not_found', 'There is no such job: it was never yours, or is too long ago.', {
      param: 'id',
    });
  }

  async function picture(context: Context<Variables>): Promise<FoundPicture> {
    const id = JobId.safeParse(context.req.param('id')).data ?? '';
    const [, number, ending] = /^(\d{1,5})(?:\.(png|jpe?g|webp|svg))?$/.exec(context.req.param('file') ?? '') ?? [];
    const index = number === undefined ? -1 : Number(number);
    const signed = isSigned(companion, context.req.path, context.req.query('key'));
    const owner = signed ? (await store.get(id))?.owner : ownerOf(context);
    // An address that was given out goes with the token for which it was.
    const known = owner !== undefined && id !== '' && tokens.has(owner);
    const bytes = known ? await jobs.picture(owner, id, index) : undefined;
    if (!bytes)
      throw failure(404, 'picture_not_found', 'There is no such picture, or not any more.', { param: 'file' });
    return { id, index, bytes, ending: OutputFormat.safeParse(ending === 'jpg' ? 'jpeg' : ending).data };
  }

  async function* events(owner: string, id: string, after: number, gone: AbortSignal): AsyncGenerator<ServerEvent> {
    for await (const { number, event } of jobs.watch(owner, id, after, gone))
      yield { event: event.type, data: toWire(event), id: number === null ? undefined : `${id}:${number}` };
  }
}

/** A finished picture never changes. */
const file = (bytes: Uint8Array | null, type: string) =>
  new Response(bytes && new Uint8Array(bytes), {
    headers: { 'Content-Type': type, 'Cache-Control': 'private, max-age=86400, immutable' },
  });

function toWire(event: JobUpdate['event']): JobEvent {
  if (event.type !== 'draft' && event.type !== 'picture') return event;
  const { bytes, ...rest } = event;
  return { ...rest, png: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') };
}

function describe({ job, running, log }: FoundJob): Job {
  const error = log.find((event) => event.type === 'error');
  const read = upgradeRequest(job.request);
  return {
    id: job.id,
    state: job.state === 'waiting' && running ? 'running' : job.state,
    created: job.created,
    finished: job.finished,
    request: read.ok ? read.request : read.raw,
    unreadable: read.ok ? null : read.message,
    pictures: log.flatMap((event) => {
      if (event.type !== 'picture') return [];
      const { index, seed, width, height } = event;
      return [{ index, seed, width, height }];
    }),
    error: error ? { code: error.code, message: error.message } : null,
  };
}
