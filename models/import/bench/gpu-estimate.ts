/** What a step should take on a large GPU, from what the graph asks of it. Nothing here was measured, and the table says so. */

import { buildStudent, studentTable } from '../../nets/llamagen/student.js';
import { normalizedCodebook, readVqTokenizer, vqTable } from '../../nets/vq-tokenizer.js';
import { planSteps } from '../../sampling/schedule.js';
import { randomCheckpoint } from '../random-checkpoint.js';
import { stepOperations } from './operations.js';
import { positionsOf } from './phases.js';
import { gigabytes, milliseconds, type Section } from './report.js';
import type { BenchSize } from './sizes.js';

/** NVIDIA's data sheet of the H100 SXM: 989 TFLOP/s in dense half precision, of which 40 % are usual for products of some 100 rows, and 3.35 TB/s. */
const CARD = { operations: 989e12 * 0.4, bytes: 3.35e12 * 0.8 } as const;
/** Seconds from one kernel to the next: launched by the runtime one by one, and out of a CUDA graph. */
const LAUNCH = { alone: 5e-6, graph: 1.5e-6 } as const;
/** These move nothing: they only change what a shape is called. */
const FREE = new Set(['Reshape', 'Unsqueeze', 'Squeeze', 'Identity', 'Constant']);

export function estimateGpu(size: BenchSize): Section {
  const { transformer, vq, times, split } = size;
  const total = positionsOf(size);
  const codebook = normalizedCodebook(readVqTokenizer(randomCheckpoint('vq', vqTable(vq))));
  const checkpoint = randomCheckpoint('student', studentTable(transformer, vq.channels));
  const { content } = buildStudent({ config: transformer, checkpoint, codebook, precision: 'float16-product' });
  const kernels = content.nodes.filter(({ operator }) => !FREE.has(operator)).length;
  const weights = content.initializers
    .flatMap(({ initializers }) => initializers)
    .reduce((sum, { bytes }) => sum + bytes, 0);
  const plans = planSteps({ total, times, split }, times.length, false);
  let [alone, graph] = [0, 0];
  const rows = plans.map((plan, step) => {
    const operations = stepOperations(transformer, plan, 1);
    const least = Math.max(operations / CARD.operations, weights / CARD.bytes);
    // A kernel's work and its launch overlap, so the longer of the two counts.
    const times = [LAUNCH.alone, LAUNCH.graph].map((launch) => Math.max(least, kernels * launch) * 1000) as [
      number,
      number,
    ];
    alone += times[0];
    graph += times[1];
    return [
      `step ${step + 1}, ${plan.positions} positions`,
      `${kernels}`,
      gigabytes(weights),
      `${(operations / 1e12).toFixed(2)} TFLOP`,
      milliseconds(least * 1000),
      milliseconds(times[0]),
      milliseconds(times[1]),
    ];
  });
  return {
    type: 'section',
    title: 'On a GPU: expected, not measured',
    columns: [
      'step',
      'kernels',
      'weights, half precision',
      'products',
      'least',
      'launched one by one',
      'as a CUDA graph',
    ],
    rows,
    notes: [
      `No GPU was at hand. Counted in the graph of storage "half"; an H100's data sheet at 40 % of its product and 80 % of its memory rate, 5 microseconds a launch, 1.5 out of a CUDA graph. Two steps: ${milliseconds(alone)} one by one, ${milliseconds(graph)} as a CUDA graph; the goal is 25 ms.`,
      'What holds it back is launches, not products. onnxruntime-node has no IO binding and returns every output to the CPU (RUNTIME), which for a student is 8 kB of latents a step, and no way to ask for a CUDA graph but the provider option, which needs bound inputs; so the middle column is what can be expected there.',
    ],
  };
}
