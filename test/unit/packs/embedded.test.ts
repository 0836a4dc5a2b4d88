import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPackFolder, verifyPack } from '../../../server/packs/folder.js';
import { makeColourField } from '../../support/colour-field.js';

const EMBEDDED = new URL('../../../models/packs/', import.meta.url).pathname;

describe('the embedded packs', () => {
  it('colour-field is what its script makes', async () => {
    const folder = join(EMBEDDED, 'colour-field');
    const made = await makeColourField();
    if (process.env['TWOSTEP_WRITE_PACKS']) {
      rmSync(folder, { recursive: true, force: true });
      cpSync(made, folder, { recursive: true });
    }
    const embedded = await readPackFolder(folder);
    await verifyPack(embedded, { again: true });
    expect(embedded.pack).toEqual((await readPackFolder(made)).pack);
  });
});
