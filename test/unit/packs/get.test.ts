/** Published models from a server that plays the hub: sends on, breaks off, asks for patience, lies. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { importPack } from '../../../models/import/import-pack.js';
import { RECIPES } from '../../../models/import/recipes.js';
import { type GetOptions, runGet } from '../../../server/cli/get.js';
import { createReporter } from '../../../server/node/reporter.js';
import { readPackFolder } from '../../../server/packs/folder.js';
import { openHub } from '../../../server/packs/hub.js';
import { PUBLISHED, type Published } from '../../../server/packs/published.js';
import { waitOf } from '../../../server/packs/retry-after.js';
import { CLASS_RECIPE, LLAMAGEN_A } from '../../support/random-packs.js';

/** What the hub has: llamagen-a, the tokenizer as a large file with a hash. */
const FILES = { 'them/small/vq.pt': 'vq.pt', 'them/small/deep/dd.pt': 'dd-c2i.pt' } as const;
const ENTRY: Published = {
  name: 'tiny-classes',
  draws: 'noise',
  licence: 'CC0-1.0',
  roles: {
    student: { repository: 'them/small', what: { file: 'deep/dd.pt' }, bytes: 1e6 },
    vq: { repository: 'them/small', what: { file: 'vq.pt' }, bytes: 1e6 },
  },
  optional: [],
  memory: 'little',
};

type Handler = (request: IncomingMessage, response: ServerResponse, content: Buffer) => boolean;
let server: Server;
let base = '';
let misbehave: Handler = () => false;
let sizes: (path: string, size: number) => number = (_, size) => size;
let asked: string[] = [];
let home = '';
let questions: string[] = [];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'twostep-get-'));
  vi.stubEnv('TWOSTEP_PACKS', join(home, 'packs'));
  vi.stubEnv('TWOSTEP_CACHE', join(home, 'cache'));
  misbehave = () => false;
  sizes = (_, size) => size;
  asked = [];
  server = createServer((request, response) => {
    const url = request.url ?? '';
    asked.push(`${url} ${request.headers.range ?? ''}`.trim());
    const tree = /^\/api\/models\/them\/small\/tree\/main(\/.*)?$/.exec(url);
    if (tree) return void response.end(JSON.stringify(listOf(tree[1] ?? '')));
    // The hub sends on for what is large.
    const resolved = /^\/(them\/small)\/resolve\/main\/(.*)$/.exec(url);
    if (resolved) return void response.writeHead(302, { Location: `/blob/${resolved[1]}/${resolved[2]}` }).end();
    const name = FILES[url.replace('/blob/', '') as keyof typeof FILES];
    if (!name) return void response.writeHead(404).end();
    const content = readFileSync(join(LLAMAGEN_A, name));
    if (misbehave(request, response, content)) return;
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = start > 0 ? { 'Content-Range': `bytes ${start}-${content.length - 1}/${content.length}` } : {};
    response.writeHead(start > 0 ? 206 : 200, { ...range, 'Content-Length': content.length - start });
    response.end(content.subarray(start));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  vi.unstubAllEnvs();
});

function listOf(folder: string): unknown[] {
  return Object.entries(FILES)
    .map(([path, name]) => [path.replace('them/small/', ''), join(LLAMAGEN_A, name)] as const)
    .filter(([path]) => (folder === '' ? !path.includes('/') : `/${path}`.startsWith(folder)))
    .map(([path, real]) => {
      const size = sizes(path, statSync(real).size);
      const oid = createHash('sha256').update(readFileSync(real)).digest('hex');
      return { type: 'file', path, size, ...(path === 'vq.pt' ? { lfs: { oid, size } } : {}) };
    });
}

async function get(name: string | undefined, options: Partial<GetOptions> = {}, published = [ENTRY]) {
  const lines: string[] = [];
  const sink = { write: (text: string) => lines.push(text) };
  const reporter = createReporter({ stdout: sink, stderr: sink, json: false });
  questions = [];
  const code = await runGet(
    name,
    { storage: 'exact', ...options },
    {
      importer: { recipes: [CLASS_RECIPE, ...RECIPES], run: importPack },
      reporter,
      signal: new AbortController().signal,
      ask: async (question) => {
        questions.push(question);
        return 'no';
      },
      environment: { HF_ENDPOINT: base },
      published,
      patience: { retries: [1, 1], silence: 20_000 },
    },
  );
  return { code, said: lines.join('') };
}

