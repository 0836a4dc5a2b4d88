/** A message goes with its cause, and what was asked for is done once it can be (rows B1 and B13 of the cases). */
import { describe, expect, it } from 'vitest';
import { REQUEST_DEFAULTS } from '../../../models/protocol.js';
import type { Finding } from '../../../ui/engines/offer.js';
import { MODEL, offer, openPanel, rest } from '../../support/panel-session.js';

const UNPAIRED: Finding = { state: 'unpaired' };
const STOPPED: Finding = { state: 'absent', why: 'stopped', detail: '' };
const READY: Finding = { state: 'ready', device: '', models: [MODEL] };

/** A companion whose state the test decides. */
function companionOf(first: Finding) {
  const now = { finding: first };
  const one = offer('companion', { isLocal: false });
  return { one, now, offer: { ...one, find: async () => now.finding } };
}

describe('B1: a message', () => {
  it('that no engine is ready goes once one is; after pairing the panel goes back and generates what was asked', async () => {
    const { one, offer: companion } = companionOf(UNPAIRED);
    const { session } = await openPanel({ offers: [companion] });
    session.setPrompt('a red star');
    await session.generate();
    expect(session.store.get()).toMatchObject({ screen: 'engines', notice: { about: 'engines' } });
    await session.look('companion');
    await session.pair('companion', 'K7Q2MP');
    expect(session.store.get()).toMatchObject({ screen: 'make', notice: null });
    expect(one.engine.requests.map(({ prompt }) => prompt)).toEqual(['a red star']);
    expect(session.store.get().tiles.length).toBe(4);
  });

  it('of a companion that was started again goes as well', async () => {
    const { one, now, offer: companion } = companionOf(STOPPED);
    const { session } = await openPanel({ offers: [companion] });
    session.setPrompt('a red star');
    await session.generate();
    now.finding = READY;
    await session.look('companion');
    expect(session.store.get()).toMatchObject({ screen: 'make', notice: null });
    expect(one.engine.requests.length).toBe(1);
  });

  it('a wrong code leads nowhere', async () => {
    const { one, offer: companion } = companionOf(UNPAIRED);
    const { session } = await openPanel({ offers: [companion] });
    session.setPrompt('a red star');
    await session.generate();
    await session.pair('companion', 'WRONG');
    expect(session.store.get()).toMatchObject({ screen: 'engines', notice: { about: 'engines' } });
    expect(one.engine.requests).toEqual([]);
  });

  it('whoever turned away is not surprised by images later', async () => {
    const { one, offer: companion } = companionOf(UNPAIRED);
    const { session } = await openPanel({ offers: [companion] });
    session.setPrompt('a red star');
    await session.generate();
    session.show('make');
    session.show('engines');
    await session.pair('companion', 'K7Q2MP');
    await rest();
    expect(one.engine.requests).toEqual([]);
  });

  it('that words are missing goes with the first of them', async () => {
    const { session } = await openPanel();
    await session.generate();
    expect(session.store.get().notice?.about).toBe('prompt');
    session.setPrompt('a');
    expect(session.store.get().notice).toBeNull();
  });
});

describe('B13: a button on a layer that can’t be followed says why', () => {
  const request = JSON.stringify({
    ...REQUEST_DEFAULTS,
    prompt: 'hills',
    pack: 'starter',
    seeds: [1],
    schedule: { kind: 'student', steps: 1 },
    size: { width: 256, height: 256 },
    draft: false,
  });
  it.each([
    ['nothing selected', [], /No layer is selected/],
    ['several layers', [{ id: '1' }, { id: '2' }], /Several layers/],
    ['a layer of somebody else', [{}], /“Hero” carries no prompt/],
    ['a damaged request', [{ request: '{"prompt":7}' }], /damaged/],
    ['no JSON', [{ request: 'hills' }], /damaged/],
    ['a newer version', [{ request: request.replace(/"version":\d+/, '"version":99') }], /Update Twostep/],
  ])('%s', async (_, selection, words) => {
    for (const command of ['regenerate', 'vary', 'copy-prompt'] as const) {
      const engine = offer('panel');
      const { session } = await openPanel({ offers: [engine], hello: { command }, selection });
      expect(session.store.get().notice?.detail).toMatch(words);
      expect(engine.engine.requests).toEqual([]);
    }
  });
});
