/**
 * The programs of others, unmodified, over an engine that says nothing for 20 s between two pictures: longer than the companion stays
 * silent on a stream, so that its heartbeat comes after an event that has an id (C1). Those that are written in Python skip where it lacks them.
 */
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { DallEAPIWrapper } from '@langchain/openai';
import { generateImage } from 'ai';
import { createParser } from 'eventsource-parser';
import OpenAI from 'openai';
import { afterAll, describe, expect, it } from 'vitest';
import { createCompanionEngine } from '../../models/client/companion.js';
import { type Engine, type GenerateRequest, REQUEST_DEFAULTS } from '../../models/protocol.js';
import { requestFromPng } from '../../models/run/metadata.js';
import { createPngEngine, startCompanion, type TestCompanion } from '../support/companion.js';
import { collect, picturesOf } from '../support/engine-conformance.js';
import { hasPythonPackage, runPython } from '../support/python.js';

const SILENCE = 20_000;

/** The last picture comes after the silence. */
const silent: Engine = async function* (request, signal) {
  for await (const event of createPngEngine()(request, signal)) {
    if (event.type === 'picture' && event.index === request.seeds.length - 1)
      await new Promise((resolve) => setTimeout(resolve, SILENCE));
    yield event;
  }
};

const started: TestCompanion[] = [];
/** One for each client: a companion draws one request at a time. */
async function start(): Promise<TestCompanion & { base: string }> {
  const one = await startCompanion({ engine: silent });
  started.push(one);
  return { ...one, base: `${one.url}/v1` };
}
afterAll(() => Promise.all(started.map((one) => one.close())));

const ASKED = { prompt: 'owl', n: 2, size: '64x64' } as const;
const promptOf = (base64: string | undefined) => requestFromPng(Buffer.from(base64 ?? '', 'base64')).prompt;

describe.concurrent('C1: a silence of 20 s', { timeout: 240_000 }, () => {
  it('openai for JavaScript, streaming', async () => {
    const { base, token } = await start();
    const client = new OpenAI({ baseURL: base, apiKey: token, maxRetries: 0 });
    const began = performance.now();
    const types: string[] = [];
    const stream = await client.images.generate({ ...ASKED, size: '1024x1024', stream: true });
    for await (const event of stream) types.push(event.type);
    expect(types).toEqual(['image_generation.completed', 'image_generation.completed']);
    expect(performance.now() - began).toBeGreaterThan(SILENCE);
  });

  it('openai for JavaScript, whole', async () => {
    const { base, token } = await start();
    const client = new OpenAI({ baseURL: base, apiKey: token, maxRetries: 0 });
    const { data } = await client.images.generate({ ...ASKED, size: '1024x1024' });
    expect(data?.map(({ b64_json }) => promptOf(b64_json))).toEqual(['owl', 'owl']);
  });

  it('openai for Python, streaming', async ({ skip }) => {
    if (!(await hasPythonPackage('openai'))) skip("Python's openai is not installed (TWOSTEP_PYTHON)");
    const { base, token } = await start();
    const script = [
      'import os, openai',
      "client = openai.OpenAI(base_url=os.environ['BASE'], api_key=os.environ['KEY'], max_retries=0)",
      "for event in client.images.generate(prompt='owl', n=2, size='64x64', stream=True): print(event.type)",
    ].join('\n');
    const told = await runPython(script, { BASE: base, KEY: token });
    expect(told).toBe('image_generation.completed\n'.repeat(2));
  });

  it('litellm', async ({ skip }) => {
    if (!(await hasPythonPackage('litellm'))) skip("Python's litellm is not installed (TWOSTEP_PYTHON)");
    const { base, token } = await start();
    const script = [
      'import os, litellm',
      "asked = dict(prompt='owl', n=2, size='64x64', api_base=os.environ['BASE'], api_key=os.environ['KEY'])",
      "print(len(litellm.image_generation(model='openai/gpt-image-1', **asked).data))",
    ].join('\n');
    // Its list of prices is not fetched.
    const told = await runPython(script, { BASE: base, KEY: token, LITELLM_LOCAL_MODEL_COST_MAP: 'True' });
    expect(told).toBe('2\n');
  });

  it('ai, with the provider for OpenAI', async () => {
    const { base, token } = await start();
    const model = createOpenAI({ baseURL: base, apiKey: token }).image('gpt-image-1');
    const { images } = await generateImage({ model, ...ASKED, maxRetries: 0 });
    expect(images.map(({ mediaType, base64 }) => [mediaType, promptOf(base64)])).toEqual([
      ['image/png', 'owl'],
      ['image/png', 'owl'],
    ]);
  });

  it('ai, with the provider for what is like OpenAI', async () => {
    const { base, token } = await start();
    const provider = createOpenAICompatible({ name: 'twostep', baseURL: base, apiKey: token });
    const { images } = await generateImage({ model: provider.imageModel('test-pack'), ...ASKED, maxRetries: 0 });
    expect(images.map(({ base64 }) => promptOf(base64))).toEqual(['owl', 'owl']);
  });

  it('LangChain', async () => {
    const { base, token } = await start();
    const tool = new DallEAPIWrapper({ apiKey: token, baseUrl: base, n: 2, dallEResponseFormat: 'url' });
    const answer: unknown = await tool.invoke('owl');
    const addresses = [...JSON.stringify(answer).matchAll(/http:[^"]+/g)].map(([address]) => address);
    expect(addresses).toHaveLength(2);
    for (const address of addresses) expect((await fetch(address)).headers.get('content-type')).toBe('image/png');
  });

  it('eventsource-parser, and our own client, of which the panel is made', async () => {
    const one = await start();
    const request: GenerateRequest = {
      ...REQUEST_DEFAULTS,
      prompt: 'owl',
      pack: 'test-pack',
      seeds: [1, 2],
      schedule: { kind: 'student', steps: 2 },
      sampling: null,
      size: { width: 64, height: 64 },
      draft: false,
    };
    const heard: { comments: number; types: (string | undefined)[] } = { comments: 0, types: [] };
    const parser = createParser({
      onComment: () => void heard.comments++,
      onEvent: ({ event }) => heard.types.push(event),
    });
    const answer = await one.post('/v1/jobs', { request }, { Accept: 'text/event-stream' });
    const decoder = new TextDecoder();
    for await (const part of answer.body ?? []) parser.feed(decoder.decode(part, { stream: true }));
    // The first comes within the silence, so the heartbeat was there.
    expect(heard.comments).toBeGreaterThan(0);
    expect(heard.types.filter((type) => type !== 'progress' && type !== 'queued')).toEqual([
      'picture',
      'picture',
      'done',
    ]);
    const events = await collect(createCompanionEngine(one), { ...request, seeds: [3, 4] });
    expect(picturesOf(events).map(({ seed }) => seed)).toEqual([3, 4]);
  });
});
