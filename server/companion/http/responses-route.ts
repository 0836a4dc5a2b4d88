/** `POST /v1/responses` with the tool `image_generation`: answered whole, or as events while it is drawn. */
import type { Hono } from 'hono';
import { wordsOf } from '../../../models/wildcards.js';
import { encodeAs } from '../../drawing/formats.js';
import type { LoggedEvent } from '../jobs/store.js';
import type { Companion, Variables } from './companion.js';
import { eventStream, type ServerEvent } from './event-stream.js';
import { failure, failureOf } from './failure.js';
import { translateForeign } from './foreign.js';
import { findModelFor, type ImagesOrder, readOrder } from './images.js';
import { ownerOf } from './owner.js';
import { readBody } from './read-body.js';
import {
  createId,
  describeResponse,
  type ImageCall,
  ResponsesRequest,
  readImagesBody,
  toImagesBody,
} from './responses.js';
import { leaveOf, untilRevoked } from './revocation.js';

export function addResponses(app: Hono<Variables>, companion: Companion): void {
  const { jobs, trace } = companion;

  app.post('/v1/responses', async (context) => {
    const asked = await readBody(context.req.raw, ResponsesRequest);
    const { body: translated, remarks } = translateForeign(toImagesBody(asked));
    const body = readImagesBody(translated);
    const order = readOrder(body, await findModelFor(body, companion), remarks);
    const owner = ownerOf(context);
    const job = await jobs.submit({ owner, client: owner, request: order.request });
    const headers = { 'X-Twostep-Job': job.id };
    const begun = {
      asked,
      order,
      owner,
      job: job.id,
      created: job.created,
      id: createId('resp'),
      call: createId('ig'),
    };
    if (asked.stream)
      return eventStream(
        context,
        untilRevoked(companion, owner, (gone) => stream(begun, gone)),
        headers,
      );
    const leave = leaveOf(companion, owner, context.req.raw.signal);
    const log: LoggedEvent[] = [];
    for await (const { number, event } of jobs.watch(owner, job.id, -1, leave.signal))
      if (number !== null) log.push(event as LoggedEvent);
    leave.end();
    if (leave.revoked()) throw failure(401, 'invalid_api_key', 'This token was revoked meanwhile. Pair again.');
    const last = log.at(-1);
    if (last?.type === 'error') throw failureOf(last.code, last.message, last.reading);
    const picture = log.find((event) => event.type === 'picture');
    if (picture?.type !== 'picture')
      throw failure(503, 'closing', 'Twostep is closing; the job goes on when it is started again.', { headers });
    const said = [...order.remarks, ...log.flatMap((event) => (event.type === 'warning' ? [event.message] : []))];
    const output = [await toCall(begun, picture.bytes)];
    return context.json(
      describeResponse(begun.id, begun.created, asked, { status: 'completed', output }, null, said),
      200,
      headers,
    );
  });

  type Begun = {
    readonly asked: ResponsesRequest;
    readonly order: ImagesOrder;
    readonly owner: string;
    readonly job: string;
    readonly created: number;
    readonly id: string;
    readonly call: string;
  };

  async function toCall({ order, call }: Begun, png: Uint8Array): Promise<ImageCall> {
    const { bytes } = await encodeAs(png, order.encoding, trace);
    const result = Buffer.from(bytes).toString('base64');
    return {
      type: 'image_generation_call',
      id: call,
      status: 'completed',
      result,
      revised_prompt: wordsOf(order.request),
      ...order.said,
    };
  }

  /** OpenAI's events, in OpenAI's order; each has its number. */
  async function* stream(begun: Begun, gone: AbortSignal): AsyncGenerator<ServerEvent> {
    const { asked, order, owner, job, created, id, call } = begun;
    const remarks = [...order.remarks];
    let count = 0;
    const say = (type: string, data: object): ServerEvent => ({
      event: type,
      data: { type, sequence_number: count++, ...data },
    });
    const response = (
      status: 'in_progress' | 'completed' | 'failed',
      output: readonly ImageCall[] = [],
      error: { readonly code: string; readonly message: string } | null = null,
    ) => ({ response: describeResponse(id, created, asked, { status, output }, error, remarks) });
    const at = { output_index: 0, item_id: call };
    const waiting: ImageCall = {
      type: 'image_generation_call',
      id: call,
      status: 'in_progress',
      result: null,
      revised_prompt: null,
    };
    yield say('response.created', response('in_progress'));
    yield say('response.in_progress', response('in_progress'));
    yield say('response.output_item.added', { output_index: 0, item: waiting });
    yield say('response.image_generation_call.in_progress', at);
    yield say('response.image_generation_call.generating', at);
    for await (const { event } of jobs.watch(owner, job, -1, gone)) {
      switch (event.type) {
        case 'warning':
          remarks.push(event.message);
          break;
        case 'draft': {
          const draft = await toCall(begun, event.bytes);
          const shown = { partial_image_index: 0, partial_image_b64: draft.result };
          yield say('response.image_generation_call.partial_image', { ...at, ...shown, ...order.said });
          break;
        }
        case 'picture': {
          const item = await toCall(begun, event.bytes);
          yield say('response.image_generation_call.completed', at);
          yield say('response.output_item.done', { output_index: 0, item });
          yield say('response.completed', response('completed', [item]));
          return;
        }
        case 'error': {
          const { detail } = failureOf(event.code, event.message, event.reading);
          const error = { code: detail.code ?? 'server_error', message: detail.message };
          yield say('response.failed', response('failed', [{ ...waiting, status: 'failed' }], error));
          return;
        }
        case 'queued':
        case 'progress':
        case 'done':
          break;
        default:
          event satisfies never;
      }
    }
  }
}
