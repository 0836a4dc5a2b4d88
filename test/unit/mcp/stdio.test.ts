/** `twostep mcp`: an agent that starts the command, with and without a companion on this machine. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Client } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { followOrders } from '../../../models/client/panel-orders.js';
import type { Engine } from '../../../models/protocol.js';
import { requestFromPng } from '../../../models/run/metadata.js';
import { runMcp } from '../../../server/cli/mcp.js';
import { modelOfPack } from '../../../server/drawing/drawing-model.js';
import { tracePng } from '../../../server/vector/trace.js';
import { createPngEngine, startCompanion, type TestCompanion } from '../../support/companion.js';
import { createFakeEngine } from '../../support/fake-engine.js';
import { connectAgent, connectStreams, ERAS, imagesOf, textOf } from '../../support/mcp.js';
import { describePack, writePack } from '../../support/packs.js';

let folder: string;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twostep-mcp-'));
  vi.stubEnv('TWOSTEP_PACKS', join(folder, 'packs'));
  vi.stubEnv('TWOSTEP_EMBEDDED_PACKS', join(folder, 'none'));
  vi.stubEnv('TWOSTEP_DATA', join(folder, 'data'));
  writePack(join(folder, 'packs', 'test-pack'));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  vi.unstubAllEnvs();
});

type Run = { readonly client: Client; readonly out: string; readonly ended: Promise<number>; opened(): number };

async function start(era: (typeof ERAS)[number], engine: Engine = createPngEngine()): Promise<Run> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const out = join(folder, 'out');
  let opened = 0;
  const openLocalEngine = async () => {
    opened += 1;
    return { model: modelOfPack(describePack()), engine, close: async () => {} };
  };
  const stop = new AbortController();
  const ended = runMcp(
    { out },
    {
      openLocalEngine,
      trace: tracePng,
      version: '1.2.3',
      streams: { stdin, stdout, stderr },
      debug: false,
      signal: stop.signal,
    },
  );
  closing.push(async () => {
    stop.abort();
    await ended;
  });
  const client = await connectAgent(connectStreams(stdin, stdout), era);
  return { client, out, ended, opened: () => opened };
}

/** The companion that a command finds in its data folder. */
async function startOwnCompanion(): Promise<TestCompanion> {
  const data = join(folder, 'data');
  const companion = await startCompanion({ engine: createPngEngine(), folder: data });
  writeFileSync(join(data, 'running.json'), JSON.stringify({ process: process.pid, port: companion.port }));
  closing.push(companion.close);
  return companion;
}

const call = (client: Client, name: string, input: Record<string, unknown> = {}) =>
  client.callTool({ name, arguments: input });

type Drawn = { pictures: { image: string; file: string; seed: number }[] };

