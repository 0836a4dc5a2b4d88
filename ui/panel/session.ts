/**
 * What can be done in the panel, and what follows from it. Components read the state and call these; they decide nothing.
 * Engines, canvas and browser are handed in, so all of it runs in tests without any of them.
 */
import { LIMITS, type PlanField } from '../../models/protocol.js';
import { upgradeRequestText } from '../../models/request/upgrade.js';
import { readPrompt } from '../../models/run/vocabulary/read.js';
import type { Reading, Vocabulary } from '../../models/vocabulary.js';
import { blankSyntax } from '../../models/wildcards.js';
import type { ToPanel } from '../../plugin/messages.js';
import type { EngineId, EngineOffer } from '../engines/offer.js';
import { createCanvas } from './canvas.js';
import { createChoice } from './choice.js';
import { createDrawing } from './drawing.js';
import { announce, knownOf } from './findings.js';
import { createKept } from './kept.js';
import { createLive } from './live.js';
import { startOrders } from './orders.js';
import { createPast } from './past.js';
import { createPictureActions } from './picture-actions.js';
import type { Pictures } from './pictures.js';
import { nameOf } from './plan.js';
import type { Port } from './port.js';
import { unreadableWords, varied } from './requests.js';
import { newSeed } from './seeds.js';
import { INITIAL, type Notice, type Settings, type State } from './state.js';
import { createStore, type Store } from './store.js';
import { TEXT } from './text.js';
import { createTiles } from './tiles.js';
import { startTrials } from './trials.js';

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
  const notify = (notice: Notice | null) => set({ notice });
  const keep = (changes: Partial<Settings>) => {
    const settings = { ...get().settings, ...changes };
    set({ settings });
    port.send({ type: 'store', key: 'settings', value: JSON.stringify(settings) });
  };

  const tiles = createTiles(store, pictures);
  const choice = createChoice({ offers, store, keep });
  const past = createPast({ store, port, pictures, now });
  const kept = createKept({ offers, store, pictures });
  const canvas = createCanvas({ store, port, tiles, past, notify });
  const live = createLive({ store, choice, tiles });
  const drawing = createDrawing({
    offers,
    store,
    keep,
    notify,
    choice,
    tiles,
    past,
    canvas,
    port,
    now,
    stopLive: live.stop,
  });
  const actions = createPictureActions({ offers, store, notify, port, pictures, tiles, past, canvas, drawing });

  let read: { prompt: string; vocabulary: Vocabulary; reading: Reading } | null = null;

  /** What the model understands of the words in the field; null where it does not say, or there are none. */
  function reading(): Reading | null {
    const vocabulary = choice.model()?.vocabulary;
    const { prompt } = get();
    if (!vocabulary || prompt.trim() === '') return null;
    if (read?.prompt !== prompt || read.vocabulary !== vocabulary)
      read = { prompt, vocabulary, reading: readPrompt(blankSyntax(prompt), vocabulary) };
    return read.reading;
  }

  let settled: () => void = () => {};
  let settings: Promise<void> = Promise.resolve();

  /** Why the panel was opened. Settings are here before anything is drawn. */
  async function begin({ command, prompt }: Extract<ToPanel, { type: 'hello' }>): Promise<void> {
    await settings;
    for (const { id, isLocal } of offers) if (isLocal && !get().findings[id]) await choice.look(id);
    const { targets } = get();
    const layer = targets.length === 1 ? (targets[0]?.request ?? null) : null;
    const read = layer === null ? null : upgradeRequestText(layer);
    const recalled = read?.ok ? read.request : null;
    // A button on a layer that can't be followed says why (B13).
    if (!recalled && (command === 'regenerate' || command === 'vary' || command === 'copy-prompt')) {
      const words = read && !read.ok ? unreadableWords(read) : notRecalled(targets);
      return notify({ about: 'selection', tone: 'calm', ...words });
    }
    switch (command) {
      case 'open': {
        const { unfinished } = get().settings;
        if (unfinished && !drawing.isBusy()) return drawing.resume(unfinished);
        getReady();
        return;
      }
      case 'generate':
        set({ prompt: prompt ?? '' });
        return drawing.generate(true);
      case 'regenerate':
        return recalled ? drawing.run({ request: recalled }) : undefined;
      case 'vary':
        return recalled ? drawing.run({ request: varied(get(), recalled) }) : undefined;
      case 'copy-prompt':
        if (recalled) actions.copyPrompt(recalled.prompt);
        return;
      default:
        command satisfies never;
    }
  }

  /** The person asked for it, so what came of it is said, too: the card alone is seen and not heard. */
  async function seek(id: EngineId, code?: string): Promise<void> {
    set({ announcement: TEXT.engines.looking });
    await choice.look(id, code);
    set({ announcement: announce(knownOf(get().findings[id]), id) });
    if (get().findings[id]?.state !== 'ready') return;
    // Back to what the person wanted it for.
    if (drawing.isAwaited() || code !== undefined) set({ screen: 'make' });
    await drawing.takeUp();
  }

  function keepPlan(plan: State['plan']): void {
    set({ plan });
    keep({ plan });
    live.touch();
  }

  /** The panel's own engine takes two seconds to unpack: while the person thinks of words, unless another is to draw. */
  function getReady(): void {
    const engine = choice.engine();
    const { engine: chosen } = get().settings;
    if (engine?.isLocal && (chosen === null || chosen === engine.id)) engine.warm?.();
  }

  return {
    store,
    offers,
    ...actions,
    generate: () => drawing.generate(),
    stop: drawing.stop,
    engine: choice.engine,
    model: choice.model,
    models: () => choice.modelsOf(choice.engine()?.id),
    quality: choice.quality,
    reading,
    look: (id: EngineId) => seek(id),
    pair: (id: EngineId, code: string) => seek(id, code),
    kept,
    change(changes: Partial<Settings>) {
      // A number that the person chooses is the number from now on.
      if (changes.count !== undefined) set({ once: null });
      if (changes.layerWords) port.send({ type: 'read-labels' });
      keep(changes);
    },
    /** Generates words that are offered: one press. */
    generateWords(words: string) {
      set({ prompt: words });
      void drawing.generate();
    },
    setPrompt(words: string) {
      const prompt = words.slice(0, LIMITS.promptCharacters);
      set({ prompt, ...(get().notice?.about === 'prompt' ? { notice: null } : {}) });
      if (words.length > prompt.length)
        notify({
          about: 'prompt',
          tone: 'calm',
          title: TEXT.warnings['prompt-cut'],
          detail: TEXT.tooLong(LIMITS.promptCharacters),
        });
      if (prompt !== '') choice.engine()?.warm?.();
      live.touch();
    },
    /** Keeps a part of the plan the same in the next images; without a value it can be any again. */
    pin(field: PlanField, value: string | undefined) {
      const { [field]: _, ...others } = get().plan;
      keepPlan(value === undefined ? others : { ...others, [field]: value });
      const name = TEXT.plan.names[field];
      set({ announcement: value === undefined ? TEXT.plan.free(name) : TEXT.plan.kept(name, nameOf(field, value)) });
    },
    clearPlan() {
      keepPlan({});
      set({ announcement: TEXT.plan.cleared });
    },
    readColours: () => port.send({ type: 'read-colours' }),
    setSeed: (seed: number) => set({ seed, seedLocked: true }),
    lockSeed: (seedLocked: boolean) => set({ seedLocked }),
    rollSeed: () => set({ seed: newSeed() }),
    show(screen: State['screen']) {
      if (screen !== 'engines') drawing.forgetPending();
      set({ screen });
    },
    select: (selected: string | null) => set({ selected }),
    /** Shows an image large, or no longer. */
    enlarge: (key: string | null) => set(key === null ? { preview: null } : { preview: key, selected: key }),
    unfold: (optionsOpen: boolean) => set({ optionsOpen }),
    /** The notice first; then the way back for what was taken away. */
    dismiss: () => set(get().notice ? { notice: null } : { removal: null }),
    dismissRemoval: () => set({ removal: null }),
    resize: (width: number, height: number) =>
      port.send({ type: 'resize', width: Math.round(width), height: Math.round(height) }),
    /** Listens to the canvas, and asks for what it kept. @returns an end to it */
    start(): () => void {
      past.expect();
      settings = new Promise((resolve) => {
        settled = resolve;
      });
      const end = port.listen((message) => {
        canvas.hear(message);
        if (message.type === 'stored' && message.key === 'settings') settled();
        if (message.type === 'hello') void begin(message);
      });
      const endOrders = startOrders({ offers, store, tiles, past, canvas });
      const endTrials = startTrials({ offers, store, choice, keep, now });
      port.send({ type: 'load', key: 'settings' });
      port.send({ type: 'ready' });
      port.send({ type: 'read-colours' });
      past.load();
      return () => {
        drawing.stop();
        void live.stop();
        endTrials();
        endOrders();
        end();
      };
    },
  };
}

function notRecalled([one, ...others]: State['targets']): { readonly title: string; readonly detail: string } {
  const { nothing, several, foreign } = TEXT.notRecalledDetail;
  const detail = !one ? nothing : others.length > 0 ? several : foreign(one.name);
  return { title: TEXT.notRecalled, detail };
}
