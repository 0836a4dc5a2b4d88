/** The list of runs, and what becomes of images in it (rows B3, B4 and B5 of the cases). */
import { describe, expect, it, vi } from 'vitest';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import type { Memory } from '../../../ui/engines/offer.js';
import type { Session } from '../../../ui/panel/session.js';
import { unplacedOf } from '../../../ui/panel/state.js';
import { drawAll } from '../../support/fake-engine.js';
import { offer, openPanel, rest } from '../../support/panel-session.js';

const REQUEST: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'dunes at sunset',
  pack: 'starter',
  seeds: [7],
  schedule: { kind: 'student', steps: 2 },
  size: { width: 512, height: 256 },
  draft: true,
};

const draw = async (session: Session, words: string) => {
  session.setPrompt(words);
  await session.generate();
};
const front = (session: Session) => session.store.get().tiles.map(({ request }) => request.prompt);
const below = (session: Session) =>
  session.store.get().earlier.map(({ tiles }) => `${tiles.length} ${tiles[0]?.request.prompt}`);

describe('B5: runs', () => {
  it('of before stay below the new one, newest first', async () => {
    const { session } = await openPanel();
    for (const words of ['one', 'two', 'three']) await draw(session, words);
    expect(front(session)).toEqual(['three', 'three', 'three', 'three']);
    expect(below(session)).toEqual(['4 two', '4 one']);
  });

  it('leave when there are many, and their addresses with them', async () => {
    const { session, browser } = await openPanel();
    for (let run = 0; run < 30; run++) await draw(session, `run ${run}`);
    expect(below(session).length).toBe(10);
    expect(browser.alive.size).toBe(44);
  });

  it('that come to nothing bring the one before back', async () => {
    const script = (request: GenerateRequest) =>
      request.prompt === 'stopped' ? [{ type: 'wait', milliseconds: 50 } as const] : drawAll(request);
    const { session } = await openPanel({ offers: [offer('panel', { script })] });
    await draw(session, 'one');
    session.setPrompt('stopped');
    const running = session.generate();
    session.stop();
    await running;
    expect(front(session)).toEqual(['one', 'one', 'one', 'one']);
    expect(session.store.get().selected).toBe(session.store.get().tiles[0]?.key);
  });

  it('keep their images for what can be done with them', async () => {
    const { session, sentOf } = await openPanel();
    await draw(session, 'one');
    const old = session.store.get().tiles[1];
    await draw(session, 'two');
    session.select(old?.key ?? '');
    expect(unplacedOf(session.store.get()).map(({ request }) => request.prompt)).toEqual(['one', 'one', 'one', 'one']);
    session.placeChosen();
    await vi.waitFor(() => expect(sentOf('place')).toMatchObject([{ title: 'one', bytes: old?.bytes }]));
  });

  it('and single images that were taken away come back, to the history too', async () => {
    const { session, browser } = await openPanel();
    await draw(session, 'one');
    await draw(session, 'two');
    await rest();
    const keys = session.store.get().tiles.map(({ key }) => key);
    const history = session.store.get().history.map(({ id }) => id);
    session.remove(keys[1] ?? '');
    expect(session.store.get().tiles.length).toBe(3);
    expect(session.store.get().history.length).toBe(7);
    session.store.get().removal?.action?.run();
    expect(session.store.get().tiles.map(({ key }) => key)).toEqual(keys);
    expect(
      session.store
        .get()
        .history.map(({ id }) => id)
        .sort(),
    ).toEqual([...history].sort());
    expect(session.store.get().removal).toBeNull();
    session.clearEarlier();
    expect(below(session)).toEqual([]);
    session.store.get().removal?.action?.run();
    expect(below(session)).toEqual(['4 one']);
    const shown = [...session.store.get().tiles, ...session.store.get().earlier.flatMap(({ tiles }) => tiles)];
    expect(shown.every(({ url }) => browser.alive.has(url ?? ''))).toBe(true);
  });

  it('do not lose a failure when an image is deleted', async () => {
    const { session } = await openPanel();
    await draw(session, 'one');
    session.store.set({ notice: { tone: 'bad', title: 'Failed', detail: '' } });
    session.remove(session.store.get().tiles[0]?.key ?? '');
    expect(session.store.get()).toMatchObject({ notice: { title: 'Failed' }, removal: { title: 'Image deleted' } });
  });

  it('an image of the history is whole while the companion has one of the same request', async () => {
    const memory: Memory = {
      list: async () => ({
        pictures: [
          { id: 'job_1/pictures/0', at: 5, request: { ...REQUEST, seeds: [8] } },
          { id: 'job_1/pictures/1', at: 5, request: { ...REQUEST, draft: false } },
        ],
        next: null,
      }),
      small: async () => new Blob(['small']),
      whole: async (id) => new TextEncoder().encode(id),
    };
    const { session } = await openPanel({ offers: [offer('companion', { past: { memory } })] });
    const small = 'data:image/webp;base64,AAAA';
    session.open({ id: 'own-0', at: 1, file: '', request: REQUEST, small, favourite: false }, small);
    await rest();
    const [tile] = session.store.get().tiles;
    expect(tile?.state).toBe('done');
    expect(new TextDecoder().decode(tile?.bytes ?? new Uint8Array())).toBe('job_1/pictures/1');
  });
});

