/** D2 in the panel: requests of older and newer versions on layers, in its settings, in its history, and from another panel. */
import { describe, expect, it } from 'vitest';
import { serveParent } from '../../../ui/engine-page/embed.js';
import type { Reply } from '../../../ui/engine-page/messages.js';
import { TEXT } from '../../../ui/panel/text.js';
import { createFakeEngine } from '../../support/fake-engine.js';
import { OLD_REQUEST, TODAY } from '../../support/golden-requests.js';
import { offer, openPanel, rest } from '../../support/panel-session.js';

const NEWER = { version: 99, words: 'a fox' };
const NEWER_TITLE = TEXT.unreadable.newer;

describe('D2: a layer', () => {
  it('of version 1 is drawn again as it was', async () => {
    const panel = offer('panel');
    const selection = [{ request: JSON.stringify(OLD_REQUEST) }];
    await openPanel({ offers: [panel], selection, hello: { command: 'regenerate' } });
    expect(panel.engine.requests).toEqual([TODAY]);
  });

  it.each([
    ['a newer version', NEWER, NEWER_TITLE],
    ['a damaged request', { prompt: 5 }, TEXT.unreadable.damaged],
  ])('of %s says so, draws nothing and is not changed', async (_, raw, title) => {
    for (const command of ['open', 'regenerate', 'vary', 'copy-prompt'] as const) {
      const panel = offer('panel');
      const { session, sentOf, browser } = await openPanel({
        offers: [panel],
        selection: [{ request: JSON.stringify(raw) }],
        hello: { command },
      });
      expect(session.store.get().notice).toMatchObject({ tone: 'calm', title });
      expect([panel.engine.requests, sentOf('place'), browser.copied]).toEqual([[], [], []]);
    }
  });
});

describe('D2: what was being drawn when the panel was closed', () => {
  const openWith = async (request: unknown) => {
    const settings = JSON.stringify({ unfinished: { job: 'job-1', engine: 'panel', request }, count: 2 });
    return (await openPanel({ stored: { settings } })).session.store.get();
  };

  it('is offered again where it is of version 1', async () => {
    expect((await openWith(OLD_REQUEST)).notice?.title).toBe(TEXT.interrupted);
  });

  it('is named where it is of a newer version, and the other settings hold', async () => {
    const { notice, settings } = await openWith(NEWER);
    expect([notice?.title, settings.count]).toEqual([NEWER_TITLE, 2]);
  });
});

describe('D2: the history', () => {
  const small = 'data:image/webp;base64,AAAA';
  const entry = (id: string, request: unknown) => ({ id, at: 1, file: 'f', request, small, favourite: false });

  it('shows an entry of a newer version as one, and keeps it when another picture comes', async () => {
    const shard = JSON.stringify([entry('new', NEWER), entry('old', OLD_REQUEST)]);
    const { session, sentOf } = await openPanel({ stored: { 'history-0': shard } });
    const [newer] = session.store.get().history;
    if (!newer) throw new Error('nothing was read');
    session.open(newer, small);
    expect(session.store.get()).toMatchObject({ notice: { title: NEWER_TITLE }, tiles: [] });
    session.setPrompt('a fox');
    await session.generate();
    await rest();
    const written = sentOf('store').filter(({ key }) => key === 'history-0');
    const list = JSON.parse(written.at(-1)?.value ?? '[]');
    expect(list.length).toBeGreaterThan(2);
    expect(list).toContainEqual(entry('new', NEWER));
    expect(list).toContainEqual(entry('old', TODAY));
    session.forget();
    expect(sentOf('store').at(-1)).toEqual({ type: 'store', key: 'history-0', value: null });
  });
});

describe('D2: the engine page', () => {
  it('answers a panel of a newer version, and draws for one of an older', async () => {
    let hear: (message: object) => void = () => {};
    let port: MessagePort | undefined;
    const parent = {
      postMessage(_: unknown, __: string, [given]: MessagePort[]) {
        port = given;
      },
    };
    const window = {
      parent,
      addEventListener(_: string, listener: typeof hear) {
        hear = listener;
      },
      removeEventListener() {},
    } as unknown as Window;
    const engine = createFakeEngine();
    serveParent(
      { engine, warm() {}, notes: () => [], ask: () => Promise.reject(new Error('not asked')) as never },
      window,
    );
    hear({ source: parent, data: { type: 'twostep-hello', version: 1, nonce: '0'.repeat(32) } });
    if (!port) throw new Error('the page gave no port');
    const replies: Reply[] = [];
    port.onmessage = ({ data }) => void replies.push(data);
    const endOf = async (id: number) => {
      await expect.poll(() => replies.some((reply) => reply.type === 'end' && reply.id === id)).toBe(true);
      return replies.find((reply) => reply.type === 'end' && reply.id === id);
    };
    port.postMessage({ type: 'draw', id: 1, request: NEWER });
    port.postMessage({ type: 'draw', id: 2, request: OLD_REQUEST });
    port.postMessage({ type: 'dream', id: 3 });
    expect(await endOf(1)).toMatchObject({
      failure: { code: 'invalid-request', message: expect.stringMatching(/newer Twostep/) },
    });
    expect(await endOf(2)).toMatchObject({ failure: null });
    expect(await endOf(3)).toMatchObject({ failure: { code: 'invalid-request' } });
    expect(engine.requests).toEqual([TODAY]);
    port.close();
  });
});
