/** Floating-point operations (a multiplication and an addition are two) of each phase: what the matrix products alone take. */

import type { LlamagenConfig } from '../../nets/llamagen/config.js';
import type { T5Config } from '../../nets/t5.js';
import type { VqConfig } from '../../nets/vq-tokenizer.js';
import type { StepPlan } from '../../sampling/schedule.js';

export function textOperations({ layers, width, heads, head, hidden }: T5Config, tokens: number): number {
  const inner = heads * head;
  return 2 * tokens * layers * (4 * width * inner + 3 * width * hidden + 2 * tokens * inner);
}

/** One step of the student with `conditionRows` rows of the prompt riding along. */
export function stepOperations(config: LlamagenConfig, plan: StepPlan, conditionRows: number): number {
  const { width, hidden, layers, codes } = config;
  const rows = plan.positions + conditionRows;
  const layer =
    // Condition rows need values only, not queries and keys.
    2 * width * width * (2 * plan.positions + 2 * rows) +
    2 * 3 * width * hidden * rows +
    2 * 2 * plan.positions * (plan.positions + 1) * width;
  return layers * layer + 2 * width * codes * plan.discreteRows.length;
}

/** One code of the teacher, two branches. The keys and values of the whole grid are read, used or not. */
export function codeOperations(config: LlamagenConfig): number {
  const { width, hidden, layers, codes, grid } = config;
  const rows = 2;
  // The dummy condition row rides along.
  const layer =
    2 * (rows + 1) * (4 * width * width + 3 * width * hidden) + 2 * 2 * rows * grid.rows * grid.columns * width;
  return layers * layer + 2 * rows * width * codes;
}

/** Decoding one picture of `rows` x `columns` codes. */
export function decoderOperations({ decoder, latent, channels }: VqConfig, rows: number, columns: number): number {
  let pixels = rows * columns;
  const conv = (input: number, output: number, kernel: number) => 2 * pixels * input * output * kernel * kernel;
  const residual = (input: number, width: number) =>
    conv(input, width, 3) + conv(width, width, 3) + (input === width ? 0 : conv(input, width, 1));
  const attention = (width: number) => 4 * conv(width, width, 1) + 2 * 2 * pixels * pixels * width;
  const { levels, middle, finest } = decoder;
  let sum = conv(channels, latent, 1) + conv(latent, middle, 3) + 2 * residual(middle, middle) + attention(middle);
  for (const { input, width, blocks, attention: attends, resample } of levels) {
    for (let block = 0; block < blocks; block++)
      sum += residual(block === 0 ? input : width, width) + (attends ? attention(width) : 0);
    if (resample) {
      // Four 2x2 convolutions of the small picture (models/nets/vq-layers.ts).
      sum += 4 * conv(width, width, 2);
      pixels *= 4;
    }
  }
  return sum + conv(finest, 3, 3);
}
