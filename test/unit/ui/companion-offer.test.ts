import { afterEach, describe, expect, it } from 'vitest';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { PACK_VERSION } from '../../../models/upgrade-pack.js';
import { createCompanionOffer } from '../../../ui/engines/companion-offer.js';
import type { EngineOffer } from '../../../ui/engines/offer.js';
import { toModel } from '../../../ui/engines/pack-model.js';
import { startCompanion, type TestCompanion } from '../../support/companion.js';
import { collect, picturesOf } from '../../support/engine-conformance.js';
import { describePack } from '../../support/packs.js';

const signal = new AbortController().signal;
/** Nothing listens on a port that was free a moment ago. */
const NOBODY = 'http://127.0.0.1:9';

let running: TestCompanion[] = [];
afterEach(async () => {
  await Promise.all(running.map((one) => one.close()));
  running = [];
});

async function meet(
  options: {
    urls?: (url: string) => string[];
    token?: string | null;
    permission?: PermissionState | null;
    /** Stands in for the companion where it answers something else. */
    answer?: (url: string) => Response | null;
  } = {},
): Promise<{ companion: TestCompanion; offer: EngineOffer; kept: (string | null)[]; asked: string[] }> {
  const companion = await startCompanion();
  running.push(companion);
  const kept: (string | null)[] = [];
  const asked: string[] = [];
  const offer = createCompanionOffer({
    urls: options.urls?.(companion.url) ?? [companion.url],
    token: async () => (options.token === undefined ? companion.token : options.token),
    keepToken: (token) => kept.push(token),
    name: 'Test panel',
    permission: async () => options.permission ?? null,
    async fetch(input, init) {
      asked.push(String(input));
      return options.answer?.(String(input)) ?? fetch(input, init);
    },
  });
  return { companion, offer, kept, asked };
}

describe('finding the companion', () => {
  it('sends nothing by itself', async () => {
    const { asked, offer } = await meet();
    const events = await collect(offer.engine, REQUEST);
    expect(events).toMatchObject([{ type: 'error', code: 'engine-unavailable' }]);
    expect(asked).toEqual([]);
  });

  it('tries one address after the other, and knows its models', async () => {
    const { offer } = await meet({ urls: (url) => [NOBODY, url] });
    expect(await offer.find(signal)).toMatchObject({
      state: 'ready',
      device: 'Processor',
      models: [{ id: 'test-pack' }],
    });
    const events = await collect(offer.engine, REQUEST);
    expect(picturesOf(events).length).toBe(2);
    expect(events.at(-1)?.type).toBe('done');
  });

  it('without a token is unpaired; a code makes a pair, a wrong one does not', async () => {
    const { offer, companion, kept } = await meet({ token: null });
    expect(await offer.find(signal)).toEqual({ state: 'unpaired' });
    expect(await offer.pair?.('000000', signal)).toMatchObject({ state: 'absent', why: 'wrong-code' });
    expect(await offer.pair?.(companion.pairing.code(), signal)).toMatchObject({ state: 'ready' });
    expect(kept.length).toBe(1);
    expect((await companion.tokens.list()).map(({ name }) => name)).toContain('Test panel');
  });

  it('D2: with a pack of a newer version beside others is ready with those', async () => {
    const pack = describePack();
    const packs = [{ ...pack, version: PACK_VERSION + 1 }, pack, { ...pack, id: 'b', film: true }];
    const { offer } = await meet({
      answer: (url) =>
        url.endsWith('/v1/packs')
          ? Response.json({ packs: packs.map((pack) => ({ pack, embedded: false, open: false })), broken: [] })
          : null,
    });
    expect(await offer.find(signal)).toMatchObject({ state: 'ready', models: [{ id: 'test-pack' }] });
  });

  it('forgets a token that was revoked', async () => {
    const { offer, kept } = await meet({ token: 'tw_nobody' });
    expect(await offer.find(signal)).toEqual({ state: 'unpaired' });
    expect(kept).toEqual([null]);
  });

  it('that revoked its token in the middle is unavailable, and asks for its code when it is looked for', async () => {
    const { offer, companion, kept } = await meet();
    expect(await offer.find(signal)).toMatchObject({ state: 'ready' });
    for (const { id } of await companion.tokens.list()) await companion.tokens.revoke(id);
    expect(await collect(offer.engine, REQUEST)).toMatchObject([{ type: 'error', code: 'engine-unavailable' }]);
    expect(await offer.find(signal)).toEqual({ state: 'unpaired' });
    expect(kept).toEqual([null]);
  });

  it('that breaks while it pairs does not blame the code', async () => {
    const { offer } = await meet({
      token: null,
      answer: (url) => (url.endsWith('/v1/pair') ? new Response('{}', { status: 500 }) : null),
    });
    await expect(offer.pair?.('K7Q2MP', signal)).rejects.toThrow('500');
  });

  it.each([
    ['denied', { why: 'permission', detail: '' }],
    ['granted', { why: 'stopped', detail: '' }],
    [null, { why: 'stopped', detail: 'unsure' }],
  ] as const)('where nobody answers and the permission is %s', async (permission, expected) => {
    const { offer } = await meet({ urls: () => [NOBODY], permission });
    expect(await offer.find(signal)).toEqual({ state: 'absent', ...expected });
  });
});

describe('the model of a pack', () => {
  it('offers the qualities that its networks can do', () => {
    const pack = describePack();
    expect(toModel(pack, ['red fox'])).toMatchObject({
      side: 256,
      licence: 'Apache-2.0',
      classes: ['red fox'],
      schedules: {
        draft: { kind: 'student', steps: 1 },
        standard: { kind: 'student', steps: 2 },
        fine: { kind: 'mixed', resampled: 40 },
      },
    });
    expect(Object.keys(toModel(describePack({ teacher: null }), null).schedules)).toEqual(['draft', 'standard']);
    expect(toModel(describePack({ student: null }), null).schedules).toEqual({
      fine: { kind: 'teacher', draw: 'sample' },
    });
  });
});

const REQUEST: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'red fox',
  pack: 'test-pack',
  seeds: [1, 2],
  schedule: { kind: 'student', steps: 2 },
  sampling: null,
  size: { width: 64, height: 64 },
  draft: false,
};
