/**
 * Which engine draws where the person left it open: the one that was measured to be quicker. The measure is a small one, a draft
 * that nobody sees; it is taken when nothing else is drawn and remembered, so it costs a second or two once.
 */
import { buildRequest } from '../../models/request/build.js';
import type { EngineId, EngineOffer, Model } from './offer.js';

export type Candidate = {
  readonly id: EngineId;
  /** Of the trial's picture; null where it was not measured yet. */
  readonly milliseconds: number | null;
};

/** An engine further back must be this much quicker: two that are alike shall not change places with every trial. */
const WORTH_IT = 0.8;

/**
 * @param candidates in the order in which they are taken while nothing was measured
 * @returns the first, unless a later one was measured to be clearly quicker
 */
export function chooseEngine(candidates: readonly Candidate[]): EngineId | null {
  const [first, ...others] = candidates;
  if (!first) return null;
  let best = first;
  for (const other of others)
    if (best.milliseconds !== null && other.milliseconds !== null && other.milliseconds < best.milliseconds * WORTH_IT)
      best = other;
  return best.id;
}

/** What the result of a trial is kept under: on another device it is taken again. */
export const trialKey = (engine: EngineId, device: string, model: string): string =>
  [engine, device.slice(0, 100), model].join(' ');

/** What a trial draws. Any words do, since each picture of a model is the same work. */
const TRIAL = { prompt: 'hills', seeds: [1, 2] } as const;

/**
 * Draws twice, and times the second: the first one loads what has to be loaded. Neither is a part of anybody's history.
 *
 * @returns milliseconds, or null where it was stopped or failed
 */
export async function tryEngine(
  { engine, sketch = engine }: Pick<EngineOffer, 'engine' | 'sketch'>,
  model: Model,
  { signal, now }: { readonly signal: AbortSignal; readonly now: () => number },
): Promise<number | null> {
  const { schedules, side } = model;
  if (!schedules.draft && !schedules.standard) return null;
  const target = { id: model.id, presets: schedules, size: { width: side, height: side } };
  let taken: number | null = null;
  for (const seed of TRIAL.seeds) {
    const prompt = model.classes?.[0] ?? TRIAL.prompt;
    const request = buildRequest(target, { prompt, seeds: [seed], preset: 'draft', force: true });
    const began = now();
    for await (const event of sketch(request, signal)) if (event.type === 'error') return null;
    if (signal.aborted) return null;
    taken = now() - began;
  }
  return taken;
}
