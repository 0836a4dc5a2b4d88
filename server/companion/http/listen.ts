/** The application on sockets: both loopbacks, the first port that is free, and limits on what a client may take. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { answerBrokenRequest } from './broken-request.js';
import type { Variables } from './companion.js';
import { keepHalfClosed } from './half-closed.js';

export const HTTP_LIMITS = {
  /** Bytes of all headers. A token has 51, openai's client sends 1 kB. */
  headers: 16 * 1024,
  headerCount: 64,
  /** Milliseconds for the headers, and for the whole request, to come in. */
  headersTime: 5000,
  requestTime: 10_000,
  /** A panel holds 2, a browser at most 6. */
  connections: 1024,
} as const;

export type Listening = { readonly port: number; close(): Promise<void> };

/**
 * @param hosts addresses to listen at; one that this machine does not have (`::1` without IPv6) is left out, but not all, and none of those that are needed
 * @param ports tried in this order; 0 takes any
 * @throws Error with code `EADDRINUSE` when all are taken, `EADDRNOTAVAIL` or `EAFNOSUPPORT` for an address that is needed
 */
export async function listen(
  app: Hono<Variables>,
  {
    hosts,
    needed = [],
    ports,
    limits = HTTP_LIMITS,
  }: {
    hosts: readonly string[];
    needed?: readonly string[];
    ports: readonly number[];
    limits?: { [Key in keyof typeof HTTP_LIMITS]: number };
  },
): Promise<Listening> {
  let last: unknown;
  for (const port of ports)
    try {
      return await listenAt(port);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      last = error;
    }
  throw last;

  async function listenAt(wanted: number): Promise<Listening> {
    const servers: Server[] = [];
    let port = wanted;
    try {
      for (const host of hosts) {
        const server = create();
        const address = await bind(server, host, port).catch((error: NodeJS.ErrnoException) => {
          const isAbsent = error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT';
          if (isAbsent && !needed.includes(host)) return null;
          throw error;
        });
        if (!address) continue;
        servers.push(server);
        port = address.port;
      }
      if (servers.length === 0) throw new Error(`this machine has none of the addresses ${hosts.join(', ')}`);
    } catch (error) {
      await Promise.all(servers.map(shut));
      throw error;
    }
    return {
      port,
      async close() {
        await Promise.all(servers.map(shut));
      },
    };
  }

  function create(): Server {
    const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false });
    const server = createServer(
      {
        maxHeaderSize: limits.headers,
        headersTimeout: limits.headersTime,
        requestTimeout: limits.requestTime,
        connectionsCheckingInterval: 1000,
        keepAliveTimeout: 10_000,
      },
      (incoming, outgoing) => {
        keepHalfClosed(incoming, outgoing);
        void answer(incoming, outgoing);
      },
    );
    // Node's own switch, which its types lack: a client that has ended its side still gets its answer.
    Object.assign(server, { httpAllowHalfOpen: true });
    server.maxHeadersCount = limits.headerCount;
    server.maxConnections = limits.connections;
    server.on('clientError', answerBrokenRequest);
    return server;
  }
}

function bind(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
