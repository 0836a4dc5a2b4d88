/** Packs of strangers, and the servers that they come from. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pack } from '../../../models/families/packs.js';

import { listPacks } from '../../../server/packs/list.js';
import { runCommand } from '../../support/command.js';
import { CONTENT, describePack, writePack } from '../../support/packs.js';

let folder: string;
let into: string;
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twostep-strangers-'));
  into = join(folder, 'packs');
  vi.stubEnv('TWOSTEP_PACKS', into);
  vi.stubEnv('TWOSTEP_EMBEDDED_PACKS', join(folder, 'embedded'));
  vi.stubEnv('TWOSTEP_CACHE', join(folder, 'cache'));
  for (const name of ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy']) {
    vi.stubEnv(name, '');
    vi.stubEnv(name.toUpperCase(), '');
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

/** @returns the address of a server, without a slash at its end */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Has the files of a pack. */
function servePack(pack: Pack = describePack()): Promise<string> {
  const source = writePack(mkdtempSync(join(folder, 'source-')), pack);
  return serve((request, response) => {
    const name = (request.url ?? '').slice(1);
    if (name !== 'pack.json' && !Object.hasOwn(CONTENT, name)) return response.writeHead(404).end();
    return response.end(readFileSync(join(source, name)));
  });
}

/** Sends everything on to where the function says. */
const sendOn = (where: (path: string) => string) =>
  serve((request, response) => response.writeHead(302, { Location: where(request.url ?? '') }).end());

const descriptions = async () =>
  (await listPacks()).map((one) => (one.state === 'ready' ? `${one.pack.id}: ${one.pack.description}` : one.reason));

describe('D5: a pack that is called as another one', () => {
  const mine = describePack({ description: 'Mine.' });
  const theirs = describePack({ description: 'Theirs.' });

  it.each(['embedded', 'packs'])('is refused where that one is in %s', async (place) => {
    writePack(join(folder, place, 'test-pack'), mine);
    mkdirSync(into, { recursive: true });
    const before = readdirSync(into);
    const run = await runCommand(['pull', await servePack(theirs)]);
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('say --replace');
    expect(readdirSync(into)).toEqual(before);
    expect(await descriptions()).toEqual(['test-pack: Mine.']);
  });

  it.each(['embedded', 'packs'])('is taken with --replace where that one is in %s, and not half', async (place) => {
    writePack(join(folder, place, 'test-pack'), mine);
    expect((await runCommand(['pull', await servePack(theirs), '--replace'])).exitCode).toBe(0);
    expect(readdirSync(into)).toEqual(['test-pack']);
    expect(await descriptions()).toEqual(['test-pack: Theirs.']);
  });

  it('is asked about at a terminal, once, and an answer in JSON is none', async () => {
    writePack(join(folder, 'embedded', 'test-pack'), mine);
    const url = await servePack(theirs);
    const ask = vi.fn(async () => 'n');
    expect((await runCommand(['pull', url], { ask })).exitCode).toBe(3);
    expect((await runCommand(['--json', 'pull', url], { ask })).exitCode).toBe(3);
    expect(ask).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('comes with the program'));
    expect((await runCommand(['pull', url], { ask: async () => 'y' })).exitCode).toBe(0);
    expect(await descriptions()).toEqual(['test-pack: Theirs.']);
  });
});

describe('D13: a server that sends on', () => {
  it('to another host is refused, with the words that allow it', async () => {
    const there = await servePack();
    const host = new URL(there).host;
    const run = await runCommand(['pull', await sendOn((path) => there + path)]);
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain(
      `sends on to another host, ${host}. Where you trust that one too, say --allow-host ${host}.`,
    );
    expect(readdirSync(folder)).not.toContain('packs');
  });

  it('to another host is followed when that was allowed, or agreed to once', async () => {
    const there = await servePack();
    const here = await sendOn((path) => there + path);
    const ask = vi.fn(async () => 'y');
    expect((await runCommand(['pull', here], { ask })).exitCode).toBe(0);
    expect(ask).toHaveBeenCalledTimes(1);
    rmSync(into, { recursive: true });
    expect((await runCommand(['pull', here, '--allow-host', new URL(there).host])).exitCode).toBe(0);
  });

  it('only for the files is refused as well', async () => {
    const there = await servePack();
    const manifest = JSON.stringify(describePack());
    const here = await serve((request, response) =>
      request.url === '/pack.json'
        ? response.end(manifest)
        : response.writeHead(307, { Location: there + request.url }).end(),
    );
    expect((await runCommand(['pull', here])).stderr).toContain('sends on to another host');
  });

  it('within its host is followed, but not for ever', async () => {
    const files = new Map(Object.entries({ ...CONTENT, 'pack.json': JSON.stringify(describePack()) }));
    const here = await serve((request, response) => {
      const name = (request.url ?? '').slice(1);
      return files.has(name)
        ? response.writeHead(301, { Location: `/at/${name}` }).end()
        : response.end(files.get(name.slice(3)));
    });
    expect((await runCommand(['pull', here])).exitCode).toBe(0);
    const loop = await sendOn((path) => path);
    expect((await runCommand(['pull', loop])).stderr).toContain('sends on more than 5 times');
  });

  it.each(['http://example.com/pack.json', 'file:///etc/passwd', 'ftp://127.0.0.1/x'])(
    'to %s is never followed',
    async (target) => {
      const run = await runCommand(['pull', await sendOn(() => target), '--allow-host', 'example.com']);
      expect(run.stderr).toContain('which is not encrypted. That is not followed.');
    },
  );
});

