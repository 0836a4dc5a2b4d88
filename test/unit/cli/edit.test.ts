/** `twostep generate --image`: from files to a request that starts from a picture. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEdit } from '../../../models/run/edit.js';
import { encodePicture } from '../../../models/run/metadata.js';
import { encodePng } from '../../../models/run/png.js';
import { runCommand } from '../../support/command.js';
import { createFakeEngine } from '../../support/fake-engine.js';
import { flat, noise } from '../../support/flat-pictures.js';
import { TODAY } from '../../support/golden-requests.js';

const folder = mkdtempSync(join(tmpdir(), 'twostep-edit-'));
const at = (name: string) => join(folder, name);
const image = noise(48, 32);

beforeAll(async () => {
  writeFileSync(at('image.png'), encodePng(image));
  const open = Uint8Array.from({ length: 48 * 32 }, (_, pixel) => (pixel % 48 < 20 ? 0 : 255));
  writeFileSync(at('mask.png'), encodePng({ ...image, alpha: open }));
  writeFileSync(at('opaque.png'), encodePng(image));
  writeFileSync(at('small.png'), encodePng({ ...noise(20, 20), alpha: new Uint8Array(400) }));
  writeFileSync(at('text.txt'), 'not a picture');
  const jpeg = await sharp(image.rgb, { raw: { width: 48, height: 32, channels: 3 } })
    .jpeg()
    .toBuffer();
  writeFileSync(at('image.jpg'), jpeg);
});

async function generate(...args: string[]) {
  const engine = createFakeEngine();
  const run = await runCommand(['generate', ...args, '--out', at('out')], { engine });
  return { ...run, request: engine.requests[0] };
}

describe('generate --image', () => {
  it('starts from the file, at its size, and changes a part of it', async () => {
    const { request, exitCode } = await generate('a fox', '--image', at('image.png'));
    expect(exitCode).toBe(0);
    expect(request).toMatchObject({
      size: { width: 48, height: 32 },
      edit: { mask: null, strength: 0.75, extend: false },
    });
    expect(Buffer.from(openEdit(request!.edit!).image.rgb).equals(image.rgb)).toBe(true);
  });

  it('reads JPEG, and says how much changes', async () => {
    const { request } = await generate('a fox', '--image', at('image.jpg'), '--strength', '0.2', '--size', '96x64');
    expect(request).toMatchObject({ size: { width: 96, height: 64 }, edit: { strength: 0.2 } });
  });

  it('draws all of the mask anew', async () => {
    const { request } = await generate('a fox', '--image', at('image.png'), '--mask', at('mask.png'));
    expect(request?.edit?.strength).toBe(1);
    const { mask } = openEdit(request!.edit!);
    expect(mask?.open.reduce((sum, is) => sum + is, 0)).toBe(20 * 32);
  });

  it('extends to an aspect, the whole picture kept', async () => {
    const { request } = await generate('hills', '--image', at('image.png'), '--extend', '3:1');
    expect(request).toMatchObject({ size: { width: 96, height: 32 }, edit: { extend: true, strength: 1 } });
  });

  it('makes an edited picture again, as much or otherwise', async () => {
    const { request: first } = await generate('a fox', '--image', at('image.png'), '--seed', '3');
    writeFileSync(at('made.png'), encodePicture(image, { ...first!, seeds: [3] }));
    const { request: again } = await generate('--like', at('made.png'));
    expect(again).toEqual(first);
    const { request: other } = await generate('--like', at('made.png'), '--strength', '0.1');
    expect(other?.edit).toEqual({ ...first?.edit, strength: 0.1 });
    writeFileSync(at('plain.png'), encodePicture(image, { ...TODAY, seeds: [3] }));
    expect((await generate('--like', at('plain.png'), '--strength', '0.1')).stderr).toContain('--image FILE');
  });

  it.each([
    [['--image', 'nowhere.png'], /nowhere\.png can not be read/],
    [['--image', 'TEXT'], 'it is no PNG, JPEG or WebP'],
    [['--mask', 'MASK'], '--mask changes a picture: say which with --image FILE'],
    [['--strength', '0.5'], 'say which with --image FILE'],
    [['--image', 'IMAGE', '--mask', 'OPAQUE'], 'The mask is opaque everywhere'],
    [['--image', 'IMAGE', '--mask', 'SMALL'], 'The mask has 20 x 20 pixels and the picture 48 x 32'],
    [['--image', 'IMAGE', '--strength', '2'], 'a number from 0 to 1'],
    [['--image', 'IMAGE', '--extend', 'wide'], 'Expected WIDTH:HEIGHT'],
  ])('%j is refused in a sentence', async (args, message) => {
    const files = { TEXT: 'text.txt', MASK: 'mask.png', IMAGE: 'image.png', OPAQUE: 'opaque.png', SMALL: 'small.png' };
    const known = args.map((word) => (word in files ? at(files[word as keyof typeof files]) : word));
    const { exitCode, stderr } = await generate('a fox', ...known);
    expect(exitCode).toBe(2);
    expect(stderr.replace(/\s+/g, ' ')).toMatch(message);
  });

  it('makes a photograph smaller that a request has no room for, and says so', async () => {
    const large = noise(1500, 1200);
    writeFileSync(at('large.png'), encodePng(large));
    const { request, stderr } = await generate('a fox', '--image', at('large.png'));
    expect(stderr).toMatch(/made smaller, to \d+x\d+, so that the request can carry it/);
    expect(request!.size.width / request!.size.height).toBeCloseTo(1.25, 1);
    expect(request!.size.width).toBeLessThan(1500);
  });

  it('keeps a flat picture of that size as it is', async () => {
    const picture = await flat(
      '<rect width="256" height="256" fill="#fff"/><circle cx="99" cy="99" r="50" fill="#333"/>',
    );
    writeFileSync(at('flat.png'), encodePng(picture));
    expect((await generate('a fox', '--image', at('flat.png'))).request?.size).toEqual({ width: 256, height: 256 });
  });
});
