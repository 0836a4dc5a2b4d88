/** Agents over HTTP, with the official client, in the old and in the new manner. */
import { type Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { requestFromPng } from '../../../models/run/metadata.js';
import {
  createPngEngine,
  startCompanion,
  type TestCompanion,
  type TestCompanionOptions,
} from '../../support/companion.js';
import { createFakeEngine } from '../../support/fake-engine.js';
import { connectAgent, ERAS, type Era, imagesOf, textOf } from '../../support/mcp.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: TestCompanionOptions = {}): Promise<TestCompanion> {
  const companion = await startCompanion({ engine: createPngEngine(), ...options });
  closing.push(companion.close);
  return companion;
}

async function connect({ url, token }: TestCompanion, era: Era): Promise<Client> {
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  const client = await connectAgent(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit }), era);
  closing.push(() => client.close());
  return client;
}

const call = (client: Client, name: string, input: Record<string, unknown>) =>
  client.callTool({ name, arguments: input });

describe.each(ERAS)('an agent of %s', (era) => {
  it('finds tools that say what they do to the world', async () => {
    const client = await connect(await start(), era);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual([
      'generate_image',
      'list_models',
      'place_in_figma',
      'vary_image',
      'vectorize_image',
    ]);
    for (const { annotations, description } of tools) {
      expect(description).toMatch(/\.$/);
      expect(annotations?.openWorldHint).toBe(false);
    }
    expect(tools.find(({ name }) => name === 'list_models')?.annotations?.readOnlyHint).toBe(true);
    expect(tools.find(({ name }) => name === 'place_in_figma')?.annotations?.destructiveHint).toBe(true);
  });

  it('gets pictures to look at, with seed, size and an address that works without the token', async () => {
    const client = await connect(await start(), era);
    const answer = await call(client, 'generate_image', { prompt: 'a red circle', n: 2, seed: 7, size: '64x32' });
    expect(answer.structuredContent).toMatchObject({
      model: 'test-pack',
      pictures: [
        { seed: 7, width: 64, height: 32, image: expect.stringMatching(/^job_.*\/0$/) },
        { seed: 8, width: 64, height: 32, image: expect.stringMatching(/^job_.*\/1$/) },
      ],
      warnings: [],
    });
    const [first] = imagesOf(answer);
    expect(first?.mimeType).toBe('image/png');
    const { pictures } = answer.structuredContent as { pictures: { url: string }[] };
    const bytes = new Uint8Array(await (await fetch(pictures[0]?.url ?? '')).arrayBuffer());
    expect(Buffer.from(bytes).toString('base64')).toBe(first?.data);
    expect(requestFromPng(bytes)).toMatchObject({ prompt: 'a red circle', seeds: [7] });
  });

  it('varies a picture: the same words, other seeds', async () => {
    const client = await connect(await start(), era);
    const drawn = await call(client, 'generate_image', { prompt: 'a red circle', seed: 7, transparent: true });
    const { pictures } = drawn.structuredContent as { pictures: { image: string }[] };
    const answer = await call(client, 'vary_image', { image: pictures[0]?.image, n: 1, seed: 99 });
    const [varied] = imagesOf(answer);
    expect(requestFromPng(Buffer.from(varied?.data ?? '', 'base64'))).toMatchObject({
      prompt: 'a red circle',
      background: 'transparent',
      seeds: [99],
    });
  });

  it('gets a picture as layers, with how much of it they keep', async () => {
    const client = await connect(await start(), era);
    const drawn = await call(client, 'generate_image', { prompt: 'a red circle', seed: 7 });
    const { pictures } = drawn.structuredContent as { pictures: { image: string }[] };
    const answer = await call(client, 'vectorize_image', { image: pictures[0]?.image });
    expect(answer.structuredContent).toMatchObject({ suits: 'yes', layers: 1 });
    const { url } = answer.structuredContent as { url: string };
    const svg = await (await fetch(url)).text();
    expect(svg).toContain('<svg');
    expect(answer.content).toContainEqual({
      type: 'resource',
      resource: { uri: url, mimeType: 'image/svg+xml', text: svg },
    });
  });

  it('hears how far it is, rising', async () => {
    const client = await connect(await start({ engine: createPngEngine(20) }), era);
    const heard: number[] = [];
    await client.callTool(
      { name: 'generate_image', arguments: { prompt: 'a red circle', n: 4 } },
      { onprogress: ({ progress }) => void heard.push(progress) },
    );
    expect(heard.length).toBeGreaterThan(2);
    expect([...heard].sort((a, b) => a - b)).toEqual(heard);
  });

  it('cancels, and the job ends', async () => {
    const companion = await start({ engine: createFakeEngine([{ type: 'hang' }]) });
    const client = await connect(companion, era);
    const stop = new AbortController();
    const asked = client
      .callTool({ name: 'generate_image', arguments: { prompt: 'a red circle' } }, { signal: stop.signal })
      .then(
        () => 'answered',
        () => 'cancelled',
      );
    await vi.waitFor(() => expect(companion.jobs.counts().running).toBe(1));
    stop.abort();
    expect(await asked).toBe('cancelled');
    await vi.waitFor(() => expect(companion.jobs.counts().running).toBe(0), 5000);
  });

  it.each([
    ['generate_image', { prompt: 'owl', size: 'large' }, /size.*WIDTHxHEIGHT/s],
    ['generate_image', { prompt: 'owl', n: 99 }, /n/],
    ['generate_image', { prompt: 'owl', colour: 'red' }, /colour/],
    ['generate_image', { prompt: 'owl', model: 'dream' }, /no model "dream"; there are: test-pack/],
    ['generate_image', { prompt: 'owl', size: '8192x8192' }, /size/],
    ['vary_image', { image: '/etc/passwd' }, /"image" is to be what an answer/],
    ['vectorize_image', { image: `job_${'0'.repeat(32)}/0` }, /no picture/],
    ['place_in_figma', { image: `job_${'0'.repeat(32)}/0` }, /no such picture/],
  ])('%s of %j is refused in words', async (name, input, words) => {
    const client = await connect(await start(), era);
    const answer = await call(client, name, input);
    expect(answer.isError).toBe(true);
    expect(textOf(answer)).toMatch(words);
  });

  it('hears what went wrong while drawing, and has what was drawn before', async () => {
    const broken = createFakeEngine((request) => [
      ...(request.seeds.length > 1
        ? [
            {
              type: 'picture',
              index: 0,
              seed: request.seeds[0] ?? 0,
              bytes: new Uint8Array(9),
              width: 1,
              height: 1,
            } as const,
          ]
        : []),
      { type: 'error', code: 'out-of-memory', message: 'There is no memory left.' },
    ]);
    const client = await connect(await start({ engine: broken }), era);
    const nothing = await call(client, 'generate_image', { prompt: 'owl' });
    expect([nothing.isError, textOf(nothing)]).toEqual([true, 'There is no memory left.']);
    const some = await call(client, 'generate_image', { prompt: 'owl', n: 2 });
    expect(some.structuredContent).toMatchObject({
      pictures: [{}],
      warnings: ['1 of 2 pictures were drawn: There is no memory left.'],
    });
  });
});

