/** A4: what stands out in a picture stands out in its layers, or it is said. Pictures of the starter pack. */
import { describe, expect, it } from 'vitest';
import { render } from '../../../models/vector/render.js';
import { suits } from '../../../models/vector/suits.js';
import { vectorise } from '../../../models/vector/vectorise.js';
import { lostRegions } from '../../support/count-regions.js';
import { FLAT_FILES, readFlat } from '../../support/flat-files.js';
import { flat, paintPixels } from '../../support/flat-pictures.js';

const RAYS = 8;

describe('regions of a picture', () => {
  it.each(FLAT_FILES)('%s keeps all of them', async (name) => {
    const picture = await readFlat(name);
    const vectors = vectorise(picture);
    const { width, height, layers, lost } = vectors;
    const seen = lostRegions(picture, { width, height, rgb: render(layers, width, height) });
    expect(seen.regions).toBeGreaterThan(0);
    expect({ seen: seen.lost, lost, suits: suits(vectors) }).toEqual({ seen: [], lost: 0, suits: 'yes' });
  });

  it('a yellow sun on beige has its rays', async () => {
    const { layers } = vectorise(await readFlat('a-yellow-sun-icon-2'));
    // The background, the disc and the rays.
    expect(layers.length).toBe(2 + RAYS);
  });

  it('a house has its door', async () => {
    const { layers } = vectorise(await readFlat('a-red-house-on-a-hill-3'));
    expect(layers.some(({ name }) => /^light grey/.test(name))).toBe(true);
  });

  it('are told from the soft edge between two of them', async () => {
    const picture = await flat(
      '<rect width="256" height="256" fill="#fff"/><rect y="100" width="256" height="156" fill="#124"/>',
    );
    expect(vectorise(picture).regions).toBe(2);
  });

  it('that are missing fail the verdict, however few pixels they are', () => {
    expect(suits({ fidelity: 0.99, points: 20, lost: 1 })).toBe('parts-missing');
    expect(suits({ fidelity: 0.99, points: 20, lost: 0 })).toBe('yes');
    // The measure itself: a spot of 0.3 % of the picture that its tracing lacks.
    const spot = paintPixels(100, 100, (x, y) => (Math.hypot(x - 50, y - 50) < 4 ? [230, 120, 40] : [250, 200, 160]));
    const without = paintPixels(100, 100, () => [250, 200, 160]);
    expect(lostRegions(spot, spot).lost).toEqual([]);
    expect(lostRegions(spot, without).lost.length).toBe(1);
  });
});
