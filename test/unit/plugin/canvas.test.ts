import { describe, expect, it } from 'vitest';
import { DROP_TYPE, readToPanel } from '../../../plugin/messages.js';
import { openPlugin, pngHead, settle } from '../../support/fake-figma.js';

describe('opening', () => {
  it('says nothing until the panel is ready, then greets and pushes the selection', async () => {
    const figma = await openPlugin({ layers: [{ name: 'Hero' }], selected: [0], waitForPanel: false });
    expect(figma.said).toEqual([]);
    figma.document.select([]);
    expect(figma.said).toEqual([]);
    figma.send({ type: 'ready' });
    expect(figma.said.map(({ type }) => type)).toEqual(['selection', 'hello']);
    expect(figma.last('hello')).toMatchObject({ editor: 'figma', command: 'open', prompt: null });
  });

  it('opens at its usual size, and at the size of last time', async () => {
    const storage = new Map<string, string>();
    const figma = await openPlugin({ storage });
    expect(figma.sizes).toEqual([[320, 560]]);
    figma.send({ type: 'resize', width: 9000, height: 10 });
    await settle();
    expect(figma.sizes.at(-1)).toEqual([600, 240]);
    expect((await openPlugin({ storage })).sizes).toEqual([[600, 240]]);
    for (const damaged of ['{', '{"width":"wide"}', 'null']) {
      storage.set('size', damaged);
      expect((await openPlugin({ storage })).sizes).toEqual([[320, 560]]);
    }
  });

  it('with the prompt of a quick action, once', async () => {
    const figma = await openPlugin({ prompt: '  a red fox ' });
    expect(figma.last('hello')).toMatchObject({ command: 'generate', prompt: '  a red fox ' });
    figma.send({ type: 'ready' });
    expect(figma.last('hello')).toMatchObject({ command: 'open', prompt: null });
  });

  it('a quick action while the panel is open does not open another', async () => {
    const figma = await openPlugin();
    figma.run({ command: '', parameters: { prompt: 'an owl' } });
    await settle();
    expect(figma.shows()).toBe(1);
    expect(figma.last('hello')).toMatchObject({ command: 'generate', prompt: 'an owl' });
  });

  it.each(['regenerate', 'vary', 'copy-prompt'])('by the relaunch button %s', async (command) => {
    expect((await openPlugin({ command })).last('hello')?.command).toBe(command);
  });

  it('by a command that it does not know it simply opens', async () => {
    expect((await openPlugin({ command: 'explode' })).last('hello')?.command).toBe('open');
  });

  it('suggests what was typed as the quick action’s prompt, and prompts of before that hold it', async () => {
    const recent = ['a Fox in the snow', 'green hills', 7];
    const storage = new Map([['settings', JSON.stringify({ recent })]]);
    const figma = await openPlugin({ storage });
    const suggestions: string[][] = [];
    for (const query of ['', 'fox', 'owl']) {
      figma.input({ query, key: 'prompt', result: { setSuggestions: (list) => suggestions.push(list) } });
      await settle();
    }
    expect(suggestions).toEqual([['a Fox in the snow', 'green hills'], ['fox', 'a Fox in the snow'], ['owl']]);
  });
});

describe('the selection', () => {
  it('is pushed when it changes, with the request that a layer carries', async () => {
    const figma = await openPlugin({
      layers: [
        { name: 'Hero', width: 640, height: 360, data: { request: '{"prompt":"hills"}' } },
        { name: 'x'.repeat(900) },
      ],
    });
    figma.document.select(['1:2']);
    expect(figma.last('selection')).toEqual({
      type: 'selection',
      total: 1,
      targets: [{ id: '1:2', name: 'Hero', width: 640, height: 360, hindrance: null, request: '{"prompt":"hills"}' }],
    });
    figma.document.select(['1:3']);
    expect(figma.last('selection')?.targets[0]?.name.length).toBe(500);
  });

  it('of very many layers is told as some and their number', async () => {
    const figma = await openPlugin({ layers: Array.from({ length: 300 }, () => ({})) });
    figma.document.select(figma.all().map(({ id }) => id));
    expect(figma.last('selection')).toMatchObject({ total: 300 });
    expect(figma.last('selection')?.targets.length).toBe(50);
  });
});

describe('the file', () => {
  it('has a name of its own that stays once a picture was placed', async () => {
    const figma = await openPlugin();
    const file = figma.last('hello')?.file;
    expect(file).toMatch(/^[a-z0-9]+$/);
    expect(figma.host.root.getPluginData('file')).toBe('');
    const place = { type: 'place', job: 'j', index: 0, where: 'beside', title: 't', request: '{}' } as const;
    figma.send({ ...place, bytes: pngHead(), width: 8, height: 8, beyond: null });
    expect(figma.host.root.getPluginData('file')).toBe(file);
  });
});

