import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCheckpoint } from '../../../models/checkpoint/open.js';
import type { Checkpoint } from '../../../models/checkpoint/tensor.js';
import { numbersOf, readNpy } from '../../../models/import/parity/npy.js';
import { buildVqDecoder } from '../../../models/nets/vq-decoder.js';
import { buildVqEncoder } from '../../../models/nets/vq-encoder.js';
import { normalizedCodebook, readVqTokenizer, type VqTokenizer } from '../../../models/nets/vq-tokenizer.js';
import { serializeModel } from '../../../models/onnx/serialize.js';
import { relativeError } from '../../support/compare.js';
import { fakeCheckpoint, renameTensors } from '../../support/fake-checkpoint.js';
import { runGraph } from '../../support/run-graph.js';

const reference = 'test/reference/llamagen-a';
const GRID = { rows: 8, columns: 8 };

let checkpoint: Checkpoint;
let tokenizer: VqTokenizer;
beforeAll(async () => {
  checkpoint = await openCheckpoint(`${reference}/vq.pt`);
  tokenizer = readVqTokenizer(checkpoint);
});
afterAll(() => checkpoint.close());

async function referenceLatents() {
  const codes = readNpy(`${reference}/vq.codes.npy`);
  const codebook = await normalizedCodebook(tokenizer).load();
  const { channels } = tokenizer.config;
  const values = numbersOf(codes).flatMap((code) => [...codebook.subarray(code * channels, (code + 1) * channels)]);
  return { shape: [...codes.shape, channels], values };
}

test.each([
  ['float32', 1e-5],
  ['float16', 5e-3],
] as const)('codes are decoded to the original picture, weights stored as %s', async (store, limit) => {
  const { image } = await runGraph(buildVqDecoder(tokenizer, { ...GRID, store }), {
    latents: await referenceLatents(),
  });
  const expected = readNpy(`${reference}/vq.image.npy`);
  expect(image?.shape).toEqual(expected.shape);
  expect(relativeError(image?.values ?? [], numbersOf(expected))).toBeLessThan(limit);
});

test('a picture has the codes of the original', async () => {
  const image = readNpy(`${reference}/vq.encode.image.npy`);
  const { codes } = await runGraph(buildVqEncoder(tokenizer, GRID), {
    image: { shape: image.shape, values: numbersOf(image) },
  });
  const expected = readNpy(`${reference}/vq.encode.codes.npy`);
  expect(codes?.shape).toEqual(expected.shape);
  expect(codes?.values).toEqual(numbersOf(expected));
});

test('sizes are inferred', () => {
  const { decoder, encoder, ...sizes } = tokenizer.config;
  expect(sizes).toEqual({ latent: 32, codes: 96, channels: 8, downsample: 4, groups: 32 });
  expect(decoder).toEqual({
    middle: 64,
    finest: 32,
    levels: [
      { input: 64, width: 64, blocks: 3, attention: true, resample: true },
      { input: 64, width: 32, blocks: 3, attention: false, resample: true },
      { input: 32, width: 32, blocks: 3, attention: false, resample: false },
    ],
  });
  expect(encoder.levels.map(({ blocks, attention }) => [blocks, attention])).toEqual([
    [2, false],
    [2, false],
    [2, true],
  ]);
});

test('codebook rows have length 1', async () => {
  const codebook = normalizedCodebook(tokenizer);
  expect(codebook.shape).toEqual([96, 8]);
  const values = await codebook.load();
  for (let row = 0; row < 96; row += 1) expect(Math.hypot(...values.subarray(row * 8, row * 8 + 8))).toBeCloseTo(1, 6);
});

/** Two levels, one block a level, attention at none, 3 code channels: nothing of it is as in the published files. */
function otherShapes(): Record<string, number[]> {
  const shapes: Record<string, number[]> = { 'quantize.embedding.weight': [10, 3] };
  const conv = (name: string, input: number, output: number, kernel: number) => {
    shapes[`${name}.weight`] = [output, input, kernel, kernel];
    shapes[`${name}.bias`] = [output];
  };
  const norm = (name: string, width: number) => {
    shapes[`${name}.weight`] = [width];
    shapes[`${name}.bias`] = [width];
  };
  const residual = (name: string, input: number, width: number) => {
    norm(`${name}.norm1`, input);
    conv(`${name}.conv1`, input, width, 3);
    norm(`${name}.norm2`, width);
    conv(`${name}.conv2`, width, width, 3);
    if (input !== width) conv(`${name}.nin_shortcut`, input, width, 1);
  };
  for (const half of ['encoder', 'decoder']) {
    residual(`${half}.mid.0`, 64, 64);
    norm(`${half}.mid.1.norm`, 64);
    for (const part of ['q', 'k', 'v', 'proj_out']) conv(`${half}.mid.1.${part}`, 64, 64, 1);
    residual(`${half}.mid.2`, 64, 64);
  }
  conv('encoder.conv_in', 3, 32, 3);
  residual('encoder.conv_blocks.0.res.0', 32, 32);
  conv('encoder.conv_blocks.0.downsample.conv', 32, 32, 3);
  residual('encoder.conv_blocks.1.res.0', 32, 64);
  norm('encoder.norm_out', 64);
  conv('encoder.conv_out', 64, 5, 3);
  conv('quant_conv', 5, 3, 1);
  conv('post_quant_conv', 3, 5, 1);
  conv('decoder.conv_in', 5, 64, 3);
  residual('decoder.conv_blocks.0.res.0', 64, 64);
  conv('decoder.conv_blocks.0.upsample.conv', 64, 64, 3);
  residual('decoder.conv_blocks.1.res.0', 64, 32);
  norm('decoder.norm_out', 32);
  conv('decoder.conv_out', 32, 3, 3);
  return shapes;
}

