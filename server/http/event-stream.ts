/** Server-sent events. */

export type ServerEvent = { readonly event: string; readonly data: unknown; readonly id?: string | undefined };

/** A comment so often keeps proxies from closing a silent stream, and notices a client that is gone. */
const HEARTBEAT = 15_000;

const encoder = new TextEncoder();

/**
 * @param open makes the events; its signal is aborted when the client has gone
 * @param headers of the answer, beside those of an event stream
 */
export function eventStream(
  open: (signal: AbortSignal) => AsyncGenerator<ServerEvent>,
  headers: Readonly<Record<string, string>>,
): Response {
  const gone = new AbortController();
  const events = open(gone.signal);
  let heart: NodeJS.Timeout | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      heart = setInterval(() => controller.enqueue(encoder.encode(': \n\n')), HEARTBEAT).unref();
    },
    async pull(controller) {
      const next = await events.next().catch((error: unknown) => {
        clearInterval(heart);
        throw error;
      });
      if (gone.signal.aborted) return;
      if (!next.done) return controller.enqueue(encoder.encode(format(next.value)));
      clearInterval(heart);
      controller.close();
    },
    cancel() {
      clearInterval(heart);
      gone.abort();
      return void events.return(undefined);
    },
  });
  return new Response(stream, {
    headers: {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // nginx and its kin would hold events back.
      'X-Accel-Buffering': 'no',
      ...headers,
    },
  });
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
