/** A folder of reference arrays: inputs and outputs as `.npy`, checkpoints beside them. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '../../checkpoint/open.js';
import type { Checkpoint } from '../../checkpoint/tensor.js';
import type { Graph as GraphPlan } from '../../onnx/graph.js';
import { serializeModel } from '../../onnx/serialize.js';
import type { Graph, Runtime } from '../../run/runtime.js';
import { type Npy, readNpy } from './npy.js';

/** The folder lacks something, or is of a kind that is not read. */
export class ParityError extends Error {
  override readonly name = 'ParityError';
}

export type ParityFolder = {
  readonly path: string;
  has(file: string): boolean;
  json(file: string): Promise<unknown>;
  /** An array by its name without `.npy`; a ParityError when it is missing. */
  input(name: string): Npy;
  /** @param prefer the trained weights, unless told otherwise */
  checkpoint(file: string, prefer?: 'model' | 'ema'): Promise<Checkpoint>;
  load(plan: GraphPlan): Promise<Graph>;
};

export function openParityFolder(path: string, runtime: Runtime): ParityFolder {
  const need = (file: string) => {
    const whole = join(path, file);
    if (!existsSync(whole))
      throw new ParityError(`"${path}" has no ${file}, which is needed to recompute its outputs.`);
    return whole;
  };
  return {
    path,
    has: (file) => existsSync(join(path, file)),
    json: async (file) => JSON.parse(await readFile(need(file), 'utf8')),
    input: (name) => readNpy(need(`${name}.npy`)),
    checkpoint: (file, prefer = 'model') => openCheckpoint(need(file), { prefer }),
    load: async (plan) => runtime.load(await serializeModel(plan)),
  };
}
