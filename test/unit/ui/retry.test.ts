/** Another try after an engine failed: what is done stays, and the rest goes where it was meant to go. */
import { describe, expect, it, vi } from 'vitest';
import type { GenerateRequest } from '../../../models/protocol.js';
import type { Session } from '../../../ui/panel/session.js';
import { drawAll, pictureOf, type Step } from '../../support/fake-engine.js';
import { offer, openPanel, rest } from '../../support/panel-session.js';

/** Draws the pictures of the turn, by their number in the request, and fails; after the last turn it draws all. */
function failing(...turns: (readonly number[])[]) {
  return (request: GenerateRequest): readonly Step[] => {
    const pictures = turns.shift();
    if (!pictures) return drawAll(request);
    return [
      ...pictures.map((index) => ({ type: 'picture', ...pictureOf(request, index) }) as const),
      { type: 'error', code: 'engine-failed', message: 'The card ran into an error.' },
    ];
  };
}

const open = async (options: Parameters<typeof openPanel>[0], ...turns: (readonly number[])[]) => {
  const engine = offer('panel', { script: failing(...turns) });
  const run = await openPanel({ ...options, offers: [engine] });
  const again = async () => {
    run.session.store.get().notice?.action?.run();
    await rest();
  };
  return { ...run, again, requests: engine.engine.requests };
};
const draw = async (session: Session) => {
  session.setSeed(1);
  session.setPrompt('green hills');
  await session.generate();
};
const view = (session: Session) => session.store.get().tiles.map(({ seed, state }) => `${seed} ${state}`);

describe('another try', () => {
  it('draws what is missing among what is done, in the order of before', async () => {
    const { session, again, requests } = await open({}, [0, 2]);
    await draw(session);
    expect(view(session)).toEqual(['1 done', '3 done']);
    const before = session.store.get().tiles.map(({ url }) => url);
    const seen = new Set<string>();
    session.store.subscribe(() => seen.add(view(session).join()));
    await again();
    expect(requests[1]?.seeds).toEqual([2, 4]);
    expect(seen).toContain('1 done,2 waiting,3 done,4 waiting');
    expect(view(session)).toEqual(['1 done', '2 done', '3 done', '4 done']);
    const { tiles, notice } = session.store.get();
    expect([tiles[0]?.url, tiles[2]?.url]).toEqual(before);
    expect(notice).toBeNull();
  });

  it('that fails as well leaves the next one what is missing then', async () => {
    const { session, again, requests } = await open({}, [3], [1]);
    await draw(session);
    await again();
    expect(view(session)).toEqual(['2 done', '4 done']);
    expect(session.store.get().notice?.detail).toContain('The 2 finished images are kept');
    await again();
    expect(requests.map(({ seeds }) => seeds)).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3],
      [1, 3],
    ]);
    expect(view(session)).toEqual(['1 done', '2 done', '3 done', '4 done']);
  });

  it('does not bring back what was deleted, and is not offered where nothing is missing', async () => {
    const { session, again } = await open({}, [0, 1]);
    await draw(session);
    session.remove(session.store.get().tiles[0]?.key ?? '');
    await again();
    expect(view(session)).toEqual(['2 done', '3 done', '4 done']);
    const whole = await open({}, [0, 1, 2, 3]);
    await draw(whole.session);
    expect(whole.session.store.get().notice).toMatchObject({ tone: 'bad' });
    expect(whole.session.store.get().notice?.action).toBeUndefined();
  });

  it('after a quick action goes straight onto the canvas, as that did', async () => {
    const { session, again, sentOf } = await open({ hello: { command: 'generate', prompt: 'an owl' } }, [0, 1, 2]);
    expect(sentOf('place').length).toBe(3);
    await again();
    await vi.waitFor(() => expect(sentOf('release').length).toBe(2));
    expect(sentOf('reserve').map(({ pictures, where }) => [pictures, where])).toEqual([
      [4, 'beside'],
      [1, 'beside'],
    ]);
    expect(sentOf('place').map(({ index }) => index)).toEqual([0, 1, 2, 0]);
    expect(session.store.get().settings.straight).toBe(false);
  });

  it('leaves layers alone that have their picture', async () => {
    const straight = { stored: { settings: '{"straight":true}' } };
    // Three layers: the third one's picture is the third.
    const three = await open({ ...straight, selection: [{ id: '1' }, { id: '2' }, { id: '3' }] }, [0, 1]);
    await draw(three.session);
    await three.again();
    await vi.waitFor(() => expect(three.sentOf('release').length).toBe(2));
    expect(three.sentOf('reserve').at(-1)).toMatchObject({ pictures: 3, where: 'selection' });
    expect(three.sentOf('place').map(({ index }) => index)).toEqual([0, 1, 2]);
    // One layer: it has the first picture, and the others stand beside it.
    const one = await open({ ...straight, selection: [{}] }, [0, 1]);
    await draw(one.session);
    await one.again();
    await vi.waitFor(() => expect(one.sentOf('release').length).toBe(2));
    expect(one.sentOf('reserve').map(({ pictures, where }) => [pictures, where])).toEqual([
      [4, 'selection'],
      [2, 'beside'],
    ]);
    // Unless that is the one that is missing.
    const first = await open({ ...straight, selection: [{}] }, [1, 2, 3]);
    await draw(first.session);
    await first.again();
    await vi.waitFor(() => expect(first.sentOf('release').length).toBe(2));
    expect(first.sentOf('reserve').at(-1)).toMatchObject({ pictures: 1, where: 'selection' });
  });
});
