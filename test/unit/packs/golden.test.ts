/** pack.json of every version that was ever written: files of golden/ stay as they are, and say the same for ever. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Pack } from '../../../models/families/packs.js';
import { PACK_VERSION, upgradePack } from '../../../models/upgrade-pack.js';
import { describePack } from '../../support/packs.js';

const golden = (version: number, name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`golden/v${version}-${name}.json`, import.meta.url), 'utf8'));
const VERSIONS = Array.from({ length: PACK_VERSION }, (_, index) => index + 1);
const faultsOf = (json: unknown) =>
  Pack.safeParse(json).error?.issues.map(({ path, message }) => [path.join('.'), message]);

describe.each(['two-head', 'flow-head'])('a pack with a %s student', (name) => {
  it.each(VERSIONS)('of version %i is read as the newest says it', (version) => {
    expect(Pack.parse(golden(version, name))).toEqual(golden(PACK_VERSION, name));
  });
});

describe('a pack that can not be read', () => {
  it('of a newer version says so', () => {
    expect(faultsOf({ ...describePack(), version: PACK_VERSION + 1 })).toContainEqual([
      'version',
      expect.stringContaining(`is ${PACK_VERSION + 1}, of a newer Twostep`),
    ]);
  });

  it.each([0, 1.5, '1', null])('with %j as its version names it', (version) => {
    expect(faultsOf({ ...describePack(), version })).toContainEqual(['version', expect.stringContaining('1 to')]);
  });

  it('of an unknown family names those that are known', () => {
    expect(faultsOf({ ...describePack(), family: { kind: 'diffusion' } })).toEqual([
      ['family.kind', 'is of no model family that this Twostep knows (llamagen, var, switti); update it'],
    ]);
  });

  it.each([null, 7, [], 'pack'])('%j is refused', (raw) => {
    expect(Pack.safeParse(raw).success).toBe(false);
  });

  it('of version 1 with a damaged grid names what is wrong with it', () => {
    const damaged = { ...golden(1, 'two-head'), grid: { rows: 'many', columns: 16, downsample: 16 } };
    expect(faultsOf(damaged)?.map(([path]) => path)).toContain('family.grid.rows');
    expect(upgradePack({ version: 1 })).toMatchObject({ version: PACK_VERSION });
  });

  it('of version 2 whose size is not that of its grid is refused', () => {
    expect(faultsOf({ ...describePack(), size: { width: 256, height: 128 } })).toEqual([
      ['family.grid', 'makes 256 x 256 pixels, and "size" says 256 x 128'],
    ]);
  });
});
