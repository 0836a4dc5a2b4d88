/** Pairing, tokens, health and metrics. */
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, Hono } from 'hono';
import { API_VERSION, type Health, PairRequest } from '../../../models/api.js';
import { printable } from '../../../models/printable.js';
import type { Source } from '../auth/pairing.js';
import type { Companion, Variables } from './companion.js';
import { failure } from './failure.js';
import { ownerOf } from './owner.js';
import { readBody } from './read-body.js';

export function addAccess(app: Hono<Variables>, companion: Companion): void {
  const { tokens, pairing, jobs, metrics, log, version } = companion;

  app.post('/v1/pair', async (context) => {
    const { code, name } = await readBody(context.req.raw, PairRequest);
    const redeemed = await pairing.redeem(code, sourceOf(context));
    switch (redeemed.outcome) {
      case 'too-many':
        throw failure(429, 'too_many_codes', `Too many wrong codes. Try again in ${redeemed.retryAfter} s.`, {
          headers: { 'Retry-After': String(redeemed.retryAfter) },
        });
      case 'wrong':
        throw failure(403, 'wrong_code', 'This is not the code that the companion shows.', { param: 'code' });
      case 'paired': {
        const { token, id } = await tokens.create(name);
        log.info('paired', { id, name }, `Paired with "${printable(name)}". New code: ${pairing.code()}`);
        return context.json({ token, id, name });
      }
      default:
        return redeemed satisfies never;
    }
  });

  /** A device that somebody paired may go, and not send others away. */
  const reachOf = async (context: Context<Variables>) => {
    const own = ownerOf(context);
    const all = await tokens.list();
    return all.find(({ id }) => id === own)?.manages ? all : all.filter(({ id }) => id === own);
  };
  app.get('/v1/tokens', async (context) => context.json({ tokens: await reachOf(context) }));
  app.delete('/v1/tokens/:id', async (context) => {
    const isMeant = ({ id }: { readonly id: string }) => id === context.req.param('id');
    if ((await tokens.list()).some(isMeant) && !(await reachOf(context)).some(isMeant))
      throw failure(
        403,
        'not_allowed',
        'A token of a pairing code may revoke itself only. "twostep token revoke" on the companion\u2019s machine revokes any.',
        { param: 'id' },
      );
    const id = context.req.param('id');
    if (!(await tokens.revoke(id))) throw failure(404, 'token_not_found', 'There is no such token.', { param: 'id' });
    jobs.dismiss(id);
    return context.body(null, 204);
  });

  app.get('/health', (context) => {
    const engine = companion.engineState();
    const open: Health = { name: 'twostep', version, api: API_VERSION, state: engine.state };
    if (context.get('owner') === undefined) return context.json(open);
    const full: Health = {
      ...open,
      paired: true,
      pack: engine.state === 'ready' ? (engine.open.at(-1) ?? null) : null,
      provider: engine.state === 'ready' ? engine.provider : null,
      ladder: engine.state === 'starting' ? [] : [...engine.ladder],
      queue: jobs.counts(),
      ...('reason' in engine ? { reason: engine.reason } : {}),
    };
    return context.json(full);
  });

  app.get('/metrics', async (context) => {
    ownerOf(context);
    const crew = companion.crew ? await companion.crew() : null;
    return context.body(await metrics.text(jobs.counts(), crew), 200, { 'Content-Type': metrics.contentType });
  });
}

/** Browsers name the origin of a page with every POST; what has none is a program. */
function sourceOf(context: Context<Variables>): Source {
  const origin = context.req.header('origin');
  const address = getConnInfo(context).remote.address ?? '';
  if (origin === undefined) return { name: address, shared: false };
  return { name: `${origin} ${address}`, shared: origin === 'null' };
}