describe('the door', () => {
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
  };
  const accept = { Accept: 'application/json, text/event-stream' };

  it('is shut without a token', async () => {
    const { url } = await start();
    const headers = { 'Content-Type': 'application/json', ...accept };
    const answer = await fetch(`${url}/mcp`, { method: 'POST', headers, body: JSON.stringify(initialize) });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining('twostep token create') } });
  });

  it.each([
    ['https://evil.example', 403],
    ['null', 403],
    ['http://localhost.evil.example', 403],
    ['http://localhost:6274', 200],
  ])('a page of %s gets %i', async (origin, status) => {
    const { post } = await start();
    const answer = await post('/mcp', initialize, { ...accept, Origin: origin });
    expect(answer.status).toBe(status);
    await answer.body?.cancel();
  });

  it('a session opens nothing to another token, and a lost one is begun anew', async () => {
    const { post, tokens, url } = await start();
    const begun = await post('/mcp', initialize, accept);
    const session = begun.headers.get('mcp-session-id') ?? '';
    await begun.body?.cancel();
    const other = await tokens.create('other');
    const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
    const headers = { ...accept, 'Content-Type': 'application/json', 'Mcp-Session-Id': session };
    const own = await post('/mcp', list, headers);
    expect(own.status).toBe(200);
    await own.body?.cancel();
    const foreign = await fetch(`${url}/mcp`, {
      method: 'POST',
      headers: { ...headers, Authorization: `Bearer ${other.token}` },
      body: JSON.stringify(list),
    });
    expect(foreign.status).toBe(404);
  });

  it('takes no body without end', async () => {
    const { post } = await start();
    expect((await post('/mcp', ' '.repeat(300_000), accept)).status).toBe(413);
  });
});
