/** The companion's HTTP application: every request passes the guard, every failure has OpenAI's shape. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { getPath } from 'hono/utils/url';
import { addA1111 } from './a1111-route.js';
import { addAccess } from './access-route.js';
import type { Companion, Variables } from './companion.js';
import { renderDocs } from './docs.js';
import { addEnlarge } from './enlarge-route.js';
import { asFailure, failure, toResponse } from './failure.js';
import { createGuard } from './guard.js';
import { addImages } from './images-route.js';
import { addJobs } from './jobs-route.js';
import { addMcp } from './mcp-route.js';
import { describeApi } from './openapi.js';
import { addPacks } from './packs-route.js';
import { policyOf } from './page-policy.js';
import { addPanel } from './panel-route.js';
import { likelyPath, plainPath } from './paths.js';
import { addResponses } from './responses-route.js';

export function createApp(companion: Companion): Hono<Variables> {
  const { log, metrics, pages } = companion;
  const app = new Hono<Variables>({
    getPath: (request) => plainPath(getPath(request), (path) => pages.has(path)),
  });

  app.use(async (context, next) => {
    const start = performance.now();
    await next();
    // Nobody reads the body of an answer to HEAD, so what it holds open is let go.
    if (context.req.method === 'HEAD') await context.res.body?.cancel();
    context.res.headers.set('X-Request-Id', `req_${randomUUID()}`);
    // Routes, not addresses: an address may hold a key.
    metrics.onAnswer(context.req.routePath, context.res.status, (performance.now() - start) / 1000);
  });
  app.use(createGuard(companion));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: ({ req }, allowed) =>
        toResponse(
          failure(405, 'method_not_allowed', `${req.method} is not for this address; it takes ${allowed.join(', ')}.`, {
            headers: { Allow: allowed.join(', ') },
          }),
        ),
    }),
  );

  addAccess(app, companion);
  addImages(app, companion);
  addEnlarge(app, companion);
  addResponses(app, companion);
  addA1111(app, companion);
  addJobs(app, companion);
  addPacks(app, companion);
  addPanel(app, companion);
  addMcp(app, companion);

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

  app.notFound(({ req }) => {
    const meant = likelyPath(req.path, (path) => app.routes.some((route) => route.path === path));
    const hint = meant ? ` Did you mean ${meant}? The base address that a client asks for ends in /v1.` : '';
    return toResponse(failure(404, 'not_found', `There is nothing at this address; /docs lists what there is.${hint}`));
  });
  app.onError((error) => {
    const known = asFailure(error);
    if (known) return toResponse(known);
    log.fault(error.stack ?? error.message);
    return toResponse(failure(500, 'fault', 'Twostep failed in a way that nobody expected; its log says more.'));
  });
  return app;
}
