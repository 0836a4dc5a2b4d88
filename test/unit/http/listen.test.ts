/** Which port the companion takes. */
import { createServer, type Server } from 'node:net';
import { Hono } from 'hono';
import { afterEach, expect, it } from 'vitest';
import type { Variables } from '../../../server/companion/http/companion.js';
import { type Listening, listen } from '../../../server/companion/http/listen.js';
import { describeScreen } from '../../../server/companion/screen.js';
import { findPort } from '../../support/serve.js';

const app = new Hono<Variables>();
app.get('/', (context) => context.text('here'));

const others: Server[] = [];
let listening: Listening | undefined;
afterEach(async () => {
  await listening?.close();
  listening = undefined;
  for (const server of others.splice(0)) server.close();
});

/** Another program takes a port at an address. */
async function occupy(port: number, host: string): Promise<void> {
  const server = createServer();
  others.push(server);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ port, host }, resolve));
}

const textOf = async (port: number) => (await fetch(`http://127.0.0.1:${port}/`)).text();

it('takes the first port, and the next spare where another program has it', async () => {
  const ports = [await findPort(), await findPort()];
  const [first, spare] = ports as [number, number];
  await occupy(first, '127.0.0.1');
  listening = await listen(app, { hosts: ['127.0.0.1'], ports });
  expect(listening.port).toBe(spare);
  expect(await textOf(spare)).toBe('here');
});

it('takes no port of which another program has one of the two loopbacks, and lets go of the other', async ({
  skip,
}) => {
  const ports = [await findPort(), await findPort()];
  const [first, spare] = ports as [number, number];
  await occupy(first, '::1').catch(() => skip('no IPv6 here'));
  listening = await listen(app, { hosts: ['127.0.0.1', '::1'], ports });
  expect(listening.port).toBe(spare);
  // The half that was free was tried first; it is free again.
  await occupy(first, '127.0.0.1');
});

it('fails by name when there is none', async () => {
  const port = await findPort();
  await occupy(port, '127.0.0.1');
  await expect(listen(app, { hosts: ['127.0.0.1'], ports: [port] })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

it('a spare port is told on the screen, the usual one is not', () => {
  const screen = {
    version: '1',
    port: 21213,
    code: 'A-B',
    pack: null,
    failure: null,
    aside: null,
    restored: 0,
  } as const;
  const engine = { state: 'starting' } as const;
  expect(describeScreen({ ...screen, engine, spare: true })).toMatch(/localhost:21213[\s\S]*the usual port is taken/);
  expect(describeScreen({ ...screen, engine, spare: false })).not.toContain('spare');
});
