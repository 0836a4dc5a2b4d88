/** A7: layers without the background. */
import { describe, expect, it } from 'vitest';
import { matte } from '../../../models/run/matte.js';
import { vectoriseAny, withoutBackground } from '../../../models/vector/cutout.js';
import { renderTransparent } from '../../../models/vector/render.js';
import { toSvg } from '../../../models/vector/svg.js';
import { vectorise } from '../../../models/vector/vectorise.js';
import { readFlat } from '../../support/flat-files.js';
import { flat } from '../../support/flat-pictures.js';

describe('layers without the background', () => {
  it('have a hole where it showed through', async () => {
    const picture = await flat(
      '<rect width="256" height="256" fill="#fff"/><circle cx="128" cy="128" r="60" fill="none" stroke="#c33" stroke-width="30"/>',
    );
    const { layers } = withoutBackground(vectorise(picture));
    expect(layers.length).toBe(1);
    const { alpha } = renderTransparent(layers, 256, 256);
    expect([alpha[0], alpha[128 * 256 + 128], alpha[128 * 256 + 68]]).toEqual([0, 0, 255]);
  });

  it('come from a picture that has none, whatever its colours', async () => {
    const traced = async (name: string) => {
      const cut = matte(await readFlat(name), 1);
      if (!cut) throw new Error('no background was found');
      return vectoriseAny(cut);
    };
    const vectors = await traced('a-yellow-sun-icon-2');
    expect(vectors.layers.length).toBe(9);
    expect(vectors.lost).toBe(0);
    expect((await traced('an-orange-ring-on-navy-1')).layers.length).toBe(1);
    expect(toSvg(vectors, { title: '', metadata: '' })).not.toMatch(/background/);
  });
});
