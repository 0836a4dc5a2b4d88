/** `/mcp`: the Model Context Protocol over HTTP ("streamable HTTP"), for agents that are given an address and a token. */
import type { Context, Hono } from 'hono';
import { createMcpServer, loadMcpSdk, type McpSdk } from '../../mcp/server.js';
import type { Companion, Variables } from './companion.js';
import { failure } from './failure.js';
import { hostOf } from './guard.js';
import { createMcpHost } from './mcp-host.js';
import { createMcpSessions, type McpSessions } from './mcp-sessions.js';
import { ownerOf } from './owner.js';
import { publicAddress } from './public-address.js';
import { readJson } from './read-body.js';

type Door = { readonly sdk: McpSdk; readonly sessions: McpSessions };

export function addMcp(app: Hono<Variables>, companion: Companion): void {
  let opened: Promise<Door> | undefined;
  const open = async (): Promise<Door> => {
    const sdk = await loadMcpSdk();
    return { sdk, sessions: createMcpSessions(sdk) };
  };

  app.on(['GET', 'POST', 'DELETE'], '/mcp', async (context) => {
    checkOrigin(context, companion.hosts);
    const owner = ownerOf(context);
    opened ??= open();
    const { sdk, sessions } = await opened;
    const host = createMcpHost(companion, owner, publicAddress(context, companion.hosts));
    const create = () => createMcpServer(sdk, companion.version, host);
    const request = context.req.raw;
    const parsedBody = request.method === 'POST' ? await readJson(request) : undefined;
    if (await sdk.isLegacyRequest(request, parsedBody)) return sessions.handle(request, parsedBody, owner, create);
    return sdk.createMcpHandler(create, { legacy: 'reject' }).fetch(request, { parsedBody });
  });
}

/**
 * Pages of other hosts are sent away, as the protocol demands; programs send no Origin. The token alone would do, but a page that was given
 * one by its user is no agent of theirs.
 */
function checkOrigin({ req }: Context, hosts: ReadonlySet<string>): void {
  const origin = req.header('origin');
  if (origin === undefined) return;
  const host = URL.canParse(origin) ? hostOf(new URL(origin).host) : undefined;
  if (host !== undefined && hosts.has(host)) return;
  throw failure(403, 'wrong_origin', `Pages of "${origin.slice(0, 200)}" may not speak to agents' door.`);
}
