/**
 * A client that ends its side of the connection after the request (`nc -N`, some embedded ones) waits for an answer; one that went away
 * altogether looks the same, until something is sent to it. So something that means nothing is sent: of the first nobody notices, of the
 * second the connection breaks, and its job is cancelled like that of any client that went away.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Milliseconds until the first try, which a quick answer comes before, and between later ones: the first breaks it, the second finds it broken. */
const TRIES = [250, 250, 5000] as const;

export function keepHalfClosed(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { socket } = incoming;
  let timer: NodeJS.Timeout | undefined;
  const wait = (count: number) => {
    timer = setTimeout(
      () => {
        sendNothing(incoming, outgoing);
        wait(count + 1);
      },
      TRIES[Math.min(count, TRIES.length - 1)],
    ).unref();
  };
  const onEnd = () => wait(0);
  if (socket.readableEnded) onEnd();
  else socket.once('end', onEnd);
  outgoing.once('close', () => {
    socket.off('end', onEnd);
    clearTimeout(timer);
  });
}

function sendNothing({ httpVersion }: IncomingMessage, outgoing: ServerResponse): void {
  // "Go on" is the one status that every client of HTTP/1.1 passes over; those of 1.0 know none such. Streams send comments (event-stream.ts).
  if (!outgoing.headersSent && httpVersion !== '1.0') outgoing.writeContinue();
}
