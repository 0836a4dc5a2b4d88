/** A graph -> files on disk, one tensor in memory and the next one on its way. */
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Graph, Initializer } from './graph.js';
import { hashFile } from './hash.js';
import { allInitializers, type ExternalPlace, loadParts, type ModelPart, planModel } from './serialize.js';

export interface WriteOptions {
  /** Made when it is not there. */
  folder: string;
  /** Name of the model in it; its external data, if any, is called the same with `.data` behind. */
  file: string;
  /** 'auto': beside the model when the weights together exceed `externalAbove`. 'never': one file, at most 2 GiB. */
  external?: 'auto' | 'never';
  /** Bytes. A protobuf message ends at 2 GiB and parsing one holds it twice, so large weights lie beside it. */
  externalAbove?: number;
  /** Stops between two pieces; what was written is removed. */
  signal?: AbortSignal;
  /** Told after each piece. */
  onBytes?: (bytes: number) => void;
}

export interface WrittenFile {
  /** Relative to the folder. */
  path: string;
  /** Bytes. */
  size: number;
  /** Hexadecimal, lower case. */
  sha256: string;
}

const EXTERNAL_ABOVE = 10 ** 9;

/** A mapping of a file begins at a multiple of this: 64 KiB on Windows, 16 KiB on Apple silicon, 4 KiB elsewhere. */
const ALIGNMENT = 65_536;

/** Below this a tensor stays in the model: mapping it would cost more in padding than it gains. */
const SMALLEST_EXTERNAL = 65_536;

/** Handed to the disk in pieces, large enough that it is busy while the next tensor is turned. */
const PIECE = 2 ** 25;

/**
 * Writes the model and, where needed, its data file; existing ones are replaced. The same graph gives the same bytes.
 * When it fails (GraphError, an error of the weights' file, a full disk), what was written is removed.
 */
export async function writeModel(graph: Graph, options: WriteOptions): Promise<WrittenFile[]> {
  const { folder, file, external = 'auto', externalAbove = EXTERNAL_ABOVE } = options;
  const initializers = allInitializers(graph);
  const total = initializers.reduce((sum, { bytes }) => sum + bytes, 0);
  const outside =
    external === 'auto' && total > externalAbove ? initializers.filter(({ bytes }) => bytes >= SMALLEST_EXTERNAL) : [];
  const location = `${file}.data`;
  const places = new Map<Initializer, ExternalPlace>();
  const data: ModelPart[] = [];
  let offset = 0;
  for (const initializer of outside) {
    places.set(initializer, { location, offset });
    const padding = -initializer.bytes & (ALIGNMENT - 1);
    data.push(initializer, new Uint8Array(padding));
    offset += initializer.bytes + padding;
  }
  const model = planModel(graph, places);
  await mkdir(folder, { recursive: true });
  try {
    const written = [await writeParts(graph, folder, file, model, options)];
    if (data.length > 0) written.push(await writeParts(graph, folder, location, data, options));
    return written;
  } catch (error) {
    for (const path of [file, location]) await rm(join(folder, path), { force: true });
    throw error;
  }
}

async function writeParts(
  graph: Graph,
  folder: string,
  path: string,
  parts: readonly ModelPart[],
  { signal, onBytes }: WriteOptions,
): Promise<WrittenFile> {
  const place = join(folder, path);
  const handle = await open(place, 'w');
  const hashing = hashFile(place);
  let size = 0;
  try {
    for await (const bytes of ahead(loadParts(graph, parts))) {
      for (let start = 0; start < bytes.length; start += PIECE) {
        signal?.throwIfAborted();
        const piece = bytes.subarray(start, start + PIECE);
        await writeAll(handle, piece);
        size += piece.length;
        hashing.reach(size);
        onBytes?.(piece.length);
      }
    }
    return { path, size, sha256: await hashing.digest() };
  } finally {
    await hashing.stop();
    await handle.close();
  }
}

/** The same values; the next one is prepared while the last one is used. */
async function* ahead<T>(values: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = values.next();
  try {
    for (let got = await next; !got.done; got = await next) {
      next = values.next();
      next.catch(() => {}); // Thrown when its turn comes.
      yield got.value;
    }
  } finally {
    await next.catch(() => {});
    await values.return(undefined);
  }
}

/** A write may take less than it was given. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let start = 0; start < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, start);
    start += bytesWritten;
  }
}
