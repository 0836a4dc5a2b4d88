import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { presetsOf } from '../../../models/families/packs.js';
import { EMBEDDED_PACK } from '../../../scripts/embed.mjs';
import { inRoot } from '../../../scripts/paths.mjs';
import { readPackFolder, verifyPack } from '../../../server/packs/folder.js';

/** The panel carries the pack as text. 1.9 MB of it read pictures. */
const LARGEST = 22_000_000;

describe('the embedded pack', () => {
  it('is whole, small enough for the panel, and the only one', async () => {
    const embedded = await readPackFolder(inRoot(EMBEDDED_PACK));
    await verifyPack(embedded, { again: true });
    expect(readdirSync(join(inRoot(EMBEDDED_PACK), '..'))).toEqual([embedded.pack.id]);
    expect(embedded.pack.files.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(LARGEST);
  });

  it('draws in one step and in two, reads text, and says where it comes from', async () => {
    const { pack } = await readPackFolder(inRoot(EMBEDDED_PACK));
    expect(Object.keys(presetsOf(pack))).toEqual(['draft', 'standard']);
    expect(pack.condition.kind).toBe('text');
    expect(pack.licence.spdx).toBe('Apache-2.0');
    expect(pack.provenance.sources.map(({ role }) => role)).toEqual(expect.arrayContaining(['student', 'vq', 'text']));
    expect(pack.ideas.length).toBeGreaterThan(5);
  });
});
