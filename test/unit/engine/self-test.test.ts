import { describe, expect, it } from 'vitest';
import { angleAt, buildKnownAnswer, KNOWN_ANSWER, knownInputs, sines } from '../../../models/nets/known-answer.js';
import { quantizeBlocks } from '../../../models/onnx/quantize.js';
import { serializeModel } from '../../../models/onnx/serialize.js';
import type { OrtModule } from '../../../models/run/runtime.js';
import { runSelfTest } from '../../../models/run/self-test.js';
import { loadRuntime } from '../../support/run-graph.js';

const { positions: S, width: D, heads, hidden, side, channels, groups, epsilon } = KNOWN_ANSWER;
type Rows = number[][];

const matrix = (values: ArrayLike<number>, columns: number): Rows =>
  Array.from({ length: values.length / columns }, (_, row) =>
    Array.from({ length: columns }, (_, column) => values[row * columns + column] as number),
  );
/** Weights as the file holds them. */
const weights = (tensor: number, count: number, scale: number) => Float32Array.from(sines(tensor, count, scale));
const scales = (tensor: number, count: number) => Float32Array.from(sines(tensor, count, 0.2), (value) => 1 + value);
/** x [n, in] by weight [out, in] -> [n, out] */
const project = (x: Rows, weight: Rows): Rows =>
  x.map((row) => weight.map((column) => row.reduce((sum, value, at) => sum + value * (column[at] as number), 0)));
const norm = (x: Rows, scale: Float32Array): Rows =>
  x.map((row) => {
    const root = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / row.length + epsilon);
    return row.map((value, at) => (value / root) * (scale[at] as number));
  });
const plus = (a: Rows, b: Rows): Rows => a.map((row, i) => row.map((value, j) => value + (b[i]?.[j] as number)));
const silu = (x: number) => x / (1 + Math.exp(-x));
const rotate = (x: Rows): Rows =>
  x.map((row, position) => {
    const turned = [...row];
    for (let first = 0; first < D; first += 2) {
      const angle = angleAt(position, (first % (D / heads)) / 2);
      const [a, b] = [row[first] as number, row[first + 1] as number];
      turned[first] = a * Math.cos(angle) - b * Math.sin(angle);
      turned[first + 1] = a * Math.sin(angle) + b * Math.cos(angle);
    }
    return turned;
  });

/** The network once more, in double precision and without any library. */
function computeAnswer(): { states: number[]; small: number[]; image: number[] } {
  const x = matrix(Float32Array.from(knownInputs().x), D);
  const normed = norm(x, scales(1, D));
  const by = (from: Rows, tensor: number, out: number, into: number) =>
    project(from, matrix(weights(tensor, out * into, 0.3), into));
  const [queries, keys, values] = [rotate(by(normed, 2, D, D)), rotate(by(normed, 3, D, D)), by(normed, 4, D, D)];
  const head = D / heads;
  const seen: Rows = queries.map((query, i) =>
    query.map((_, column) => {
      const start = Math.floor(column / head) * head;
      const exponents = keys.slice(0, i + 1).map((key) => {
        let dot = 0;
        for (let at = start; at < start + head; at++) dot += (query[at] as number) * (key[at] as number);
        return Math.exp(dot / Math.sqrt(head));
      });
      const total = exponents.reduce((sum, value) => sum + value, 0);
      return exponents.reduce((sum, value, j) => sum + (value / total) * (values[j]?.[column] as number), 0);
    }),
  );
  const sum = plus(by(seen, 5, D, D), x);
  const output = norm(sum, scales(6, D));
  const up = by(output, 8, hidden, D);
  const gated = by(output, 7, hidden, D).map((row, i) => row.map((value, j) => silu(value) * (up[i]?.[j] as number)));
  const states = plus(sum, by(gated, 9, D, hidden));

  const blocks = quantizeBlocks(weights(10, D * D, 0.3), D);
  const stored = Array.from({ length: D * D }, (_, at) => {
    const row = Math.floor(at / D);
    return ((blocks.values[row * 128 + (at % D)] as number) - 128) * (blocks.scales[row] as number);
  });
  return {
    states: states.flat(),
    small: project(normed, matrix(stored, D)).flat(),
    image: paint(states),
  };
}

