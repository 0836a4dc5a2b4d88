/**
 * ONNX Runtime as a value: the same code drives onnxruntime-node, onnxruntime-web and the tests.
 *
 * Every call goes through one lock, because in a browser two overlapping calls on any two sessions kill the wasm module,
 * and elsewhere they only steal cores from each other.
 */
import type { InferenceSession, InferenceSessionFactory, TensorConstructor } from 'onnxruntime-common';
import { GenerateError } from '../protocol.js';

/** What the host hands in: `import * as ort from 'onnxruntime-node'` or its browser kin. */
export type OrtModule = {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
};

export type Feed =
  | { readonly type: 'float32'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly type: 'int32'; readonly shape: readonly number[]; readonly data: Int32Array }
  | { readonly type: 'int64'; readonly shape: readonly number[]; readonly data: BigInt64Array };
export type Feeds = Readonly<Record<string, Feed>>;

/** A loaded graph. */
export type Graph = {
  /** Runs the graph; `wanted` names the outputs (all when left out). Copies nothing on the way in. */
  run(feeds: Feeds, wanted?: readonly string[]): Promise<Outputs>;
  close(): Promise<void>;
};

export type Outputs = {
  /** Values of a float32 output. */
  float32(name: string): Float32Array;
  /** Values of an int64 output, as numbers. */
  int64(name: string): number[];
  shape(name: string): readonly number[];
};

export type Runtime = {
  /**
   * @param model a path (Node: external data is found beside it and mapped) or the model's bytes
   * @param how.mapped leaves a file's float32 weights where they are instead of packing a copy for the processor: such a graph is there at
   *   once and takes no memory of its own, but a run of few rows takes twice as long (models/RUNTIME.md). Sums round differently.
   */
  load(model: string | Uint8Array, how?: { readonly mapped?: boolean }): Promise<Graph>;
};

/**
 * Threads of a session that has nothing to do wait instead of spinning. A picture goes through three sessions one after the
 * other, each with threads of its own, and those that spin take the cores from the one that works: on two cores a step of a
 * model of width 512 took 44 ms instead of 75.
 */
const QUIET = { intra_op: { allow_spinning: '0' } };

export function createRuntime(ort: OrtModule, given: InferenceSession.SessionOptions): Runtime {
  const exclusively = createLock();
  return {
    async load(model, { mapped = false } = {}) {
      const settings = { ...QUIET, ...(mapped ? { disable_prepacking: '1' } : {}) };
      const options = { ...given, extra: { session: settings, ...given.extra } };
      const session = await exclusively(() =>
        typeof model === 'string'
          ? ort.InferenceSession.create(model, options)
          : ort.InferenceSession.create(model, options),
      ).catch((cause: unknown) => {
        throw asGenerateError(cause, 'A graph of the pack could not be loaded');
      });
      return {
        run: (feeds, wanted = session.outputNames) =>
          exclusively(async () => {
            const tensors = Object.fromEntries(
              Object.entries(feeds).map(([name, feed]) => [name, new ort.Tensor(feed.type, feed.data, feed.shape)]),
            );
            return readOutputs(await session.run(tensors, [...wanted]));
          }).catch((cause: unknown) => {
            throw asGenerateError(cause, 'ONNX Runtime failed');
          }),
        close: () => exclusively(() => session.release()),
      };
    },
  };
}

function readOutputs(results: InferenceSession.OnnxValueMapType): Outputs {
  const find = (name: string) => {
    const value = results[name];
    if (!value || !('data' in value)) throw new Error(`the graph gave no output "${name}"`);
    return value;
  };
  return {
    float32(name) {
      const { data } = find(name);
      if (!(data instanceof Float32Array)) throw new Error(`output "${name}" is not float32`);
      return data;
    },
    int64(name) {
      const { data } = find(name);
      if (!(data instanceof BigInt64Array)) throw new Error(`output "${name}" is not int64`);
      return Array.from(data, Number);
    },
    shape: (name) => find(name).dims,
  };
}

/** Runs one task after the other, in the order of asking; a failed one does not stop the next. */
export function createLock(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task, task);
    last = result.catch(() => undefined);
    return result;
  };
}

function asGenerateError(cause: unknown, what: string): GenerateError {
  if (cause instanceof GenerateError) return cause;
  const detail = cause instanceof Error ? cause.message : String(cause);
  // ONNX Runtime has no error classes; these are the words of its arena, of std::bad_alloc and of the wasm heap.
  if (/bad_alloc|out of memory|failed to allocate|allocation failed/i.test(detail))
    return new GenerateError('out-of-memory', `${what}: not enough memory (${detail}).`, { cause });
  return new GenerateError('engine-failed', `${what}: ${detail}`, { cause });
}

export const int64 = (shape: readonly number[], values: readonly number[]): Feed => ({
  type: 'int64',
  shape,
  data: BigInt64Array.from(values, BigInt),
});
