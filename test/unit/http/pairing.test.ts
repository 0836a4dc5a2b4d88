/** D11: wrong codes of one page keep nobody else from pairing, and guessing stays hopeless. */
import { afterEach, expect, it } from 'vitest';
import { createPairing } from '../../../server/companion/auth/pairing.js';
import { startCompanion, type TestCompanion } from '../../support/companion.js';

let companion: TestCompanion | undefined;
afterEach(() => companion?.close());

const pair = (one: TestCompanion, code: string, origin?: string) =>
  fetch(`${one.url}/v1/pair`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(origin === undefined ? {} : { Origin: origin }) },
    body: JSON.stringify({ code, name: 'x' }),
  });

it.each([
  ['from the panel', 'null'],
  ['from the terminal', undefined],
  ['from the playground', 'http://localhost:21212'],
])('D11: after wrong codes from a page the right one %s works', async (_, origin) => {
  companion = await startCompanion();
  const statuses = [];
  for (let tries = 0; tries < 7; tries++)
    statuses.push((await pair(companion, 'WRONG', 'https://page.example')).status);
  expect(statuses).toEqual([403, 403, 403, 403, 403, 429, 429]);
  const right = companion.pairing.code();
  expect((await pair(companion, right, 'https://page.example')).status).toBe(429);
  expect((await pair(companion, right, origin)).status).toBe(200);
});

it('D11: a frame that has the panel’s own origin does not shut it out either', async () => {
  companion = await startCompanion();
  for (let tries = 0; tries < 6; tries++) expect((await pair(companion, 'WRONG', 'null')).status).toBe(403);
  expect((await pair(companion, companion.pairing.code(), 'null')).status).toBe(200);
});

it('D11: however many origins guess, a few dozen tries are heard', async () => {
  // A clock that stands still while they come.
  let time = Date.now();
  const pairing = createPairing(undefined, () => time);
  const outcomes = await Promise.all(
    Array.from({ length: 2000 }, (_, guess) =>
      pairing.redeem('WRONG', { name: `https://${guess % 500}.example`, shared: false }),
    ),
  );
  const heard = outcomes.filter(({ outcome }) => outcome === 'wrong').length;
  // 20 a second, for the five seconds that a try waits.
  expect(heard).toBe(101);
  const refused = outcomes.find((one) => one.outcome === 'too-many');
  expect(refused).toMatchObject({ retryAfter: expect.any(Number) });
  time += 5100;
  expect((await pairing.redeem(pairing.code().toLowerCase())).outcome).toBe('paired');
});

it('D11: one shared origin that floods is heard once a second', async () => {
  const pairing = createPairing();
  const source = { name: 'null', shared: true };
  const outcomes = await Promise.all(Array.from({ length: 1000 }, () => pairing.redeem('WRONG', source)));
  expect(outcomes.filter(({ outcome }) => outcome === 'wrong').length).toBeLessThanOrEqual(11);
  expect((await pairing.redeem(pairing.code())).outcome).toBe('paired');
});
