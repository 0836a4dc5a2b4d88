/** SHA-256 in a thread of its own: over gigabytes it takes as long as everything else that an import computes. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';

/** Below this a thread takes longer to start than the hash to compute. */
const SMALL = 2 ** 23;

/**
 * The thread, as text, so that it needs no file beside whatever bundle this is in. It opens the path that it is sent, reads up to
 * each byte that it is sent, telling how many there were, and answers 'end' with the hash.
 */
const THREAD = `
const { parentPort } = require('node:worker_threads');
const { closeSync, openSync, readSync } = require('node:fs');
const hash = require('node:crypto').createHash('sha256');
const piece = Buffer.alloc(2 ** 22);
let file, at = 0;
parentPort.on('message', (message) => {
  if (message === 'end') {
    closeSync(file);
    parentPort.postMessage(hash.digest('hex'));
    parentPort.close();
  } else if (typeof message === 'string') file = openSync(message, 'r');
  else
    for (let length = 1; at < message && length > 0; at += length) {
      length = readSync(file, piece, 0, Math.min(piece.length, message - at), at);
      hash.update(piece.subarray(0, length));
      parentPort.postMessage(length);
    }
});
`;

export type Hashing = {
  /** The file has this many bytes now. */
  reach(bytes: number): void;
  /** Lower-case hexadecimal, of all bytes that were reached; ends the thread. Rejects with the system's error for the file. */
  digest(): Promise<string>;
  /** Ends the thread without an answer, unless it has given one. */
  stop(): Promise<void>;
};

/** The hash of a file that is being written, from the system's cache: a copy for the thread would take as long on this side. */
export function hashFile(path: string, onBytes: (bytes: number) => void = () => {}): Hashing {
  const thread = new Worker(THREAD, { eval: true, name: 'twostep-sha256' });
  const answer = new Promise<string>((resolve, reject) => {
    thread.on('message', (message: unknown) => {
      if (typeof message === 'string') resolve(message);
      if (typeof message === 'number') onBytes(message);
    });
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error(`the thread that hashes "${path}" ended before it was done`)));
  });
  answer.catch(() => {}); // Nobody waits for it yet.
  thread.postMessage(path);
  return {
    reach: (bytes) => thread.postMessage(bytes),
    digest() {
      thread.postMessage('end');
      return answer;
    },
    async stop() {
      await thread.terminate();
    },
  };
}

/** SHA-256 of a file in lower-case hexadecimal. Rejects with the signal's reason, or the system's error for the file. */
export async function sha256OfFile(
  path: string,
  { signal, onBytes }: { signal?: AbortSignal; onBytes?: (bytes: number) => void } = {},
): Promise<string> {
  signal?.throwIfAborted();
  const { size } = await stat(path);
  if (size <= SMALL) {
    const bytes = await readFile(path);
    onBytes?.(bytes.length);
    return createHash('sha256').update(bytes).digest('hex');
  }
  const hashing = hashFile(path, onBytes);
  const stop = () => void hashing.stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    hashing.reach(size);
    return await hashing.digest();
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
