import { describe, expect, it, vi } from 'vitest';
import { type GenerateRequest, REQUEST_DEFAULTS } from '../../../models/protocol.js';
import { wordsOf } from '../../../models/wildcards.js';
import type { Memory } from '../../../ui/engines/offer.js';
import { createFakeEngine, drawAll, pictureOf, progress } from '../../support/fake-engine.js';
import { MODEL, offer, openPanel, rest } from '../../support/panel-session.js';

const REQUEST: GenerateRequest = {
  ...REQUEST_DEFAULTS,
  prompt: 'green hills',
  pack: 'starter',
  seeds: [42],
  schedule: { kind: 'student', steps: 2 },
  sampling: null,
  size: { width: 256, height: 128 },
  draft: true,
};

describe('A8: a draft', () => {
  it.each([
    ['fine', { kind: 'mixed', resampled: 40 }, true],
    ['fine', { kind: 'teacher', draw: 'sample' }, false],
    ['draft', { kind: 'student', steps: 1 }, false],
  ] as const)('of %s by %j is asked for: %s', async (quality, schedule, draft) => {
    const panel = offer('panel', { models: [{ ...MODEL, schedules: { [quality]: schedule } }] });
    const { session } = await openPanel({ offers: [panel], stored: { settings: JSON.stringify({ quality }) } });
    session.setPrompt('a fox');
    await session.generate();
    expect(panel.engine.requests.map((request) => [request.draft, request.schedule])).toEqual([[draft, schedule]]);
  });
});

describe('first contact', () => {
  it('looks only for engines on this machine; others wait for a press', async () => {
    const [panel, companion] = [offer('panel'), offer('companion', { isLocal: false })];
    const { session } = await openPanel({ offers: [companion, panel] });
    expect([panel.looks(), companion.looks()]).toEqual([1, 0]);
    await session.look('companion');
    expect(companion.looks()).toBe(1);
  });

  it('gets its own engine ready when it opens, unless another one was chosen', async () => {
    const warmed = async (settings: string) => {
      let count = 0;
      const panel = Object.assign(offer('panel'), { warm: () => void count++ });
      await openPanel({ offers: [offer('companion', { isLocal: false }), panel], stored: { settings } });
      return count;
    };
    expect(await warmed('{}')).toBe(1);
    expect(await warmed('{"engine":"panel"}')).toBe(1);
    expect(await warmed('{"engine":"companion"}')).toBe(0);
  });

  it('without an engine it shows where to choose one, and does not complain about the prompt', async () => {
    const { session } = await openPanel({ offers: [offer('companion', { isLocal: false })] });
    session.setPrompt('a fox');
    await session.generate();
    expect(session.store.get()).toMatchObject({ screen: 'engines', run: null });
  });

  it('pairs with a code, and says when it is wrong', async () => {
    const companion = offer('companion', { isLocal: false, finding: { state: 'unpaired' } });
    const { session } = await openPanel({ offers: [companion] });
    await session.look('companion');
    expect(session.engine()).toBeNull();
    await session.pair('companion', 'WRONG');
    expect(session.store.get().findings.companion).toMatchObject({ state: 'absent', why: 'wrong-code' });
    await session.pair('companion', 'K7Q2MP');
    expect(session.engine()?.id).toBe('companion');
    expect(session.store.get().settings.engine).toBe('companion');
  });

  it('an engine whose search breaks is absent with its reason', async () => {
    const broken = { ...offer('page'), find: () => Promise.reject(new Error('no adapter')) };
    const { session } = await openPanel({ offers: [broken] });
    expect(session.store.get().findings.page).toMatchObject({
      state: 'absent',
      why: 'unexpected',
      detail: 'no adapter',
    });
  });
});

