import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { encodePng, type RgbImage, readPngText } from '../../../models/run/png.js';
import { cpuOf } from '../../support/cpu.js';

function picture(width: number, height: number): RgbImage {
  const rgb = Uint8Array.from(
    { length: width * height * 3 },
    (_, at) => 128 + 90 * Math.sin(at / 41) + ((at * 7919) % 23),
  );
  return { width, height, rgb };
}

/** Byte offset of the n-th chunk of a type. */
function chunkAt(bytes: Uint8Array, type: string): number {
  const text = String.fromCharCode(...bytes.subarray(0, 5000));
  return text.indexOf(type) - 4;
}

describe('encodePng', () => {
  it.each([
    [1, 1],
    [256, 256],
    [37, 5],
    [1, 300],
  ])('writes %d x %d pixels that another reader reads back, checksums included', (width, height) => {
    const image = picture(width, height);
    const decoded = decode(encodePng(image, { Software: 'Twostep' }), { checkCrc: true });
    expect(decoded).toMatchObject({ width, height, channels: 3, depth: 8, text: { Software: 'Twostep' } });
    expect(new Uint8Array(decoded.data.buffer, decoded.data.byteOffset, decoded.data.length)).toEqual(image.rgb);
  });

  it('gives the same bytes for the same picture', () => {
    expect(encodePng(picture(64, 64), { a: 'b' })).toEqual(encodePng(picture(64, 64), { a: 'b' }));
  });

  it('is quick and small enough: 256 x 256 in some 10 ms', () => {
    const image = picture(256, 256);
    encodePng(image);
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 8; run++) {
      best = Math.min(
        best,
        cpuOf(() => encodePng(image)),
      );
    }
    // Ten times what an idle machine needs, for a busy one.
    expect(best).toBeLessThan(100);
  });

  it('carries text of every language, in order, and keywords that are not properties', () => {
    const text = {
      twostep: '{"a":"\\u00e9"}',
      Description: 'ein Café, 漢字 und 😀',
      Comment: 'zwei\nZeilen é',
      ['__proto__']: 'x',
    };
    expect([...readPngText(encodePng(picture(3, 3), text))]).toEqual(Object.entries(text));
  });

  it('refuses pixels that do not fit and keywords that PNG does not know', () => {
    expect(() => encodePng({ width: 2, height: 2, rgb: new Uint8Array(11) })).toThrow(
      '11 bytes are not a picture of 2 x 2 pixels with 3 channels',
    );
    expect(() => encodePng({ width: 0, height: 2, rgb: new Uint8Array(0) })).toThrow(
      '0 bytes are not a picture of 0 x 2',
    );
    for (const keyword of ['', ' a', 'a ', 'k'.repeat(80), 'schlüssel\n', '漢'])
      expect(() => encodePng(picture(1, 1), { [keyword]: 'x' })).toThrow('is not a PNG keyword');
  });
});

describe('readPngText', () => {
  const good = encodePng(picture(4, 4), { twostep: 'hello', Other: 'né' });

  it('reads what fast-png wrote', async () => {
    const { encode } = await import('fast-png');
    const bytes = encode({ width: 4, height: 4, channels: 3, data: picture(4, 4).rgb, text: { twostep: 'hé' } });
    expect([...readPngText(bytes)]).toEqual([['twostep', 'hé']]);
  });

  it('reads from a view into a larger buffer', () => {
    const room = new Uint8Array(good.length + 20);
    room.set(good, 10);
    expect(readPngText(room.subarray(10, 10 + good.length)).get('twostep')).toBe('hello');
  });

  it('refuses what is not a PNG', () => {
    expect(() => readPngText(new Uint8Array(0))).toThrow(
      'this is not a PNG: it does not begin with the PNG signature (0 bytes)',
    );
    expect(() => readPngText(Uint8Array.from('GIF89a, and so on', (c) => c.charCodeAt(0)))).toThrow(
      'this is not a PNG',
    );
  });

  it('refuses every truncation', () => {
    for (let length = 0; length < good.length; length++)
      expect(() => readPngText(good.subarray(0, length))).toThrow(/PNG/);
  });

  it('refuses a length that lies', () => {
    const bytes = good.slice();
    new DataView(bytes.buffer).setUint32(chunkAt(bytes, 'tEXt'), 0xffffffff);
    expect(() => readPngText(bytes)).toThrow(/chunk at byte 33 says 4294967295 bytes, but the file has \d+/);
  });

  it('refuses damaged text', () => {
    const bytes = good.slice();
    bytes[chunkAt(bytes, 'tEXt') + 18]! ^= 1;
    expect(() => readPngText(bytes)).toThrow(
      'the tEXt chunk at byte 33 of the PNG is damaged: its checksum does not match',
    );
  });

  it('refuses more text than a request can be', () => {
    const long = encodePng(picture(1, 1), { a: 'x'.repeat(5_000_000), b: 'y'.repeat(5_000_000) });
    expect(() => readPngText(long)).toThrow('the PNG holds more text than is read here (100 entries, 8000000 bytes)');
    const many = encodePng(picture(1, 1), Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`k${i}`, ''])));
    expect(() => readPngText(many)).toThrow('more text than is read here');
  });

  it('refuses chunks without end', () => {
    const bytes = new Uint8Array(8 + 12 * 100_001);
    bytes.set(good.subarray(0, 8));
    expect(() => readPngText(bytes)).toThrow('the PNG has more than 100000 chunks');
  });

  it('never inflates: compressed text and pixels that are no zlib stream are passed over', () => {
    const bytes = encodePng(picture(4, 4), { Ünicode: '漢' });
    const at = chunkAt(bytes, 'iTXt');
    const compressed = bytes.slice();
    compressed[at + 8 + 8] = 1;
    expect(() => readPngText(compressed)).toThrow('damaged');
    const broken = good.slice();
    broken[chunkAt(broken, 'IDAT') + 10]! ^= 0xff;
    expect(readPngText(broken).get('twostep')).toBe('hello');
  });
});
