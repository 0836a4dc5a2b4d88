/**
 * Who gets in. In this order: headers that let a panel of any origin read the answer (plugin/FIGMA.md: its origin is the string
 * "null" and proves nothing, so the token alone counts); the Host header, against DNS rebinding; preflights; the token.
 */
import type { MiddlewareHandler } from 'hono';
import type { Companion, Variables } from './companion.js';
import { failure, toResponse } from './failure.js';

const CORS = {
  'Access-Control-Allow-Origin': '*',
  // A page on the web may ask for a machine on the loopback network only when that machine says so (Private Network Access).
  'Access-Control-Allow-Private-Network': 'true',
  'Access-Control-Expose-Headers': 'Retry-After, X-Request-Id, X-Twostep-Job, Content-Range, ETag, Mcp-Session-Id',
} as const;

const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, HEAD, POST, DELETE, OPTIONS',
  // "*" does not speak for Authorization.
  'Access-Control-Allow-Headers': 'Authorization, *',
  'Access-Control-Max-Age': '7200',
} as const;

const SECURITY = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'cross-origin',
} as const;

/** What needs no token: finding out that this is Twostep, pairing, and reading what the API is. */
const OPEN = new Set(['/health', '/v1/pair', '/docs', '/openapi.json']);

export function createGuard(companion: Companion): MiddlewareHandler<Variables> {
  return async (context, next) => {
    const { req } = context;
    const refusal = await examine();
    if (refusal) context.res = refusal;
    else await next();
    for (const [name, value] of Object.entries({ ...CORS, ...SECURITY })) context.res.headers.set(name, value);

    async function examine(): Promise<Response | undefined> {
      const host = hostOf(req.header('host'));
      if (host === undefined || !companion.hosts.has(host))
        return toResponse(failure(403, 'wrong_host', hostRefusal(host)));
      if (req.method === 'OPTIONS') return new Response(null, { status: 204, headers: PREFLIGHT });
      context.set('owner', undefined);
      const token = tokenOf((name) => req.header(name));
      if (token !== undefined) {
        const owner = await companion.tokens.check(token);
        if (!owner) return unauthorized('This token is not known here, or was revoked. Pair again.', 'invalid_api_key');
        context.set('owner', owner.id);
        return undefined;
      }
      if (OPEN.has(req.path) || companion.pages.has(req.path) || isSigned(companion, req.path, req.query('key')))
        return undefined;
      return unauthorized(
        'A token is missing: exchange the pairing code, which the companion shows, at /v1/pair, or make one with "twostep token create".',
        'missing_api_key',
      );
    }
  };
}

/**
 * OpenAI's way; Azure's client, and others that borrowed from it, send the bare key in a header of its own; programs for AUTOMATIC1111 have a
 * name and a password, of which the password is the key.
 */
function tokenOf(header: (name: string) => string | undefined): string | undefined {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +(\S{1,400})$/i.exec(header('authorization') ?? '') ?? [];
  if (scheme.toLowerCase() === 'basic') {
    const pair = Buffer.from(value, 'base64').toString('utf8');
    return pair.slice(pair.indexOf(':') + 1);
  }
  return value || (header('api-key') ?? header('x-api-key'));
}

/** Nobody but the person at this machine can let a name in, so the sentence is theirs. */
const hostRefusal = (host: string | undefined) =>
  host === undefined
    ? 'The Host header is not the name of a host. Use localhost.'
    : `The companion does not answer to the name "${host}". Use localhost, or start it with --allow-host ${host}.`;

const unauthorized = (message: string, code: string) =>
  toResponse(failure(401, code, message, { headers: { 'WWW-Authenticate': 'Bearer' } }));

/** The name without the port; undefined when it is no host. */
export function hostOf(header: string | undefined): string | undefined {
  // Containers may have an underscore in their names.
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(header ?? '');
  return match?.[1]?.toLowerCase();
}

/**
 * An address of a picture that was given out in an answer (`response_format: url`) works without a token. The key is for the picture,
 * whatever its ending says of the format.
 */
export function isSigned({ tokens }: Companion, path: string, key: string | undefined): boolean {
  const bare = /^(\/v1\/jobs\/job_[0-9a-f]{32}\/pictures\/\d+)(?:\.[a-z]{3,4})?$/.exec(path)?.[1];
  return key !== undefined && bare !== undefined && tokens.sign(bare) === key;
}
