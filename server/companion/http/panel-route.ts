/** What panels hear from other programs: pictures to be placed in the document that they are open in. */
import type { Context, Hono } from 'hono';
import { PanelAnswer, type Placement, PlacementRequest } from '../../../models/api.js';
import type { Companion, Variables } from './companion.js';
import { eventStream, type ServerEvent } from './event-stream.js';
import { failure } from './failure.js';
import { ownerOf } from './owner.js';
import { placePicture } from './place-picture.js';
import { readBody } from './read-body.js';
import { untilRevoked } from './revocation.js';

export function addPanel(app: Hono<Variables>, companion: Companion): void {
  const { panels } = companion;

  app.get('/v1/panel/orders', (context) => {
    const owner = ownerOf(context);
    return eventStream(
      context,
      untilRevoked(companion, owner, (gone) => orders(owner, gone)),
      {},
    );
  });

  app.post('/v1/panel/orders/:id', async (context: Context<Variables>) => {
    const answer = await readBody(context.req.raw, PanelAnswer);
    if (!panels.answer(ownerOf(context), context.req.param('id') ?? '', answer))
      throw failure(
        404,
        'order_not_found',
        'There is no such order: it is answered, or nobody waits for it any more.',
        {
          param: 'id',
        },
      );
    return context.body(null, 204);
  });

  app.post('/v1/placements', async (context) => {
    const { job, index, where } = await readBody(context.req.raw, PlacementRequest);
    const picture = { job, index, where: where ?? 'beside' } as const;
    const placement: Placement = await placePicture(companion, ownerOf(context), picture, context.req.raw.signal);
    return context.json(placement);
  });

  async function* orders(owner: string, gone: AbortSignal): AsyncGenerator<ServerEvent> {
    for await (const order of panels.connect(owner, gone)) yield { event: order.type, data: order };
  }
}
