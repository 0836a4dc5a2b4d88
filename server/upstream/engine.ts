/**
 * A model of another image server as an Engine: OpenAI's Images API over HTTP.
 *
 * - A server that takes a seed is asked for one picture a call, so that a picture depends on its seed alone. Of others the pictures of a
 *   request come by as few calls as the server allows.
 * - What a server can is found out: a parameter that it refuses by name is left out from then on, and one picture a call is asked of a
 *   server that gives fewer than were wanted.
 * - Every picture is decoded in a process of its own (decoder.ts), and written anew with its request.
 */
import { type Engine, GenerateError, type GenerateEvent, type GenerateRequest } from '../../models/protocol.js';
import { wordsFor } from '../../models/wildcards.js';
import type { Decode } from '../pictures/decode.js';
import { type Call, createCall } from './call.js';
import { type UpstreamModel, whereItGoes } from './models.js';
import { SEED_PARAMS } from './parameters.js';

const CANCELLED = { type: 'error', code: 'cancelled', message: 'Cancelled.' } as const;

/** OpenAI's own limit. */
const MOST_A_CALL = 10;

export type UpstreamEngineOptions = {
  readonly decode: Decode;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds for one call to its end. */
  readonly patience?: number;
};

export function createUpstreamEngine(model: UpstreamModel, options: UpstreamEngineOptions): Engine {
  const { decode } = options;
  const call: Call = createCall(model, options);

  return async function* (request, signal) {
    if (signal.aborted) return void (yield CANCELLED);
    const began = performance.now();
    try {
      yield* draw(request, signal);
      if (signal.aborted) yield CANCELLED;
      else yield { type: 'done', milliseconds: { step: performance.now() - began } };
    } catch (error) {
      if (signal.aborted) return void (yield CANCELLED);
      if (!(error instanceof GenerateError)) throw error;
      yield { type: 'error', code: error.code, message: error.message };
    }
  };

  async function* draw(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
    const { seeds } = request;
    const progress = (done: number) =>
      ({
        type: 'progress',
        phase: 'step',
        done,
        total: seeds.length,
        fraction: done / seeds.length,
        remaining: null,
      }) as const;
    yield { type: 'warning', code: 'upstream', message: whereItGoes(model) };
    yield progress(0);
    for (let index = 0; index < seeds.length; ) {
      const takesSeeds = SEED_PARAMS.some((name) => !call.refused.has(name));
      const words = wordsFor(request.prompt, seeds[index] as number);
      const count = takesSeeds || call.givesOne ? 1 : Math.min(MOST_A_CALL, alikeFrom(request, index));
      let arrived = 0;
      for await (const { kind, bytes } of call.send(
        { ...request, prompt: words },
        seeds[index] as number,
        count,
        signal,
      )) {
        const at = index + arrived;
        const seed = seeds[at];
        // More than was asked for is nobody's.
        if (seed === undefined || arrived >= count) continue;
        const { size, background } = request;
        const picture = await decode({ bytes, request: { ...request, seeds: [seed] }, size, background }, signal);
        signal.throwIfAborted();
        yield { type: kind, index: at, seed, ...picture };
        if (kind !== 'picture') continue;
        arrived += 1;
        yield progress(at + 1);
        // Whoever reads may have cancelled on this very picture.
        if (signal.aborted) return;
      }
      if (arrived === 0) throw call.nothing();
      if (arrived < count) call.givesOne = true;
      index += arrived;
    }
  }
}

/** How many pictures from one on draw the same words. */
function alikeFrom({ prompt, seeds }: GenerateRequest, index: number): number {
  const rest = seeds.slice(index).map((seed) => wordsFor(prompt, seed));
  const other = rest.findIndex((words) => words !== rest[0]);
  return other < 0 ? rest.length : other;
}
