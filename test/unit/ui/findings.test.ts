/** What is said of engines: true sentences, and what came of a search for those who don't see it. */
import { describe, expect, it } from 'vitest';
import type { Absence, EngineId, EngineOffer, Finding } from '../../../ui/engines/offer.js';
import { announce, explain } from '../../../ui/panel/findings.js';
import { offer, openPanel, rest } from '../../support/panel-session.js';

const absent = (why: Absence): Finding => ({ state: 'absent', why, detail: '' });

describe('an engine in words', () => {
  it.each([
    ['companion', 'unexpected', /restart it with “npm start”/],
    ['companion', 'stopped', /Start it with “npm start”/],
    ['page', 'unsupported', /WebGPU/],
    ['page', 'unexpected', /close and reopen this panel/],
    ['page', 'stopped', /stopped answering/],
    ['panel', 'unsupported', /WebAssembly/],
    ['panel', 'unexpected', /close and reopen this panel/],
    ['panel', 'stopped', /could not go on/],
    ['panel', 'damaged', /damaged/],
  ] as const)('%s, %s', (id: EngineId, why, words) => {
    expect(explain(absent(why), id)).toMatch(words);
  });

  it('speaks of WebGPU only where that is what is missing, and of “npm start” only of the companion', () => {
    const all = (['unsupported', 'unexpected', 'stopped'] as const).map((why) => explain(absent(why), 'panel'));
    expect(all.join()).not.toMatch(/WebGPU|npm start/);
    expect(explain(absent('unexpected'), 'companion')).not.toContain('WebGPU');
  });
});

describe('a search', () => {
  it.each([
    ['times out', new DOMException('The operation timed out.', 'TimeoutError')],
    ['meets another version', new TypeError('packs: expected array')],
  ])('that %s is no lack of WebGPU', async (_, error) => {
    const broken: EngineOffer = { ...offer('companion', { isLocal: false }), find: () => Promise.reject(error) };
    const { session } = await openPanel({ offers: [broken] });
    await session.look('companion');
    expect(session.store.get().findings.companion).toMatchObject({ why: 'unexpected', detail: error.message });
  });

  it('says what came of it, each time, and keeps in view what was known', async () => {
    const companion = offer('companion', { isLocal: false, finding: { state: 'unpaired' } });
    const { session } = await openPanel({ offers: [companion] });
    const said: string[] = [];
    session.store.subscribe(() => {
      const { announcement } = session.store.get();
      if (announcement !== said.at(-1)) said.push(announcement);
    });
    const looking = session.look('companion');
    expect(session.store.get().findings.companion).toEqual({ state: 'looking', before: { state: 'unasked' } });
    await looking;
    const pairing = session.pair('companion', 'WRONG');
    expect(session.store.get().findings.companion).toEqual({ state: 'looking', before: { state: 'unpaired' } });
    await pairing;
    await session.pair('companion', 'WRONG');
    await session.pair('companion', 'K7Q2MP');
    const wrong = 'Companion: needs its code. Wrong code. Check the companion’s window and type it again.';
    expect(said).toEqual([
      'Looking…',
      'Companion: needs its code. Type the code shown in its window.',
      'Looking…',
      wrong,
      'Looking…',
      wrong,
      'Looking…',
      'Companion: ready.',
    ]);
  });

  it('that nobody asked for is silent', async () => {
    const { session } = await openPanel();
    await rest();
    expect(session.store.get().announcement).toBe('');
  });

  it('that broke is not told as one that found nothing', () => {
    expect(announce(absent('unexpected'), 'companion')).toMatch(/^Companion: not ready\. It answered/);
    expect(announce(absent('stopped'), 'companion')).toMatch(/^Companion: not found\. No answer\./);
  });
});
