/** From the words in the field to pictures: one run at a time, whose pictures go where the person wants them. */
import type { GenerateRequest } from '../../models/protocol.js';
import { InvalidRequestError, seedsFor } from '../../models/request/build.js';
import { upgradeRequest } from '../../models/request/upgrade.js';
import { wordsOf } from '../../models/wildcards.js';
import type { EngineId, EngineOffer } from '../engines/offer.js';
import type { Canvas } from './canvas.js';
import type { Choice } from './choice.js';
import { type DrawEvent, draw, type Outcome } from './draw.js';
import { asksForCode, knownOf } from './findings.js';
import { promptForLayers } from './layer-words.js';
import type { Past } from './past.js';
import { joinPlaces, roomFor } from './places.js';
import type { Port } from './port.js';
import { qualityOf, requestFor, unreadableWords } from './requests.js';
import { newSeed } from './seeds.js';
import {
  countOf,
  type Notice,
  remember,
  type Settings,
  type State,
  speedKey,
  type Tile,
  type Unfinished,
} from './state.js';
import type { Store } from './store.js';
import { TEXT } from './text.js';
import { blankTile, type Tiles } from './tiles.js';

/** Placeholders on the canvas need not move more often. Milliseconds. */
const ADVANCE_EVERY = 200;

export type Drawing = ReturnType<typeof createDrawing>;

type Parts = {
  readonly offers: readonly EngineOffer[];
  readonly store: Store<State>;
  readonly keep: (changes: Partial<Settings>) => void;
  readonly notify: (notice: Notice) => void;
  readonly choice: Choice;
  readonly tiles: Tiles;
  readonly past: Past;
  readonly canvas: Canvas;
  readonly port: Port;
  readonly now: () => number;
  /** A draft that follows the words makes way first. */
  readonly stopLive: () => Promise<void>;
};

/** One run, with what it is to do with its pictures. */
type Run = {
  readonly job: string;
  readonly request: GenerateRequest;
  /** The engine of choice, then those that may step in. */
  readonly offers: readonly [EngineOffer, ...EngineOffer[]];
  /** Whether pictures go to the canvas as they come. */
  readonly straight: boolean;
  /** Whether it was begun by a panel that was closed since: then its time says nothing. */
  readonly resumed: boolean;
  /** Of another try: the pictures of the one before, in their order. Those that are done stay, the others are drawn. */
  readonly among: readonly Tile[];
};

type Start = Pick<Run, 'request'> & Partial<Pick<Run, 'straight' | 'among'>>;

