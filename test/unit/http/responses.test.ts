/** OpenAI's Responses API with the tool that draws, by OpenAI's own client. */
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { requestFromPng } from '../../../models/run/metadata.js';
import { createPngEngine, startCompanion, type TestCompanionOptions } from '../../support/companion.js';
import { createFakeEngine } from '../../support/fake-engine.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(options: TestCompanionOptions = {}) {
  const companion = await startCompanion({ engine: createPngEngine(), ...options });
  closing.push(companion.close);
  const client = new OpenAI({ baseURL: `${companion.url}/v1`, apiKey: companion.token, maxRetries: 0 });
  return { ...companion, client };
}

const pictureIn = (output: OpenAI.Responses.ResponseOutputItem[]) => {
  const [call] = output;
  return call?.type === 'image_generation_call' ? Buffer.from(call.result ?? '', 'base64') : undefined;
};

describe('a response', () => {
  it('is a picture of the last words of the user', async () => {
    const { client } = await start();
    const answer = await client.responses.create({
      model: 'gpt-5',
      input: [
        { role: 'developer', content: 'You draw.' },
        { role: 'user', content: 'a dog' },
        { role: 'assistant', content: 'Here it is.' },
        { role: 'user', content: [{ type: 'input_text', text: 'a red circle' }] },
      ],
      tools: [{ type: 'image_generation', size: '1024x1024', quality: 'low', background: 'transparent' }],
    });
    expect(answer).toMatchObject({ object: 'response', status: 'completed', model: 'gpt-5' });
    expect(answer.id).toMatch(/^resp_/);
    expect(answer.output).toMatchObject([{ type: 'image_generation_call', status: 'completed' }]);
    expect(requestFromPng(pictureIn(answer.output) ?? new Uint8Array())).toMatchObject({
      prompt: 'a red circle',
      size: { width: 1024, height: 1024 },
      background: 'transparent',
      schedule: { kind: 'student', steps: 1 },
    });
  });

  it('says what was understood otherwise', async () => {
    const { post } = await start();
    const answer = await post('/v1/responses', { model: 'gpt-5', input: 'owl', tools: [{ type: 'image_generation' }] });
    const { twostep } = (await answer.json()) as { twostep: { remarks: string[] } };
    expect(twostep.remarks).toEqual(['"gpt-5" is not at hand; "test-pack" drew instead.']);
  });

  it('comes as events, with a draft', async () => {
    const { client } = await start();
    const events = await client.responses.create({
      model: 'test-pack',
      input: 'a red circle',
      tools: [{ type: 'image_generation', partial_images: 1 }],
      stream: true,
    });
    const types: string[] = [];
    const numbers: number[] = [];
    let last: OpenAI.Responses.ResponseStreamEvent | undefined;
    for await (const event of events) {
      types.push(event.type.replace('response.', ''));
      numbers.push(event.sequence_number);
      if (event.type === 'response.image_generation_call.partial_image')
        expect(Buffer.from(event.partial_image_b64, 'base64').subarray(1, 4).toString()).toBe('PNG');
      last = event;
    }
    expect(types).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'image_generation_call.in_progress',
      'image_generation_call.generating',
      'image_generation_call.partial_image',
      'image_generation_call.completed',
      'output_item.done',
      'completed',
    ]);
    expect(numbers).toEqual(types.map((_, index) => index));
    const whole = last?.type === 'response.completed' ? pictureIn(last.response.output) : undefined;
    expect(requestFromPng(whole ?? new Uint8Array()).prompt).toBe('a red circle');
  });

  it('that fails says why, in both manners', async () => {
    const engine = createFakeEngine([{ type: 'error', code: 'out-of-memory', message: 'There is no memory left.' }]);
    const { client } = await start({ engine });
    const asked = { model: 'test-pack', input: 'owl', tools: [{ type: 'image_generation' as const }] };
    await expect(client.responses.create(asked)).rejects.toThrow(/There is no memory left/);
    const heard: unknown[] = [];
    for await (const event of await client.responses.create({ ...asked, stream: true })) heard.push(event);
    expect(heard.at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'out_of_memory', message: 'There is no memory left.' } },
    });
  });

  it.each([
    ['without the tool', { input: 'Write a poem.' }, 'unsupported_operation'],
    [
      'with a picture',
      {
        input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'https://x' }] }],
        tools: [{ type: 'image_generation' }],
      },
      'unsupported_operation',
    ],
    ['without words', { input: [], tools: [{ type: 'image_generation' }] }, 'empty_prompt'],
    ['of a strange size', { input: 'owl', tools: [{ type: 'image_generation', size: 'large' }] }, 'invalid_value'],
    ['that is no request', { input: 7 }, 'invalid_value'],
  ])('%s is refused in words', async (_, body, code) => {
    const { post } = await start();
    const answer = await post('/v1/responses', body);
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code } }]);
  });
});
