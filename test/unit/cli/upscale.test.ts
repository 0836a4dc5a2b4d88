import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodePng } from '../../../models/run/png.js';
import { runCommand } from '../../support/command.js';
import { createFakeEngine } from '../../support/fake-engine.js';
import { noise, paintPixels } from '../../support/flat-pictures.js';

const engine = createFakeEngine();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twostep-upscale-'));
  process.env['TWOSTEP_UPSCALER'] = join(folder, 'upscaler');
});
afterEach(() => {
  delete process.env['TWOSTEP_UPSCALER'];
  rmSync(folder, { recursive: true, force: true });
});
const draw = (name: string, image: Parameters<typeof encodePng>[0]) => {
  const file = join(folder, name);
  writeFileSync(file, encodePng(image, {}));
  return file;
};

describe('twostep upscale', () => {
  it('writes a flat picture larger beside it, and overwrites nothing', async () => {
    const file = draw(
      'disc.png',
      paintPixels(64, 64, (x, y) => (Math.hypot(x - 30, y - 34) < 16 ? [255, 210, 60] : [43, 108, 240])),
    );
    for (const name of ['disc-4x.png', 'disc-4x-2.png']) {
      const run = await runCommand(['upscale', file, '--scale', '4'], { engine });
      expect([run.exitCode, run.stdout]).toEqual([0, `${join(folder, name)}\n`]);
      expect(run.stderr).toContain('256 x 256 pixels, by layers.');
      expect(await sharp(join(folder, name)).metadata()).toMatchObject({ width: 256, height: 256 });
    }
  });

  it('says what it takes for any other picture, and what is wrong with a file', async () => {
    const run = await runCommand(['upscale', draw('noise.png', noise(64, 64))], { engine });
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining('twostep import upscaler')]);
    writeFileSync(join(folder, 'words.png'), 'no picture');
    const wrong = await runCommand(['upscale', join(folder, 'words.png')], { engine });
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('can not be read as a picture')]);
    expect((await runCommand(['upscale', join(folder, 'gone.png')], { engine })).exitCode).toBe(1);
    expect((await runCommand(['upscale', 'a.png', '--scale', '3'], { engine })).exitCode).toBe(2);
  });

  it('says how the package is got, where the import finds none', async () => {
    const run = await runCommand(['import', 'upscaler', '--from', folder], { engine });
    expect([run.exitCode, run.stderr]).toEqual([
      1,
      expect.stringContaining('Run "npm install @upscalerjs/esrgan-slim"'),
    ]);
    expect(existsSync(join(folder, 'upscaler'))).toBe(false);
  });
});
