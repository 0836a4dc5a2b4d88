/**
 * Draws a request with the engine of choice; when that one vanishes, the pictures that are missing are drawn by the next
 * that has the same model, from the same seeds. No state, no screen: the caller hears events.
 */
import { ERROR_CODES, type GenerateEvent, type GenerateRequest } from '../../models/protocol.js';
import type { Reading } from '../../models/vocabulary.js';
import type { EngineId, EngineOffer } from '../engines/offer.js';
import { TEXT } from './text.js';

export type DrawEvent =
  | (Exclude<GenerateEvent, { type: 'done' | 'error' }> & {
      /** Of drafts and pictures: the seed that was asked for. A picture that would repeat another has the one after. */
      readonly asked?: number;
    })
  /** `to` goes on with what `from` left. */
  | { readonly type: 'moved'; readonly from: EngineId; readonly to: EngineId; readonly left: number };

export type Outcome = {
  readonly end: 'done' | 'cancelled' | 'failed';
  readonly engine: EngineId;
  /** The engine's own word, when it failed. `fault` is a bug. */
  readonly failure: {
    readonly code: Extract<GenerateEvent, { type: 'error' }>['code'] | 'fault';
    readonly message: string;
    /** What was understood of the prompt, where that is the reason. */
    readonly reading?: Reading | undefined;
  } | null;
};

/**
 * @param offers the engine of choice, then those that may step in
 */
export async function draw(
  offers: readonly EngineOffer[],
  request: GenerateRequest,
  signal: AbortSignal,
  hear: (event: DrawEvent) => void,
): Promise<Outcome> {
  const total = request.seeds.length;
  const missing = [...request.seeds];
  for (const [turn, offer] of offers.entries()) {
    const before = total - missing.length;
    const seeds = [...missing];
    const failure = await once(offer, { ...request, seeds }, signal, (event) => {
      switch (event.type) {
        case 'draft':
        case 'picture': {
          const asked = seeds[event.index] ?? event.seed;
          if (event.type === 'picture') missing.splice(missing.indexOf(asked), 1);
          return hear({ ...event, asked });
        }
        case 'progress':
          // Of the whole request, also where an engine has only the rest of it.
          return hear({ ...event, fraction: (before + event.fraction * (total - before)) / total });
        default:
          return hear(event);
      }
    });
    if (signal.aborted || failure?.code === 'cancelled') return { end: 'cancelled', engine: offer.id, failure: null };
    if (!failure) return { end: 'done', engine: offer.id, failure: null };
    const next = offers[turn + 1];
    if (!next || failure.code === 'fault' || ERROR_CODES[failure.code] !== 'retry' || missing.length === 0)
      return { end: 'failed', engine: offer.id, failure };
    hear({ type: 'moved', from: offer.id, to: next.id, left: missing.length });
  }
  throw new Error('drawing needs at least one engine');
}

/** @returns how it failed, or null */
async function once(
  offer: EngineOffer,
  request: GenerateRequest,
  signal: AbortSignal,
  hear: (event: Exclude<GenerateEvent, { type: 'done' | 'error' }>) => void,
): Promise<Outcome['failure']> {
  try {
    for await (const event of offer.engine(request, signal)) {
      // What comes after the person said stop is late, except pictures that are finished.
      if (signal.aborted && event.type !== 'picture') continue;
      if (event.type === 'error') return { code: event.code, message: event.message, reading: event.reading };
      if (event.type === 'done') return null;
      hear(event);
    }
    return signal.aborted ? null : { code: 'engine-failed', message: TEXT.engines.endedEarly };
  } catch (error) {
    return { code: 'fault', message: error instanceof Error ? error.message : String(error) };
  }
}
