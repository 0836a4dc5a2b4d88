/** Packs that are not there yet: what is fetched in part is no pack, and only one at a time fetches it. */

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pack } from '../../../models/families/packs.js';
import { takePartialFolder } from '../../../models/import/partial-folder.js';

import { findPack, listPacks } from '../../../server/packs/list.js';
import { type PullEvent, pullPack } from '../../../server/packs/pull.js';
import { createPulls } from '../../../server/packs/pulls.js';
import { CONTENT, describePack, writePack } from '../../support/packs.js';

let server: Server;
let url = '';
let source = '';
let into = '';
let asked: string[] = [];
beforeEach(async () => {
  source = writePack(mkdtempSync(join(tmpdir(), 'twostep-source-')));
  into = mkdtempSync(join(tmpdir(), 'twostep-into-'));
  asked = [];
  vi.stubEnv('TWOSTEP_PACKS', into);
  vi.stubEnv('TWOSTEP_EMBEDDED_PACKS', join(into, 'embedded'));
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const path = join(source, request.url ?? '');
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return response.writeHead(404).end();
    return response.end(readFileSync(path));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  vi.unstubAllEnvs();
  for (const folder of [source, into]) rmSync(folder, { recursive: true, force: true });
});

async function pull(): Promise<PullEvent[]> {
  const events: PullEvent[] = [];
  for await (const event of pullPack({ url, into, signal: new AbortController().signal, retries: [] }))
    events.push(event);
  return events;
}

const names = async () => (await listPacks()).map((pack) => (pack.state === 'ready' ? pack.pack.id : pack.folder));

describe('a pack that was fetched in part', () => {
  beforeEach(async () => {
    rmSync(join(source, 'decoder.onnx'));
    await expect(pull()).rejects.toThrow(/it answered 404/);
    expect(existsSync(join(into, 'test-pack.partial', 'labels.json'))).toBe(true);
    writeFileSync(join(source, 'decoder.onnx'), CONTENT['decoder.onnx']);
    asked = [];
  });

  it('is neither listed nor drawn with', async () => {
    writePack(join(into, 'small'), describePack({ id: 'small', student: null }));
    expect(await names()).toEqual(['small']);
    expect((await findPack(undefined)).pack.id).toBe('small');
    expect(existsSync(join(into, 'test-pack.partial', 'pack.json'))).toBe(false);
  });

  it('is listed once it is whole, with nothing of the way left in it', async () => {
    await pull();
    expect(asked).toEqual(['/pack.json', '/decoder.onnx', '/codebook.f32']);
    expect(await names()).toEqual(['test-pack']);
    expect(readdirSync(into)).toEqual(['test-pack']);
    expect(readdirSync(join(into, 'test-pack')).sort()).toEqual([...Object.keys(CONTENT), 'pack.json'].sort());
  });

  it('goes on where a version that wrote pack.json first had stopped, and is not listed there either', async () => {
    const partial = join(into, 'test-pack.partial');
    rmSync(join(partial, 'pack.json~'));
    writeFileSync(join(partial, 'pack.json'), readFileSync(join(source, 'pack.json')));
    expect(await names()).toEqual([]);
    await pull();
    expect(asked).toEqual(['/pack.json', '/decoder.onnx', '/codebook.f32']);
    expect(readdirSync(into)).toEqual(['test-pack']);
  });

  it('begins anew when the pack is another by now', async () => {
    writePack(source, describePack({ description: 'Another.' }));
    await pull();
    expect(asked).toContain('/labels.json');
  });
});

it('no pack can be called as what is fetched in part is', () => {
  expect(Pack.safeParse({ ...describePack(), id: 'fox.partial' }).error?.issues[0]?.path).toEqual(['id']);
});

it('a graph of which ONNX Runtime must see nothing never becomes a pack', async () => {
  // A function, which is field 25.
  const student = '\xca\x01\x03stu:\0';
  const { files, ...rest } = describePack();
  const hash = createHash('sha256').update(student, 'latin1').digest('hex');
  const changed = files.map((file) => (file.path === 'student.onnx' ? { ...file, size: 8, sha256: hash } : file));
  writePack(source, { ...rest, files: changed });
  writeFileSync(join(source, 'student.onnx'), student, 'latin1');
  await expect(pull()).rejects.toThrow(
    'The graph "test-pack/student.onnx" is refused: it brings functions of its own.',
  );
  expect(existsSync(join(into, 'test-pack.partial', 'student.onnx'))).toBe(false);
  expect(await names()).toEqual([]);
});

describe('one at a time', () => {
  it('fetches a pack, whoever else asks for it', async () => {
    const first = pullPack({ url, into, signal: new AbortController().signal });
    await first.next();
    await expect(pull()).rejects.toThrow(`Process ${process.pid} is making "${join(into, 'test-pack')}" already.`);
    for await (const _ of first);
    expect(await pull()).toEqual([{ type: 'done', folder: join(into, 'test-pack'), pack: 'test-pack' }]);
    expect(readdirSync(into)).toEqual(['test-pack']);
  });

  it('fetches a pack, and not while another program does', async () => {
    mkdirSync(join(into, 'test-pack.partial'));
    // A process that is there and is not ours.
    writeFileSync(join(into, 'test-pack.partial', 'import.lock'), String(process.ppid));
    await expect(pull()).rejects.toThrow(`Process ${process.ppid} is making`);
    expect(readdirSync(join(into, 'test-pack.partial'))).toEqual(['import.lock']);
    // One that was killed.
    writeFileSync(join(into, 'test-pack.partial', 'import.lock'), '999999999');
    expect((await pull()).at(-1)?.type).toBe('done');
  });

  it('may have the folder in which a pack grows', async () => {
    const out = join(into, 'mine');
    const taken = await Promise.allSettled([takePartialFolder(out), takePartialFolder(out)]);
    expect(taken.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('runs for a name that is asked for twice at once', async () => {
    writeFileSync(join(into, 'registry.json'), JSON.stringify({ foxes: { url, description: 'Foxes.' } }));
    let begun = 0;
    const pulls = createPulls(
      async function* (from, signal) {
        begun += 1;
        yield* pullPack({ url: from, into, signal });
      },
      () => {},
    );
    await Promise.all([pulls.start('foxes'), pulls.start('foxes')]);
    await expect.poll(() => pulls.list()).toMatchObject([{ name: 'foxes', state: 'done' }]);
    expect(begun).toBe(1);
    pulls.close();
  });
});