describe.each(ERAS)('an agent of %s, without a companion', (era) => {
  it('has pictures as files that carry their request, drawn in this process', async () => {
    const { client, out, opened } = await start(era);
    const answer = await call(client, 'generate_image', { prompt: 'a red circle', n: 2, seed: 7 });
    const { pictures } = answer.structuredContent as Drawn;
    expect(pictures.map(({ file }) => file)).toEqual([7, 8].map((seed) => join(out, `a-red-circle-${seed}.png`)));
    const bytes = readFileSync(pictures[0]?.file ?? '');
    expect(requestFromPng(bytes)).toMatchObject({ prompt: 'a red circle', seeds: [7] });
    expect(imagesOf(answer)[0]?.data).toBe(bytes.toString('base64'));
    await call(client, 'generate_image', { prompt: 'a red circle', seed: 7 });
    expect([readdirSync(out).sort(), opened()]).toEqual([
      ['a-red-circle-7-2.png', 'a-red-circle-7.png', 'a-red-circle-8.png'],
      1,
    ]);
  });

  it('varies and traces a file of another day', async () => {
    const first = await start(era);
    const drawn = await call(first.client, 'generate_image', { prompt: 'a red circle', seed: 7 });
    const { file } = (drawn.structuredContent as Drawn).pictures[0] as { file: string };
    const { client } = await start(era);
    const varied = await call(client, 'vary_image', { image: file, n: 1, seed: 9 });
    expect((varied.structuredContent as Drawn).pictures).toMatchObject([{ seed: 9 }]);
    const traced = await call(client, 'vectorize_image', { image: file });
    expect(traced.structuredContent).toMatchObject({ file: file.replace(/png$/, 'svg'), suits: 'yes' });
    expect(existsSync(file.replace(/png$/, 'svg'))).toBe(true);
  });

  it('gives away no file that is not ours', async () => {
    const { client } = await start(era);
    const secret = join(folder, 'secret.txt');
    writeFileSync(secret, 'the key');
    for (const [tool, image] of [
      ['vary_image', secret],
      ['vectorize_image', secret],
      ['vary_image', folder],
      ['vary_image', join(folder, 'nothing.png')],
    ] as const) {
      const answer = await call(client, tool, { image });
      expect(answer.isError).toBe(true);
      expect(textOf(answer)).not.toContain('the key');
    }
  });

  it('is told what place_in_figma needs', async () => {
    const { client } = await start(era);
    const drawn = await call(client, 'generate_image', { prompt: 'owl' });
    const { image } = (drawn.structuredContent as Drawn).pictures[0] as { image: string };
    const answer = await call(client, 'place_in_figma', { image });
    expect([answer.isError, textOf(answer)]).toEqual([true, expect.stringContaining('twostep serve')]);
  });

  it('lists the models, best first', async () => {
    writePack(join(folder, 'packs', 'zoo'), describePack({ id: 'zoo' }));
    const { client } = await start(era);
    const { structuredContent } = await call(client, 'list_models');
    expect((structuredContent as { models: { id: string }[] }).models.map(({ id }) => id)).toEqual([
      'test-pack',
      'zoo',
    ]);
  });

  it('cancels a call, and the engine hears it', async () => {
    let heard = false;
    const hanging = createFakeEngine([{ type: 'hang' }]);
    const engine: Engine = async function* (request, signal) {
      signal.addEventListener('abort', () => {
        heard = true;
      });
      yield* hanging(request, signal);
    };
    const { client } = await start(era, engine);
    const stop = new AbortController();
    const asked = client.callTool({ name: 'generate_image', arguments: { prompt: 'owl' } }, { signal: stop.signal });
    await vi.waitFor(() => expect(hanging.requests.length).toBe(1));
    stop.abort();
    await expect(asked).rejects.toThrow();
    await vi.waitFor(() => expect(heard).toBe(true));
  });

  it('ends when the agent closes stdin, and leaves no empty folder', async () => {
    const { client, ended, out } = await start(era);
    await client.close();
    expect(await ended).toBe(0);
    expect(existsSync(out)).toBe(false);
  });
});

describe('beside a companion', () => {
  it('the companion draws, and the key of this process ends with it', async () => {
    const companion = await startOwnCompanion();
    const { client, opened, ended } = await start('2026');
    await call(client, 'generate_image', { prompt: 'a red circle', seed: 7 });
    expect(opened()).toBe(0);
    const names = async () => (await companion.tokens.list()).map(({ name }) => name);
    expect(await names()).toContain(`twostep mcp (process ${process.pid})`);
    await client.close();
    await ended;
    expect(await names()).toEqual(['test']);
  });

  it('revokes what a process that was killed left behind', async () => {
    const companion = await startOwnCompanion();
    await companion.tokens.create('twostep mcp (process 999999999)', { manages: true });
    const { client } = await start('2026');
    await call(client, 'generate_image', { prompt: 'owl' });
    expect((await companion.tokens.list()).map(({ name }) => name)).not.toContain('twostep mcp (process 999999999)');
  });

  it('places a picture in the panel, also a file of another day', async () => {
    const { url, tokens } = await startOwnCompanion();
    const panel = await tokens.create('Figma panel');
    const stop = new AbortController();
    const placed: unknown[] = [];
    const listening = followOrders(
      { url, token: panel.token, fetch },
      async ({ request, where }, png) => {
        placed.push({ where, carried: requestFromPng(png), request });
        return { outcome: 'placed', names: ['Hero'] };
      },
      stop.signal,
    ).catch(() => undefined);
    const first = await start('2026');
    const drawn = await call(first.client, 'generate_image', { prompt: 'a red circle', seed: 7 });
    const { image } = (drawn.structuredContent as Drawn).pictures[0] as { image: string };
    const answer = await call(first.client, 'place_in_figma', { image, where: 'selection' });
    expect(answer.structuredContent).toEqual({ layers: ['Hero'] });
    const second = await start('2026');
    expect((await call(second.client, 'place_in_figma', { image })).structuredContent).toEqual({ layers: ['Hero'] });
    const carried = requestFromPng(readFileSync(image));
    expect(placed).toEqual([
      { where: 'selection', carried, request: carried },
      { where: 'beside', carried, request: carried },
    ]);
    stop.abort();
    await listening;
  });
});
