import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGraph, type Graph } from '../../../models/onnx/graph.js';
import { add, mul } from '../../../models/onnx/ops/arithmetic.js';
import { linear } from '../../../models/onnx/ops/linear.js';
import { allInitializers, planModel, serializeModel } from '../../../models/onnx/serialize.js';
import { type Weight, weightOf } from '../../../models/onnx/weight.js';
import { writeModel } from '../../../models/onnx/write.js';
import { runModel } from '../../support/run-graph.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twostep-write-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const WIDTH = 300;
const wide: Weight = {
  shape: [WIDTH, WIDTH],
  load: async () => Float32Array.from({ length: WIDTH * WIDTH }, (_, index) => ((index * 37) % 101) / 50 - 1),
};

function example(): Graph {
  const graph = createGraph('example');
  const x = graph.input('x', 'float32', ['B', WIDTH]);
  const y = linear(x, 'plain', wide, { bias: graph.weight('bias', weightOf([WIDTH], new Array(WIDTH).fill(2))) });
  const z = linear(y, 'bytes', wide, { store: 'int8-block' });
  graph.output('y', mul(add(linear(z, 'half', wide, { store: 'float16' }), 0.5), 1 / 64));
  return graph;
}

const feeds = { x: { shape: [3, WIDTH], values: Array.from({ length: 3 * WIDTH }, (_, index) => (index % 7) - 3) } };

test('the same calls make the same bytes, in memory, on disk and with data beside the model', async () => {
  const bytes = await serializeModel(example());
  expect(Buffer.compare(bytes, await serializeModel(example()))).toBe(0);
  const [file, ...others] = await writeModel(example(), { folder, file: 'm.onnx' });
  expect(others).toEqual([]);
  expect(Buffer.compare(bytes, readFileSync(join(folder, 'm.onnx')))).toBe(0);
  expect(file).toEqual({ path: 'm.onnx', size: bytes.length, sha256: sha256(bytes) });
  const first = await writeModel(example(), { folder, file: 'e.onnx', externalAbove: 1000 });
  expect(await writeModel(example(), { folder, file: 'e.onnx', externalAbove: 1000 })).toEqual(first);
});

test('a model with its data beside it computes what the one file computes', async () => {
  const graph = example();
  await writeModel(graph, { folder, file: 'one.onnx', externalAbove: 1000, external: 'never' });
  expect(readdirSync(folder)).toEqual(['one.onnx']);
  const files = await writeModel(graph, { folder, file: 'two.onnx', externalAbove: 1000 });
  expect(files.map(({ path }) => path)).toEqual(['two.onnx', 'two.onnx.data']);
  for (const { path, size, sha256: hash } of files) {
    const bytes = readFileSync(join(folder, path));
    expect([bytes.length, sha256(bytes)]).toEqual([size, hash]);
  }
  // Only what is small stays in the model.
  expect(files[0]?.size).toBeLessThan(8000);
  const one = await runModel(join(folder, 'one.onnx'), graph.content.inputs, feeds);
  const two = await runModel(join(folder, 'two.onnx'), graph.content.inputs, feeds);
  expect(two).toEqual(one);
  expect(one['y']?.values.some((value) => value !== 0)).toBe(true);
});

test('tensors beside the model begin where a file can be mapped', async () => {
  const [, data] = await writeModel(example(), { folder, file: 'm.onnx', externalAbove: 0 });
  const bytes = readFileSync(join(folder, data?.path ?? ''));
  const plain = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 4 * WIDTH * WIDTH));
  // `linear` stores [in, out]: place (0, 1) is the weight's (1, 0).
  expect(plain[1]).toBe((await wide.load())[WIDTH]);
  expect(bytes.length % 65_536).toBe(0);
});

test('a weight is loaded when its turn comes, once, and never before the one ahead of it is written', async () => {
  const log: string[] = [];
  const graph = createGraph('order');
  const x = graph.input('x', 'float32', ['B', 128]);
  const logged = (name: string): Weight => ({
    shape: [128, 128],
    load: async () => {
      log.push(name);
      return new Float32Array(128 * 128);
    },
  });
  graph.output('y', linear(linear(x, 'a', logged('a'), { store: 'int8-block' }), 'b', logged('b')));
  expect(log).toEqual([]);
  await serializeModel(graph);
  expect(log).toEqual(['a', 'b']);
});

test('when a weight fails to load, no half-written file is left', async () => {
  const graph = createGraph('failing');
  const x = graph.input('x', 'float32', ['B', WIDTH]);
  const failing: Weight = { ...wide, load: () => Promise.reject(new Error('the disk was taken away')) };
  graph.output('y', linear(linear(x, 'sound', wide), 'failing', failing));
  for (const externalAbove of [1e9, 0]) {
    await expect(writeModel(graph, { folder, file: 'm.onnx', externalAbove })).rejects.toThrow('taken away');
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('a weight that is not as large as it said is an error', async () => {
  const graph = createGraph('lying');
  graph.output('y', graph.weight('w', { shape: [3], load: async () => new Float32Array(2) }));
  await expect(serializeModel(graph)).rejects.toThrow('Weight "w" [3] loaded 8 bytes, not 12');
});

test('a value beyond float16 names the weight', async () => {
  const graph = createGraph('large');
  graph.output('y', graph.weight('w', weightOf([1], [1e6]), { store: 'float16' }));
  await expect(serializeModel(graph)).rejects.toThrow(
    'Weight "w" can not be stored as float16: value 0 is 1000000, beyond the largest float16, 65504',
  );
});

test('a model beyond 2 GiB needs external data', () => {
  const graph = createGraph('huge');
  const huge: Weight = { shape: [2 ** 15, 2 ** 15], load: () => Promise.reject(new Error('not loaded')) };
  graph.output('y', graph.weight('w', huge));
  expect(() => planModel(graph)).toThrow(
    'Graph "huge" has 4294967296 bytes of weights; a model file ends at 2 GiB, so it needs external data',
  );
  const places = new Map(allInitializers(graph).map((initializer) => [initializer, { location: 'w', offset: 0 }]));
  expect(planModel(graph, places).every((part) => part instanceof Uint8Array)).toBe(true);
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
