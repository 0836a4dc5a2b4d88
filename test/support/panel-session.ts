/** The panel without a screen: its session, with a canvas and a browser made of memory. */
import type { ToCanvas, ToPanel } from '../../plugin/messages.js';
import type { EngineId, EngineOffer, Finding, Model } from '../../ui/engines/offer.js';
import type { Pictures } from '../../ui/panel/pictures.js';
import { createSession, type Session } from '../../ui/panel/session.js';
import { createFakeEngine, type FakeEngine, type Script } from './fake-engine.js';

export const MODEL: Model = {
  id: 'starter',
  name: 'Starter',
  description: 'Flat illustrations',
  licence: 'Apache-2.0',
  ideas: ['a large yellow star'],
  classes: null,
  side: 256,
  schedules: { draft: { kind: 'student', steps: 1 }, standard: { kind: 'student', steps: 2 } },
};

export type FakeOffer = EngineOffer & { readonly engine: FakeEngine; looks(): number };

export function offer(
  id: EngineId,
  options: {
    script?: Script;
    finding?: Finding;
    models?: readonly Model[];
    isLocal?: boolean;
    /** What `resume` knows of, and what `memory` keeps. */
    past?: Pick<EngineOffer, 'resume' | 'memory'>;
  } = {},
): FakeOffer {
  let looks = 0;
  const ready: Finding = { state: 'ready', device: '', models: options.models ?? [MODEL] };
  return {
    id,
    engine: createFakeEngine(options.script),
    isLocal: options.isLocal ?? true,
    looks: () => looks,
    async find() {
      looks += 1;
      return options.finding ?? ready;
    },
    ...options.past,
    pair: async (code) => (code === 'K7Q2MP' ? ready : { state: 'absent', why: 'wrong-code', detail: '' }),
  };
}

export type PanelRun = {
  readonly session: Session;
  /** What it said to the canvas, oldest first. */
  readonly sent: readonly ToCanvas[];
  sentOf<Type extends ToCanvas['type']>(type: Type): Extract<ToCanvas, { type: Type }>[];
  say(message: ToPanel): void;
  readonly browser: { copied: string[]; saved: string[]; alive: Set<string> };
  advance(milliseconds: number): void;
};

export async function openPanel(
  options: {
    readonly offers?: readonly EngineOffer[];
    readonly stored?: Readonly<Record<string, string>>;
    readonly hello?: Partial<Extract<ToPanel, { type: 'hello' }>>;
    readonly selection?: readonly Partial<Extract<ToPanel, { type: 'selection' }>['targets'][number]>[];
    readonly canCopy?: boolean;
    /** A clock of the test's own; otherwise `advance` moves one. */
    readonly now?: () => number;
  } = {},
): Promise<PanelRun> {
  const sent: ToCanvas[] = [];
  const browser = { copied: [] as string[], saved: [] as string[], alive: new Set<string>() };
  let hear: (message: ToPanel) => void = () => {};
  let now = 1_000_000;
  let urls = 0;
  const address = () => {
    urls += 1;
    browser.alive.add(`blob:${urls}`);
    return `blob:${urls}`;
  };
  const pictures: Pictures = {
    show: address,
    address,
    release: (url) => void browser.alive.delete(url),
    read: async () => ({ width: 2, height: 2, rgb: new Uint8Array(12).fill(90), alpha: new Uint8Array(4).fill(255) }),
    shrink: async () => 'data:image/webp;base64,AAAA',
    save: (_, name) => void browser.saved.push(name),
    copy(text) {
      if (options.canCopy !== false) browser.copied.push(text);
      return options.canCopy !== false;
    },
  };
  const session = createSession({
    offers: options.offers ?? [offer('panel')],
    pictures,
    now: options.now ?? (() => now),
    port: {
      send: (message) => void sent.push(message),
      listen(take) {
        hear = take;
        return () => {};
      },
      drop() {},
    },
  });
  session.start();
  const say = (message: ToPanel) => hear(message);
  for (const message of [...sent])
    if (message.type === 'load')
      say({ type: 'stored', key: message.key, value: options.stored?.[message.key] ?? null });
  say({
    type: 'selection',
    total: options.selection?.length ?? 0,
    targets: (options.selection ?? []).map((target) => ({
      id: '1:2',
      name: 'Hero',
      width: 400,
      height: 200,
      hindrance: null,
      request: null,
      ...target,
    })),
  });
  say({ type: 'hello', editor: 'figma', file: 'file-1', command: 'open', prompt: null, ...options.hello });
  await rest();
  return {
    session,
    sent,
    sentOf: (type) => sent.filter((message) => message.type === type) as never,
    say,
    browser,
    advance(milliseconds) {
      now += milliseconds;
    },
  };
}

/** Until promises and short timers have had their say. */
export const rest = (milliseconds = 5) => new Promise((resolve) => setTimeout(resolve, milliseconds));
