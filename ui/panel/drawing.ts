/** From the words in the field to pictures: one run at a time, whose pictures go where the person wants them. */
import type { GenerateRequest } from '../../models/protocol.js';
import type { EngineId, EngineOffer } from '../engines/offer.js';
import type { Canvas } from './canvas.js';
import type { Choice } from './choice.js';
import { type DrawEvent, draw, type Outcome } from './draw.js';
import type { Past } from './past.js';
import type { Port } from './port.js';
import { qualityOf, requestFor } from './requests.js';
import { newSeed, seedsFrom } from './seeds.js';
import {
  type Notice,
  placeOf,
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
};

export function createDrawing(parts: Parts) {
  const { offers, store, keep, notify, choice, tiles, past, canvas, port, now } = parts;
  const { get, set } = store;
  let cancel: AbortController | null = null;
  let count = 0;

  /** Draws what is in the field. */
  async function generate(straight = get().settings.straight): Promise<void> {
    const { prompt, seedLocked, settings } = get();
    if (prompt.trim() === '')
      return notify({ tone: 'calm', title: TEXT.errors['empty-prompt'], detail: TEXT.emptyPromptDetail });
    const offer = await choice.anyEngine();
    const chosen = choice.model();
    if (!offer || !chosen) {
      set({ screen: 'engines' });
      return notify({ tone: 'warn', title: TEXT.foot.none, detail: TEXT.noEngineDetail });
    }
    const seed = seedLocked ? get().seed : newSeed();
    const { layers } = placeOf(get());
    // Several layers get one picture each.
    const pictures = layers > 1 ? Math.min(layers, 4) : settings.count;
    const request = requestFor(get(), seedsFrom(seed, pictures), choice.quality(), chosen);
    if (!request)
      return notify({ tone: 'warn', title: TEXT.errors['unsupported-schedule'], detail: TEXT.qualityMissing });
    set({ seed });
    await run(request, straight);
  }

  /** Draws a request, with the engine of choice. */
  async function run(request: GenerateRequest, straight = get().settings.straight): Promise<void> {
    const offer = await choice.anyEngine();
    if (!offer) return;
    count += 1;
    await perform({
      job: `${now()}-${count}`,
      request,
      offers: [offer, ...othersFor(request, offer.id)],
      straight,
      resumed: false,
    });
  }

  /** Takes up what was being drawn when the panel was closed, where the engine still knows of it; else says what can be done. */
  async function resume({ job, engine, request }: Unfinished): Promise<void> {
    const offer = offers.find(({ id }) => id === engine);
    if (offer?.resume) {
      await choice.look(offer.id);
      const engine = await offer.resume(request, new AbortController().signal).catch(() => null);
      // Whoever asked for something else meanwhile gets that.
      if (cancel) return;
      if (engine) return perform({ job, request, offers: [{ ...offer, engine }], straight: false, resumed: true });
    }
    const again = { label: TEXT.drawAgain, run: () => void run(request) };
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
    const { where } = placeOf(get());
    const began = now();
    const places = request.seeds.map((seed, index) => blankTile(request, seed, `${job}-${index}`));
    tiles.replace(places, {
      selected: null,
      notice: null,
      took: null,
      screen: 'make',
      run: { job, phase: 'load', fraction: 0, remaining: expected(one), stopping: false },
      announcement: TEXT.announceStart(places.length),
    });
    const unfinished = { job, engine: one.offers[0].id, request };
    keep({ recent: remember(get().settings.recent, request.prompt), unfinished });
    if (straight) port.send({ type: 'reserve', job, pictures: places.length, where, ...request.size });
    let advanced = 0;
    const hear = (event: DrawEvent): void => {
      if (cancel !== mine) return;
      const at =
        'seed' in event ? get().tiles.find(({ seed, state }) => seed === event.seed && state !== 'done') : undefined;
      switch (event.type) {
        case 'progress': {
          const before = get().run;
          const { phase, fraction } = event;
          const remaining = event.remaining ?? guess(now() - began, fraction) ?? before?.remaining ?? null;
          set({ run: { job, phase, fraction, remaining, stopping: before?.stopping ?? false } });
          if (!straight || now() - advanced <= ADVANCE_EVERY) break;
          advanced = now();
          for (const index of places.keys())
            port.send({ type: 'advance', job, index, fraction: part(fraction * places.length - index) });
          break;
        }
        case 'draft':
          if (at) tiles.fill(at, 'draft', event.bytes);
          break;
        case 'picture': {
          if (!at) break;
          const { bytes, width, height } = event;
          const tile = tiles.fill({ ...at, width, height }, 'done', bytes);
          void past.add(tile);
          if (straight) canvas.place(tile, { job, index: places.findIndex(({ key }) => key === at.key), where });
          break;
        }
        case 'warning':
          notify({ tone: 'calm', title: TEXT.warnings[event.code], detail: event.message });
          break;
        case 'moved':
          choice.found(event.from, { state: 'absent', why: 'stopped', detail: '' });
          notify({
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

  function finish({ request, resumed }: Run, outcome: Outcome, took: number): void {
    const done = get().tiles.filter(({ state }) => state === 'done');
    tiles.replace(done, {
      run: null,
      took: resumed ? null : took,
      selected: done[0]?.key ?? null,
      announcement: TEXT.announceDone(done.length),
    });
    keep({ unfinished: null });
    if (outcome.end === 'done' && !resumed) {
      const key = speedOf(outcome.engine, request);
      if (key) keep({ speeds: { ...get().settings.speeds, [key]: took / request.seeds.length } });
    }
    if (outcome.failure) fail(outcome.failure, request, done);
  }

  function fail(
    { code, message }: NonNullable<Outcome['failure']>,
    request: GenerateRequest,
    done: readonly Tile[],
  ): void {
    const detail = [code === 'fault' ? TEXT.fault(message) : message, TEXT.kept(done.length)].filter(Boolean).join(' ');
    const missing = request.seeds.filter((seed) => !done.some((tile) => tile.seed === seed));
    const again = {
      label: TEXT.tryAgain,
      run: () => void run({ ...request, seeds: missing.length > 0 ? missing : request.seeds }),
    };
    notify({ tone: 'bad', title: TEXT.errors[code], detail, action: again });
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
    stop() {
      const { run } = get();
      if (run) set({ run: { ...run, stopping: true } });
      cancel?.abort();
    },
  };
}

/** From so much done in so many milliseconds to what is left; too early it would only jump about. */
const guess = (elapsed: number, fraction: number) => (fraction > 0.08 ? (elapsed / fraction) * (1 - fraction) : null);

const part = (value: number) => Math.min(1, Math.max(0, value));
