/** Files of a pack that is being made, each from its checkpoint. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Graph } from '../onnx/graph.js';
import { allInitializers } from '../onnx/serialize.js';
import type { Weight } from '../onnx/weight.js';
import { writeModel } from '../onnx/write.js';
import type { PackFile } from '../pack.js';

/** A file of the pack; a large graph has its weights in one more beside it. */
export type Part = {
  readonly name: string;
  readonly path: string;
  /** Bytes that will be written, for the progress. */
  readonly bytes: number;
  make(folder: string, watch: WriteWatch): Promise<PackFile[]>;
};

export type WriteWatch = { readonly signal: AbortSignal; onBytes(bytes: number): void };

export function graphPart(name: string, path: string, graph: Graph): Part {
  const bytes = allInitializers(graph).reduce((sum, initializer) => sum + initializer.bytes, 0);
  return { name, path, bytes, make: (folder, watch) => writeModel(graph, { folder, file: path, ...watch }) };
}

export function dataPart(name: string, path: string, load: () => Promise<Uint8Array>): Part {
  return {
    name,
    path,
    bytes: 0,
    async make(folder) {
      const bytes = await load();
      await writeFile(join(folder, path), bytes);
      return [{ path, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }];
    },
  };
}

/** A file of float32 numbers. */
export const numbersPart = (name: string, path: string, weight: Weight): Part =>
  dataPart(name, path, async () => {
    const values = await weight.load();
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  });

/** Names of classes. */
export const labelsPart = (path: string, labels: readonly (readonly string[])[]): Part =>
  dataPart('labels', path, async () => Buffer.from(JSON.stringify(labels)));
