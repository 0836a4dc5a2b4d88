import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCompanion, type TestCompanion } from '../../support/companion.js';

let companion: TestCompanion;
beforeAll(async () => {
  companion = await startCompanion();
});
afterAll(() => companion.close());

async function pair(name: string) {
  const answer = await companion.post('/v1/pair', { code: companion.pairing.code(), name });
  const { token, id } = (await answer.json()) as { token: string; id: string };
  const headers = { Authorization: `Bearer ${token}` };
  return {
    id,
    list: async () =>
      ((await (await companion.request('/v1/tokens', { headers })).json()) as { tokens: { id: string }[] }).tokens,
    revoke: async (which: string) => companion.request(`/v1/tokens/${which}`, { method: 'DELETE', headers }),
  };
}

it('D20: a token of a pairing code sees and revokes itself only', async () => {
  const [first, second] = [await pair('first'), await pair('second')];
  expect((await first.list()).map(({ id }) => id)).toEqual([first.id]);
  const refused = await first.revoke(second.id);
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ error: { code: 'not_allowed', param: 'id' } });
  expect((await first.revoke('token_none')).status).toBe(404);
  expect((await second.list()).map(({ id }) => id)).toEqual([second.id]);
  expect((await first.revoke(first.id)).status).toBe(204);
  expect((await first.revoke(second.id)).status).toBe(401);
});

it('D20: a token of the command line sees and revokes all', async () => {
  const third = await pair('third');
  const { tokens } = (await (await companion.request('/v1/tokens')).json()) as { tokens: { id: string }[] };
  expect(tokens.map(({ id }) => id)).toContain(third.id);
  expect((await companion.request(`/v1/tokens/${third.id}`, { method: 'DELETE' })).status).toBe(204);
});
