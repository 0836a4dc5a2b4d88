/**
 * Whether ONNX Runtime computes rightly here, before it is trusted with pictures: a small network over 64 positions whose
 * answer is known (models/nets/known-answer.ts made the graph; its test computed the answer by plain arithmetic).
 */
import type { InferenceSession } from 'onnxruntime-common';
import * as z from 'zod/mini';
import knownAnswer from './known-answer.json' with { type: 'json' };
import { createRuntime, type OrtModule } from './runtime.js';

/** Everything in base64; tensors are little-endian float32. */
const KnownAnswer = z.strictObject({
  model: z.base64(),
  inputs: z.record(z.string(), z.strictObject({ shape: z.array(z.number()), values: z.base64() })),
  outputs: z.record(z.string(), z.strictObject({ values: z.base64() })),
});

/**
 * Largest difference that a healthy provider makes, relative to the largest value. float32 kernels stay near 1e-6 and
 * half-precision ones near 1e-3, where the wrong ones gave 0.03 to 0.8. `small` multiplies 8-bit weights with activations
 * that some kernels round to 8 bits as well.
 */
const TOLERANCE: Readonly<Record<string, number>> = { states: 5e-3, image: 1e-2, small: 2e-2 };

export type SelfTest = {
  readonly passed: boolean;
  /** Largest relative difference of all outputs; infinite when one is not a number. */
  readonly error: number;
  /** In words, for the person. */
  readonly finding: string;
};

/** @throws GenerateError when the provider can't be had or fails to run */
export async function runSelfTest(ort: OrtModule, options: InferenceSession.SessionOptions): Promise<SelfTest> {
  const { model, inputs, outputs } = KnownAnswer.parse(knownAnswer);
  const graph = await createRuntime(ort, options).load(fromBase64(model));
  try {
    const feeds = Object.entries(inputs).map(([name, { shape, values }]) => [
      name,
      { type: 'float32', shape, data: floats(values) } as const,
    ]);
    const results = await graph.run(Object.fromEntries(feeds));
    const errors = Object.entries(outputs).map(
      ([name, { values }]) => [name, difference(results.float32(name), floats(values))] as const,
    );
    const error = Math.max(...errors.map(([, value]) => value));
    const wrong = errors.filter(([name, value]) => !(value <= (TOLERANCE[name] ?? 0)));
    return {
      passed: wrong.length === 0,
      error,
      finding:
        wrong.length === 0
          ? `a known answer came out right (off by ${error.toExponential(0)})`
          : `it computes wrongly: ${wrong.map(([name, value]) => `"${name}" is off by ${value.toExponential(0)}`).join(', ')}`,
    };
  } finally {
    await graph.close();
  }
}

/** Largest difference relative to the largest expected value. */
function difference(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let size = 0;
  for (let index = 0; index < expected.length; index++) {
    const off = Math.abs((found[index] as number) - (expected[index] as number));
    if (!Number.isFinite(off)) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, off);
    size = Math.max(size, Math.abs(expected[index] as number));
  }
  return largest / size;
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function floats(text: string): Float32Array {
  const bytes = fromBase64(text);
  return new Float32Array(bytes.buffer, 0, bytes.byteLength / 4);
}
