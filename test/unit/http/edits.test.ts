/** `/v1/images/edits` and `/v1/images/variations` as OpenAI's own clients use them, unmodified, and as strangers might. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, GenerateRequest } from '../../../models/protocol.js';
import { openEdit } from '../../../models/run/edit.js';
import { encodePicture } from '../../../models/run/metadata.js';
import { encodePng } from '../../../models/run/png.js';
import { createPngEngine, startCompanion, type TestCompanion } from '../../support/companion.js';
import { noise } from '../../support/flat-pictures.js';
import { TODAY } from '../../support/golden-requests.js';
import { describePack } from '../../support/packs.js';
import { hasPythonPackage, runPython } from '../../support/python.js';

const EDITOR = describePack({
  id: 'editor',
  student: {
    ...{ kind: 'flow-head', graph: 'student.onnx', layers: 2, width: 64, times: [0, 80], codebook: 'codebook.f32' },
    refinements: { standard: 0, fine: 2 },
    sampling: { guidance: 1, topK: 10, topP: 1, temperature: 1 },
  },
  encoder: { graph: 'decoder.onnx' },
});
const image = noise(64, 48);
const png = encodePng(image);
const mask = encodePng({
  ...image,
  alpha: Uint8Array.from({ length: 64 * 48 }, (_, pixel) => (pixel % 64 < 30 ? 0 : 255)),
});

const folder = mkdtempSync(join(tmpdir(), 'twostep-edits-'));
const seen: GenerateRequest[] = [];
const engine: Engine = async function* (request, signal) {
  seen.push(request);
  yield* createPngEngine()(request, signal);
};
let companion: TestCompanion;
let client: OpenAI;
beforeAll(async () => {
  writeFileSync(join(folder, 'image.png'), png);
  writeFileSync(join(folder, 'mask.png'), mask);
  const packs = [describePack(), EDITOR].map((pack) => ({ pack, folder: '/nowhere' }));
  companion = await startCompanion({ engine, packs });
  client = new OpenAI({ baseURL: `${companion.url}/v1`, apiKey: companion.token, maxRetries: 0 });
});
afterAll(() => companion.close());

const last = () => seen.at(-1)!;
const form = (parts: Record<string, string | Uint8Array>) => {
  const body = new FormData();
  for (const [name, value] of Object.entries(parts))
    if (typeof value === 'string') body.append(name, value);
    else body.append(name, new Blob([Buffer.from(value)], { type: 'image/png' }), `${name}.png`);
  return body;
};
const post = async (path: string, body: FormData | string | Uint8Array<ArrayBuffer>, headers = {}) => {
  const response = await companion.request(path, { method: 'POST', body, headers });
  return {
    status: response.status,
    body: (await response.json()) as {
      error?: { message: string; code: string; param: string };
      twostep?: { remarks: string[] };
    },
  };
};

describe("OpenAI's client for JavaScript", () => {
  it('edits a picture where its mask is transparent', async () => {
    const { data } = await client.images.edit({
      image: await toFile(png, 'image.png', { type: 'image/png' }),
      mask: await toFile(mask, 'mask.png', { type: 'image/png' }),
      prompt: 'a fox',
      n: 2,
    });
    expect(data?.length).toBe(2);
    expect(data?.[0]?.b64_json).toMatch(/^iVBOR/);
    const { edit, size, pack, seeds } = last();
    expect({ size, pack, count: seeds.length }).toEqual({ size: { width: 64, height: 48 }, pack: 'editor', count: 2 });
    const opened = openEdit(edit!);
    expect(Buffer.from(opened.image.rgb).equals(image.rgb)).toBe(true);
    expect(opened.strength).toBe(1);
    expect(opened.mask?.open.reduce((sum, is) => sum + is, 0)).toBe(30 * 48);
  });

  it('sends several, of which the first is edited, at another size', async () => {
    const jpeg = await sharp(png).jpeg().toBuffer();
    const files = [
      await toFile(jpeg, 'a.jpg', { type: 'image/jpeg' }),
      await toFile(png, 'b.png', { type: 'image/png' }),
    ];
    const answer = await client.images.edit({
      image: files,
      prompt: 'a fox',
      size: '1024x1024',
      input_fidelity: 'high',
    });
    expect(last()).toMatchObject({ size: { width: 1024, height: 1024 }, edit: { mask: null, strength: 0.75 } });
    const { twostep } = answer as unknown as { twostep: { remarks: string[] } };
    expect(twostep.remarks.join(' ')).toMatch(/Of 2 pictures the first is edited/);
    expect(twostep.remarks.join(' ')).toMatch(/"strength" says how much/);
  });

  it('streams', async () => {
    const types: string[] = [];
    const stream = await client.images.edit({
      image: await toFile(png, 'image.png', { type: 'image/png' }),
      prompt: 'a fox',
      stream: true,
    });
    for await (const event of stream) types.push(event.type);
    expect(types).toEqual(['image_edit.completed']);
  });

  it('varies a picture of ours by its own words, with other seeds', async () => {
    const made = encodePicture(image, {
      ...TODAY,
      pack: 'editor',
      prompt: 'owl',
      seeds: [3],
      size: { width: 64, height: 48 },
    });
    const { data } = await client.images.createVariation({
      image: await toFile(Buffer.from(made), 'x.png', { type: 'image/png' }),
      n: 2,
    });
    expect(data?.every(({ url }) => url?.startsWith('http://'))).toBe(true);
    expect(last()).toMatchObject({ prompt: 'owl', edit: null, size: { width: 64, height: 48 } });
    expect(last().seeds).not.toContain(3);
  });

  it('is told in a sentence that nobody knows what another picture shows', async () => {
    const sent = client.images.createVariation({ image: await toFile(png, 'x.png', { type: 'image/png' }) });
    await expect(sent).rejects.toThrow('This picture carries no words');
  });
});

describe.skipIf(!(await hasPythonPackage('openai')))("OpenAI's client for Python", () => {
  it('edits and varies', async () => {
    const code = [
      'import openai',
      `client = openai.OpenAI(base_url="${companion.url}/v1", api_key="${companion.token}", max_retries=0)`,
      `image, mask = (open("${folder}/" + name, "rb").read() for name in ("image.png", "mask.png"))`,
      'made = client.images.edit(image=("image.png", image), mask=("mask.png", mask), prompt="a fox")',
      'assert made.data[0].b64_json.startswith("iVBOR")',
      'print("done")',
    ].join('\n');
    expect(await runPython(code, {})).toContain('done');
    expect(last().edit?.mask).not.toBeNull();
  });
});

describe('a form or JSON', () => {
  it('says what is ours as well', async () => {
    const fields = {
      image: png,
      prompt: 'hills',
      size: '128x48',
      extend: 'true',
      strength: '0.5',
      seed: '7',
      plan: '{"background":"mint"}',
    };
    await post('/v1/images/edits', form(fields));
    expect(last()).toMatchObject({
      seeds: [7],
      size: { width: 128, height: 48 },
      edit: { extend: true, strength: 0.5 },
      plan: { background: 'mint' },
    });
  });

  it('has pictures in base64, as data: URLs, and in images[]', async () => {
    const base64 = Buffer.from(png).toString('base64');
    for (const picture of [
      { image: base64 },
      { image: `data:image/png;base64,${base64}` },
      { images: [{ image_url: `data:image/png;base64,${base64}` }] },
    ]) {
      const { status } = await post('/v1/images/edits', JSON.stringify({ ...picture, prompt: 'a fox' }), {
        'Content-Type': 'application/json',
      });
      expect(status).toBe(200);
      expect(Buffer.from(openEdit(last().edit!).image.rgb).equals(image.rgb)).toBe(true);
    }
  });

  it("takes the picture's own transparency for a mask, with its colours below it", async () => {
    await post('/v1/images/edits', form({ image: mask, prompt: 'a fox' }));
    const { mask: read, image: kept } = openEdit(last().edit!);
    expect(read?.open.reduce((sum, is) => sum + is, 0)).toBe(30 * 48);
    expect(Buffer.from(kept.rgb).equals(image.rgb)).toBe(true);
  });

  it.each([
    [{ prompt: 'a fox' }, 'missing_parameter', /picture is missing/],
    [{ image: 'text', prompt: 'a fox' }, 'invalid_value', /"image" must be a file/],
    [{ image: Uint8Array.of(1, 2, 3), prompt: 'a fox' }, 'invalid_request', /it is no PNG, JPEG or WebP/],
    [
      { image: png, mask: encodePng({ ...noise(20, 20), alpha: new Uint8Array(400) }), prompt: 'x' },
      'unsupported_edit',
      /The mask has 20 x 20 pixels and the picture 64 x 48/,
    ],
    [{ image: png, mask: png, prompt: 'x' }, 'unsupported_edit', /opaque everywhere/],
    [{ image: png, prompt: 'x', strength: '3' }, 'invalid_value', /strength/],
    [
      { image: png, prompt: 'x', model: 'test-pack' },
      'unsupported_edit',
      /starts from words only.*Choose another model/,
    ],
    [{ image: png, prompt: 'x', wrong: png }, 'unknown_parameter', /no file called "wrong"/],
    [{ image: encodePng(noise(8, 8)), prompt: 'x' }, 'unsupported_edit', /8 x 8 pixels; 16 a side/],
  ] as const)('that is wrong is told so: %#', async (parts, code, message) => {
    const { status, body } = await post('/v1/images/edits', form(parts));
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('is no address that would be opened, and no body without end', async () => {
    const json = { 'Content-Type': 'application/json' };
    const { body } = await post(
      '/v1/images/edits',
      JSON.stringify({ image: 'http://127.0.0.1/x.png', prompt: 'x' }),
      json,
    );
    expect(body.error?.message).toContain('No address is opened here');
    const large = await post('/v1/images/edits', new Uint8Array(73 * 1024 * 1024), {
      'Content-Type': 'multipart/form-data; boundary=x',
    });
    expect(large.status).toBe(413);
    const other = await post('/v1/images/edits', 'x', { 'Content-Type': 'text/plain' });
    expect(other.status).toBe(415);
    const broken = await post('/v1/images/edits', 'no form', { 'Content-Type': 'multipart/form-data; boundary=x' });
    expect(broken).toMatchObject({ status: 400, body: { error: { code: 'invalid_form' } } });
  });

  it('tells which models can', async () => {
    const { data } = (await (await companion.request('/v1/models')).json()) as {
      data: { id: string; edits: boolean }[];
    };
    expect(data.map(({ id, edits }) => [id, edits])).toEqual([
      ['test-pack', false],
      ['editor', true],
    ]);
  });
});
