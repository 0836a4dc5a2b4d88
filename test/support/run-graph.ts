/** Runs a graph of models/onnx in onnxruntime-node, for tests. */
import type { Graph, Value } from '../../models/onnx/graph.js';
import { serializeModel } from '../../models/onnx/serialize.js';

export interface Result {
  readonly type: string;
  readonly shape: readonly number[];
  readonly values: number[];
}

type Input = { shape: readonly number[]; values: ArrayLike<number | bigint> };

export async function loadRuntime() {
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  return import('onnxruntime-node');
}

/** Feeds by input name; results by output name, with values as plain numbers. */
export async function runGraph(graph: Graph, feeds: Record<string, Input> = {}): Promise<Record<string, Result>> {
  return runModel(await serializeModel(graph), graph.content.inputs, feeds);
}

/** `model` is a file's path or its bytes. */
export async function runModel(
  model: string | Uint8Array,
  inputs: readonly Value[],
  feeds: Record<string, Input>,
): Promise<Record<string, Result>> {
  const { InferenceSession, Tensor } = await loadRuntime();
  const session = await (typeof model === 'string'
    ? InferenceSession.create(model, SESSION)
    : InferenceSession.create(model, SESSION));
  try {
    const tensors = inputs.map((input) => {
      const feed = feeds[input.name];
      if (!feed) throw new Error(`Input "${input.name}" is not fed`);
      const numbers = Array.from(feed.values as ArrayLike<number | bigint>);
      const data = {
        float32: () => Float32Array.from(numbers, Number),
        int64: () => BigInt64Array.from(numbers, BigInt),
        int32: () => Int32Array.from(numbers, Number),
        bool: () => Uint8Array.from(numbers, Number),
        uint8: () => Uint8Array.from(numbers, Number),
        int8: () => Int8Array.from(numbers, Number),
        float16: () => {
          throw new Error('Tests feed float32 and cast in the graph');
        },
      }[input.type]();
      return [input.name, new Tensor(input.type as 'float32', data as Float32Array, [...feed.shape])] as const;
    });
    const results = await session.run(Object.fromEntries(tensors));
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [
        name,
        {
          type: tensor.type,
          shape: tensor.dims,
          values: Array.from(tensor.data as unknown as ArrayLike<number | bigint>, Number),
        },
      ]),
    );
  } finally {
    await session.release();
  }
}

/** One thread and errors only: results do not depend on the machine's load and warnings are no news to a test. */
const SESSION = { intraOpNumThreads: 1, logSeverityLevel: 3 } as const;
