/**
 * The companion as an Engine, for whoever is not the companion: panel, `twostep mcp`. Requests go to it over HTTP, events come back as server-sent events.
 *
 * A stream that breaks off is taken up again after the last event that arrived (`Last-Event-ID`), so nothing is lost and
 * nothing comes twice. Web-standard `fetch` only.
 */
import { ApiFailure, type JobEvent, readJobEvent } from '../api.js';
import { type Engine, ERROR_CODES, type ErrorCode, type GenerateEvent, type GenerateRequest } from '../protocol.js';
import { readEventStream } from './event-stream.js';

export type CompanionOptions = {
  /** `http://localhost:21212`, without a slash at its end. */
  readonly url: string;
  readonly token: string;
  /** A newer request of the same session replaces one that is not finished. */
  readonly session?: string;
  /** Finish what was asked for even when nobody listens any more, so that a window that was closed can take it up again. */
  readonly keep?: boolean;
  /** Let the companion forget it once it is over: a draft that follows the words is no part of anybody's history. */
  readonly forget?: boolean;
  /** A job that was accepted before: it is heard from its beginning, instead of being asked for once more. */
  readonly job?: string;
  /** Told how many jobs are ahead while this one waits. */
  readonly onQueued?: (event: Extract<JobEvent, { type: 'queued' }>) => void;
  /** Told the id of the job once it is accepted, and again when its stream is taken up. */
  readonly onJob?: (job: string) => void;
  readonly fetch?: typeof globalThis.fetch;
};

/** Pauses, in milliseconds, before the stream is asked for again; after the last the engine counts as gone. */
const RETRIES = [100, 500, 2000, 5000] as const;

const SILENT = 'The companion does not answer. Is it running?';

const CANCELLED = { type: 'error', code: 'cancelled', message: 'Cancelled.' } as const;

/** What the companion said instead of events. */
class Refusal extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

export function createCompanionEngine(options: CompanionOptions): Engine {
  const { url, token, session, onQueued, keep = false } = options;
  // A bare `fetch` needs its global as `this`.
  const ask = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const headers = { Authorization: `Bearer ${token}`, Accept: 'text/event-stream' };

  return async function* (request, signal) {
    if (signal.aborted) return void (yield CANCELLED);
    let place: Place = { job: options.job ?? null, id: null };
    let over = false;
    try {
      for (let attempt = 0; !over; attempt++) {
        try {
          const response = place.job === null ? await begin(request, signal) : await resume(place, signal);
          place = { ...place, job: response.headers.get('X-Twostep-Job') };
          if (place.job !== null) options.onJob?.(place.job);
          for await (const message of readEvents(response, signal)) {
            if (message.id !== null) {
              place = { ...place, id: message.id };
              attempt = 0;
            }
            const event = message.event && toCore(message.event);
            if (!event) continue;
            over = event.type === 'done' || event.type === 'error';
            yield event;
          }
          if (!over) throw new TypeError('the stream ended early');
        } catch (error) {
          if (signal.aborted || over) throw error;
          if (error instanceof Refusal) {
            over = true;
            yield { type: 'error', code: error.code, message: error.message };
            continue;
          }
          const pause = RETRIES[attempt];
          // `fetch` fails with TypeError whatever the reason; anything else is a fault of ours.
          if (!(error instanceof TypeError)) throw error;
          if (pause === undefined || place.job === null) {
            over = true;
            yield {
              type: 'error',
              code: 'engine-unavailable',
              message: SILENT,
            };
            continue;
          }
          await wait(pause, signal);
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      yield CANCELLED;
    } finally {
      if (place.job !== null) leave(place.job, over);
    }
  };

  /** Stopped before the answer came, the job may have been accepted nevertheless: then it is cancelled as soon as it has a name. */
  async function begin(request: GenerateRequest, signal: AbortSignal): Promise<Response> {
    const gone = new AbortController();
    const asked = open('/v1/jobs', gone.signal, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify({ request, session, keep }),
    });
    let stop = () => {};
    const stopped = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop);
    });
    try {
      const response = await Promise.race([asked, stopped]);
      signal.addEventListener('abort', () => gone.abort());
      return response;
    } catch (error) {
      asked
        .then((response) => {
          const job = response.headers.get('X-Twostep-Job');
          if (job !== null) leave(job, false);
          gone.abort();
        })
        .catch(() => undefined);
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  function resume({ job, id }: Place, signal: AbortSignal): Promise<Response> {
    return open(`/v1/jobs/${job}/events`, signal, {
      headers: id === null ? headers : { ...headers, 'Last-Event-ID': id },
    });
  }

  async function open(path: string, signal: AbortSignal, init: RequestInit): Promise<Response> {
    const response = await ask(url + path, { ...init, signal });
    if (response.ok) return response;
    throw await readRefusal(response);
  }

  /** Nobody waits for the answers: a companion that can't be reached has noticed that we went. */
  function leave(job: string, over: boolean): void {
    const say = (method: 'POST' | 'DELETE', path: string) => ask(url + path, { method, headers });
    const stopped = over ? Promise.resolve() : say('POST', `/v1/jobs/${job}/cancel`);
    stopped.then(() => (options.forget ? say('DELETE', `/v1/jobs/${job}`) : undefined)).catch(() => undefined);
  }

  function toCore(event: JobEvent): GenerateEvent | undefined {
    if (event.type === 'queued') {
      onQueued?.(event);
      return undefined;
    }
    if (event.type !== 'draft' && event.type !== 'picture') return event as GenerateEvent;
    const { png, ...rest } = event;
    return { ...rest, bytes: Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0)) };
  }
}

/** The job that was accepted, and the last event that arrived. */
type Place = { readonly job: string | null; readonly id: string | null };

async function readRefusal(response: Response): Promise<Refusal> {
  const parsed = ApiFailure.safeParse(await response.json().catch(() => null));
  const { code, message } = parsed.data?.error ?? {
    code: null,
    message: `The companion refused with status ${response.status}.`,
  };
  const known = code === 'model_not_found' ? 'unknown-pack' : code?.replaceAll('_', '-');
  return new Refusal(
    isErrorCode(known) ? known : response.status === 400 ? 'invalid-request' : 'engine-unavailable',
    message,
  );
}

const isErrorCode = (code: string | undefined): code is ErrorCode =>
  code !== undefined && Object.hasOwn(ERROR_CODES, code);

type Message = { readonly id: string | null; readonly event: JobEvent | null };

/** Events of an answer, of which `id` and `data` matter here. */
async function* readEvents(response: Response, signal: AbortSignal): AsyncGenerator<Message> {
  for await (const { id = null, data } of readEventStream(response)) {
    // What was on its way when the person stopped is not shown any more.
    signal.throwIfAborted();
    yield { id, event: readJobEvent(JSON.parse(data)) };
  }
}

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve();
    };
    const timer = setTimeout(stop, milliseconds);
    signal.addEventListener('abort', stop);
  });
}
