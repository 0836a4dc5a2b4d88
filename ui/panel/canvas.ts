/** What the panel and the canvas have to say to each other about pictures and layers. */
import type { PanelAnswer } from '../../models/api.js';
import { upgradeRequestText } from '../../models/request/upgrade.js';
import { wordsOf } from '../../models/wildcards.js';
import { CANVAS_LIMITS, type Target, type ToPanel, type Where } from '../../plugin/messages.js';
import { boundTo } from './colours.js';
import { createLayerImages } from './layer-images.js';
import type { Past } from './past.js';
import type { Port } from './port.js';
import { parse, unreadableWords } from './requests.js';
import { type Notice, placeOf, Settings, type State, type Tile } from './state.js';
import type { Store } from './store.js';
import { TEXT } from './text.js';
import type { Tiles } from './tiles.js';

/** What a layer brought into the field. */
type Recalled = Pick<State, 'prompt' | 'plan'>;

export type Canvas = ReturnType<typeof createCanvas>;

export function createCanvas({
  store: { get, set },
  port,
  tiles,
  past,
  notify,
}: {
  readonly store: Store<State>;
  readonly port: Port;
  readonly tiles: Tiles;
  readonly past: Past;
  readonly notify: (notice: Notice) => void;
}) {
  /** Which tile a `placed` or `refused` will be about. */
  const asked = new Map<string, string>();
  const layerImages = createLayerImages({ store: { get, set }, port, tiles });
  /** What is waited for of a `placed` or `refused`. */
  const awaited = new Map<string, (answer: PanelAnswer) => void>();
  let rounds = 0;
  let last = Promise.resolve();
  const inTurn = (work: () => void | Promise<void>) => {
    // What could not be sent does not hold up the rest.
    last = last.then(work, work);
  };
  /** Whose picture a mark of the canvas is about, and the layers that carry it. */
  const marks = new Map<number, { readonly key: string; names: readonly string[] }>();
  /** What the person was writing before a layer brought its own prompt. */
  let own: (Pick<State, 'prompt' | 'seed' | 'seedLocked' | 'plan'> & { readonly recalled: Recalled }) | null = null;

  /** The request as a layer keeps it, or null where it is too long, which is told. */
  function requestOf(tile: Tile): string | null {
    const request = JSON.stringify(tile.request);
    if (request.length <= CANVAS_LIMITS.request) return request;
    notify({ tone: 'bad', title: TEXT.refused, detail: TEXT.refusals['request-too-long'] });
    return null;
  }

  function place(tile: Tile, at: { readonly job: string; readonly index: number; readonly where: Where }): void {
    const request = requestOf(tile);
    if (!tile.bytes || request === null) return;
    const { bytes, width, height } = tile;
    const title = titleOf(tile);
    asked.set(`${at.job} ${at.index}`, tile.key);
    inTurn(async () => {
      const beyond = await tiles.beyond(tile);
      port.send({ type: 'place', ...at, title, bytes, width, height, beyond, request });
    });
  }

  /** @returns what the canvas said of it */
  function placeAnswered(tile: Tile, where: Where): Promise<PanelAnswer> {
    const job = `order-${tile.key}`;
    return new Promise((resolve) => {
      awaited.set(`${job} 0`, resolve);
      place(tile, { job, index: 0, where });
      // Nothing was asked of the canvas where the request is too long for it.
      if (!asked.has(`${job} 0`)) settle(job, 0, { outcome: 'refused', reason: TEXT.refusals['request-too-long'] });
    });
  }

  function settle(job: string, index: number, answer: PanelAnswer): void {
    awaited.get(`${job} ${index}`)?.(answer);
    awaited.delete(`${job} ${index}`);
  }

  /** Placeholders that are left vanish, once every picture that was placed before is with the canvas. */
  const release = (job: string) => inTurn(() => port.send({ type: 'release', job }));

  /** As layers with outlines, where the tracing is there. */
  function placeVectors(tile: Tile): void {
    const request = requestOf(tile);
    if (tile.tracing?.state !== 'done' || request === null) return;
    const { svg, layers } = tile.tracing;
    const { key: job, width, height } = tile;
    const at = { job, index: 0, where: placeOf(get()).where, title: titleOf(tile) };
    asked.set(`${job} 0`, tile.key);
    inTurn(async () => {
      const beyond = await tiles.beyond(tile);
      const bound = boundTo(get(), tile);
      port.send({ type: 'place-vectors', ...at, svg, layers, bound, width, height, beyond, request });
    });
  }

  /**
   * A layer that we made brings its prompt and seed; leaving it brings back what was being written. Words of a layer that the person changed
   * are their own: they stay in the field, whatever is selected next. So does what they keep the same.
   */
  function recall(target: Target | null): void {
    const read = target?.request ? upgradeRequestText(target.request) : null;
    if (read && !read.ok) notify({ about: 'selection', tone: 'calm', ...unreadableWords(read) });
    const request = read?.ok ? read.request : null;
    if (target && request) layerImages.show(target, request);
    else layerImages.leave();
    if (!request) {
      const { prompt, plan } = get();
      if (own && prompt === own.recalled.prompt)
        set({
          prompt: own.prompt,
          seed: own.seed,
          seedLocked: own.seedLocked,
          plan: plan === own.recalled.plan ? own.plan : plan,
        });
      own = null;
      return;
    }
    if (get().run) return;
    const { prompt, seed, seedLocked, plan: shown } = get();
    if (own && prompt !== own.recalled.prompt && prompt.trim() !== '') return;
    const plan = own && shown === own.recalled.plan ? own.plan : shown;
    const recalled = { prompt: request.prompt, plan: { ...request.plan, ...plan } };
    own = { ...(own ?? { prompt, seed, seedLocked }), plan, recalled };
    set({ ...recalled, seed: request.seeds[0] ?? seed, seedLocked: true });
  }

  /** What was kept the same last comes from the storage, perhaps after a layer brought its own. */
  function takePlan(plan: State['plan']): void {
    if (own) own = { ...own, plan, recalled: { ...own.recalled, plan: { ...own.recalled.plan, ...plan } } };
    set({ plan: own ? own.recalled.plan : plan });
  }

  function placed({ job, index, mark, names, hindered }: Extract<ToPanel, { type: 'placed' }>): void {
    const key = asked.get(`${job} ${index}`);
    asked.delete(`${job} ${index}`);
    if (key !== undefined) {
      marks.set(mark, { key, names });
      tellPlaced(key);
    }
    const [first] = hindered;
    if (first)
      notify({
        about: 'selection',
        tone: 'calm',
        title: TEXT.hindered,
        detail: TEXT.hindrances[first.hindrance](first.name),
      });
    set({ announcement: TEXT.placed(names) });
    settle(job, index, { outcome: 'placed', names: [...names] });
  }

  /** An image may have been placed several times. */
  function tellPlaced(key: string): void {
    const names = [...marks.values()].flatMap((mark) => (mark.key === key ? mark.names : []));
    tiles.change(key, { placed: [...new Set(names)] });
  }

  /** The person undid it, deleted the layer, or did it again. */
  function stands({ mark, names }: Extract<ToPanel, { type: 'standing' }>): void {
    const known = marks.get(mark);
    if (!known) return;
    known.names = names;
    tellPlaced(known.key);
  }

  return {
    place,
    placeAnswered,
    release,
    placeVectors,
    /** Several pictures in their order: one each for the layers that are selected, or beside each other. */
    placeEach(pictures: readonly Tile[], where: Where): void {
      const [first] = pictures;
      if (!first) return;
      rounds += 1;
      const job = `each-${rounds}`;
      port.send({ type: 'reserve', job, pictures: pictures.length, where, width: first.width, height: first.height });
      for (const [index, tile] of pictures.entries()) place(tile, { job, index, where });
      release(job);
    },
    /** A picture leaves the panel by the pointer; the canvas answers for it as for any other. */
    drop(key: string, drop: Parameters<Port['drop']>[0]): void {
      asked.set('drop 0', key);
      port.drop(drop);
    },
    /** Takes what the canvas says; `hello` and `settings` are heard by others too. */
    hear(message: ToPanel): void {
      switch (message.type) {
        case 'hello':
          set({ file: message.file });
          break;
        case 'selection': {
          const before = get().targets;
          set({ targets: message.targets, total: message.total });
          if (get().settings.layerWords && message.targets.length > 1) port.send({ type: 'read-labels' });
          const [one, ...others] = message.targets;
          // A layer that was filled while it is selected brings nothing back: its words are in the field, and the next seed is a new one.
          const stayed = before.length === 1 && others.length === 0 && before[0]?.id === one?.id;
          if (!stayed) {
            if (get().notice?.about === 'selection' && before.length > 0) set({ notice: null });
            recall(one && others.length === 0 ? one : null);
          }
          break;
        }
        case 'placed':
          placed(message);
          break;
        case 'standing':
          stands(message);
          break;
        case 'labels':
          set({ labels: message.labels });
          break;
        case 'colours':
          set({ fileColours: message.colours });
          break;
        case 'image':
          layerImages.take(message);
          break;
        case 'refused':
          asked.delete(`${message.job} ${message.index}`);
          settle(message.job, message.index, { outcome: 'refused', reason: TEXT.refusals[message.reason] });
          notify({ tone: 'bad', title: TEXT.refused, detail: TEXT.refusals[message.reason] });
          break;
        case 'stored':
          if (message.key === 'settings') {
            const settings = Settings.safeParse(parse(message.value) ?? {});
            if (settings.success) {
              set({ settings: settings.data });
              takePlan(settings.data.plan);
            }
          }
          past.take(message.key, message.value);
          break;
        case 'not-stored':
          if (!message.key.startsWith('history')) break;
          past.shorten();
          notify({ tone: 'calm', title: TEXT.history.title, detail: TEXT.history.full });
          break;
        default:
          message satisfies never;
      }
    },
  };
}

const titleOf = ({ request }: Tile) => wordsOf(request).trim().slice(0, 80) || 'Twostep';
