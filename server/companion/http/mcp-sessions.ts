/**
 * Agents of the protocol before 2026-07-28, over HTTP. They cancel by a message of its own, which finds the call only where both belong to
 * one session; since then a call is its connection, and nothing is kept.
 */
import { randomUUID } from 'node:crypto';
import type { McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import type { McpSdk } from '../../mcp/server.js';
import { failure, toResponse } from './failure.js';

/** Sessions at a time. Each agent has one, and those that crash leave theirs behind. */
const MOST = 64;

type Session = {
  readonly owner: string;
  readonly server: McpServer;
  readonly transport: WebStandardStreamableHTTPServerTransport;
};

export type McpSessions = {
  /** @param parsedBody of a POST */
  handle(request: Request, parsedBody: unknown, owner: string, create: () => Promise<McpServer>): Promise<Response>;
  /** Ends those of a token. */
  dismiss(owner: string): void;
};

export function createMcpSessions({ WebStandardStreamableHTTPServerTransport }: McpSdk): McpSessions {
  /** The one that was used last is the last. */
  const sessions = new Map<string, Session>();

  function end(id: string): void {
    const session = sessions.get(id);
    sessions.delete(id);
    // It may be closed already.
    void session?.server.close().catch(() => undefined);
  }

  return {
    async handle(request, parsedBody, owner, create) {
      const id = request.headers.get('mcp-session-id');
      if (id !== null) {
        const session = sessions.get(id);
        // A session opens nothing to another token. After 404 a client begins a new one.
        if (session?.owner !== owner)
          return toResponse(failure(404, 'session_not_found', 'There is no such session; begin a new one.'));
        sessions.delete(id);
        sessions.set(id, session);
        return session.transport.handleRequest(request, { parsedBody });
      }
      const server = await create();
      const transport = new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized(fresh) {
          sessions.set(fresh, { owner, server, transport });
          const [oldest] = sessions.keys();
          if (sessions.size > MOST && oldest !== undefined) end(oldest);
        },
        onsessionclosed: (over) => void sessions.delete(over),
      });
      await server.connect(transport);
      return transport.handleRequest(request, { parsedBody });
    },
    dismiss(owner) {
      for (const [id, session] of sessions) if (session.owner === owner) end(id);
    },
  };
}
