/** What every store of tokens must keep to. Run on each implementation. */
import { describe, expect, it } from 'vitest';
import type { Tokens } from '../../server/companion/auth/tokens.js';

/** @param open what was opened first has nothing in it; what is opened with it again has the same */
export function describeTokens(name: string, open: () => Promise<readonly [Tokens, Tokens]>): void {
  describe(`${name} is a store of tokens`, () => {
    it('knows a token from its secret alone, wherever it was made', async () => {
      const [here, there] = await open();
      const { token, id } = await here.create('panel', { manages: true });
      for (const tokens of [here, there]) {
        expect(await tokens.check(token)).toMatchObject({ id, name: 'panel', manages: true });
        expect(await tokens.check(`${token}x`)).toBeUndefined();
        expect(await tokens.check('something else')).toBeUndefined();
        expect((await tokens.list()).map((one) => one.id)).toEqual([id]);
        expect([tokens.has(id), tokens.has('token_0')]).toEqual([true, false]);
      }
      expect(JSON.stringify(await here.list())).not.toContain(token);
    });

    it('forgets one that is revoked, everywhere and for good', async () => {
      const [here, there] = await open();
      const { token, id } = await here.create('panel');
      expect(await there.check(token)).toBeDefined();
      expect([await there.revoke(id), await there.revoke(id)]).toEqual([true, false]);
      await expect.poll(() => here.has(id)).toBe(false);
      expect(await here.check(token)).toBeUndefined();
      expect(await here.list()).toEqual([]);
    });

    it('signs alike', async () => {
      const [here, there] = await open();
      expect(here.sign('/a')).toBe(there.sign('/a'));
      expect(here.sign('/a')).not.toBe(here.sign('/b'));
      expect(here.sign('/a')).toMatch(/^[0-9a-f]{32}$/);
    });
  });
}