describe('B4: the image of the selected layer', () => {
  const layer = {
    id: '1:9',
    name: 'Poster',
    width: 512,
    height: 256,
    hindrance: null,
    request: JSON.stringify(REQUEST),
  };

  it('is the result shown, in its own shape; Vary is about it; leaving it brings back what was there', async () => {
    const engine = offer('panel');
    const { session, say, sentOf } = await openPanel({ offers: [engine] });
    await draw(session, 'one');
    say({ type: 'selection', total: 1, targets: [layer] });
    expect(sentOf('read-image')).toEqual([{ type: 'read-image', id: '1:9' }]);
    say({ type: 'image', id: '1:9', bytes: new Uint8Array([1, 2, 3]) });
    const [tile, ...others] = session.store.get().tiles;
    expect(others).toEqual([]);
    expect(tile).toMatchObject({ state: 'done', seed: 7, width: 512, height: 256, placed: ['Poster'] });
    expect(session.store.get().selected).toBe(tile?.key);
    expect(below(session)).toEqual(['4 one']);
    say({ type: 'selection', total: 0, targets: [] });
    expect(front(session)).toEqual(['one', 'one', 'one', 'one']);
    expect(below(session)).toEqual([]);
    say({ type: 'selection', total: 1, targets: [layer] });
    say({ type: 'image', id: '1:9', bytes: new Uint8Array([1, 2, 3]) });
    session.vary(session.store.get().selected ?? '');
    await rest();
    expect(engine.engine.requests.at(-1)).toMatchObject({
      prompt: 'dunes at sunset',
      size: { width: 512, height: 256 },
    });
  });

  it('that is among the results is chosen there', async () => {
    const { session, say, sentOf } = await openPanel();
    await draw(session, 'one');
    const tile = session.store.get().tiles[2];
    say({ type: 'selection', total: 1, targets: [{ ...layer, request: JSON.stringify(tile?.request) }] });
    expect(sentOf('read-image')).toEqual([]);
    expect(session.store.get().selected).toBe(tile?.key);
  });

  it('that the canvas does not have is at least said, and can be generated again', async () => {
    const { session, say } = await openPanel();
    say({ type: 'selection', total: 1, targets: [layer] });
    say({ type: 'image', id: '1:9', bytes: null });
    expect(session.store.get().tiles).toMatchObject([{ state: 'faded', seed: 7, url: null }]);
  });

  it('varied fills the shape of the layer that is selected now', async () => {
    const engine = offer('panel');
    const { session, say } = await openPanel({ offers: [engine] });
    await draw(session, 'one');
    say({ type: 'selection', total: 1, targets: [{ ...layer, width: 900, height: 300, request: null }] });
    session.vary(session.store.get().tiles[0]?.key ?? '');
    await rest();
    expect(engine.engine.requests.at(-1)?.size).toEqual({ width: 768, height: 256 });
  });
});

describe('B3: an image that is on the canvas', () => {
  it('is not any more when the canvas says so, and counts again among those to place', async () => {
    const { session, say } = await openPanel();
    await draw(session, 'one');
    const [tile] = session.store.get().tiles;
    session.place(tile?.key ?? '');
    say({ type: 'placed', job: tile?.key ?? '', index: 0, mark: 4, names: ['Hero'], hindered: [] });
    expect(unplacedOf(session.store.get()).length).toBe(3);
    say({ type: 'standing', mark: 4, names: [] });
    expect(unplacedOf(session.store.get()).length).toBe(4);
    say({ type: 'standing', mark: 4, names: ['Hero'] });
    expect(session.store.get().tiles[0]?.placed).toEqual(['Hero']);
  });

  it('twice stays on it while one of both stands', async () => {
    const { session, say } = await openPanel();
    await draw(session, 'one');
    const key = session.store.get().tiles[0]?.key ?? '';
    for (const [mark, name] of ['Hero', 'Poster'].entries()) {
      session.place(key);
      say({ type: 'placed', job: key, index: 0, mark, names: [name], hindered: [] });
    }
    expect(session.store.get().tiles[0]?.placed).toEqual(['Hero', 'Poster']);
    say({ type: 'standing', mark: 0, names: [] });
    expect(session.store.get().tiles[0]?.placed).toEqual(['Poster']);
  });
});
