/** A scriptable Engine: what it says, how long it takes and how it fails is told by the test. It heeds the signal as engines must. */
import type { Engine, GenerateEvent, GenerateRequest, Picture } from '../../models/protocol.js';
import { fromBase64 } from '../../models/run/base64.js';

/** One thing after the other: an event; a wait in milliseconds; a fault of the program; or waiting until cancelled. */
export type Step =
  | GenerateEvent
  | { readonly type: 'wait'; readonly milliseconds: number }
  | { readonly type: 'throw'; readonly error: Error }
  | { readonly type: 'hang' };

/** A fixed script, or one made from the request. */
export type Script = readonly Step[] | ((request: GenerateRequest) => readonly Step[]);

export type FakeEngine = Engine & {
  /** The requests that came, oldest first. */
  readonly requests: readonly GenerateRequest[];
};

/** @param remember whether `requests` is kept; not where memory is measured: half a million of them are 150 MB */
export function createFakeEngine(script: Script = drawAll, { remember = true } = {}): FakeEngine {
  const requests: GenerateRequest[] = [];
  const engine: Engine = async function* (request, signal) {
    if (remember) requests.push(request);
    const cancelled = { type: 'error', code: 'cancelled', message: 'Cancelled.' } as const;
    for (const step of typeof script === 'function' ? script(request) : script) {
      if (signal.aborted) return void (yield cancelled);
      switch (step.type) {
        case 'wait':
          await waitFor(step.milliseconds, signal);
          break;
        case 'hang':
          await waitFor(Number.POSITIVE_INFINITY, signal);
          break;
        case 'throw':
          throw step.error;
        default:
          yield step;
      }
    }
    if (signal.aborted) yield cancelled;
  };
  return Object.assign(engine, { requests });
}

/** What a healthy engine says: progress, every picture, done. Of a picture to start from it changes nothing. */
export function drawAll(request: GenerateRequest): readonly Step[] {
  if (request.edit?.image === null)
    return [{ type: 'error', code: 'unsupported-edit', message: 'The picture to start from was not kept.' }];
  const total = request.seeds.length;
  return [
    progress('load', 0, 1, 0),
    ...request.seeds.flatMap((_, index) => [
      progress('step', index, total, index / total),
      { type: 'picture', ...pictureOf(request, index) } as const,
    ]),
    { type: 'done', milliseconds: { load: 100, step: 250, decode: 50 } },
  ];
}

/** Its bytes say which seed it is of, so that a test can tell pictures apart. */
export function pictureOf(request: GenerateRequest, index: number): Picture {
  const seed = request.seeds[index];
  if (seed === undefined) throw new RangeError(`the request has no picture ${index}`);
  const { edit } = request;
  const bytes = edit?.image ? fromBase64(edit.image) : new TextEncoder().encode(`picture ${seed}`);
  return { index, seed, bytes, ...request.size };
}

export function progress(
  phase: Extract<GenerateEvent, { type: 'progress' }>['phase'],
  done: number,
  total: number,
  fraction: number,
  remaining: number | null = null,
): GenerateEvent {
  return { type: 'progress', phase, done, total, fraction, remaining };
}

/** @returns after this time, or as soon as the signal says so */
function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = milliseconds === Number.POSITIVE_INFINITY ? undefined : setTimeout(resolve, milliseconds);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
