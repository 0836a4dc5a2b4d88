/** What is drawn with where the best pack does not draw. test/unit/server/serve.test.ts has the warm-up itself. */
import { expect, it } from 'vitest';
import { GenerateError } from '../../../models/protocol.js';
import { createChoice } from '../../../server/companion/warm-up.js';
import { describePack } from '../../support/packs.js';

it('who names no pack gets the spare, until the best is another', async () => {
  const [best, spare] = [describePack({ id: 'best' }), describePack({ id: 'spare' })];
  const packs = [best, spare];
  const choice = createChoice({
    list: async () => [],
    find: async (id) => {
      const pack = packs.find((one) => id === undefined || one.id === id);
      if (!pack) throw new GenerateError('unknown-pack', 'none');
      return { pack, folder: '' };
    },
    refresh() {},
  });
  const idOf = async (id?: string) => (await choice.find(id)).pack.id;
  expect(await idOf()).toBe('best');
  choice.replace(best, spare);
  expect([await idOf(), await idOf('best')]).toEqual(['spare', 'best']);
  packs[0] = describePack({ id: 'best', name: 'Mended' });
  expect(await idOf()).toBe('best');
  packs.splice(0, 2, best);
  expect(await idOf()).toBe('best');
});
