/**
 * Measuring on a machine that others use too: everything takes turns, with a product of known size and a reading of known length
 * before each, and only what it took in relation to those says anything. Medians over the rounds.
 */
import { createGraph } from '../../onnx/graph.js';
import { linear } from '../../onnx/ops/linear.js';
import { serializeModel } from '../../onnx/serialize.js';
import type { Runtime } from '../../run/runtime.js';

export type Item = {
  readonly name: string;
  /** Floating-point operations; null where it is not made of products. */
  readonly operations: number | null;
  /** Bytes of weights that every run has to read; null where they stay in the processor's cache. */
  readonly weights: number | null;
  /** Milliseconds, where it measures a part of itself or another process. */
  run(): Promise<unknown>;
};

export type Measured = {
  readonly item: Item;
  readonly milliseconds: number;
  /** Of the counted rounds. */
  readonly fastest: number;
  /** Of the rate of matrix products, 0..1. */
  readonly share: number | null;
  /** Of what this machine could do at best: its products and its reading of memory, whichever takes longer. */
  readonly limit: number | null;
  /** It took so long that it ran once. */
  readonly once: boolean;
};

export type Machine = { readonly gflops: number; readonly gigabytes: number };

export type Probes = {
  /** Operations a millisecond of one product. */
  products(): Promise<number>;
  /** Bytes a millisecond that one product of a vector reads. */
  reading(): Promise<number>;
  close(): Promise<void>;
};

/** What takes longer is not repeated: one picture of a rival can take minutes. */
const LONG_MILLISECONDS = 90_000;

/** A product as large as those of the full-size model, in which nothing but the product counts. */
const PRODUCT = { rows: 256, inner: 1024, out: 4096 } as const;
/** A weight that no cache holds: 256 MiB. */
const READING = { inner: 4096, out: 16_384 } as const;

export async function loadProbes(runtime: Runtime): Promise<Probes> {
  const load = async (rows: number, inner: number, out: number) => {
    const plan = createGraph('probe');
    const weight = { shape: [out, inner], load: async () => new Float32Array(out * inner).fill(0.01) };
    plan.output('y', linear(plan.input('x', 'float32', [rows, inner]), 'weight', weight));
    const graph = await runtime.load(await serializeModel(plan));
    const data = new Float32Array(rows * inner).fill(0.5);
    return {
      run: () => time(() => graph.run({ x: { type: 'float32', shape: [rows, inner], data } })),
      close: () => graph.close(),
    };
  };
  const { rows, inner, out } = PRODUCT;
  const product = await load(rows, inner, out);
  const vector = await load(1, READING.inner, READING.out);
  return {
    products: async () => (2 * rows * inner * out) / (await product.run()),
    reading: async () => (4 * READING.inner * READING.out) / (await vector.run()),
    async close() {
      await product.close();
      await vector.close();
    },
  };
}

export type RoundOptions = {
  readonly probes: Probes;
  readonly rounds: number;
  /** Rounds that are not counted: memory is laid out and caches fill. */
  readonly warmUp: number;
  readonly signal: AbortSignal;
};

/** Yields the share of the work that is done, 0..1; returns what was measured, in the items' order, and the machine's rates. */
export async function* measure(
  items: readonly Item[],
  { probes, rounds, warmUp, signal }: RoundOptions,
): AsyncGenerator<number, { readonly measured: readonly Measured[]; readonly machine: Machine }> {
  const runs = items.map((): { milliseconds: number; share: number; limit: number }[] => []);
  const once = new Set<Item>();
  const machine = { products: [] as number[], reading: [] as number[] };
  for (let round = 0; round < warmUp + rounds; round++)
    for (const [place, item] of items.entries()) {
      signal.throwIfAborted();
      yield (round + place / items.length) / (warmUp + rounds);
      if (once.has(item)) continue;
      const products = await probes.products();
      const reading = await probes.reading();
      const milliseconds = await time(item.run);
      machine.products.push(products);
      machine.reading.push(reading);
      if (milliseconds > LONG_MILLISECONDS) once.add(item);
      else if (round < warmUp) continue;
      const least = Math.max((item.operations ?? 0) / products, (item.weights ?? 0) / reading);
      const share = (item.operations ?? 0) / milliseconds / products;
      (runs[place] as (typeof runs)[number]).push({ milliseconds, share, limit: least / milliseconds });
    }
  const measured = items.map((item, place): Measured => {
    const own = runs[place] ?? [];
    const of = (key: 'milliseconds' | 'share' | 'limit') => median(own.map((run) => run[key]));
    return {
      item,
      milliseconds: of('milliseconds'),
      fastest: Math.min(...own.map((run) => run.milliseconds)),
      share: item.operations === null ? null : of('share'),
      limit: item.operations === null && item.weights === null ? null : of('limit'),
      once: once.has(item),
    };
  });
  // Operations, and bytes, a millisecond are millions a second.
  return { measured, machine: { gflops: median(machine.products) / 1e6, gigabytes: median(machine.reading) / 1e6 } };
}

/** Milliseconds; work that measures a part of itself returns them. */
async function time(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  const own = await run();
  return typeof own === 'number' ? own : performance.now() - start;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