describe('a request', () => {
  it('is complete: prompt, model, seeds, schedule, and the size of the selection’s aspect', async () => {
    const engine = offer('panel');
    const { session } = await openPanel({ offers: [engine], selection: [{ width: 800, height: 200 }] });
    session.setPrompt('green hills');
    session.setSeed(7);
    await session.generate();
    expect(engine.engine.requests).toEqual([{ ...REQUEST, seeds: [7, 8, 9, 10], size: { width: 1024, height: 256 } }]);
  });

  it('holds the words as typed, and each image says which of them it drew', async () => {
    const engine = offer('panel');
    const { session } = await openPanel({ offers: [engine] });
    session.setPrompt('cat\n{red|blue} fox');
    session.setSeed(10);
    session.change({ count: 2 });
    await session.generate();
    expect(engine.engine.requests.at(-1)).toMatchObject({ prompt: 'cat\n{red|blue} fox', seeds: [10, 12, 11, 13] });
    expect(session.store.get().tiles.map(({ request }) => wordsOf(request))).toEqual([
      'cat',
      'cat',
      'blue fox',
      'red fox',
    ]);
    session.vary(session.store.get().tiles[3]?.key ?? '');
    await rest();
    expect(engine.engine.requests.at(-1)?.prompt).toBe('red fox');
  });

  it('has the colours that were chosen: of the file, or a palette, for flat models', async () => {
    const engine = offer('panel', { models: [{ ...MODEL, isFlat: true }] });
    const { session, say, sentOf } = await openPanel({ offers: [engine] });
    expect(sentOf('read-colours').length).toBe(1);
    say({
      type: 'colours',
      colours: ['#111111', '#ffcc00', '#ffcc00'].map((colour, at) => ({
        kind: 'style',
        id: `${at}`,
        name: 'x',
        colour,
      })),
    });
    session.setPrompt('green hills');
    const palettes = async (changes: Parameters<typeof session.change>[0]) => {
      session.change(changes);
      await session.generate();
      return engine.engine.requests.at(-1)?.palette;
    };
    expect(await palettes({})).toEqual([]);
    expect(await palettes({ colours: 'file' })).toEqual(['#111111', '#ffcc00']);
    expect(await palettes({ colours: 'palette', palette: '#FFF, 112233 #f' })).toEqual([]);
    expect(await palettes({ palette: '#FFF, 112233' })).toEqual(['#ffffff', '#112233']);
    const [tile] = session.store.get().tiles;
    session.recolour(tile?.key ?? '');
    await rest();
    expect(engine.engine.requests.at(-1)).toMatchObject({ palette: [], seeds: [tile?.seed] });
  });

  it('with an open brace is none, and the place is said', async () => {
    const engine = offer('panel');
    const { session } = await openPanel({ offers: [engine] });
    session.setPrompt('a {red fox');
    await session.generate();
    expect(engine.engine.requests).toEqual([]);
    expect(session.store.get().notice?.detail).toContain('"{" at character 3 is not closed');
  });

  it('has a new seed each time unless it is locked', async () => {
    const engine = offer('panel');
    const { session } = await openPanel({ offers: [engine] });
    session.setPrompt('green hills');
    for (let time = 0; time < 3; time++) await session.generate();
    session.lockSeed(true);
    for (let time = 0; time < 2; time++) await session.generate();
    const first = engine.engine.requests.map(({ seeds }) => seeds[0]);
    expect(new Set(first.slice(0, 3)).size).toBe(3);
    expect(first[3]).toBe(first[4]);
    expect(first[4]).toBe(session.store.get().seed);
  });

  it('has words for each layer where the person wants that, in the order of the layers', async () => {
    const engine = offer('panel');
    const selection = ['1:2', '1:3', '1:4', '1:5', '1:6'].map((id) => ({ id }));
    selection[4] = { ...selection[4], id: '1:6', hindrance: 'locked' } as (typeof selection)[0];
    const { session, say, sentOf } = await openPanel({ offers: [engine], selection });
    session.setPrompt('at {sunset|night}');
    session.setSeed(8);
    session.change({ layerWords: true });
    expect(sentOf('read-labels').length).toBe(1);
    const labels = ['Coast', 'Forest {old}', null, 'Hills', 'Lake'].map((label, at) => ({ id: `1:${at + 2}`, label }));
    say({ type: 'labels', labels });
    await session.generate();
    const request = engine.engine.requests.at(-1);
    expect(request?.prompt).toBe(
      'Coast at {sunset|night}\nForest \\{old\\} at {sunset|night}\nat {sunset|night}\nHills at {sunset|night}',
    );
    expect(session.store.get().tiles.map(({ request }) => wordsOf(request).replace(/sunset|night/, '*'))).toEqual([
      'Coast at *',
      'Forest {old} at *',
      'at *',
      'Hills at *',
    ]);
    expect(session.store.get().prompt).toBe('at {sunset|night}');
    // Without words in the field each layer must say what it is about.
    session.setPrompt('');
    await session.generate();
    expect(session.store.get().notice?.title).toBe('Describe an image first');
    say({ type: 'labels', labels: labels.map(({ id, label }) => ({ id, label: label ?? 'Lake' })) });
    await session.generate();
    expect(engine.engine.requests.at(-1)?.prompt).toBe('Coast\nForest \\{old\\}\nLake\nHills');
  });

  it('for several layers makes one picture each', async () => {
    const engine = offer('panel');
    const { session } = await openPanel({ offers: [engine], selection: [{}, {}, {}] });
    session.setPrompt('green hills');
    await session.generate();
    expect(engine.engine.requests[0]?.seeds.length).toBe(3);
  });

  it('takes the nearest quality that the model can do', async () => {
    const { session } = await openPanel();
    session.change({ quality: 'fine' });
    expect(session.quality()).toBe('standard');
  });

  it('without words asks for words', async () => {
    const engine = offer('panel');
    const { session } = await openPanel({ offers: [engine] });
    session.setPrompt('  \n ');
    await session.generate();
    expect(session.store.get().notice?.title).toBe('Describe an image first');
    expect(engine.engine.requests).toEqual([]);
  });

  it('of 30,000 characters is cut, and that is said', async () => {
    const { session } = await openPanel();
    session.setPrompt('🦊'.repeat(15_000));
    expect(session.store.get().prompt.length).toBe(20_000);
    expect(session.store.get().notice?.detail).toContain('20,000');
  });
});

