import { afterEach, describe, expect, it, vi } from 'vitest';
import { chooseEngine, trialKey, tryEngine } from '../../../ui/engines/choose.js';
import type { EngineOffer } from '../../../ui/engines/offer.js';
import { createFakeEngine, drawAll } from '../../support/fake-engine.js';
import { MODEL, offer, openPanel } from '../../support/panel-session.js';

describe('chooseEngine', () => {
  it.each([
    ['nobody', [], null],
    ['the only one', [['panel', null]], 'panel'],
    [
      'the first, as long as it was not measured',
      [
        ['companion', null],
        ['page', 5],
      ],
      'companion',
    ],
    [
      'the first, as long as the other was not measured',
      [
        ['companion', 900],
        ['page', null],
      ],
      'companion',
    ],
    [
      'the quicker one',
      [
        ['companion', 900],
        ['page', 90],
        ['panel', 2000],
      ],
      'page',
    ],
    [
      'the first of two that are alike',
      [
        ['companion', 100],
        ['page', 90],
      ],
      'companion',
    ],
  ] as const)('takes %s', (_, list, expected) => {
    expect(chooseEngine(list.map(([id, milliseconds]) => ({ id, milliseconds })))).toBe(expected);
  });
});

/** An engine whose pictures take so long on the clock of the test. */
function timed(id: 'companion' | 'page' | 'panel', milliseconds: number, clock: { now: number }) {
  const seen: (readonly number[])[] = [];
  const engine = createFakeEngine((request) => {
    seen.push(request.seeds);
    // The first picture of an engine pays for what it loads.
    clock.now += milliseconds + (seen.length === 1 ? 5000 : 0);
    return drawAll(request);
  });
  const { engine: _, ...rest } = offer(id);
  return { ...rest, engine, seen } satisfies EngineOffer & { seen: unknown };
}

describe('tryEngine', () => {
  it('times a draft of its own after one that loads', async () => {
    const clock = { now: 0 };
    const engine = timed('page', 300, clock);
    const { signal } = new AbortController();
    expect(await tryEngine(engine, MODEL, { signal, now: () => clock.now })).toBe(300);
    expect(engine.seen).toEqual([[1], [2]]);
  });

  it('leaves no trace in what an engine keeps', async () => {
    const { signal } = new AbortController();
    const companion = { ...offer('companion'), sketch: createFakeEngine() };
    expect(await tryEngine(companion, MODEL, { signal, now: () => 0 })).toBe(0);
    expect([companion.engine.requests.length, companion.sketch.requests.length]).toEqual([0, 2]);
  });

  it('tells nothing of an engine that fails or is stopped', async () => {
    const { signal } = new AbortController();
    const failing = offer('page', { script: [{ type: 'error', code: 'engine-failed', message: 'no' }] });
    expect(await tryEngine(failing, MODEL, { signal, now: () => 0 })).toBeNull();
    expect(await tryEngine(offer('page'), MODEL, { signal: AbortSignal.abort(), now: () => 0 })).toBeNull();
  });
});

describe('the panel with two engines', () => {
  afterEach(() => void vi.useRealTimers());

  it('measures both once nothing is drawn, remembers it, and from then on draws with the quicker one', async () => {
    const clock = { now: 1_000_000 };
    const [slow, quick] = [timed('companion', 900, clock), timed('panel', 60, clock)];
    const { session } = await openPanel({ offers: [slow, quick], now: () => clock.now });
    expect(session.engine()?.id).toBe('companion');
    session.setPrompt('hills');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await session.generate();
    expect(quick.seen).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_000);
    const { trials } = session.store.get().settings;
    expect(trials).toEqual({ [trialKey('companion', '', MODEL.id)]: 900, [trialKey('panel', '', MODEL.id)]: 60 });
    expect(session.engine()?.id).toBe('panel');
    // Whoever insists gets what they chose.
    session.change({ engine: 'companion', fastest: false });
    expect(session.engine()?.id).toBe('companion');
  });

  it('leaves engines alone whose trial is known, and one that is alone', async () => {
    const clock = { now: 1_000_000 };
    const known = { [trialKey('companion', '', MODEL.id)]: 50, [trialKey('panel', '', MODEL.id)]: 60 };
    const [first, second] = [timed('companion', 50, clock), timed('panel', 60, clock)];
    for (const offers of [[first, second], [second]]) {
      const stored = { settings: JSON.stringify(offers.length === 2 ? { trials: known } : {}) };
      const { session } = await openPanel({ offers, now: () => clock.now, stored });
      session.setPrompt('hills');
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const before = second.seen.length;
      await session.generate();
      const after = second.seen.length;
      await vi.advanceTimersByTimeAsync(10_000);
      vi.useRealTimers();
      expect(second.seen.length).toBe(after);
      expect(after - before).toBe(offers.length === 2 ? 0 : 1);
    }
  });
});
