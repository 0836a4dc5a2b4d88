/** A host for the engine page with a panel beside it, which breaks off downloads or changes them when told to; and a way in for tests. */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { Pack } from '../../models/families/packs.js';

import type { Engine, GenerateEvent } from '../../models/protocol.js';
import { bundleScript } from '../../scripts/bundle-script.mjs';
import { EMBEDDED_PACK } from '../../scripts/embed.mjs';
import { bundleEnginePage } from '../../scripts/engine-page.mjs';
import { inRoot } from '../../scripts/paths.mjs';

export type Mischief = {
  /** Bytes of a file after which the connection breaks, once for each file. */
  breakAfter?: number;
  corrupt?: boolean;
  lengthen?: boolean;
};

export type EngineSite = {
  readonly url: string;
  mischief: Mischief;
  readonly requests: { readonly path: string; readonly range: string | undefined }[];
  /** A folder on disk with the pack's files and a pack.json of the test's. */
  readonly dropped: { readonly folder: string; write(pack: Pack): void };
  close(): Promise<void>;
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
};

/** What a test can't get at otherwise: the device that a worker made. */
const WATCH_DEVICE = `if (globalThis.GPUAdapter) {
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...given) {
    return (globalThis.lastDevice = await request.apply(this, given));
  };
}
`;

/** @param more folders of packs that the host has beside its own */
export async function openEngineSite(...more: readonly string[]): Promise<EngineSite> {
  const { contents } = await bundleEnginePage();
  const packs = JSON.parse(String(contents.get('packs/index.json'))) as unknown[];
  for (const folder of more) {
    const other = Pack.parse(JSON.parse(readFileSync(join(folder, 'pack.json'), 'utf8')));
    packs.push(other);
    for (const path of ['pack.json', ...other.files.map(({ path }) => path)])
      contents.set(`packs/${other.id}/${path}`, readFileSync(join(folder, path)));
  }
  contents.set('packs/index.json', JSON.stringify(packs));
  const { script } = await bundleScript('test/panel/engine-page-entry.ts', 'es2022');
  const panel = `<!doctype html><title>Panel</title><body><script>${new TextDecoder().decode(script).replace(/<\/script/g, '<\\/script')}</script>`;
  const broken = new Set<string>();
  const folder = mkdtempSync(join(tmpdir(), 'twostep-dropped-'));
  cpSync(inRoot(EMBEDDED_PACK), folder, { recursive: true });

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const { range } = request.headers;
    site.requests.push({ path, range });
    if (path === '/panel') return response.writeHead(200, { 'Content-Type': 'text/html' }).end(panel);
    const name = path === '/engine/' ? 'index.html' : path.replace(/^\/engine\//, '');
    const found = contents.get(name);
    if (found === undefined) return response.writeHead(404).end();
    let bytes = Buffer.from(found);
    if (name.startsWith('worker-')) bytes = Buffer.concat([Buffer.from(WATCH_DEVICE), bytes]);
    const isFile = name.startsWith('packs/') && !name.endsWith('/pack.json') && name !== 'packs/index.json';
    if (isFile && site.mischief.corrupt) bytes = Buffer.from(bytes.map((byte) => byte ^ 1));
    if (isFile && site.mischief.lengthen) bytes = Buffer.concat([bytes, bytes]);
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const headers = { 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream' };
    const rest = bytes.subarray(start);
    const length = { 'Content-Length': rest.length };
    if (start > 0)
      response.writeHead(206, {
        ...headers,
        ...length,
        'Content-Range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
      });
    else response.writeHead(200, { ...headers, ...length });
    const { breakAfter } = site.mischief;
    if (isFile && breakAfter !== undefined && rest.length > breakAfter && !broken.has(name)) {
      broken.add(name);
      return response.write(rest.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), 100));
    }
    return response.end(rest);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const site: EngineSite = {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    mischief: {},
    requests: [],
    dropped: {
      folder,
      write: (pack) => writeFileSync(join(folder, 'pack.json'), JSON.stringify(pack)),
    },
    async close() {
      rmSync(folder, { recursive: true });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return site;
}

/** The panel's client of the engine page, from out here. */
export async function bridge(page: Page): Promise<Engine> {
  return async function* (request, signal) {
    if (signal.aborted) {
      yield { type: 'error', code: 'cancelled', message: 'Cancelled.' };
      return;
    }
    const id = (await page.evaluate(`begin(${JSON.stringify(request)})`)) as number;
    const cancel = () => void page.evaluate(`stop(${id})`).catch(() => undefined);
    signal.addEventListener('abort', cancel);
    try {
      for (;;) {
        const text = (await page.evaluate(`next(${id})`)) as string | null;
        if (text === null) return;
        const event = JSON.parse(text);
        yield (
          'bytes' in event ? { ...event, bytes: Uint8Array.from(Buffer.from(event.bytes, 'base64')) } : event
        ) as GenerateEvent;
      }
    } finally {
      signal.removeEventListener('abort', cancel);
      cancel();
    }
  };
}
