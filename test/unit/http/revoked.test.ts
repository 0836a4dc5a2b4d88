/** D10: what is under way for a token ends with it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openTokens } from '../../../server/companion/auth/lmdb-tokens.js';
import { createPngEngine, startCompanion, type TestCompanion } from '../../support/companion.js';

let companion: TestCompanion | undefined;
afterEach(() => companion?.close());

async function open(folder = mkdtempSync(join(tmpdir(), 'twostep-revoked-'))) {
  companion = await startCompanion({ engine: createPngEngine(200), folder });
  const one = companion;
  const { token, id } = await one.tokens.create('panel');
  const headers = { Authorization: `Bearer ${token}` };
  const body = { prompt: 'owl', size: '256x256', seeds: Array.from({ length: 10 }, (_, seed) => seed) };
  return { one, id, headers, body, folder };
}

/** Pictures until the stream ends. */
async function countPictures(answer: Response, onFirst: () => void): Promise<number> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const part of answer.body as unknown as AsyncIterable<Uint8Array>) {
    if (text === '') onFirst();
    text += decoder.decode(part, { stream: true });
  }
  return text.match(/image_generation\.completed"/g)?.length ?? 0;
}

it.each([
  ['over HTTP', (one: TestCompanion, id: string) => one.request(`/v1/tokens/${id}`, { method: 'DELETE' })],
  [
    'by the command in another process',
    async (_: TestCompanion, id: string, folder: string) => {
      const tokens = openTokens(join(folder, 'access'));
      await tokens.revoke(id);
      await tokens.close();
    },
  ],
] as const)('D10: an open stream ends at once when its token is revoked %s', async (_, revoke) => {
  const { one, id, headers, body, folder } = await open();
  const answer = await one.post('/v1/images/generations', { ...body, stream: true }, headers);
  let revoked: Promise<unknown> | undefined;
  const pictures = await countPictures(answer, () => {
    revoked = revoke(one, id, folder);
  });
  await revoked;
  expect(pictures).toBeLessThan(4);
  const job = answer.headers.get('x-twostep-job') as string;
  await expect.poll(async () => (await one.store.get(job))?.state).toBe('cancelled');
});

it('D10: an answer in one piece is a refusal then, and an address that was given out works no more', async () => {
  const { one, id, headers, body } = await open();
  const given = await one.post('/v1/images/generations', { ...body, seeds: [1], response_format: 'url' }, headers);
  const { data } = (await given.json()) as { data: { url: string }[] };
  const address = data[0]?.url as string;
  expect((await fetch(address)).status).toBe(200);
  const pending = one.post('/v1/images/generations', body, headers);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await one.request(`/v1/tokens/${id}`, { method: 'DELETE' });
  expect((await pending).status).toBe(401);
  expect((await fetch(address)).status).toBe(404);
});
