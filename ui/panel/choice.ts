/** Which engine draws, with which model, and how well: what was chosen, or the nearest that is there. */
import { nearestPreset } from '../../models/request/presets.js';
import { chooseEngine, trialKey } from '../engines/choose.js';
import type { EngineId, EngineOffer, Model, Quality } from '../engines/offer.js';
import { knownOf } from './findings.js';
import type { Settings, Standing, State } from './state.js';
import type { Store } from './store.js';

export type Choice = ReturnType<typeof createChoice>;

export function createChoice({
  offers,
  store: { get, set },
  keep,
}: {
  readonly offers: readonly EngineOffer[];
  readonly store: Store<State>;
  readonly keep: (changes: Partial<Settings>) => void;
}) {
  const found = (id: EngineId, finding: Standing) => {
    const { notice, findings } = get();
    const isOver = finding.state === 'ready' && (notice?.about === id || notice?.about === 'engines');
    set({ findings: { ...findings, [id]: finding }, ...(isOver ? { notice: null } : {}) });
  };
  /** Engines that went away in the middle. */
  const lost = new Set<EngineId>();

  /** It was ready and does not answer any more: the next press looks for it again, and finds out what it is. */
  function lose(id: EngineId): void {
    lost.add(id);
    found(id, { state: 'absent', why: 'stopped', detail: '' });
  }

  /** Looks for an engine, or pairs with it where a code is given. It never throws: what went wrong is the finding. */
  async function look(id: EngineId, code?: string): Promise<void> {
    const offer = offers.find((offer) => offer.id === id);
    if (!offer) return;
    found(id, { state: 'looking', before: knownOf(get().findings[id]) });
    const { signal } = new AbortController();
    try {
      found(id, await (code === undefined ? offer.find(signal) : (offer.pair?.(code, signal) ?? offer.find(signal))));
    } catch (error) {
      found(id, {
        state: 'absent',
        why: 'unexpected',
        detail: error instanceof Error ? error.message : String(error),
      });
    }
    if (isReady(id) && code !== undefined) keep({ engine: id });
  }

  const isReady = (id: EngineId) => get().findings[id]?.state === 'ready';

  /** The engine of choice where it is ready; unless the person insists on it, one that was measured to be quicker. */
  function engine(): EngineOffer | null {
    const { engine: chosen, model, fastest, trials } = get().settings;
    const ready = offers
      .filter(({ id }) => isReady(id))
      .sort((a, b) => Number(b.id === chosen) - Number(a.id === chosen));
    const [first] = ready;
    if (!first || !fastest) return first ?? null;
    const own = (modelsOf(first.id).find(({ id }) => id === model) ?? modelsOf(first.id)[0])?.id;
    const candidates = ready
      .filter(({ id }) => modelsOf(id).some(({ id }) => id === own))
      .map(({ id }) => {
        const finding = get().findings[id];
        const key = own !== undefined && finding?.state === 'ready' ? trialKey(id, finding.device, own) : '';
        return { id, milliseconds: trials[key] ?? null };
      });
    const quickest = chooseEngine(candidates);
    return ready.find(({ id }) => id === quickest) ?? first;
  }

  /** The first press asks the engine of choice, then those that are on this machine, if nobody was asked yet; every press those that were lost. */
  async function anyEngine(): Promise<EngineOffer | null> {
    const { engine: chosen } = get().settings;
    for (const { id } of offers) if (!isReady(id) && (id === chosen || lost.has(id))) await look(id);
    if (!engine()) for (const { id, isLocal } of offers) if (isLocal && !isReady(id)) await look(id);
    return engine();
  }

  /** For a picture of before: the engine of choice where it has that picture's model, else any that is ready and has it. */
  async function engineFor(pack: string): Promise<EngineOffer | null> {
    const first = await anyEngine();
    const has = (offer: EngineOffer) => modelsOf(offer.id).some(({ id }) => id === pack);
    return first && has(first) ? first : (offers.find(has) ?? null);
  }

  function modelsOf(id: EngineId | undefined): readonly Model[] {
    const finding = id && get().findings[id];
    return finding?.state === 'ready' ? finding.models : [];
  }

  function model(): Model | null {
    const models = modelsOf(engine()?.id);
    return models.find(({ id }) => id === get().settings.model) ?? models[0] ?? null;
  }

  /** The quality that is wished, or the nearest that the model can do. */
  function quality(): Quality {
    return nearestPreset(model()?.schedules ?? {}, get().settings.quality);
  }

  return { lose, look, engine, anyEngine, engineFor, modelsOf, model, quality };
}
