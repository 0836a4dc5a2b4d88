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
  /** Gives what it took, where it measures a part of itself or another process; anything else is ignored. */
  run(): Promise<unknown>;
};

/** Milliseconds by the clock, and of all processors together: where others use them too, only the latter are ours. */
export class Took {
  constructor(
    readonly milliseconds: number,
    readonly processor: number,
  ) {}
}

/** Starts a clock; the result stops it. */
export function startClock(): () => Took {
  const start = performance.now();
  const busy = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(busy);
    return new Took(performance.now() - start, (user + system) / 1000);
  };
}

export type Measured = {
  readonly item: Item;
  readonly milliseconds: number;
  /** Milliseconds of all processors together. */
  readonly processor: number;
  /** Of the rate of matrix products, 0..1: by the clock, and for each second of a processor. */
  readonly share: number | null;
  readonly processorShare: number | null;
  /** Of what this machine could do at best: its products and its reading of memory, whichever takes longer. */
  readonly limit: number | null;
  /** It took so long that it ran once. */
  readonly once: boolean;
};

export type Machine = { readonly gflops: number; readonly gigabytes: number };

export type Probes = {
  /** Operations a millisecond of one product, by the clock and by processor time. */
  products(): Promise<{ readonly clock: number; readonly processor: number }>;
  /** Bytes a millisecond that one product of a vector reads. */
  reading(): Promise<number>;
  close(): Promise<void>;
};

/** What takes longer is not repeated: one picture of a rival can take minutes. */
const LONG_MILLISECONDS = 90_000;

/** A product as large as those of the full-size model, in which nothing but the product counts. */
const PRODUCT = { rows: 256, inner: 1024, out: 4096 } as const;
/** A weight that hardly any cache holds: 128 MiB. */
const READING = { inner: 4096, out: 8192 } as const;

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
    products: async () => {
      const { milliseconds, processor } = await product.run();
      const operations = 2 * rows * inner * out;
      return { clock: operations / milliseconds, processor: operations / processor };
    },
    reading: async () => (4 * READING.inner * READING.out) / (await vector.run()).milliseconds,
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
  const runs = items.map(
    (): Record<'milliseconds' | 'processor' | 'share' | 'processorShare' | 'limit', number>[] => [],
  );
  const once = new Set<Item>();
  const machine = { products: [] as number[], reading: [] as number[] };
  for (let round = 0; round < warmUp + rounds; round++)
    for (const [place, item] of items.entries()) {
      signal.throwIfAborted();
      yield (round + place / items.length) / (warmUp + rounds);
      if (once.has(item)) continue;
      const products = await probes.products();
      const reading = await probes.reading();
      const { milliseconds, processor } = await time(item.run);
      machine.products.push(products.clock);
      machine.reading.push(reading);
      if (milliseconds > LONG_MILLISECONDS) once.add(item);
      else if (round < warmUp) continue;
      const operations = item.operations ?? 0;
      const least = Math.max(operations / products.clock, (item.weights ?? 0) / reading);
      (runs[place] as (typeof runs)[number]).push({
        milliseconds,
        processor,
        share: operations / milliseconds / products.clock,
        processorShare: operations / processor / products.processor,
        limit: least / milliseconds,
      });
    }
  const measured = items.map((item, place): Measured => {
    const own = runs[place] ?? [];
    const of = (key: keyof (typeof own)[number]) => median(own.map((run) => run[key]));
    return {
      item,
      milliseconds: of('milliseconds'),
      processor: of('processor'),
      share: item.operations === null ? null : of('share'),
      processorShare: item.operations === null ? null : of('processorShare'),
      limit: item.operations === null && item.weights === null ? null : of('limit'),
      once: once.has(item),
    };
  });
  // Operations, and bytes, a millisecond are millions a second.
  return { measured, machine: { gflops: median(machine.products) / 1e6, gigabytes: median(machine.reading) / 1e6 } };
}

async function time(run: () => Promise<unknown>): Promise<Took> {
  const stop = startClock();
  const own = await run();
  return own instanceof Took ? own : stop();
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
