/** Server-sent events. */
import type { Context } from 'hono';
import type { Variables } from './companion.js';

export type ServerEvent = { readonly event: string; readonly data: unknown; readonly id?: string | undefined };

/** Milliseconds. A comment so often keeps proxies from closing a silent stream, and notices a client that is gone. */
export const HEARTBEAT_INTERVAL = 15_000;

/** Milliseconds. A client that has ended its side listens still, or has gone: the second comment that it does not take tells (half-closed.ts). */
const HALF_CLOSED_INTERVAL = 250;

/**
 * One line of comment and no blank line: a blank line ends an event, and openai's client for Python takes an end without data for an event
 * of its own once it has seen an `id:` (openai-python 2722, 3833). The line becomes the first of the event that follows.
 */
const HEARTBEAT = ':\n';

const encoder = new TextEncoder();

/**
 * @param context of the request; HEAD gets the headers, and nothing is begun for it
 * @param open makes the events; its signal is aborted when the client has gone
 * @param extra headers of the answer, beside those of an event stream
 */
export function eventStream(
  { req, env }: Context<Variables>,
  open: (signal: AbortSignal) => AsyncGenerator<ServerEvent>,
  extra: Readonly<Record<string, string>>,
): Response {
  const headers = {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    // nginx and its kin would hold events back.
    'X-Accel-Buffering': 'no',
    ...extra,
  };
  if (req.method === 'HEAD') return new Response(null, { headers });
  const gone = new AbortController();
  const events = open(gone.signal);
  const socket = env.incoming?.socket;
  let heart: NodeJS.Timeout | undefined;
  let onEnd = () => {};
  const stop = () => {
    clearInterval(heart);
    socket?.off('end', onEnd);
  };
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const beatEach = (interval: number) => {
        clearInterval(heart);
        heart = setInterval(() => controller.enqueue(encoder.encode(HEARTBEAT)), interval).unref();
      };
      beatEach(socket?.readableEnded ? HALF_CLOSED_INTERVAL : HEARTBEAT_INTERVAL);
      onEnd = () => beatEach(HALF_CLOSED_INTERVAL);
      socket?.once('end', onEnd);
    },
    async pull(controller) {
      const next = await events.next().catch((error: unknown) => {
        stop();
        throw error;
      });
      if (gone.signal.aborted) return;
      if (!next.done) return controller.enqueue(encoder.encode(format(next.value)));
      stop();
      controller.close();
    },
    cancel() {
      stop();
      gone.abort();
      return void events.return(undefined);
    },
  });
  return new Response(stream, { headers });
}

function format({ event, data, id }: ServerEvent): string {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  // JSON holds no line breaks, so a data line is never cut.
  return `${idLine}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** `<job>:<number>` of the header Last-Event-ID; undefined when it is something else. */
export function parseEventId(text: string | undefined): { job: string; number: number } | undefined {
  const match = /^(job_[0-9a-f]{32}):(\d{1,9})$/.exec(text ?? '');
  return match ? { job: match[1] as string, number: Number(match[2]) } : undefined;
}