function paint(states: Rows): number[] {
  const kernel = weights(11, channels * D * 9, 0.1);
  const bias = weights(12, channels, 0.1);
  const at = (channel: number, row: number, column: number) =>
    row < 0 || column < 0 || row >= side || column >= side ? 0 : (states[row * side + column]?.[channel] as number);
  const convolved: Rows = Array.from({ length: channels }, (_, out) =>
    Array.from({ length: side * side }, (_, pixel) => {
      let sum = bias[out] as number;
      for (let channel = 0; channel < D; channel++)
        for (let tap = 0; tap < 9; tap++)
          sum +=
            (kernel[(out * D + channel) * 9 + tap] as number) *
            at(channel, Math.floor(pixel / side) + Math.floor(tap / 3) - 1, (pixel % side) + (tap % 3) - 1);
      return sum;
    }),
  );
  const [scale, shift] = [scales(13, channels), weights(14, channels, 0.1)];
  const size = channels / groups;
  const level = convolved.map((plane, channel) => {
    const group = convolved.slice(Math.floor(channel / size) * size, (Math.floor(channel / size) + 1) * size).flat();
    const mean = group.reduce((sum, value) => sum + value, 0) / group.length;
    const variance = group.reduce((sum, value) => sum + (value - mean) ** 2, 0) / group.length;
    return plane.map((value) =>
      silu(((value - mean) / Math.sqrt(variance + epsilon)) * (scale[channel] as number) + (shift[channel] as number)),
    );
  });
  return level.flatMap((plane) =>
    Array.from({ length: side * side * 4 }, (_, pixel) => {
      const [row, column] = [Math.floor(pixel / (side * 2)), pixel % (side * 2)];
      return plane[Math.floor(row / 2) * side + Math.floor(column / 2)] as number;
    }),
  );
}

const base64 = (values: readonly number[]) => Buffer.from(Float32Array.from(values).buffer).toString('base64');

describe('the self-test', () => {
  it('asks what the network is, and expects what plain arithmetic says (vitest -u writes it anew)', async () => {
    const { x, bias } = knownInputs();
    const answer = computeAnswer();
    const content = {
      model: Buffer.from(await serializeModel(buildKnownAnswer())).toString('base64'),
      inputs: {
        x: { shape: [1, S, D], values: base64(x) },
        bias: { shape: [1, 1, S, S], values: base64(bias) },
      },
      outputs: Object.fromEntries(Object.entries(answer).map(([name, values]) => [name, { values: base64(values) }])),
    };
    // Lists of numbers in one line, as the formatter has them.
    const json = JSON.stringify(content, null, 2).replaceAll(/\[[\s\d,]+\]/g, (list) =>
      list.replaceAll(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'),
    );
    await expect(`${json}\n`).toMatchFileSnapshot('../../../models/run/known-answer.json');
  });

  it('passes on the CPU, by a wide margin', async () => {
    const result = await runSelfTest(await loadRuntime(), { executionProviders: ['cpu'], logSeverityLevel: 3 });
    expect(result).toMatchObject({ passed: true });
    expect(result.error).toBeLessThan(6e-3);
    expect(result.finding).toMatch(/came out right/);
  });

  it.each([
    ['off by five hundredths', (value: number) => value + 0.05],
    ['not a number', () => Number.NaN],
    ['zero', () => 0],
  ])('refuses a provider whose attention is %s', async (_, spoil) => {
    const result = await runSelfTest(spoilt(await loadRuntime(), 'states', spoil), { logSeverityLevel: 3 });
    expect(result.passed).toBe(false);
    expect(result.finding).toMatch(/computes wrongly: "states" is off by/);
  });
});

/** ONNX Runtime with one output changed on its way out. */
function spoilt(ort: OrtModule, output: string, spoil: (value: number) => number): OrtModule {
  const create = async (...args: Parameters<OrtModule['InferenceSession']['create']>) => {
    const session = await ort.InferenceSession.create(...args);
    return new Proxy(session, {
      get(target, key) {
        if (key !== 'run') return Reflect.get(target, key);
        return async (...values: Parameters<typeof session.run>) => {
          const results = await target.run(...values);
          const values32 = results[output]?.data;
          if (!(values32 instanceof Float32Array)) throw new Error(`there is no output "${output}"`);
          for (const [at, value] of values32.entries()) values32[at] = spoil(value);
          return results;
        };
      },
    });
  };
  return { Tensor: ort.Tensor, InferenceSession: { create } as OrtModule['InferenceSession'] };
}
