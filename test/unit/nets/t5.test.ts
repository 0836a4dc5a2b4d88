import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCheckpoint } from '../../../models/checkpoint/open.js';
import type { Checkpoint } from '../../../models/checkpoint/tensor.js';
import { numbersOf, readNpy } from '../../../models/import/parity/npy.js';
import { buildTextEncoder, distanceBucket, readT5, type TextEncoderOptions } from '../../../models/nets/t5.js';
import { NetworkError } from '../../../models/nets/weights.js';
import { serializeModel } from '../../../models/onnx/serialize.js';
import { relativeError } from '../../support/compare.js';
import { renameTensors } from '../../support/fake-checkpoint.js';
import { runModel } from '../../support/run-graph.js';

const reference = 'test/reference/t5-a';
const configuration = JSON.parse(readFileSync(`${reference}/config.json`, 'utf8'));
const SLOTS = 120;
const WIDTH = 64;

let checkpoint: Checkpoint;
beforeAll(async () => {
  checkpoint = await openCheckpoint(reference);
});
afterAll(() => checkpoint.close());

/** Largest relative error over the reference prompts, only their valid tokens fed. */
async function worstError(options: TextEncoderOptions): Promise<number> {
  const [ids, mask, states] = ['ids', 'mask', 'states'].map((name) =>
    numbersOf(readNpy(`${reference}/text.${name}.npy`)),
  ) as [number[], number[], number[]];
  const graph = buildTextEncoder(readT5(checkpoint, configuration), options);
  const model = await serializeModel(graph);
  let worst = 0;
  const prompts = ids.length / SLOTS;
  expect(prompts).toBe(20);
  for (let prompt = 0; prompt < prompts; prompt += 1) {
    const first = prompt * SLOTS;
    const count = mask.slice(first, first + SLOTS).filter((valid) => valid === 1).length;
    const results = await runModel(model, graph.content.inputs, {
      ids: { shape: [count], values: ids.slice(first, first + count) },
      positions: { shape: [count], values: Array.from({ length: count }, (_, index) => index) },
    });
    expect(results['states']?.shape).toEqual([count, WIDTH]);
    const expected = states.slice(first * WIDTH, (first + count) * WIDTH);
    worst = Math.max(worst, relativeError(results['states']?.values ?? [], expected));
  }
  return worst;
}

test('states equal those of transformers, without the pads', async () => {
  expect(await worstError({ tokens: SLOTS })).toBeLessThan(1e-5);
});

test.each([
  ['float16', 2e-3],
  ['int8-block', 6e-2],
] as const)('weights stored as %s stay near', async (store, limit) => {
  expect(await worstError({ store })).toBeLessThan(limit);
});

test('sizes are inferred', () => {
  expect(readT5(checkpoint, configuration).config).toEqual({
    layers: 3,
    width: 64,
    heads: 4,
    head: 16,
    hidden: 160,
    vocabulary: 384,
    buckets: 32,
    maximumDistance: 128,
    epsilon: 1e-6,
  });
});

test('an encoder alone, its embedding under either name, makes the same model', async () => {
  const whole = await serializeModel(buildTextEncoder(readT5(checkpoint, configuration)));
  const alone = renameTensors(checkpoint, (name) =>
    name.startsWith('decoder.') ? undefined : name.replace('shared.weight', 'encoder.embed_tokens.weight'),
  );
  expect(alone.tensors.has('shared.weight')).toBe(false);
  expect(Buffer.compare(await serializeModel(buildTextEncoder(readT5(alone, configuration))), whole)).toBe(0);
});

test('what does not fit is refused', () => {
  const read = (change: object) => readT5(checkpoint, { ...configuration, ...change });
  expect(() => read({ feed_forward_proj: 'relu' })).toThrow('feed_forward_proj is "relu"; only "gated-gelu"');
  expect(() => read({ num_layers: 4 })).toThrow(
    `${reference} and its config.json differ: num_layers is 4, the tensors say 3`,
  );
  expect(() => readT5(checkpoint, 'text')).toThrow(NetworkError);
  const broken = renameTensors(checkpoint, (name) =>
    name.endsWith('1.layer.0.SelfAttention.k.weight')
      ? undefined
      : name.replace('encoder.block.2.layer.0.layer_norm', 'stray'),
  );
  expect(() => readT5(broken, configuration)).toThrow(
    /2 tensors are missing \("encoder\.block\.1\.layer\.0\.SelfAttention\.k\.weight", "encoder\.block\.2\.layer\.0\.layer_norm\.weight"\); 1 is not known \("stray\.weight"\)/,
  );
});

test('distances share buckets as in T5', () => {
  // Worked out by hand from Raffel et al.'s formula for 32 buckets up to 128: key behind the query from 16 on.
  const expected: [number, number][] = [
    [0, 0],
    [-1, 1],
    [1, 17],
    [-7, 7],
    [-8, 8],
    [8, 24],
    [-11, 8],
    [-12, 9],
    [-16, 10],
    [-32, 12],
    [-64, 14],
    [90, 30],
    [91, 31],
    [-128, 15],
    [5000, 31],
  ];
  for (const [distance, bucket] of expected)
    expect([distance, distanceBucket(distance, { buckets: 32, maximumDistance: 128 })]).toEqual([distance, bucket]);
});
