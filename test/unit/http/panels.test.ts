/** Pictures on their way to the panel that is open. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PanelAnswer, PanelOrder } from '../../../models/api.js';
import { followOrders } from '../../../models/client/panel-orders.js';
import { createPanels } from '../../../server/companion/panels.js';
import { createPngEngine, startCompanion, type TestCompanion } from '../../support/companion.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const PLACED: PanelAnswer = { outcome: 'placed', names: ['Hero'] };

async function start(patience?: number) {
  const panels = createPanels(patience);
  const companion = await startCompanion({ engine: createPngEngine(), panels });
  closing.push(companion.close);
  const answer = await companion.post('/v1/images/generations', { prompt: 'owl', seed: 3, n: 2, size: '32x32' });
  const { twostep } = (await answer.json()) as { twostep: { job: string } };
  const place = (body: object = {}) => companion.post('/v1/placements', { job: twostep.job, index: 1, ...body });
  return { ...companion, panels, place };
}

/** A panel that was paired by a code. @returns what it was asked, and an end to it */
async function openPanel(
  { url, tokens }: TestCompanion,
  carryOut: (order: PanelOrder, png: Uint8Array) => Promise<PanelAnswer>,
) {
  const { token, id } = await tokens.create('Figma panel');
  const stop = new AbortController();
  const over = followOrders({ url, token, fetch }, carryOut, stop.signal).catch((error: Error) => error);
  closing.push(() => stop.abort());
  return { id, token, stop, over };
}

describe('a placement', () => {
  it('reaches the panel with the picture and its request, and comes back with the layers', async () => {
    const companion = await start();
    const asked: unknown[] = [];
    await openPanel(companion, async ({ request, width, height, where }, png) => {
      asked.push({ request, width, height, where, png: Buffer.from(png).subarray(1, 4).toString() });
      return PLACED;
    });
    await vi.waitFor(() => expect(companion.panels.connected).toBe(1));
    const answer = await companion.place();
    expect(await answer.json()).toEqual({ names: ['Hero'] });
    expect(asked).toEqual([
      {
        request: expect.objectContaining({ prompt: 'owl', seeds: [4] }),
        width: 32,
        height: 32,
        where: 'beside',
        png: 'PNG',
      },
    ]);
  });

  it('goes to the panel that was opened last', async () => {
    const companion = await start();
    const asked: string[] = [];
    const panel = async (name: string) => {
      const before = companion.panels.connected;
      await openPanel(companion, async () => {
        asked.push(name);
        return PLACED;
      });
      await vi.waitFor(() => expect(companion.panels.connected).toBe(before + 1));
    };
    await panel('first');
    await panel('second');
    await companion.place();
    expect(asked).toEqual(['second']);
  });

  it.each([
    ['without a panel', {}, 409, 'no_panel'],
    ['of no picture', { index: 9 }, 404, 'picture_not_found'],
    ['of no job', { job: `job_${'0'.repeat(32)}` }, 404, 'picture_not_found'],
    ['to nowhere', { where: 'above' }, 400, 'invalid_value'],
  ])('%s is refused in words', async (_, body, status, code) => {
    const { place } = await start();
    const answer = await place(body);
    expect([answer.status, await answer.json()]).toMatchObject([status, { error: { code } }]);
  });

  it('is for keys of this machine: a paired device touches no other window', async () => {
    const { tokens, url, panels } = await start();
    const { token } = await tokens.create('phone');
    const answer = await fetch(`${url}/v1/placements`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ job: `job_${'0'.repeat(32)}`, index: 0 }),
    });
    expect([answer.status, panels.connected]).toEqual([403, 0]);
  });

  it('that the panel refuses says why; a panel that fails or falls silent counts as one that refused', async () => {
    const companion = await start(300);
    const say = async (carryOut: Parameters<typeof openPanel>[1]) => {
      const panel = await openPanel(companion, carryOut);
      await vi.waitFor(() => expect(companion.panels.connected).toBeGreaterThan(0));
      const { error } = (await (await companion.place()).json()) as { error: { message: string } };
      panel.stop.abort();
      await panel.over;
      await vi.waitFor(() => expect(companion.panels.connected).toBe(0));
      return error.message;
    };
    expect(await say(async () => ({ outcome: 'refused', reason: 'This file can only be viewed.' }))).toContain(
      'This file can only be viewed.',
    );
    expect(await say(() => Promise.reject(new Error('it broke')))).toContain('it broke');
    expect(await say(() => delay(60_000, PLACED, { ref: false }))).toContain('did not answer within 0.3 s');
  });

  it('to a panel that is closed meanwhile is refused', async () => {
    const companion = await start();
    const leaving = await openPanel(companion, () => delay(60_000, PLACED, { ref: false }));
    await vi.waitFor(() => expect(companion.panels.connected).toBe(1));
    const placing = companion.place();
    await delay(50);
    leaving.stop.abort();
    expect(JSON.stringify(await (await placing).json())).toContain('closed meanwhile');
  });

  it('is answered by the token that was asked alone', async () => {
    const { panels, request } = await start();
    const stop = new AbortController();
    const orders = panels.connect('token_a', stop.signal);
    const first = orders.next();
    const placing = panels.place(
      { picture: '/x', request: {}, width: 1, height: 1, where: 'beside' },
      new AbortController().signal,
    );
    const { id } = (await first).value as PanelOrder;
    const body = JSON.stringify(PLACED);
    const foreign = await request(`/v1/panel/orders/${id}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    expect(foreign.status).toBe(404);
    expect(panels.answer('token_a', id, PLACED)).toBe(true);
    expect(await placing).toEqual(PLACED);
    expect(panels.answer('token_a', id, PLACED)).toBe(false);
    stop.abort();
  });
});

it('a panel whose token is revoked hears nothing any more', async () => {
  const companion = await start();
  const { id, over } = await openPanel(companion, async () => PLACED);
  await vi.waitFor(() => expect(companion.panels.connected).toBe(1));
  await companion.tokens.revoke(id);
  await over;
  await vi.waitFor(() => expect(companion.panels.connected).toBe(0));
});
