/** An image server of somebody else's, whose manners the test tells. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export type Asked = {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
};

export type Manners = (asked: Asked, response: ServerResponse) => void | Promise<void>;

export type ImageServer = { readonly url: string; readonly asked: readonly Asked[]; close(): Promise<void> };

export async function startImageServer(manners: Manners): Promise<ImageServer> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const body = request.method === 'POST' ? ((await json(request).catch(() => ({}))) as Record<string, unknown>) : {};
    const one: Asked = { path: request.url ?? '', method: request.method ?? '', headers: request.headers, body };
    asked.push(one);
    await manners(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
