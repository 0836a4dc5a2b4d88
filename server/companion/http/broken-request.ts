/** What a client gets whose request can't be read: a status that it can read, although it may still be sending. */
import type { Duplex } from 'node:stream';

const STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Milliseconds that a client has to take the answer. */
const LINGER = 1000;

const answered = new WeakSet<Duplex>();

/**
 * Handles a server's `clientError` as Node does, but goes on reading for a moment. Closing a socket on which bytes wait unread resets the
 * connection, and a reset may overtake the answer: clients then saw ECONNRESET in place of 431.
 */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Every further piece of a request that can't be read is one more error of the parser.
  if (answered.has(socket)) return;
  answered.add(socket);
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const timer = setTimeout(() => socket.destroy(), LINGER).unref();
  socket.on('close', () => clearTimeout(timer));
  socket.end(`HTTP/1.1 ${STATUS[error.code ?? ''] ?? '400 Bad Request'}\r\nConnection: close\r\n\r\n`);
}
