/** One call of another image server: what it takes is learnt from its refusals, and what it sends is bounded. */
import { setTimeout as delay } from 'node:timers/promises';
import { readEventStream } from '../../models/client/event-stream.js';
import { GenerateError, type GenerateRequest } from '../../models/protocol.js';
import { mayFetch } from './address.js';
import { type Given, readAnswer, readStreamEvent } from './answers.js';
import type { UpstreamEngineOptions } from './engine.js';
import type { UpstreamModel } from './models.js';
import { ESSENTIAL, parametersOf, refusalOf } from './parameters.js';
import { type Refusal, readRefusal, toError } from './refusal.js';

/** Milliseconds. Large models on a processor take minutes for a picture; who takes this long will not end. */
const PATIENCE = 15 * 60_000;

/** Ten pictures of 4096 x 4096 pixels as PNG in base64 have some 500 MB at worst, and 60 MB as they are drawn. Bytes. */
const ANSWER_BYTES = 200_000_000;
const PICTURE_BYTES = 64_000_000;
/** What is read of a refusal. Bytes. */
const REFUSAL_BYTES = 64_000;

/** Parameters that a server may refuse one by one. */
const MOST_REFUSALS = 8;

/** Where a server asks to wait, so often, and no longer than this. Milliseconds. */
const WAITS = { count: 2, longest: 20_000 } as const;

export type Call = {
  readonly refused: ReadonlySet<string>;
  /** Set once it gave fewer pictures than it was asked for. */
  givesOne: boolean;
  send(
    request: GenerateRequest,
    seed: number,
    count: number,
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly kind: 'draft' | 'picture'; readonly bytes: Uint8Array }>;
  /** It answered, and with no picture. */
  nothing(): GenerateError;
};

export function createCall(
  { upstream, model }: UpstreamModel,
  { environment, fetch = (input, init) => globalThis.fetch(input, init), patience = PATIENCE }: UpstreamEngineOptions,
): Call {
  const refused = new Set(upstream.without);
  const host = new URL(upstream.url).host;

  function authorization(): Record<string, string> {
    if (upstream.keyEnv === null) return {};
    const key = environment[upstream.keyEnv];
    if (!key)
      throw new GenerateError(
        'engine-unavailable',
        `The variable ${upstream.keyEnv}, which is to hold the key of "${upstream.name}", is not set where Twostep was started.`,
      );
    return { Authorization: `Bearer ${key}` };
  }

  /** @throws GenerateError in words, also where nobody answers */
  async function ask(url: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    try {
      return await fetch(url, { ...init, redirect: 'error', signal });
    } catch (error) {
      throw unreachable(error, signal);
    }
  }

  function unreachable(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted && (signal.reason as Error).name !== 'TimeoutError') return error;
    const cause = (error as { cause?: NodeJS.ErrnoException }).cause;
    const why = signal.aborted
      ? `did not answer within ${Math.round(patience / 1000)} s`
      : `can't be reached (${cause?.code ?? cause?.message ?? (error as Error).message})`;
    return new GenerateError('engine-unavailable', `"${upstream.name}" (${host}) ${why}.`);
  }

  /** @returns an answer of status 2xx */
  async function post(request: GenerateRequest, seed: number, count: number, signal: AbortSignal): Promise<Response> {
    let waits = 0;
    for (let attempt = 0; ; attempt++) {
      const body = parametersOf({ model, request, seed, count, refused });
      const response = await ask(
        `${upstream.url}/images/generations`,
        {
          method: 'POST',
          headers: {
            ...authorization(),
            'Content-Type': 'application/json',
            Accept: 'application/json, text/event-stream',
          },
          body: JSON.stringify(body),
        },
        signal,
      );
      if (response.ok) return response;
      const text = new TextDecoder().decode(await readBounded(response, REFUSAL_BYTES, true));
      const refusal = readRefusal(response.status, text);
      if (response.status === 429 && waits < WAITS.count) {
        const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
        if (seconds * 1000 <= WAITS.longest) {
          waits += 1;
          await delay(seconds * 1000, undefined, { signal });
          continue;
        }
      }
      const learnt = learn(refusal, body);
      if (!learnt || attempt >= MOST_REFUSALS) throw toError(upstream, refusal);
    }
  }

  /** @returns whether there is something to leave out the next time */
  function learn({ status, params }: Refusal, body: Readonly<Record<string, unknown>>): boolean {
    if (status !== 400 && status !== 422) return false;
    const unknown = params.filter((name) => name in body && !ESSENTIAL.has(name));
    for (const name of unknown) refused.add(refusalOf(name, body[name]));
    return unknown.length > 0;
  }

  async function fetchGiven(given: Given, signal: AbortSignal): Promise<Uint8Array> {
    if ('base64' in given) return Buffer.from(given.base64, 'base64');
    const base = new URL(upstream.url);
    if (!URL.canParse(given.url, base.href)) throw wrong('names no address for its picture');
    const url = new URL(given.url, base);
    if (!(await mayFetch(url, base)))
      throw wrong(`has its picture at ${url.host}, which is not public, so it is not fetched`);
    const headers = url.origin === base.origin ? authorization() : {};
    const response = await ask(url.href, { headers }, signal);
    if (!response.ok) throw wrong(`has not the picture that it names (status ${response.status})`);
    return readBounded(response, PICTURE_BYTES, false);
  }

  const wrong = (what: string) => new GenerateError('engine-failed', `"${upstream.name}" (${host}) ${what}.`);

  async function readBounded(response: Response, limit: number, cut: boolean): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body ?? []) {
      size += part.byteLength;
      if (size > limit && cut) break;
      if (size > limit) throw wrong(`sends more than ${limit} bytes`);
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  return {
    refused,
    givesOne: false,
    nothing: () => wrong('answered without a picture'),
    async *send(request, seed, count, signal) {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
      try {
        const response = await post(request, seed, count, limited);
        if (!/^text\/event-stream/i.test(response.headers.get('content-type') ?? '')) {
          const text = new TextDecoder().decode(await readBounded(response, ANSWER_BYTES, false));
          for (const given of readAnswer(parseJson(text)))
            yield { kind: 'picture', bytes: await fetchGiven(given, limited) };
          return;
        }
        for await (const { data } of readEventStream(bounded(response))) {
          if (data === '[DONE]') return;
          const json = parseJson(data);
          const part = readStreamEvent(json);
          if (part?.kind === 'error') throw toError(upstream, readRefusal(500, data));
          if (part) yield { kind: part.kind, bytes: await fetchGiven(part.given, limited) };
        }
      } catch (error) {
        if (error instanceof GenerateError) throw error;
        throw unreachable(error, limited);
      }
    },
  };

  function parseJson(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw wrong('answered with what is no JSON');
    }
  }

  /** The same stream, which breaks off where it grows beyond what pictures can be. */
  function bounded(response: Response): Response {
    let size = 0;
    const guard = new TransformStream<Uint8Array, Uint8Array>({
      transform(part, controller) {
        size += part.byteLength;
        if (size > ANSWER_BYTES) controller.error(wrong(`sends more than ${ANSWER_BYTES} bytes`));
        else controller.enqueue(part);
      },
    });
    return new Response(response.body?.pipeThrough(guard) ?? null);
  }
}
