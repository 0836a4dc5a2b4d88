/** The weight of a convolution, stored as the pack wants it; convolved in float32 whatever it is. */
import type { Graph, Value } from '../graph.js';
import { quantizeTable } from '../quantize.js';
import { sizeOfShape, type Weight } from '../weight.js';
import { cast, mul } from './arithmetic.js';

/**
 * - `float16`: halves the file.
 * - `int8`: 8 bits a value and a scale for each output channel; a quarter of the file. ONNX Runtime folds the product away when it loads.
 */
export type KernelStorage = 'float32' | 'float16' | 'int8';

/** Smaller kernels stay float32 where others have 8 bits: there is nothing to gain. */
const SMALLEST = 2 ** 12;

/** `weight` [out, in, rows, columns] or [out, in]. `name` names it in the file. */
export function kernel(graph: Graph, name: string, weight: Weight, store: KernelStorage): Value {
  if (store !== 'int8') return graph.weight(name, weight, { store });
  if (sizeOfShape(weight.shape) < SMALLEST) return graph.weight(name, weight);
  const [out = 1, ...rest] = weight.shape;
  const parts = [
    { name, type: 'int8', shape: weight.shape },
    { name: `${name}.scales`, type: 'float32', shape: [out, ...rest.map(() => 1)] },
  ] as const;
  return graph.once(`kernel ${name}`, [weight], () => {
    const [values, scales] = graph.initializers(parts, async () => {
      const quantized = quantizeTable(await weight.load(), sizeOfShape(rest));
      return [quantized.values, quantized.scales].map(
        ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
      );
    }) as [Value, Value];
    return mul(cast(values, 'float32'), scales);
  });
}
