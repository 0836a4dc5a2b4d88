import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writePicture } from '../../../server/cli/picture-files.js';

it('gives many pictures that are written at once different names and whole files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'twostep-pictures-'));
  const paths = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      writePicture(join(folder, `new-${index % 2}`), `p${index}`, 'png', Buffer.from(`${index}`)),
    ),
  );
  expect(new Set(paths).size).toBe(20);
  for (const [index, path] of paths.entries()) expect(readFileSync(path, 'utf8')).toBe(`${index}`);
  expect(readdirSync(join(folder, 'new-0'))).toHaveLength(10);
  rmSync(folder, { recursive: true });
});