test('other depths, and grids that are not square: a latent moves the pixels around its own place', async () => {
  const other = readVqTokenizer(fakeCheckpoint(otherShapes()));
  const [rows, columns] = [4, 12];
  const [height, width] = [2 * rows, 2 * columns];
  const graph = buildVqDecoder(other, { rows, columns });
  const values = Array.from({ length: rows * columns * 3 }, (_, index) => Math.sin(index));
  const [row, column] = [1, 8];
  const moved = values.map((value, index) => (Math.floor(index / 3) === row * columns + column ? value + 2 : value));
  const latents = { shape: [2, rows * columns, 3], values: [...values, ...moved] };
  const pixels = (await runGraph(graph, { latents }))['image'];
  expect(pixels?.shape).toEqual([2, 3, height, width]);
  const [before, after] = [pixels?.values.slice(0, 3 * height * width), pixels?.values.slice(3 * height * width)];
  // Centre of the squared change, in pixels.
  let [sum, down, right] = [0, 0, 0];
  before?.forEach((value, index) => {
    const change = (value - (after?.[index] ?? 0)) ** 2;
    sum += change;
    down += change * (Math.floor(index / width) % height);
    right += change * (index % width);
  });
  expect(sum).toBeGreaterThan(0.01);
  expect(Math.abs(down / sum - (2 * row + 0.5))).toBeLessThan(2);
  expect(Math.abs(right / sum - (2 * column + 0.5))).toBeLessThan(2);
  const image = { shape: [2, 3, height, width], values: pixels?.values ?? [] };
  const { codes } = await runGraph(buildVqEncoder(other, { rows, columns }), { image });
  expect(codes?.shape).toEqual([2, rows * columns]);
});

test('the same checkpoint makes the same bytes', async () => {
  const [first, second] = await Promise.all(
    [0, 1].map(() => serializeModel(buildVqDecoder(readVqTokenizer(checkpoint), GRID))),
  );
  expect(Buffer.compare(first as Uint8Array, second as Uint8Array)).toBe(0);
});

test('what does not fit is refused', () => {
  const without = renameTensors(checkpoint, (name) =>
    name === 'decoder.mid.1.q.bias' ? undefined : name === 'quant_conv.bias' ? 'stray' : name,
  );
  expect(() => readVqTokenizer(without)).toThrow(
    /vq\.pt does not hold a LlamaGen VQ tokenizer: 2 tensors are missing \("quant_conv\.bias", "decoder\.mid\.1\.q\.bias"\); 1 is not known \("stray"\)/,
  );
  expect(() => readVqTokenizer(fakeCheckpoint({ a: [1] }))).toThrow(
    'made-up.pt does not hold a LlamaGen VQ tokenizer: its size is read from axis 0 of "encoder.conv_in.weight", which is missing',
  );
  const narrow = Object.fromEntries(
    Object.entries(otherShapes()).map(([name, shape]) => [
      name,
      shape.map((length) => (length >= 32 ? length / 2 : length)),
    ]),
  );
  expect(() => readVqTokenizer(fakeCheckpoint(narrow))).toThrow(
    'made-up.pt has 16 channels, which its norms can not share out to 32 groups',
  );
  const { 'decoder.conv_blocks.1.res.0.conv1.weight': _, ...shapes } = otherShapes();
  const shallow = Object.fromEntries(
    Object.entries(shapes).filter(([name]) => !name.startsWith('decoder.conv_blocks.1')),
  );
  expect(() => readVqTokenizer(fakeCheckpoint(shallow))).toThrow(
    'made-up.pt has 2 levels in its encoder and 1 in its decoder; they must be as many',
  );
});

test('8 bits a weight are a quarter of the file, and most codes of the original', async () => {
  const image = readNpy(`${reference}/vq.encode.image.npy`);
  const graphs = [buildVqEncoder(tokenizer, GRID), buildVqEncoder(tokenizer, { ...GRID, store: 'int8' })] as const;
  const [exact, small] = await Promise.all(graphs.map(async (graph) => (await serializeModel(graph)).length));
  expect((small ?? 0) / (exact ?? 1)).toBeLessThan(0.35);
  const { codes } = await runGraph(graphs[1], { image: { shape: image.shape, values: numbersOf(image) } });
  const expected = numbersOf(readNpy(`${reference}/vq.encode.codes.npy`));
  const same = expected.filter((code, at) => code === codes?.values[at]).length;
  expect(same / expected.length).toBeGreaterThan(0.8);
});