describe('storage', () => {
  it('answers a panel that asks before it says that it is ready', async () => {
    const figma = await openPlugin({ waitForPanel: false });
    figma.send({ type: 'load', key: 'settings' });
    await settle();
    expect(figma.said).toEqual([{ type: 'stored', key: 'settings', value: null }]);
  });

  it('gives back what was kept, and null for what was not', async () => {
    const figma = await openPlugin();
    figma.send({ type: 'store', key: 'settings', value: '{"count":2}' });
    await settle();
    figma.send({ type: 'load', key: 'settings' });
    figma.send({ type: 'load', key: 'history-3' });
    await settle();
    expect(figma.said.slice(-2)).toEqual([
      { type: 'stored', key: 'settings', value: '{"count":2}' },
      { type: 'stored', key: 'history-3', value: null },
    ]);
    figma.send({ type: 'store', key: 'settings', value: null });
    await settle();
    figma.send({ type: 'load', key: 'settings' });
    await settle();
    expect(figma.last('stored')).toEqual({ type: 'stored', key: 'settings', value: null });
  });

  it('that is full says so and keeps what it had', async () => {
    const figma = await openPlugin();
    const value = 'x'.repeat(500_000);
    for (let shard = 0; shard < 10; shard++) figma.send({ type: 'store', key: `history-${shard}`, value });
    await settle();
    await settle();
    expect(figma.said.filter(({ type }) => type === 'not-stored')).toEqual([
      { type: 'not-stored', key: 'history-9', reason: 'storage-full' },
    ]);
  });
});

describe('messages', () => {
  it('that are none are passed over', async () => {
    const figma = await openPlugin({ layers: [{ name: 'Hero' }], selected: [0] });
    const before = [figma.all(), figma.said.length];
    for (const message of [
      null,
      5,
      'ready',
      [],
      {},
      { type: 'explode' },
      { type: 'toString' },
      { type: 'ready', more: 1 },
    ])
      figma.post(message);
    figma.post({ type: 'reserve', job: 'j', pictures: 1e9, where: 'selection', width: 1, height: 1 });
    figma.post({ type: 'store', key: '__proto__', value: '' });
    figma.post({
      type: 'place',
      job: 'j',
      index: 0,
      where: 'selection',
      title: '',
      bytes: 'PNG',
      width: 1,
      height: 1,
      beyond: null,
      request: '',
    });
    const place = {
      type: 'place',
      job: 'j',
      index: 0,
      where: 'selection',
      title: '',
      width: 1,
      height: 1,
      request: '',
    };
    figma.post({ ...place, bytes: pngHead(), beyond: { r: 255, g: 0, b: 0 } });
    expect([figma.all(), figma.said.length]).toEqual(before);
    expect(readToPanel({ type: 'selection', targets: [{ id: 1 }], total: 1 })).toBeNull();
  });

  it('are shortened for a notice', async () => {
    const figma = await openPlugin();
    figma.send({ type: 'notify', text: 'x'.repeat(300) });
    expect(figma.notices[0]?.length).toBe(100);
  });
});

describe('dropping', () => {
  const drop = (data: string, node: string | null) => {
    const file = { type: 'image/png', getBytesAsync: async () => pngHead() };
    return { items: [{ type: DROP_TYPE, data }], files: [file], absoluteX: 300, absoluteY: 200, node };
  };
  const picture = JSON.stringify({
    title: 'hills',
    request: '{"prompt":"hills"}',
    width: 100,
    height: 50,
    beyond: null,
  });

  it('onto a layer fills it', async () => {
    const figma = await openPlugin({ layers: [{ name: 'Hero' }] });
    expect(figma.drop({ ...drop(picture, null), node: figma.node('1:2') })).toBe(false);
    await settle();
    expect(figma.layer('1:2')).toMatchObject({ data: { request: '{"prompt":"hills"}' } });
  });

  it('onto the page or something that can not be filled makes a frame there', async () => {
    const figma = await openPlugin({ layers: [{ name: 'Group', type: 'GROUP', fills: null }] });
    figma.drop({ ...drop(picture, null), node: figma.host.currentPage });
    figma.drop({ ...drop(picture, null), node: figma.node('1:2') });
    await settle();
    expect(figma.all().slice(1)).toMatchObject([
      { name: 'hills', x: 250, y: 175, width: 100, height: 50 },
      { name: 'hills', x: 250, y: 175, width: 100, height: 50 },
    ]);
  });

  it('of other things is Figma’s own affair', async () => {
    const figma = await openPlugin();
    for (const data of ['', '{}', 'null', '{"title":5}'])
      expect(figma.drop({ ...drop(data, null), node: figma.host.currentPage })).toBe(true);
    await settle();
    expect(figma.all()).toEqual([]);
  });
});
