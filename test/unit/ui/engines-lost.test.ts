/** Engines that go away, ask for their code again, or have not the model that a picture was made with. */
import { describe, expect, it } from 'vitest';
import { REQUEST_DEFAULTS } from '../../../models/protocol.js';
import type { EngineOffer, Finding } from '../../../ui/engines/offer.js';
import { createFakeEngine, drawAll } from '../../support/fake-engine.js';
import { MODEL, offer, openPanel, rest } from '../../support/panel-session.js';

const LARGE = { ...MODEL, id: 'imagenet-b', name: 'ImageNet B' };
const READY: Finding = { state: 'ready', device: '', models: [LARGE] };
const STOPPED: Finding = { state: 'absent', why: 'stopped', detail: '' };

/** A companion with a model that nobody else has. What it is at the moment is told by the test. */
function companion() {
  const now = { finding: READY as Finding, answers: true, looks: 0 };
  const engine = createFakeEngine((request) =>
    now.answers ? drawAll(request) : [{ type: 'error', code: 'engine-unavailable', message: 'The connection is cut.' }],
  );
  const one: EngineOffer = {
    id: 'companion',
    isLocal: false,
    engine,
    async find() {
      now.looks += 1;
      return now.finding;
    },
    async pair() {
      now.finding = READY;
      return READY;
    },
  };
  return { now, offer: one, requests: engine.requests };
}

async function meet(settings: object = { engine: 'companion', model: 'imagenet-b', count: 2 }) {
  const one = companion();
  const panel = offer('panel');
  const run = await openPanel({ offers: [one.offer, panel], stored: { settings: JSON.stringify(settings) } });
  const { session } = run;
  session.setPrompt('a red fox');
  const state = () => session.store.get();
  const act = async () => {
    state().notice?.action?.run();
    await rest();
  };
  return { ...run, ...one, panel, state, act };
}

describe('a companion that goes away', () => {
  it('is no longer in use, and the next press looks for it again', async () => {
    const { session, now, state, act, requests } = await meet();
    now.answers = false;
    await session.generate();
    expect(state().notice).toMatchObject({ tone: 'bad', title: 'The engine stopped answering' });
    expect(state().findings.companion).toEqual(STOPPED);
    expect(session.engine()?.id).toBe('panel');
    const { looks } = now;
    now.answers = true;
    await act();
    expect(now.looks).toBe(looks + 1);
    expect(requests.map(({ pack }) => pack)).toEqual(['imagenet-b', 'imagenet-b']);
    expect(state().tiles.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(session.engine()?.id).toBe('companion');
  });

  it('and stays away is asked for by name, as long as it takes', async () => {
    const { session, now, state, act, panel } = await meet();
    now.answers = false;
    await session.generate();
    now.finding = STOPPED;
    await act();
    expect(state().notice).toMatchObject({ tone: 'warn', title: 'That model is missing' });
    expect(state().notice?.detail).toContain('“imagenet-b”');
    expect(state().screen).toBe('make');
    // The panel's own engine would answer that it has no such model, for ever.
    expect(panel.engine.requests).toEqual([]);
    now.finding = READY;
    now.answers = true;
    await act();
    expect(state().tiles.map(({ state }) => state)).toEqual(['done', 'done']);
  });

  it('and does not know the panel any more leads to where its code is typed, and then goes on', async () => {
    const { session, now, state, act } = await meet();
    now.answers = false;
    await session.generate();
    now.finding = { state: 'unpaired' };
    await act();
    expect(state()).toMatchObject({ screen: 'engines', findings: { companion: { state: 'unpaired' } } });
    now.answers = true;
    await session.pair('companion', 'K7Q2MP');
    session.show('make');
    await act();
    expect(state().tiles.map(({ state }) => state)).toEqual(['done', 'done']);
  });

  it('is looked for again even if it was not the engine of choice', async () => {
    const { session, now, state, act } = await meet({ count: 1 });
    await session.look('companion');
    now.answers = false;
    await session.generate();
    expect(state().findings.companion).toEqual(STOPPED);
    now.answers = true;
    await act();
    expect(state().tiles.map(({ request }) => request.pack)).toEqual(['imagenet-b']);
  });
});

describe('a picture of before', () => {
  it('is drawn by an engine that has its model, though another is in use', async () => {
    const { session, state, panel, requests } = await meet({ engine: 'companion', count: 1 });
    await session.generate();
    session.change({ engine: 'panel', fastest: false });
    expect(session.engine()?.id).toBe('panel');
    session.vary(state().tiles[0]?.key ?? '');
    await rest();
    expect(requests.map(({ pack }) => pack)).toEqual(['imagenet-b', 'imagenet-b']);
    expect(panel.engine.requests).toEqual([]);
    // And the other way round.
    session.setPrompt('hills');
    await session.generate();
    session.change({ engine: 'companion' });
    session.vary(state().tiles[0]?.key ?? '');
    await rest();
    expect(panel.engine.requests.map(({ pack }) => pack)).toEqual(['starter', 'starter']);
  });

  it('whose model nobody has says which it was, from the button on its layer too', async () => {
    const request = {
      ...REQUEST_DEFAULTS,
      prompt: 'a red fox',
      pack: 'imagenet-b',
      seeds: [5],
      schedule: { kind: 'student', steps: 2 },
      sampling: null,
      size: { width: 256, height: 256 },
      draft: true,
    };
    const panel = offer('panel');
    const { session } = await openPanel({
      offers: [offer('companion', { isLocal: false }), panel],
      hello: { command: 'regenerate' },
      selection: [{ request: JSON.stringify(request) }],
    });
    expect(session.store.get().notice?.detail).toContain('“imagenet-b”');
    expect(panel.engine.requests).toEqual([]);
  });
});
