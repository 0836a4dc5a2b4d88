import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../models/checkpoint/open.js';

const REFERENCE = join(import.meta.dirname, '../../reference');

/** Sums over all tensors, in float64, and single values, as PyTorch 2.15 and safetensors 0.8 read the same files. */
const FILES = [
  {
    file: 'llamagen-a/c2i.pt',
    prefer: 'model',
    tensors: 25,
    sum: 378.36555057010116,
    absolute: 23961.503994044815,
    name: 'layers.1.feed_forward.w3.weight',
    shape: [256, 64],
    first: 0.057436563074588776,
    last: 0.1311499923467636,
  },
  {
    file: 'llamagen-a/dd-c2i.pt',
    prefer: 'ema',
    tensors: 30,
    sum: 429.74579313877814,
    absolute: 19701.806657137877,
    name: 'n_d_embed.weight',
    shape: [2, 64],
    first: 1.4332714080810547,
    last: 0.9450972676277161,
  },
  {
    file: 'llamagen-a/t2i.pt',
    prefer: 'model',
    tensors: 27,
    sum: 691.3588073275713,
    absolute: 24411.20871656842,
    name: 'cls_embedding.uncond_embedding',
    shape: [24, 48],
    first: -0.15114539861679077,
    last: 0.1058330312371254,
  },
  {
    file: 'llamagen-a/vq.pt',
    prefer: 'model',
    tensors: 252,
    sum: 2274.0772040511683,
    absolute: 48343.01272559989,
    name: 'encoder.conv_in.weight',
    shape: [32, 3, 3, 3],
    first: -0.19229018688201904,
    last: 0.0034698450472205877,
  },
  {
    file: 't5-a',
    prefer: 'model',
    tensors: 46,
    sum: 949.5821524169293,
    absolute: 37850.483158055926,
    name: 'decoder.block.0.layer.1.EncDecAttention.o.weight',
    shape: [64, 64],
    first: 0.0147029934450984,
    last: 0.06226935237646103,
  },
] as const;

describe('the reference checkpoints read as their authors wrote them', () => {
  test.each(FILES)('$file', async ({ file, prefer, tensors, sum, absolute, name, shape, first, last }) => {
    const checkpoint = await openCheckpoint(join(REFERENCE, file), { prefer });
    let total = 0;
    let totalAbsolute = 0;
    for (const tensor of checkpoint.tensors.values()) {
      expect(tensor.type).toBe('f32');
      for (const value of await tensor.readFloat32()) {
        total += value;
        totalAbsolute += Math.abs(value);
      }
    }
    expect(checkpoint.tensors.size).toBe(tensors);
    expect(total).toBeCloseTo(sum, 7);
    expect(totalAbsolute).toBeCloseTo(absolute, 7);
    const tensor = checkpoint.tensors.get(name)!;
    const values = await tensor.readFloat32();
    expect(tensor.shape).toEqual(shape);
    expect(values[0]).toBe(first);
    expect(values.at(-1)).toBe(last);
    await checkpoint.close();
  });
});
