/** Pictures of strangers are decoded in a process of their own, which may fail. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { zlibSync } from 'fflate';
import sharp from 'sharp';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { requestFromPng } from '../../../models/run/metadata.js';
import { createDecoder, type Decoder } from '../../../server/pictures/decoder.js';
import { bundleDecoder } from '../../support/decode-worker.js';

const request: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'owl',
  pack: 'studio/x',
  seeds: [1],
  schedule: { kind: 'upstream', quality: 'auto', steps: null },
  size: { width: 40, height: 20 },
};
const never = new AbortController().signal;
const asked = (bytes: Uint8Array, background: GenerateRequest['background'] = 'opaque') => ({
  bytes,
  request,
  size: request.size,
  background,
});
const picture = (format: 'png' | 'jpeg' | 'webp', alpha = 1) =>
  sharp({ create: { width: 80, height: 80, channels: 4, background: { r: 200, g: 30, b: 30, alpha } } })
    [format]()
    .toBuffer();

let script: URL;
let decoder: Decoder | undefined;
beforeAll(async () => {
  script = await bundleDecoder();
});
afterEach(() => decoder?.close());

describe('a picture', () => {
  it.each(['png', 'jpeg', 'webp'] as const)('of %s becomes a PNG of ours, cropped to its aspect', async (format) => {
    decoder = createDecoder(script);
    const { bytes, width, height } = await decoder.decode(asked(await picture(format)), never);
    expect([width, height]).toEqual([40, 20]);
    expect(requestFromPng(bytes)).toEqual(request);
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([40, 20, 3]);
    expect(Math.abs((data[0] as number) - 200)).toBeLessThan(4);
  });

  it('keeps its transparency where that was asked for', async () => {
    decoder = createDecoder(script);
    const clear = await picture('png', 0.5);
    const kept = await decoder.decode(asked(clear, 'transparent'), never);
    const opaque = await decoder.decode(asked(clear), never);
    expect([(await sharp(kept.bytes).metadata()).hasAlpha, (await sharp(opaque.bytes).metadata()).hasAlpha]).toEqual([
      true,
      false,
    ]);
  });
});

/** A PNG of 60,000 x 60,000 pixels in 4 kB: 14 GB where somebody believes it. */
function bomb(): Uint8Array {
  const side = 60_000;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc(body));
    return Buffer.concat([length, body, sum]);
  };
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', zlibSync(new Uint8Array(4_000_000))),
    chunk('IEND', new Uint8Array()),
  ]);
}

function crc(bytes: Uint8Array): number {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
  }
  return ~sum >>> 0;
}

describe('what is none', () => {
  it.each([
    [
      'SVG, which can name files',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>'),
    ],
    ['PDF', Buffer.from('%PDF-1.7')],
    ['nothing', new Uint8Array()],
    ['half a PNG', Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAE', 'base64')],
    ['a PNG of 60,000 pixels a side', bomb()],
  ])('%s is told in a sentence', async (_, bytes) => {
    decoder = createDecoder(script);
    await expect(decoder.decode(asked(bytes), never)).rejects.toMatchObject({
      code: 'engine-failed',
      message: expect.stringMatching(/^The picture that came can not be read: .+\.$/s),
    });
    // And the next one is decoded.
    expect((await decoder.decode(asked(await picture('png')), never)).width).toBe(40);
  });

  it.each([
    ['dies', 'process.on("message", () => process.abort());', /ended/],
    ['does not end', 'process.on("message", () => { for (;;); });', /took more than 0.4 s/],
  ])('a process that %s is replaced', async (_, source, words) => {
    const broken = join(mkdtempSync(join(tmpdir(), 'twostep-decoder-')), 'worker.mjs');
    writeFileSync(broken, source);
    decoder = createDecoder(pathToFileURL(broken), 400);
    for (let time = 0; time < 2; time++)
      await expect(decoder.decode(asked(await picture('png')), never)).rejects.toThrow(words);
  });
});
