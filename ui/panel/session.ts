/**
 * What can be done in the panel, and what follows from it. Components read the state and call these; they decide nothing.
 * Engines, canvas and browser are handed in, so all of it runs in tests without any of them.
 */
import { type GenerateRequest, LIMITS } from '../../models/protocol.js';
import { CANVAS_LIMITS, type ToPanel } from '../../plugin/messages.js';
import type { EngineId, EngineOffer, Model, Quality } from '../engines/offer.js';
import { dropOldest } from './archive.js';
import { createChoice } from './choice.js';
import { draw } from './draw.js';
import { createPast } from './past.js';
import { fileNameOf, type Pictures } from './pictures.js';
import type { Port } from './port.js';
import { parse, qualityOf, readRequest } from './requests.js';
import { newSeed, seedsFrom } from './seeds.js';
import {
  type Entry,
  INITIAL,
  type Notice,
  placeOf,
  remember,
  Settings,
  type State,
  sizeFor,
  speedKey,
  type Tile,
} from './state.js';
import { createStore, type Store } from './store.js';
import { TEXT } from './text.js';

/** A pause in typing after which a live draft is worth it. Milliseconds. */
const TYPING_PAUSE = 150;
/** Placeholders on the canvas need not move more often. Milliseconds. */
const ADVANCE_EVERY = 200;

export type Session = ReturnType<typeof createSession>;

export type Surroundings = {
  readonly offers: readonly EngineOffer[];
  readonly port: Port;
  readonly pictures: Pictures;
  readonly now: () => number;
};