describe('D13: the proxy that the environment names', () => {
  /** Forwards what is asked of it, and notes it. */
  async function startProxy(): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const { hostname, port, pathname } = new URL(request.url ?? '');
      const socket = connect(Number(port), hostname, () =>
        socket.end(`GET ${pathname} HTTP/1.0\r\nHost: ${hostname}\r\n\r\n`),
      );
      let answer = '';
      socket.setEncoding('latin1');
      socket.on('data', (text) => (answer += text));
      socket.on('end', () => response.end(Buffer.from(answer.slice(answer.indexOf('\r\n\r\n') + 4), 'latin1')));
    });
    servers.at(-1)?.on('connect', (request: IncomingMessage, socket: Socket) => {
      asked.push(`CONNECT ${request.url}`);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    return { url, asked };
  }

  it.each(['HTTP_PROXY', 'http_proxy'])('is used: %s', async (name) => {
    const proxy = await startProxy();
    const url = await servePack();
    vi.stubEnv(name, proxy.url);
    expect((await runCommand(['pull', url])).exitCode).toBe(0);
    expect(proxy.asked[0]).toBe(`GET ${url}/pack.json`);
    expect(proxy.asked).toHaveLength(1 + Object.keys(CONTENT).length);
  });

  it('is used for https as a tunnel, and its refusal is told', async () => {
    const proxy = await startProxy();
    vi.stubEnv('HTTPS_PROXY', proxy.url);
    const run = await runCommand(['pull', 'https://packs.invalid/pack.json']);
    expect(proxy.asked).toEqual(['CONNECT packs.invalid:443']);
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('could not be fetched');
  });

  it('is not used where NO_PROXY names the host', async () => {
    const proxy = await startProxy();
    vi.stubEnv('HTTP_PROXY', proxy.url);
    vi.stubEnv('NO_PROXY', 'example.com,127.0.0.1');
    expect((await runCommand(['pull', await servePack()])).exitCode).toBe(0);
    expect(proxy.asked).toEqual([]);
  });
});

describe('D20: a pack with a name that is reserved', () => {
  const withFile = (path: string) => ({
    ...describePack(),
    files: [...describePack().files, { path, size: 1, sha256: '0'.repeat(64) }],
  });

  it.each([
    'import.lock',
    'IMPORT.LOCK',
    'import-state.json',
    'sub/import.lock',
    'pack.json/x',
    'NUL',
    'aux.onnx',
    'x.',
  ])('is refused by that name: %s', (path) => {
    expect(Pack.safeParse(withFile(path)).error?.issues[0]?.message).toMatch(
      /^"[^"]+" can not be in a pack: .*reserved/,
    );
  });

  it('is refused by pull before anything is made', async () => {
    const text = JSON.stringify(withFile('import.lock'));
    const url = await serve((_, response) => response.end(text));
    expect((await runCommand(['pull', url])).stderr).toContain('the name "import.lock" is reserved');
    expect(readdirSync(folder)).not.toContain('packs');
  });

  it('is refused where a file would be a folder as well, and where the id is a device', () => {
    expect(Pack.safeParse(withFile('student.onnx/data')).error?.issues[0]?.message).toContain(
      'as a file and as a folder',
    );
    expect(Pack.safeParse({ ...describePack(), id: 'nul' }).success).toBe(false);
  });
});
