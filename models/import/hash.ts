import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** SHA-256 of a file in lower-case hexadecimal, read in pieces of 1 MB. */
export async function sha256OfFile(
  path: string,
  { signal, onBytes }: { signal?: AbortSignal; onBytes?: (bytes: number) => void } = {},
): Promise<string> {
  const hash = createHash('sha256');
  const take = async (pieces: AsyncIterable<Buffer>) => {
    for await (const piece of pieces) {
      signal?.throwIfAborted();
      hash.update(piece);
      onBytes?.(piece.length);
    }
  };
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), take);
  return hash.digest('hex');
}