describe('a published model', () => {
  it('is fetched, checked and imported, and its downloads are gone', async () => {
    const { code, said } = await get('tiny-classes');
    expect(code).toBe(0);
    expect(said).toMatch(/deep\/dd\.pt: nobody publishes its hash; noted [0-9a-f]{16}/);
    expect(said).not.toMatch(/vq\.pt: nobody/);
    const { pack } = await readPackFolder(join(home, 'packs', 'tiny-classes'));
    expect(pack.provenance.sources.map(({ role }) => role).sort()).toEqual(['student', 'vq']);
    expect(readdirSync(join(home, 'cache', 'downloads'))).toEqual([]);
  });

  it('goes on where it broke off, by range', async () => {
    let times = 0;
    misbehave = (request, response, content) => {
      if (!request.url?.includes('vq') || times++ > 1) return false;
      const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
      response.writeHead(start > 0 ? 206 : 200, {
        'Content-Length': content.length - start,
        'Content-Range': `bytes ${start}-${content.length - 1}/${content.length}`,
      });
      response.write(content.subarray(start, start + 1000), () => setTimeout(() => response.destroy(), 200));
      return true;
    };
    expect((await get('tiny-classes')).code).toBe(0);
    expect(
      asked.filter((one) => one.startsWith('/blob') && one.includes('vq') && one.includes('bytes=')).length,
    ).toBeGreaterThan(1);
  });

  it('waits as long as it is told to when there were too many requests', async () => {
    let times = 0;
    misbehave = (_, response) => {
      if (times++ > 3) return false;
      response.writeHead(429, { 'Retry-After': '0' }).end();
      return true;
    };
    expect((await get('tiny-classes')).code).toBe(0);
    expect(times).toBeGreaterThan(4);
  });

  it('is refused where the hub sends other bytes than it says', async () => {
    misbehave = (request, response, content) => {
      if (!request.url?.includes('vq')) return false;
      response.writeHead(200, { 'Content-Length': content.length }).end(Buffer.alloc(content.length, 7));
      return true;
    };
    await expect(get('tiny-classes')).rejects.toThrow(/vq\.pt" is not what it should be/);
    expect(existsSync(join(home, 'packs', 'tiny-classes'))).toBe(false);
  });

  it('is refused where a file that was noted has become another', async () => {
    await get('tiny-classes', { keep: true });
    const notes = join(home, 'packs', 'noted-hashes.json');
    expect(Object.keys(JSON.parse(readFileSync(notes, 'utf8')))).toEqual(['them/small/deep/dd.pt']);
    writeFileSync(notes, JSON.stringify({ 'them/small/deep/dd.pt': '0'.repeat(64) }));
    await expect(get('tiny-classes')).rejects.toThrow(/dd\.pt" is not what it should be/);
  });

  it('is refused where a file is larger than the hub says', async () => {
    sizes = (path, size) => (path === 'vq.pt' ? size - 10 : size);
    await expect(get('tiny-classes')).rejects.toThrow(/sends more than the \d+ bytes/);
  });

  it('asks before gigabytes, and takes no for an answer', async () => {
    sizes = () => 3e9;
    await expect(get('tiny-classes')).rejects.toThrow('Nothing was fetched.');
    expect(questions).toEqual(['Fetch 6.0 GB? [y/N] ']);
    expect(asked.filter((one) => one.startsWith('/blob'))).toEqual([]);
  });

  it('asks of licences, which only the person can read', async () => {
    const entry = PUBLISHED.find(({ name }) => name === 'switti') as Published;
    const small = { repository: 'them/small', what: { file: 'vq.pt' }, bytes: 1 };
    await expect(get('switti', {}, [{ ...entry, roles: { vq: small } }])).rejects.toThrow('Nothing was fetched.');
  });

  it('can not be had where the hub lost it, or answers as it should not', async () => {
    const lost: Published = {
      ...ENTRY,
      roles: { vq: { repository: 'them/small', what: { file: 'other.pt' }, bytes: 1 } },
    };
    await expect(get('tiny-classes', {}, [lost])).rejects.toThrow(/There is no other\.pt in "them\/small"/);
    const gone: Published = { ...ENTRY, roles: { vq: { repository: 'them/gone', what: { file: 'vq.pt' }, bytes: 1 } } };
    await expect(get('tiny-classes', {}, [gone])).rejects.toThrow(/could not be read: it answered 404/);
  });
});

describe('the list', () => {
  it('says what each draws, its licence and its size', async () => {
    const { said } = await get(undefined, {}, [...PUBLISHED]);
    for (const { name } of PUBLISHED) expect(said).toContain(`${name}\n`);
    expect(said).toContain('licence MIT; about 3.1 GB to fetch; --with teacher for more; memory 3 GB');
  });

  it('has a recipe for each, with the roles that it needs', () => {
    for (const { name, roles, optional } of PUBLISHED) {
      const recipe = RECIPES.find((one) => one.name === name);
      expect(recipe, name).toBeDefined();
      const needed = Object.keys(recipe?.files ?? {});
      expect(Object.keys(roles).sort(), name).toEqual(needed.sort());
      for (const role of optional) expect(recipe?.optional, name).toContain(role);
      for (const source of Object.values(roles)) {
        expect(source?.repository).toMatch(/^[\w.-]+\/[\w.-]+$/);
        const what = source?.what ?? { folder: [] };
        for (const path of 'file' in what ? [what.file] : what.folder)
          expect(path).toMatch(/^(?!.*\.\.)[\w.-]+(\/[\w.-]+)*$/);
      }
    }
  });

  it('names what there is where something else is asked for', async () => {
    await expect(get('nothing')).rejects.toThrow('There is no published model "nothing". There are tiny-classes.');
    await expect(get('tiny-classes', { with: ['teacher'] })).rejects.toThrow(/has no teacher to be fetched besides/);
  });
});

describe('a hub', () => {
  it.each([
    ['http://mirror.example', /does not begin with https/],
    ['nonsense', /is no address/],
  ])('is not %s', (mirror, words) => {
    expect(() => openHub(mirror)).toThrow(words);
  });

  it('may lie below a path, and knows the hosts of its own', () => {
    const hub = openHub('https://mirror.example/hf/');
    expect(hub.address({ repository: 'a/b', path: 'c d/e.pt' }).href).toBe(
      'https://mirror.example/hf/a/b/resolve/main/c%20d/e.pt',
    );
    expect(['mirror.example', 'cas-bridge.xethub.hf.co', 'evilhf.co', 'hf.co.evil.example'].map(hub.isOwn)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it.each([
    [429, '3', 3000],
    [503, undefined, 2000],
    [429, '99999999', 600_000],
    [429, '-5', 0],
    [429, 'soon', 2000],
    [200, '3', null],
  ])('of status %i and "%s" is left alone for %s ms', (status, header, wanted) => {
    expect(waitOf(status, header)).toBe(wanted);
  });
});
