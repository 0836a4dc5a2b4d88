/** Selected layers: what they say of size and words, and pictures that go beside them. */
import { describe, expect, it, vi } from 'vitest';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import type { Target } from '../../../plugin/messages.js';
import { MODEL, offer, openPanel, type PanelRun } from '../../support/panel-session.js';

const request = (prompt: string, seed: number): GenerateRequest => ({
  ...REQUEST_DEFAULTS,
  prompt,
  pack: 'starter',
  seeds: [seed],
  schedule: { kind: 'student', steps: 2 },
  sampling: null,
  size: { width: 256, height: 256 },
  draft: true,
});
const layer = (id: string, ours: GenerateRequest | null = null): Target => ({
  id,
  name: id,
  width: 400,
  height: 200,
  hindrance: null,
  request: ours && JSON.stringify(ours),
});
const HILLS = layer('1', request('green hills', 11));
const DUNES = layer('2', request('dunes at sunset', 22));
const select = ({ say }: PanelRun, ...targets: Target[]) => say({ type: 'selection', total: targets.length, targets });
const field = ({ session }: PanelRun) => session.store.get().prompt;

describe('the size of a picture', () => {
  it.each([
    ['of text is the model’s own', [{ hindrance: 'text' as const, width: 400, height: 20 }], [256, 256]],
    [
      'is that of the first layer that can be filled',
      [
        { id: '1', hindrance: 'text' as const, width: 400, height: 20 },
        { id: '2', width: 800, height: 400 },
      ],
      [512, 256],
    ],
  ])('%s', async (_, selection, [width, height]) => {
    const engine = offer('panel');
    const { session } = await openPanel({ offers: [engine], selection });
    session.setPrompt('green hills');
    await session.generate();
    expect(engine.engine.requests[0]?.size).toEqual({ width, height });
  });
});

describe('the size of a flat picture (A6)', () => {
  it.each([
    ['is at least twice that of the layer', { width: 656, height: 280 }, { width: 1312, height: 560 }],
    ['is not smaller than the model draws it', { width: 64, height: 64 }, { width: 256, height: 256 }],
    ['has an end', { width: 1600, height: 800 }, { width: 2048, height: 1024 }],
  ])('%s', async (_, target, size) => {
    const engine = offer('panel', { models: [{ ...MODEL, isFlat: true }] });
    const { session } = await openPanel({ offers: [engine], selection: [{ id: '1', ...target }] });
    session.setPrompt('mountains at night');
    await session.generate();
    expect(engine.engine.requests[0]?.size).toEqual(size);
  });
});

describe('transparent images', () => {
  it('are asked for by a setting, where the model can', async () => {
    const engine = offer('panel', { models: [{ ...MODEL, transparent: true }] });
    const { session } = await openPanel({ offers: [engine] });
    session.setPrompt('a yellow sun icon');
    session.change({ transparent: true });
    await session.generate();
    expect(engine.engine.requests.at(-1)?.background).toBe('transparent');
  });

  it('are not asked of a model that knows of none', async () => {
    const engine = offer('panel');
    const { session } = await openPanel({ offers: [engine] });
    session.setPrompt('a yellow sun icon');
    session.change({ transparent: true });
    await session.generate();
    expect(engine.engine.requests.at(-1)?.background).toBe('opaque');
  });
});

describe('words of a layer', () => {
  it('that nobody changed make way for those of the next layer', async () => {
    const run = await openPanel();
    run.session.setPrompt('my own words');
    select(run, HILLS);
    select(run, DUNES);
    expect(run.session.store.get()).toMatchObject({ prompt: 'dunes at sunset', seed: 22 });
    select(run);
    expect(field(run)).toBe('my own words');
  });

  it('that the person changed stay, whatever is selected next', async () => {
    const run = await openPanel();
    select(run, HILLS);
    run.session.setPrompt('green hills with a winding river');
    for (const next of [[DUNES], [HILLS], [layer('3')], [], [HILLS, DUNES]]) {
      select(run, ...next);
      expect(field(run)).toBe('green hills with a winding river');
    }
  });

  it('that the person deleted are no words of their own', async () => {
    const run = await openPanel();
    select(run, HILLS);
    run.session.setPrompt(' ');
    select(run, DUNES);
    expect(field(run)).toBe('dunes at sunset');
  });
});

describe('all pictures at once', () => {
  it('go beside each other, those that are not on the canvas yet', async () => {
    const { session, say, sentOf } = await openPanel();
    session.setPrompt('green hills');
    await session.generate();
    const [first, second] = session.store.get().tiles;
    session.place(second?.key ?? '');
    await vi.waitFor(() => expect(sentOf('place').length).toBe(1));
    say({ type: 'placed', job: second?.key ?? '', index: 0, mark: 0, names: ['green hills'], hindered: [] });
    session.placeRest();
    await vi.waitFor(() => expect(sentOf('release').length).toBe(1));
    expect(sentOf('reserve')).toMatchObject([{ pictures: 3, where: 'beside' }]);
    const placed = sentOf('place').slice(1);
    expect(placed.map(({ index, where }) => [index, where])).toEqual([
      [0, 'beside'],
      [1, 'beside'],
      [2, 'beside'],
    ]);
    expect(placed[0]?.bytes).toBe(first?.bytes);
    for (const { job, index } of placed)
      say({ type: 'placed', job, index, mark: index + 1, names: ['green hills'], hindered: [] });
    expect(session.store.get().tiles.every(({ placed }) => placed.length === 1)).toBe(true);
    // Then there is nothing left to do.
    session.placeRest();
    expect(sentOf('reserve').length).toBe(1);
  });
});