export function createSession({ offers, port, pictures, now }: Surroundings) {
  const store: Store<State> = createStore({ ...INITIAL, seed: newSeed() });
  const { get, set } = store;
  let cancel: AbortController | null = null;
  let live: { readonly cancel: AbortController; readonly ended: Promise<void> } | null = null;
  let typing: ReturnType<typeof setTimeout> | undefined;
  /** What the person was writing before a layer brought its own prompt. */
  let own: {
    readonly prompt: string;
    readonly seed: number;
    readonly seedLocked: boolean;
    readonly recalled: string;
  } | null = null;
  let count = 0;

  const notify = (notice: Notice | null) => set({ notice });
  const keep = (changes: Partial<Settings>) => {
    const settings = { ...get().settings, ...changes };
    set({ settings });
    port.send({ type: 'store', key: 'settings', value: JSON.stringify(settings) });
  };
  const changeTile = (key: string, changes: Partial<Tile>) =>
    set({ tiles: get().tiles.map((tile) => (tile.key === key ? { ...tile, ...changes } : tile)) });
  const tileOf = (key: string | null) => get().tiles.find((tile) => tile.key === key);
  const drop = (tiles: readonly Tile[]) => {
    for (const { url } of tiles) if (url) pictures.release(url);
  };

  const { found, look, engine, anyEngine, modelsOf, model, quality } = createChoice({ offers, store, keep });
  const past = createPast({ store, port, pictures, now });

  // Drawing ---------------------------------------------------------------------------------------------------------

  function requestFor(
    prompt: string,
    seeds: readonly number[],
    quality: Quality,
    model: Model,
  ): GenerateRequest | null {
    const schedule = model.schedules[quality];
    if (!schedule) return null;
    return {
      prompt,
      pack: model.id,
      seeds: [...seeds],
      schedule,
      sampling: null,
      size: sizeFor(get(), model.side),
      format: 'png',
      draft: schedule.kind === 'student' && (schedule.steps === 2 || schedule.refinements !== undefined),
    };
  }

  /** Draws what is in the field. */
  async function generate(): Promise<void> {
    const { prompt, seedLocked, settings } = get();
    if (prompt.trim() === '')
      return notify({ tone: 'calm', title: TEXT.errors['empty-prompt'], detail: TEXT.emptyPromptDetail });
    const offer = await anyEngine();
    const chosen = model();
    if (!offer || !chosen) {
      set({ screen: 'engines' });
      return notify({ tone: 'warn', title: TEXT.foot.none, detail: TEXT.noEngineDetail });
    }
    const seed = seedLocked ? get().seed : newSeed();
    const { layers } = placeOf(get());
    // Several layers get one picture each.
    const pictures = layers > 1 ? Math.min(layers, 4) : settings.count;
    const request = requestFor(prompt, seedsFrom(seed, pictures), quality(), chosen);
    if (!request)
      return notify({ tone: 'warn', title: TEXT.errors['unsupported-schedule'], detail: TEXT.qualityMissing });
    set({ seed });
    await run(request);
  }

  async function run(request: GenerateRequest): Promise<void> {
    const offer = await anyEngine();
    if (!offer) return;
    cancel?.abort();
    await stopLive();
    const mine = new AbortController();
    cancel = mine;
    count += 1;
    const job = `${now()}-${count}`;
    const { where } = placeOf(get());
    const straight = get().settings.straight;
    const began = now();
    const tiles = request.seeds.map((seed, index): Tile => ({ ...blankTile(request, seed), key: `${job}-${index}` }));
    drop(get().tiles);
    set({
      tiles,
      selected: null,
      notice: null,
      took: null,
      screen: 'make',
      run: { job, phase: 'load', fraction: 0, remaining: expected(offer.id, request), stopping: false },
      announcement: TEXT.announceStart(tiles.length),
    });
    keep({ recent: remember(get().settings.recent, request.prompt), unfinished: JSON.stringify(request) });
    if (straight) port.send({ type: 'reserve', job, pictures: tiles.length, where, ...request.size });
    const others = offers.filter(({ id }) => id !== offer.id && modelsOf(id).some(({ id }) => id === request.pack));
    let advanced = 0;
    const current = () => cancel === mine;
    const outcome = await draw([offer, ...others], request, mine.signal, (event) => {
      if (!current()) return;
      const at =
        'seed' in event ? get().tiles.find(({ seed, state }) => seed === event.seed && state !== 'done') : undefined;
      switch (event.type) {
        case 'progress': {
          const elapsed = now() - began;
          const guess = event.fraction > 0.08 ? (elapsed / event.fraction) * (1 - event.fraction) : null;
          const before = get().run;
          const remaining = event.remaining ?? guess ?? before?.remaining ?? null;
          set({
            run: { job, phase: event.phase, fraction: event.fraction, remaining, stopping: before?.stopping ?? false },
          });
          if (straight && now() - advanced > ADVANCE_EVERY) {
            advanced = now();
            const done = event.fraction * tiles.length;
            for (const index of tiles.keys())
              port.send({ type: 'advance', job, index, fraction: Math.min(1, Math.max(0, done - index)) });
          }
          break;
        }
        case 'draft':
          if (at) changeTile(at.key, { state: 'draft', url: pictures.show(event.bytes) });
          break;
        case 'picture': {
          if (!at) break;
          const { bytes, width, height } = event;
          if (at.url) pictures.release(at.url);
          const tile = { ...at, state: 'done' as const, url: pictures.show(bytes), bytes, width, height };
          changeTile(at.key, tile);
          void past.add(tile);
          if (straight) place(tile, { job, index: tiles.findIndex(({ key }) => key === at.key), where });
          break;
        }
        case 'warning':
          notify({ tone: 'calm', title: TEXT.warnings[event.code], detail: event.message });
          break;
        case 'moved':
          found(event.from, { state: 'absent', why: 'stopped', detail: '' });
          notify({
            tone: 'warn',
            title: TEXT.fellOver(TEXT.engines.names[event.from]),
            detail: TEXT.fellOverDetail(event.left, TEXT.engines.within[event.to]),
          });
          break;
        default:
          event satisfies never;
      }
    });
    if (straight) port.send({ type: 'release', job });
    if (!current()) return;
    cancel = null;
    const done = get().tiles.filter(({ state }) => state === 'done');
    drop(get().tiles.filter(({ state }) => state !== 'done'));
    const took = now() - began;
    set({ run: null, tiles: done, took, selected: done[0]?.key ?? null, announcement: TEXT.announceDone(done.length) });
    keep({ unfinished: null });
    if (outcome.end === 'done') {
      const key = speedOf(outcome.engine, request);
      if (key) keep({ speeds: { ...get().settings.speeds, [key]: took / request.seeds.length } });
    }
    if (outcome.failure) fail(outcome.failure.code, outcome.failure.message, request, done.length);
  }

  function fail(code: keyof typeof TEXT.errors, message: string, request: GenerateRequest, done: number): void {
    const detail = [code === 'fault' ? TEXT.fault(message) : message, TEXT.kept(done)].filter(Boolean).join(' ');
    const missing = request.seeds.slice(done);
    const again = {
      label: TEXT.tryAgain,
      run: () => void run({ ...request, seeds: missing.length > 0 ? missing : request.seeds }),
    };
    notify({ tone: 'bad', title: TEXT.errors[code], detail, action: again });
  }

  const blankTile = (request: GenerateRequest, seed: number): Omit<Tile, 'key'> => ({
    seed,
    request: { ...request, seeds: [seed] },
    state: 'waiting',
    url: null,
    bytes: null,
    ...request.size,
    favourite: false,
    placed: [],
  });

  /** Under which name the speed of such a request is kept, or null where the engine's model knows no such quality. */
  function speedOf(id: EngineId, request: GenerateRequest): string | null {
    const quality = qualityOf(
      request,
      modelsOf(id).find(({ id }) => id === request.pack),
    );
    return quality && speedKey(id, request.pack, quality);
  }
  function expected(id: EngineId, request: GenerateRequest): number | null {
    const key = speedOf(id, request);
    const speed = key && get().settings.speeds[key];
    return speed ? speed * request.seeds.length : null;
  }

  // A draft that follows the words. Latest wins: the one before is stopped and waited for, so nothing queues up.
  async function stopLive(): Promise<void> {
    clearTimeout(typing);
    const before = live;
    live = null;
    before?.cancel.abort();
    await before?.ended;
  }
  async function follow(): Promise<void> {
    await stopLive();
    const { prompt, seed } = get();
    const [offer, chosen] = [engine(), model()];
    if (cancel || live || !offer || !chosen?.schedules.draft || prompt.trim() === '') return;
    const request = requestFor(prompt, [seed], 'draft', chosen);
    if (!request) return;
    const mine = new AbortController();
    const ended = draw([offer], request, mine.signal, (event) => {
      if (event.type !== 'picture' || live?.cancel !== mine) return;
      drop(get().tiles);
      const tile: Tile = { ...blankTile(request, seed), key: 'live', state: 'draft', url: pictures.show(event.bytes) };
      set({ tiles: [{ ...tile, bytes: event.bytes }], selected: null, took: null });
    }).then(() => undefined);
    live = { cancel: mine, ended };
    await ended;
  }

  // Canvas ----------------------------------------------------------------------------------------------------------

  function place(tile: Tile, at: { job: string; index: number; where: 'selection' | 'beside' }): void {
    if (!tile.bytes) return;
    const request = JSON.stringify(tile.request);
    if (request.length > CANVAS_LIMITS.request) {
      notify({ tone: 'bad', title: TEXT.refused, detail: TEXT.refusals['request-too-long'] });
      return;
    }
    const title = tile.request.prompt.trim().slice(0, 80) || 'Twostep';
    port.send({ type: 'place', ...at, title, bytes: tile.bytes, width: tile.width, height: tile.height, request });
  }

  function hear(message: ToPanel): void {
    switch (message.type) {
      case 'hello':
        set({ file: message.file });
        void begin(message);
        break;
      case 'selection':
        set({ targets: message.targets, total: message.total });
        recall(message.targets.length === 1 ? (message.targets[0]?.request ?? null) : null);
        break;
      case 'placed': {
        const tile = tileOf(`${message.job}-${message.index}`) ?? tileOf(message.job);
        if (tile) changeTile(tile.key, { placed: message.names });
        const [hindered] = message.hindered;
        if (hindered)
          notify({ tone: 'calm', title: TEXT.hindered, detail: TEXT.hindrances[hindered.hindrance](hindered.name) });
        set({ announcement: TEXT.placed(message.names) });
        break;
      }
      case 'refused':
        notify({ tone: 'bad', title: TEXT.refused, detail: TEXT.refusals[message.reason] });
        break;
      case 'stored':
        stored(message.key, message.value);
        break;
      case 'not-stored':
        if (!message.key.startsWith('history')) break;
        set({ history: dropOldest(get().history, Math.floor(get().history.length * 0.9)) });
        notify({ tone: 'calm', title: TEXT.history.title, detail: TEXT.history.full });
        break;
      default:
        message satisfies never;
    }
  }

  let greeting: Promise<unknown> = Promise.resolve();
  let settled: (() => void) | null = null;
  function stored(key: string, value: string | null): void {
    if (key === 'settings') {
      const settings = Settings.safeParse(parse(value) ?? {});
      if (settings.success) set({ settings: settings.data });
      settled?.();
    }
    past.take(key, value);
  }

  /** Settings are here before anything is drawn. */
  async function begin({ command, prompt }: Extract<ToPanel, { type: 'hello' }>): Promise<void> {
    await greeting;
    for (const { id, isLocal } of offers) if (isLocal && !get().findings[id]) await look(id);
    const recalled = get().targets.length === 1 ? readRequest(get().targets[0]?.request ?? null) : null;
    switch (command) {
      case 'open': {
        const unfinished = readRequest(get().settings.unfinished);
        if (!unfinished || get().run) return;
        const again = { label: TEXT.drawAgain, run: () => void run(unfinished) };
        return notify({
          tone: 'calm',
          title: TEXT.interrupted,
          detail: TEXT.interruptedDetail(short(unfinished.prompt)),
          action: again,
        });
      }
      case 'generate':
        set({ prompt: prompt ?? '' });
        keep({ straight: true });
        return generate();
      case 'regenerate':
        return recalled ? run(recalled) : undefined;
      case 'vary':
        return recalled ? run({ ...recalled, seeds: seedsFrom(newSeed(), get().settings.count) }) : undefined;
      case 'copy-prompt':
        if (recalled) copyPrompt(recalled.prompt);
        return;
      default:
        command satisfies never;
    }
  }

  /** A layer that we made brings its prompt and seed; leaving it brings back what was being written. */
  function recall(json: string | null): void {
    const request = readRequest(json);
    if (!request) {
      if (own && get().prompt === own.recalled) set({ prompt: own.prompt, seed: own.seed, seedLocked: own.seedLocked });
      own = null;
      return;
    }
    if (get().run) return;
    const { prompt, seed, seedLocked } = get();
    own = own ? { ...own, recalled: request.prompt } : { prompt, seed, seedLocked, recalled: request.prompt };
    set({ prompt: request.prompt, seed: request.seeds[0] ?? seed, seedLocked: true });
  }

  function copyPrompt(prompt: string): void {
    const done = pictures.copy(prompt);
    if (done) port.send({ type: 'notify', text: TEXT.copied });
    else {
      set({ prompt });
      notify({ tone: 'calm', title: TEXT.copyPrompt, detail: TEXT.copyFailed });
    }
    set({ announcement: done ? TEXT.copied : TEXT.copyFailed });
  }

  const actions = {
    generate,
    stop() {
      const { run } = get();
      if (run) set({ run: { ...run, stopping: true } });
      cancel?.abort();
    },
    setPrompt(words: string) {
      const prompt = words.slice(0, LIMITS.promptCharacters);
      const tooLong = words.length > prompt.length;
      set({
        prompt,
        ...(tooLong
          ? {
              notice: {
                tone: 'calm',
                title: TEXT.warnings['prompt-cut'],
                detail: TEXT.tooLong(LIMITS.promptCharacters),
              },
            }
          : {}),
      });
      clearTimeout(typing);
      if (get().settings.asYouType) typing = setTimeout(() => void follow(), TYPING_PAUSE);
    },
    setSeed: (seed: number) => set({ seed, seedLocked: true }),
    lockSeed: (seedLocked: boolean) => set({ seedLocked }),
    rollSeed: () => set({ seed: newSeed() }),
    change: keep,
    show: (screen: State['screen']) => set({ screen }),
    select: (selected: string | null) => set({ selected }),
    dismiss: () => notify(null),
    look,
    pair: (id: EngineId, code: string) => look(id, code),
    place(key: string) {
      const tile = tileOf(key);
      if (tile) place(tile, { job: tile.key, index: 0, where: placeOf(get()).where });
    },
    vary(key: string) {
      const tile = tileOf(key);
      if (tile) void run({ ...tile.request, seeds: seedsFrom(newSeed(), get().settings.count) });
    },
    /** Same noise, new words. */
    reword(key: string) {
      const tile = tileOf(key);
      if (!tile) return;
      set({ prompt: tile.request.prompt, seed: tile.seed, seedLocked: true });
      keep({ count: 1 });
    },
    redraw(key: string) {
      const tile = tileOf(key);
      if (tile) void run(tile.request);
    },
    favour(key: string) {
      const tile = tileOf(key);
      const favourite = !(tile?.favourite ?? get().history.find(({ id }) => id === key)?.favourite);
      if (tile) changeTile(key, { favourite });
      past.change(get().history.map((entry) => (entry.id === key ? { ...entry, favourite } : entry)));
    },
    copy(key: string) {
      const tile = tileOf(key);
      if (tile) copyPrompt(tile.request.prompt);
    },
    save(key: string) {
      const tile = tileOf(key);
      if (tile?.bytes) pictures.save(tile.bytes, fileNameOf(tile.request.prompt, tile.seed));
    },
    remove(key: string) {
      const gone = tileOf(key);
      if (gone) drop([gone]);
      const tiles = get().tiles.filter((tile) => tile.key !== key);
      set({ tiles, selected: tiles[0]?.key ?? null });
      past.change(get().history.filter(({ id }) => id !== key));
    },
    /** Brings a picture of the history back: its words and seed, and the small picture until it is drawn again. */
    open(entry: Entry) {
      const seed = entry.request.seeds[0] ?? 0;
      const known = tileOf(entry.id);
      const { favourite, small: url } = entry;
      const tile = known ?? {
        ...blankTile(entry.request, seed),
        key: entry.id,
        state: 'faded' as const,
        url,
        favourite,
      };
      if (!get().run) {
        if (!known) drop(get().tiles);
        set({ tiles: known ? get().tiles : [tile], selected: entry.id, took: null });
      }
      set({ screen: 'make', prompt: entry.request.prompt, seed, seedLocked: true });
    },
    forget: () => past.change([]),
  };

  return {
    store,
    ...actions,
    engine,
    model,
    models: () => modelsOf(engine()?.id),
    quality,
    offers,
    /** Listens to the canvas, and asks for what it kept. @returns an end to it */
    start(): () => void {
      past.expect();
      greeting = new Promise<void>((resolve) => {
        settled = resolve;
      });
      const end = port.listen(hear);
      port.send({ type: 'load', key: 'settings' });
      port.send({ type: 'ready' });
      past.load();
      return () => {
        cancel?.abort();
        void stopLive();
        end();
      };
    },
  };
}

const short = (prompt: string) => (prompt.length > 60 ? `${Array.from(prompt).slice(0, 58).join('')}…` : prompt);
