/** `output_format: "svg"`: by the official client, as a stream, as a file. */
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePicture } from '../../../models/run/metadata.js';
import { startCompanion, type TestCompanion } from '../../support/companion.js';
import { createFakeEngine, drawAll } from '../../support/fake-engine.js';
import { noise, paintPixels } from '../../support/flat-pictures.js';

let companion: TestCompanion;
let client: OpenAI;

/** A yellow disc on blue; noise where the words ask for it. */
const engine = createFakeEngine((request) =>
  [...drawAll(request)].map((step) => {
    if (step.type !== 'picture') return step;
    const { width, height } = request.size;
    const disc = paintPixels(width, height, (x, y) =>
      Math.hypot(x - width / 2, y - height / 2) < width / 4 ? [255, 210, 60] : [43, 108, 240],
    );
    const image = request.prompt.includes('noise') ? noise(width, height) : disc;
    return { ...step, bytes: encodePicture(image, { ...request, seeds: [step.seed] }) };
  }),
);

beforeAll(async () => {
  companion = await startCompanion({ engine });
  client = new OpenAI({ baseURL: `${companion.url}/v1`, apiKey: companion.token, maxRetries: 0 });
});
afterAll(() => companion.close());

/** The client's types know OpenAI's formats only. */
const svg = { output_format: 'svg', seed: 7 } as unknown as { output_format: 'png' };
const textOf = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64').toString();

describe('svg', () => {
  it('comes with the request in it, and says what it keeps of the picture', async () => {
    const answer = await client.images.generate({ prompt: 'a <disc>', size: '256x256', ...svg });
    expect(answer.output_format).toBe('svg');
    const [one] = answer.data ?? [];
    const text = textOf(one?.b64_json);
    expect(text).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="256" height="256"/);
    expect(text).toContain('<title>a &lt;disc&gt;</title>');
    expect(text).toContain('"seeds":[7]');
    expect(text).toMatch(/<circle id="yellow-circle" fill="#ffd23c"/);
    expect(one).toMatchObject({ vectors: { suits: 'yes', layers: 2, points: 8 } });
  });

  it('comes also where the picture does not suit, and says so', async () => {
    const answer = await client.images.generate({ prompt: 'noise', size: '64x64', ...svg });
    expect(answer.data?.[0]).toMatchObject({ vectors: { suits: 'too-little-kept' } });
  });

  it('streams', async () => {
    const stream = await client.images.generate({ prompt: 'disc', size: '128x128', stream: true, ...svg });
    const events = [];
    for await (const event of stream) events.push(event);
    expect(events).toMatchObject([{ type: 'image_generation.completed', vectors: { suits: 'yes' } }]);
  });

  it('is a file at an address, of its own type', async () => {
    const answer = await client.images.generate({ prompt: 'disc', size: '128x128', response_format: 'url', ...svg });
    const file = await fetch(answer.data?.[0]?.url ?? '');
    expect(file.headers.get('content-type')).toBe('image/svg+xml');
    expect(await file.text()).toContain('<circle');
  });

  it('knows no compression', async () => {
    const refused = client.images.generate({ prompt: 'disc', output_compression: 50, ...svg });
    await expect(refused).rejects.toMatchObject({ status: 400, param: 'output_compression' });
  });
});
