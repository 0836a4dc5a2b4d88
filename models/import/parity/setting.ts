/** What the parts of a LlamaGen reference folder share, and how arrays are cut and joined. */
import * as z from 'zod';
import type { LlamagenOptions } from '../../nets/llamagen/config.js';
import { range } from '../../sampling/schedule.js';
import type { Computed } from './compare.js';
import type { ParityFolder } from './folder.js';

/** What no tensor tells. */
export const Config = z.object({
  n_head: z.number().int().positive(),
  grid: z.number().int().positive(),
  norm_eps: z.number().positive().default(1e-5),
  rope_base: z.number().positive().default(10_000),
  cfg: z.number(),
  tl: z.array(z.number().int()).min(1),
  split: z.number().int(),
  teacher_start: z.number().int(),
  /** Groups of the tokenizer's norms, where they are not the published 32. */
  groups: z.number().int().positive().optional(),
});
export type Config = z.infer<typeof Config>;

export type Setting = {
  readonly folder: ParityFolder;
  readonly config: Config;
  readonly codebook: Float32Array;
  readonly channels: number;
  /** [pictures][positions] */
  readonly codes: readonly (readonly number[])[];
  readonly lookUp: (row: readonly number[]) => Float32Array;
  readonly decode: (name: string, latents: Float32Array) => Promise<Computed>;
};

export const llamagenOptions = (config: Config): LlamagenOptions => ({
  heads: config.n_head,
  grid: { rows: config.grid, columns: config.grid },
  ropeBase: config.rope_base,
  normEpsilon: config.norm_eps,
});

export const rowsOf = (values: readonly number[], length: number) =>
  range(0, values.length / length).map((row) => values.slice(row * length, (row + 1) * length));

export const split = (values: Float32Array, length: number) =>
  range(0, values.length / length).map((row) => values.slice(row * length, (row + 1) * length));

export function join(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
