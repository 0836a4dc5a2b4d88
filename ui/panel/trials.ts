/** Measures engines while nothing is drawn, where there are several to choose from. */
import { trialKey, tryEngine } from '../engines/choose.js';
import type { EngineOffer } from '../engines/offer.js';
import type { Choice } from './choice.js';
import type { Settings, State } from './state.js';
import type { Store } from './store.js';

/** The person may press Generate again right after a picture; a trial shall not stand in the way. Milliseconds. */
const CALM = 3000;

/** @returns an end to it */
export function startTrials({
  offers,
  store: { get, subscribe },
  choice,
  keep,
  now,
}: {
  readonly offers: readonly EngineOffer[];
  readonly store: Store<State>;
  readonly choice: Choice;
  readonly keep: (changes: Partial<Settings>) => void;
  readonly now: () => number;
}): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let going: AbortController | null = null;
  let before = get().run;

  // Only after a picture of the person's own: an engine that nobody draws with shall cost nobody anything.
  const end = subscribe(() => {
    const { run } = get();
    if (run === before) return;
    const isOver = before !== null && run === null;
    before = run;
    clearTimeout(waiting);
    if (run !== null) going?.abort();
    else if (isOver) waiting = setTimeout(() => void measure(), CALM);
  });

  async function measure(): Promise<void> {
    const model = choice.model();
    if (!model || !get().settings.fastest) return;
    const able = offers.filter(({ id }) => choice.modelsOf(id).some(({ id }) => id === model.id));
    if (able.length < 2) return;
    const mine = new AbortController();
    going = mine;
    for (const offer of able) {
      const finding = get().findings[offer.id];
      if (mine.signal.aborted || finding?.state !== 'ready') continue;
      const key = trialKey(offer.id, finding.device, model.id);
      if (get().settings.trials[key] !== undefined) continue;
      const milliseconds = await tryEngine(offer, model, { signal: mine.signal, now });
      if (milliseconds !== null) keep({ trials: { ...get().settings.trials, [key]: milliseconds } });
    }
    if (going === mine) going = null;
  }

  return () => {
    end();
    clearTimeout(waiting);
    going?.abort();
  };
}
