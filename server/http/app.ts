/** The companion's HTTP application: every request passes the guard, every failure has OpenAI's shape. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';
import { addAccess } from './access-route.js';
import type { Companion, Variables } from './companion.js';
import { renderDocs } from './docs.js';
import { asFailure, failure, toResponse } from './failure.js';
import { createGuard } from './guard.js';
import { addImages } from './images-route.js';
import { addJobs } from './jobs-route.js';
import { describeApi } from './openapi.js';
import { addPacks } from './packs-route.js';
import { policyOf } from './page-policy.js';

export function createApp(companion: Companion): Hono<Variables> {
  const { log, metrics, pages } = companion;
  const app = new Hono<Variables>();

  app.use(async (context, next) => {
    const start = performance.now();
    await next();
    context.res.headers.set('X-Request-Id', `req_${randomUUID()}`);
    // Routes, not addresses: an address may hold a key.
    metrics.onAnswer(context.req.routePath, context.res.status, (performance.now() - start) / 1000);
  });
  app.use(createGuard(companion));

  addAccess(app, companion);
  addImages(app, companion);
  addJobs(app, companion);
  addPacks(app, companion);

  const api = describeApi(companion.version);
  app.get('/openapi.json', (context) => context.json(api));
  const docs = renderDocs(api);
  app.get('/docs', (context) => context.html(docs, 200, { 'Content-Security-Policy': policyOf(docs, 'docs') }));
  for (const [address, { path, type, isolated }] of pages)
    app.get(address, async (context) => {
      const content = await readFile(path);
      // Workers have the policy that they are sent with.
      const html = type.startsWith('text/html') ? content.toString('utf8') : '';
      return context.body(new Uint8Array(content), 200, {
        'Content-Type': type,
        'Content-Security-Policy': policyOf(html, isolated ? 'engine' : 'app'),
        'Cache-Control': 'no-cache',
        // Both do no harm inside a panel's frames, where there are no threads anyway.
        ...(isolated
          ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
          : {}),
      });
    });

  app.notFound(() =>
    toResponse(failure(404, 'not_found', 'There is nothing at this address; /docs lists what there is.')),
  );
  app.onError((error) => {
    const known = asFailure(error);
    if (known) return toResponse(known);
    log.fault(error.stack ?? error.message);
    return toResponse(failure(500, 'fault', 'Twostep failed in a way that nobody expected; its log says more.'));
  });
  return app;
}