describe('drawing', () => {
  it('shows drafts in their places, then the pictures, and releases what is no longer shown', async () => {
    const seen: string[][] = [];
    const script = (request: GenerateRequest) => [
      { type: 'draft', ...pictureOf(request, 0) } as const,
      { type: 'wait', milliseconds: 5 } as const,
      ...drawAll(request),
    ];
    const { session, browser } = await openPanel({ offers: [offer('panel', { script })] });
    session.store.subscribe(() => seen.push(session.store.get().tiles.map(({ state }) => state)));
    session.change({ count: 2 });
    session.setPrompt('green hills');
    await session.generate();
    expect(seen).toContainEqual(['draft', 'waiting']);
    expect(session.store.get().tiles.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(session.store.get().selected).toBe(session.store.get().tiles[0]?.key);
    expect(browser.alive.size).toBe(2);
    await session.generate();
    // The run before stays in the list, below.
    expect(browser.alive.size).toBe(4);
  });

  it('tells the time left: the engine’s word, else what was measured before', async () => {
    const script = () => [progress('step', 0, 2, 0, null), { type: 'hang' } as const];
    const stored = { settings: JSON.stringify({ speeds: { 'panel starter standard': 500 }, count: 4 }) };
    const { session } = await openPanel({ offers: [offer('panel', { script })], stored });
    session.setPrompt('green hills');
    const ended = session.generate();
    await rest();
    expect(session.store.get().run?.remaining).toBe(2000);
    session.stop();
    await ended;
  });

  it.each([
    ['draft', { kind: 'student', steps: 1 }, 500],
    ['standard', { kind: 'student', steps: 1, refinements: 2 }, 1500],
    ['fine', { kind: 'student', steps: 1, refinements: 8 }, 4500],
  ] as const)(
    'measures each quality by itself, also where refinements are all that differs: %s',
    async (quality, schedule, each) => {
      const schedules = {
        draft: { kind: 'student', steps: 1 },
        standard: { kind: 'student', steps: 1, refinements: 2 },
        fine: { kind: 'student', steps: 1, refinements: 8 },
      } as const;
      const speeds = { 'panel starter draft': 500, 'panel starter standard': 1500, 'panel starter fine': 4500 };
      const stored = { settings: JSON.stringify({ speeds, quality, count: 2 }) };
      const script = () => [progress('step', 0, 1, 0, null), { type: 'hang' } as const];
      const panel = offer('panel', { script, models: [{ ...MODEL, schedules }] });
      const { session } = await openPanel({ offers: [panel], stored });
      session.setPrompt('green hills');
      const ended = session.generate();
      await rest();
      expect(panel.engine.requests).toMatchObject([{ schedule }]);
      expect(session.store.get().run?.remaining).toBe(2 * each);
      session.stop();
      await ended;
    },
  );

  it('stopped: pictures that are done stay, the others vanish', async () => {
    const script = (request: GenerateRequest) => [
      { type: 'picture', ...pictureOf(request, 1) } as const,
      { type: 'hang' } as const,
    ];
    const { session } = await openPanel({ offers: [offer('panel', { script })] });
    session.setPrompt('green hills');
    const ended = session.generate();
    await rest();
    session.stop();
    expect(session.store.get().run?.stopping).toBe(true);
    await ended;
    expect(session.store.get()).toMatchObject({ run: null, notice: null, tiles: [{ state: 'done' }] });
  });

  it('a newer request replaces the older', async () => {
    const engine = offer('panel', {
      script: (request) => (request.prompt === 'slow' ? [{ type: 'hang' }] : drawAll(request)),
    });
    const { session } = await openPanel({ offers: [engine] });
    session.setPrompt('slow');
    const first = session.generate();
    await rest();
    session.setPrompt('quick');
    await session.generate();
    await first;
    expect(session.store.get().tiles.map(({ request }) => request.prompt)).toEqual(Array(4).fill('quick'));
    expect(session.store.get().run).toBeNull();
  });

  it('an engine that fails: its sentence, what is kept, and another try for the rest', async () => {
    let fails = true;
    const script = (request: GenerateRequest) =>
      fails
        ? [
            { type: 'picture', ...pictureOf(request, 0) } as const,
            { type: 'error', code: 'out-of-memory', message: '3 GB are free, 4 GB are needed.' } as const,
          ]
        : drawAll(request);
    const engine = offer('panel', { script });
    const { session } = await openPanel({ offers: [engine] });
    session.setPrompt('green hills');
    await session.generate();
    const { notice, tiles } = session.store.get();
    expect(notice).toMatchObject({ tone: 'bad', title: 'There is not enough memory' });
    expect(notice?.detail).toContain('3 GB are free');
    expect(tiles.length).toBe(1);
    fails = false;
    notice?.action?.run();
    await rest();
    expect(engine.engine.requests[1]?.seeds).toEqual(engine.engine.requests[0]?.seeds.slice(1));
  });

  it('an engine with a bug is told apart from one that failed', async () => {
    const script = [{ type: 'throw', error: new TypeError('x is undefined') }] as const;
    const { session } = await openPanel({ offers: [offer('panel', { script })] });
    session.setPrompt('green hills');
    await session.generate();
    expect(session.store.get().notice).toMatchObject({ title: 'Something went wrong in this panel' });
  });

  it('an engine that vanishes: the next goes on with the same seeds', async () => {
    const dying = (request: GenerateRequest) => [
      { type: 'picture', ...pictureOf(request, 0) } as const,
      { type: 'error', code: 'engine-unavailable', message: 'gone' } as const,
    ];
    const [companion, panel] = [offer('companion', { script: dying }), offer('panel')];
    const { session } = await openPanel({ offers: [companion, panel], stored: { settings: '{"engine":"companion"}' } });
    session.setPrompt('green hills');
    session.setSeed(1);
    await session.generate();
    expect(panel.engine.requests[0]?.seeds).toEqual([2, 3, 4]);
    const { tiles, notice } = session.store.get();
    expect(tiles.map(({ seed, state }) => [seed, state])).toEqual([1, 2, 3, 4].map((seed) => [seed, 'done']));
    expect(notice).toMatchObject({ tone: 'warn', title: 'Companion stopped answering' });
  });

  it('does not go on with an engine that has other models', async () => {
    const script = [{ type: 'error', code: 'engine-unavailable', message: 'gone' }] as const;
    const other = offer('panel', { models: [{ ...MODEL, id: 'other' }] });
    const { session } = await openPanel({ offers: [offer('companion', { script }), other] });
    session.setPrompt('green hills');
    await session.generate();
    expect(other.engine.requests).toEqual([]);
    expect(session.store.get().notice?.title).toBe('The engine stopped answering');
  });
});

describe('the canvas', () => {
  it('gets placeholders, progress and pictures when they are placed as soon as drawn', async () => {
    const { session, sent } = await openPanel({ selection: [{}] });
    session.change({ straight: true, count: 2 });
    session.setPrompt('green hills');
    await session.generate();
    const types = sent.map(({ type }) => type).filter((type) => ['reserve', 'place', 'release'].includes(type));
    expect(types).toEqual(['reserve', 'place', 'place', 'release']);
    const request = JSON.parse(sent.find((message) => message.type === 'place')?.request ?? '{}');
    expect(request.seeds.length).toBe(1);
  });

  it('is told to release its placeholders when drawing fails or is stopped', async () => {
    const script = [{ type: 'error', code: 'engine-failed', message: 'no' }] as const;
    const { session, sentOf } = await openPanel({ offers: [offer('panel', { script })] });
    session.change({ straight: true });
    session.setPrompt('green hills');
    await session.generate();
    expect(sentOf('release').length).toBe(1);
  });

  it('answers: where the picture is, or why it stands beside, or why it is nowhere', async () => {
    const { session, say } = await openPanel({ selection: [{}] });
    session.setPrompt('green hills');
    await session.generate();
    const key = session.store.get().tiles[0]?.key ?? '';
    session.place(key);
    say({ type: 'placed', job: key, index: 0, mark: 1, names: ['Hero'], hindered: [] });
    expect(session.store.get().tiles[0]?.placed).toEqual(['Hero']);
    session.place(key);
    say({
      type: 'placed',
      job: key,
      index: 0,
      mark: 2,
      names: ['x'],
      hindered: [{ name: 'Logo', hindrance: 'locked' }],
    });
    expect(session.store.get().notice?.detail).toContain('“Logo” is locked');
    say({ type: 'refused', job: key, index: 0, reason: 'read-only' });
    expect(session.store.get().notice).toMatchObject({ tone: 'bad' });
  });

  it('gets one picture for each of several layers, or one for all', async () => {
    const { session, sentOf, say } = await openPanel({ selection: [{ id: '1' }, { id: '2' }, { id: '3' }] });
    session.setPrompt('green hills');
    await session.generate();
    session.placeEach();
    await vi.waitFor(() => expect(sentOf('release').length).toBe(1));
    const [first, second, third] = sentOf('place');
    expect([first, second, third].map((place) => place?.index)).toEqual([0, 1, 2]);
    expect(new Set([first, second, third].map((place) => place?.job)).size).toBe(1);
    expect(sentOf('reserve')).toMatchObject([{ pictures: 3, where: 'selection' }]);
    say({ type: 'placed', job: second?.job ?? '', index: 1, mark: 1, names: ['Forest'], hindered: [] });
    expect(session.store.get().tiles.map(({ placed }) => placed)).toEqual([[], ['Forest'], []]);
    session.place(session.store.get().tiles[2]?.key ?? '');
    await vi.waitFor(() => expect(sentOf('place').length).toBe(4));
  });

  it('a layer of ours brings its prompt and seed; leaving it brings back what was being written', async () => {
    const { session, say } = await openPanel();
    session.setPrompt('my own words');
    const target = { id: '1', name: 'Hero', width: 10, height: 10, hindrance: null };
    say({ type: 'selection', total: 1, targets: [{ ...target, request: JSON.stringify(REQUEST) }] });
    expect(session.store.get()).toMatchObject({ prompt: 'green hills', seed: 42, seedLocked: true });
    say({ type: 'selection', total: 0, targets: [] });
    expect(session.store.get()).toMatchObject({ prompt: 'my own words', seedLocked: false });
    say({ type: 'selection', total: 1, targets: [{ ...target, request: '{"prompt":5}' }] });
    expect(session.store.get().prompt).toBe('my own words');
  });

  it('a layer that is filled while it is selected does not hold the seed: the next pictures are new ones', async () => {
    const { session, say } = await openPanel({ selection: [{ id: '7' }] });
    session.setPrompt('green hills');
    await session.generate();
    session.place(session.store.get().tiles[0]?.key ?? '');
    const target = { id: '7', name: 'Hero', width: 10, height: 10, hindrance: null };
    say({ type: 'selection', total: 1, targets: [{ ...target, request: JSON.stringify(REQUEST) }] });
    expect(session.store.get().seedLocked).toBe(false);
  });

  it.each([
    ['regenerate', [42]],
    ['vary', 4],
  ] as const)('by the button %s draws at once', async (command, seeds) => {
    const engine = offer('panel');
    await openPanel({ offers: [engine], hello: { command }, selection: [{ request: JSON.stringify(REQUEST) }] });
    const drawn = engine.engine.requests[0];
    expect(drawn?.prompt).toBe('green hills');
    if (typeof seeds === 'number') expect(drawn?.seeds.length).toBe(seeds);
    else expect(drawn?.seeds).toEqual(seeds);
  });

  it('by the button for the prompt copies it, and shows it where copying is forbidden', async () => {
    const options = { hello: { command: 'copy-prompt' }, selection: [{ request: JSON.stringify(REQUEST) }] } as const;
    expect((await openPanel(options)).browser.copied).toEqual(['green hills']);
    const { session } = await openPanel({ ...options, canCopy: false });
    expect(session.store.get().notice?.title).toBe('Copy prompt');
  });

  it('by a quick action draws its words straight onto the canvas', async () => {
    const engine = offer('panel');
    const { session, sentOf } = await openPanel({ offers: [engine], hello: { command: 'generate', prompt: 'an owl' } });
    expect(engine.engine.requests[0]?.prompt).toBe('an owl');
    expect(sentOf('place').length).toBe(4);
    // Once, not from now on.
    expect(session.store.get().settings.straight).toBe(false);
  });
});

describe('a picture', () => {
  const drawn = async () => {
    const engine = offer('panel');
    const run = await openPanel({ offers: [engine] });
    run.session.setPrompt('Grüne Hügel, 2 Sonnen!');
    await run.session.generate();
    await rest();
    return { ...run, engine, key: run.session.store.get().tiles[1]?.key ?? '' };
  };

  it('can be saved under a name that says what it is', async () => {
    const { session, key, browser } = await drawn();
    session.save(key);
    expect(browser.saved[0]).toMatch(/^grüne-hügel-2-sonnen-\d+\.png$/);
  });

  it('varied has the same words and new seeds; reworded the same seed', async () => {
    const { session, key, engine } = await drawn();
    const seed = session.store.get().tiles[1]?.seed;
    session.reword(key);
    expect(session.store.get()).toMatchObject({ seed, seedLocked: true });
    session.setPrompt('blue hills');
    await session.generate();
    expect(engine.engine.requests.at(-1)).toMatchObject({ prompt: 'blue hills', seeds: [seed] });
    // Once, not from now on.
    await session.generate();
    expect(engine.engine.requests.at(-1)?.seeds.length).toBe(4);
    session.vary(session.store.get().tiles[0]?.key ?? '');
    await rest();
    expect(engine.engine.requests.at(-1)?.seeds).not.toContain(seed);
  });

  it('reworded is one picture, unless the person says how many', async () => {
    const { session, key, engine } = await drawn();
    session.reword(key);
    session.change({ count: 3 });
    await session.generate();
    expect(engine.engine.requests.at(-1)?.seeds.length).toBe(3);
  });

  it('of favour is one in the history too, and a deleted one is gone from it', async () => {
    const { session, key } = await drawn();
    session.favour(key);
    expect(session.store.get().history.filter(({ favourite }) => favourite).length).toBe(1);
    session.remove(key);
    expect(session.store.get().history.length).toBe(3);
    expect(session.store.get().tiles.length).toBe(3);
  });
});

describe('the history', () => {
  it('is kept on the canvas’s side and comes back; a picture of it can be drawn again', async () => {
    const first = await openPanel();
    first.session.setPrompt('green hills');
    await first.session.generate();
    await rest();
    const stored: Record<string, string> = {};
    for (const { key, value } of first.sentOf('store')) if (value !== null) stored[key] = value;
    const engine = offer('panel');
    const { session } = await openPanel({ offers: [engine], stored });
    const [entry] = session.store.get().history;
    if (!entry) throw new Error('the history is empty');
    expect(session.store.get().history.length).toBe(4);
    session.open(entry, entry.small ?? '');
    expect(session.store.get()).toMatchObject({ prompt: 'green hills', seedLocked: true, tiles: [{ state: 'faded' }] });
    session.redraw(entry.id);
    await rest();
    expect(engine.engine.requests).toEqual([entry.request]);
  });

  it('that does not fit any more loses its oldest pictures, not its favourites', async () => {
    const { session, say } = await openPanel();
    session.setPrompt('green hills');
    for (let time = 0; time < 5; time++) await session.generate();
    await rest();
    expect(session.store.get().history.length).toBe(20);
    say({ type: 'not-stored', key: 'history-0', reason: 'storage-full' });
    expect(session.store.get().history.length).toBe(18);
    expect(session.store.get().notice?.detail).toContain('storage is full');
  });

  it('knows what was being drawn when the panel was closed', async () => {
    const stored = { settings: JSON.stringify({ unfinished: { job: 'job-1', engine: 'panel', request: REQUEST } }) };
    const engine = offer('panel');
    const { session } = await openPanel({ offers: [engine], stored });
    expect(session.store.get().notice?.title).toBe('The panel was closed while generating');
    session.store.get().notice?.action?.run();
    await rest();
    expect(engine.engine.requests).toEqual([REQUEST]);
    expect(session.store.get().settings.unfinished).toBeNull();
  });

  it('shows what the companion went on with while the panel was closed, under the same names in the history', async () => {
    const kept: GenerateRequest[] = [];
    const companion = offer('companion', {
      isLocal: false,
      past: {
        async resume(request) {
          kept.push(request);
          return createFakeEngine(drawAll(request));
        },
      },
    });
    const unfinished = { job: 'job-1', engine: 'companion', request: { ...REQUEST, seeds: [42, 43] } };
    const { session } = await openPanel({
      offers: [companion, offer('panel')],
      stored: { settings: JSON.stringify({ unfinished, straight: true }) },
    });
    await rest();
    expect(kept).toEqual([unfinished.request]);
    const { tiles, history, notice, took, settings } = session.store.get();
    expect(tiles.map(({ key, state }) => [key, state])).toEqual([
      ['job-1-0', 'done'],
      ['job-1-1', 'done'],
    ]);
    expect(history.map(({ id }) => id).sort()).toEqual(['job-1-0', 'job-1-1']);
    // Its time says nothing of the engine's speed.
    expect([notice, took, settings.unfinished, settings.speeds]).toEqual([null, null, null, {}]);
    expect(companion.engine.requests).toEqual([]);
  });

  it('offers to draw again what nobody knows of any more', async () => {
    const companion = offer('companion', { isLocal: false, past: { resume: async () => null } });
    const unfinished = { job: 'job-1', engine: 'companion', request: REQUEST };
    const { session } = await openPanel({ offers: [companion], stored: { settings: JSON.stringify({ unfinished }) } });
    expect(session.store.get().notice?.title).toBe('The panel was closed while generating');
  });

  it('of the companion is read page by page; a picture of it is there whole, without drawing', async () => {
    const pictures = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({
        id: `job_1/pictures/${from + index}`,
        at: 5,
        request: { ...REQUEST, seeds: [from + index] },
      }));
    const asked: (string | null)[] = [];
    const memory: Memory = {
      async list(before) {
        asked.push(before);
        return before === null ? { pictures: pictures(0, 2), next: 'b' } : { pictures: pictures(2, 1), next: null };
      },
      small: async () => new Blob(['small']),
      whole: async (id) => new TextEncoder().encode(id),
    };
    const companion = offer('companion', { past: { memory } });
    const { session, browser } = await openPanel({ offers: [companion] });
    await session.kept.read();
    expect(asked).toEqual([null, 'b']);
    const { kept } = session.store.get();
    expect([kept.state, kept.entries.length]).toEqual(['read', 3]);
    const [entry] = kept.entries;
    if (!entry) throw new Error('nothing was kept');
    const small = await session.kept.small(entry.id);
    session.open(entry, small);
    expect(session.store.get().tiles).toMatchObject([{ state: 'faded', url: small }]);
    await rest();
    expect(session.store.get().tiles).toMatchObject([{ state: 'done', seed: 0 }]);
    // The wall shows its small copy still.
    expect(browser.alive.has(small)).toBe(true);
    session.favour(entry.id);
    await rest();
    expect(session.store.get().history).toMatchObject([{ id: entry.id, favourite: true }]);
  });

  it('of a companion that went away says so', async () => {
    const gone = () => Promise.reject(new Error('gone'));
    const { session } = await openPanel({
      offers: [offer('companion', { past: { memory: { list: gone, small: gone, whole: gone } } })],
    });
    await session.kept.read();
    expect(session.store.get().kept).toEqual({ state: 'failed', entries: [] });
  });

  it('of settings that are damaged falls back part by part', async () => {
    const { session } = await openPanel({ stored: { settings: '{"count":99,"quality":"draft","recent":[5]}' } });
    expect(session.store.get().settings).toMatchObject({ count: 4, quality: 'draft', recent: [] });
  });
});

describe('drawing as one types', () => {
  it('is off by default', async () => {
    const engine = offer('panel');
    const { session } = await openPanel({ offers: [engine] });
    session.setPrompt('green');
    await rest(200);
    expect(engine.engine.requests).toEqual([]);
  });

  it('keeps the noise, one step, and only the latest words', async () => {
    const engine = offer('panel', { script: (request) => [{ type: 'wait', milliseconds: 20 }, ...drawAll(request)] });
    const { session } = await openPanel({ offers: [engine] });
    session.change({ asYouType: true });
    for (const words of ['g', 'gr', 'gre', 'green']) session.setPrompt(words);
    await rest(190);
    session.setPrompt('green hills');
    await rest(260);
    const { seed, tiles } = session.store.get();
    expect(engine.engine.requests.map(({ prompt }) => prompt)).toEqual(['green', 'green hills']);
    expect(engine.engine.requests[1]).toMatchObject({ seeds: [seed], schedule: { steps: 1 } });
    expect(tiles).toMatchObject([{ key: 'live', state: 'draft' }]);
  });
});