export function createDrawing(parts: Parts) {
  const { offers, store, keep, notify, choice, tiles, past, canvas, port, now } = parts;
  const { get, set } = store;
  let cancel: AbortController | null = null;
  let count = 0;
  /** What was asked for while no engine could do it. */
  let pending: (() => Promise<void>) | null = null;

  /** Draws what is in the field. */
  async function generate(straight = get().settings.straight): Promise<void> {
    const { seedLocked } = get();
    const each = promptForLayers(get());
    const prompt = each ?? get().prompt;
    if (prompt.trim() === '')
      return notify({
        about: 'prompt',
        tone: 'calm',
        title: TEXT.errors['empty-prompt'],
        detail: TEXT.emptyPromptDetail,
      });
    const offer = await choice.anyEngine();
    const chosen = choice.model();
    if (!offer || !chosen) {
      pending = () => generate(straight);
      set({ screen: 'engines' });
      return notify({ about: 'engines', tone: 'warn', title: TEXT.foot.none, detail: TEXT.noEngineDetail });
    }
    const seed = seedLocked ? get().seed : newSeed();
    const request = orInvalid(() =>
      requestFor(
        { ...get(), prompt },
        seedsFor(prompt, seed, each === null ? countOf(get()) : 1),
        choice.quality(),
        chosen,
      ),
    );
    if (request instanceof InvalidRequestError)
      return notify({ about: 'prompt', tone: 'warn', title: TEXT.errors['invalid-request'], detail: request.message });
    if (!request)
      return notify({ tone: 'warn', title: TEXT.errors['unsupported-schedule'], detail: TEXT.qualityMissing });
    set({ seed, once: null });
    await begin(offer, { request, straight });
  }

  /** Draws a request of before, with an engine that has its model. */
  async function run(start: Start): Promise<void> {
    const offer = await choice.engineFor(start.request.pack);
    if (offer) return begin(offer, start);
    // Where a code is asked for it can be typed, and where nobody draws somebody can be chosen.
    const asks = Object.values(get().findings).some((standing) => asksForCode(knownOf(standing)));
    if (asks || !choice.engine()) {
      pending = () => run(start);
      set({ screen: 'engines' });
    }
    const again = { label: TEXT.tryAgain, run: () => void run(start) };
    const detail = TEXT.modelMissing(start.request.pack);
    notify({ about: 'companion', tone: 'warn', title: TEXT.errors['unknown-pack'], detail, action: again });
  }

  async function begin(offer: EngineOffer, start: Start): Promise<void> {
    const model = choice.modelsOf(offer.id).find(({ id }) => id === start.request.pack);
    const { agreed } = get().settings;
    if (model?.notice !== undefined && !agreed.includes(model.id)) {
      const agree = () => {
        keep({ agreed: [...agreed.slice(-99), model.id] });
        set({ notice: null });
        void begin(offer, start);
      };
      return notify({
        about: 'prompt',
        tone: 'warn',
        title: TEXT.elsewhere,
        detail: model.notice,
        action: { label: TEXT.generateElsewhere, run: agree },
      });
    }
    const { request, straight = get().settings.straight, among = [] } = start;
    count += 1;
    pending = null;
    const offers = [offer, ...othersFor(request, offer.id)] as const;
    await perform({ job: `${now()}-${count}`, request, offers, straight, resumed: false, among });
  }

  /** Takes up what was being drawn when the panel was closed, where the engine still knows of it; else says what can be done. */
  async function resume({ job, engine, request: raw }: Unfinished): Promise<void> {
    const read = upgradeRequest(raw);
    if (!read.ok) return notify({ tone: 'calm', ...unreadableWords(read) });
    const { request } = read;
    const offer = offers.find(({ id }) => id === engine);
    if (offer?.resume) {
      await choice.look(offer.id);
      const engine = await offer.resume(request, new AbortController().signal).catch(() => null);
      // Whoever asked for something else meanwhile gets that.
      if (cancel) return;
      if (engine)
        return perform({ job, request, offers: [{ ...offer, engine }], straight: false, resumed: true, among: [] });
    }
    const again = { label: TEXT.drawAgain, run: () => void run({ request }) };
    notify({ tone: 'calm', title: TEXT.interrupted, detail: TEXT.interruptedDetail(request.prompt), action: again });
  }

  const othersFor = ({ pack }: GenerateRequest, id: EngineId) =>
    offers.filter((other) => other.id !== id && choice.modelsOf(other.id).some(({ id }) => id === pack));

  async function perform(one: Run): Promise<void> {
    const { job, request, straight } = one;
    cancel?.abort();
    const mine = new AbortController();
    cancel = mine;
    await parts.stopLive();
    if (cancel !== mine) return;
    const began = now();
    const places = request.seeds.map((seed, index) => blankTile(request, seed, `${job}-${index}`));
    const view = joinPlaces(places, one.among, tiles.of);
    const { where, pictures } = roomFor(get(), places, view);
    tiles.begin(view, {
      selected: null,
      preview: null,
      removal: null,
      notice: null,
      took: null,
      screen: 'make',
      run: { job, phase: 'load', fraction: 0, remaining: expected(one), stopping: false },
      announcement: TEXT.announceStart(places.length),
    });
    const unfinished = { job, engine: one.offers[0].id, request };
    keep({ recent: remember(get().settings.recent, request.prompt), unfinished });
    if (straight) port.send({ type: 'reserve', job, pictures: pictures.length, where, ...request.size });
    let advanced = 0;
    const hear = (event: DrawEvent): void => {
      if (cancel !== mine) return;
      const at =
        'seed' in event ? get().tiles.find(({ seed, state }) => seed === event.asked && state !== 'done') : undefined;
      switch (event.type) {
        case 'progress': {
          const before = get().run;
          const { phase, fraction } = event;
          const remaining = event.remaining ?? guess(now() - began, fraction) ?? before?.remaining ?? null;
          set({ run: { job, phase, fraction, remaining, stopping: before?.stopping ?? false } });
          if (!straight || now() - advanced <= ADVANCE_EVERY) break;
          advanced = now();
          for (const [at, place] of places.entries()) {
            const index = pictures.indexOf(place);
            port.send({ type: 'advance', job, index, fraction: part(fraction * places.length - at) });
          }
          break;
        }
        case 'draft':
          if (at) tiles.fill(at, 'draft', event.bytes);
          break;
        case 'picture': {
          if (!at) break;
          const { bytes, width, height, seed } = event;
          const own = { ...at.request, seeds: [seed] };
          const tile = tiles.fill({ ...at, width, height, seed, request: own }, 'done', bytes);
          void past.add(tile);
          if (straight) canvas.place(tile, { job, index: pictures.findIndex(({ key }) => key === at.key), where });
          break;
        }
        case 'warning':
          // Of the words it stands below the images, whose words they are.
          if (event.reading) {
            const about = places.filter(({ request }) => [undefined, wordsOf(request)].includes(event.words));
            const keys = new Set(about.map(({ key }) => key));
            const remark = event.message;
            set({ tiles: get().tiles.map((tile) => (keys.has(tile.key) ? { ...tile, remark } : tile)) });
          } else notify({ tone: 'calm', title: TEXT.warnings[event.code], detail: event.message });
          break;
        case 'moved':
          choice.lose(event.from);
          notify({
            about: event.from,
            tone: 'warn',
            title: TEXT.fellOver(TEXT.engines.names[event.from]),
            detail: TEXT.fellOverDetail(event.left, TEXT.engines.within[event.to]),
          });
          break;
        default:
          event satisfies never;
      }
    };
    const outcome = await draw(one.offers, request, mine.signal, hear);
    if (straight) canvas.release(job);
    if (cancel !== mine) return;
    cancel = null;
    finish(one, outcome, now() - began);
  }

  function finish(one: Run, outcome: Outcome, took: number): void {
    const { request, resumed } = one;
    const left = get().tiles;
    const done = left.filter(({ state }) => state === 'done');
    const changes = { run: null, took: resumed ? null : took, announcement: announce(done) };
    if (done.length > 0) tiles.replace(done, { ...changes, selected: done[0]?.key ?? null });
    else tiles.goBack({ ...changes, took: null });
    keep({ unfinished: null });
    if (outcome.end === 'done' && !resumed) {
      const key = speedOf(outcome.engine, request);
      if (key) keep({ speeds: { ...get().settings.speeds, [key]: took / request.seeds.length } });
    }
    if (outcome.failure?.code === 'engine-unavailable') choice.lose(outcome.engine);
    if (outcome.failure) fail(outcome.failure, one, left);
  }

  /** @param left what was in view at that moment: pictures that are done, and those that are missing */
  function fail(
    { code, message }: NonNullable<Outcome['failure']>,
    { request, straight }: Run,
    left: readonly Tile[],
  ): void {
    if (code === 'unknown-words') {
      const anyway = {
        label: TEXT.generateAnyway,
        run: () => void run({ request: { ...request, force: true }, straight }),
      };
      notify({ about: 'prompt', tone: 'warn', title: TEXT.errors[code], detail: message, action: anyway });
      return;
    }
    const seeds = left.filter(({ state }) => state !== 'done').map(({ seed }) => seed);
    const detail = [code === 'fault' ? TEXT.fault(message) : message, TEXT.kept(left.length - seeds.length)]
      .filter(Boolean)
      .join(' ');
    const again = {
      label: TEXT.tryAgain,
      run: () => void run({ request: { ...request, seeds }, straight, among: left }),
    };
    notify({ tone: 'bad', title: TEXT.errors[code], detail, ...(seeds.length > 0 ? { action: again } : {}) });
  }

  /** Under which name the speed of such a request is kept, or null where the engine's model knows no such quality. */
  function speedOf(id: EngineId, request: GenerateRequest): string | null {
    const model = choice.modelsOf(id).find(({ id }) => id === request.pack);
    const quality = qualityOf(request, model);
    return quality && speedKey(id, request.pack, quality);
  }

  /** Milliseconds, from the speed of last time. */
  function expected({ offers, request }: Run): number | null {
    const key = speedOf(offers[0].id, request);
    const speed = key && get().settings.speeds[key];
    return speed ? speed * request.seeds.length : null;
  }

  return {
    generate,
    run,
    resume,
    isBusy: () => cancel !== null,
    isAwaited: () => pending !== null,
    /** An engine is there: what was asked for is done now. */
    async takeUp(): Promise<void> {
      const asked = pending;
      pending = null;
      await asked?.();
    },
    /** The person turned to something else. */
    forgetPending: () => {
      pending = null;
    },
    stop() {
      const { run } = get();
      if (run) set({ run: { ...run, stopping: true } });
      cancel?.abort();
    },
  };
}

/** A request that can't be made is a value like any other. */
function orInvalid<T>(make: () => T): T | InvalidRequestError {
  try {
    return make();
  } catch (error) {
    if (error instanceof InvalidRequestError) return error;
    throw error;
  }
}

/** What is said to those who don't see the images. */
const announce = (done: readonly Tile[]) => [TEXT.announceDone(done.length), done[0]?.remark].filter(Boolean).join(' ');

/** From so much done in so many milliseconds to what is left; too early it would only jump about. */
const guess = (elapsed: number, fraction: number) => (fraction > 0.08 ? (elapsed / fraction) * (1 - fraction) : null);

const part = (value: number) => Math.min(1, Math.max(0, value));
