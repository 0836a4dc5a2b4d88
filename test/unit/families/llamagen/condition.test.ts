import { describe, expect, it } from 'vitest';
import { attentionBias } from '../../../../models/families/llamagen/attention-bias.js';
import { cacheCondition, feedConditions } from '../../../../models/families/llamagen/condition.js';
import { CONDITION } from '../../../../models/graphs.js';

const shape = { layers: 1, width: 2 };
const values = (feeds: ReturnType<typeof feedConditions>, name: string) =>
  Array.from(feeds[name]!.data as Float32Array);

describe('feedConditions', () => {
  it('lets a row see its own prompt up to itself, evenly', () => {
    const feeds = feedConditions(
      [
        { kind: 'fresh', count: 2 },
        { kind: 'fresh', count: 1 },
      ],
      [0, 1, 1],
      shape,
    );
    // biome-ignore format: a matrix
    expect(values(feeds, CONDITION.mix)).toEqual([
      1, 0, 0,
      0.5, 0.5, 0,
      0, 0, 1,
    ]);
    // biome-ignore format: a row a picture
    expect(values(feeds, CONDITION.pool)).toEqual([
      0.5, 0.5, 0,
      0, 0, 1,
      0, 0, 1,
    ]);
    expect(values(feeds, CONDITION.cache)).toEqual(Array(12).fill(0));
  });

  it('gives each picture what its prompt left behind, and one dummy row', () => {
    const cached = { kind: 'cached', count: 3, vectors: Float32Array.of(1, 2, 3, 4) } as const;
    const feeds = feedConditions([cached], [0, 0], shape);
    expect(values(feeds, CONDITION.mix)).toEqual([1]);
    expect(values(feeds, CONDITION.pool)).toEqual([0, 0]);
    // [layers + 1, pictures, width]
    expect(values(feeds, CONDITION.cache)).toEqual([1, 2, 1, 2, 3, 4, 3, 4]);
  });

  it('takes apart what it put together', () => {
    const output = Float32Array.of(1, 2, 5, 6, 3, 4, 7, 8);
    expect(cacheCondition(output, { picture: 1, batch: 2, count: 9 }, shape)).toEqual({
      kind: 'cached',
      count: 9,
      vectors: Float32Array.of(5, 6, 7, 8),
    });
  });

  it('refuses a call of both kinds, and a prompt that is not there', () => {
    const cached = { kind: 'cached', count: 1, vectors: new Float32Array(4) } as const;
    expect(() => feedConditions([cached, { kind: 'fresh', count: 1 }], [0], shape)).toThrow('can not share a call');
    expect(() => feedConditions([cached], [1], shape)).toThrow('picture 0 names prompt 1 of 1');
  });
});

describe('attentionBias', () => {
  it('shows a row the condition, the filled cache and what came before it in this call', () => {
    const { shape: size, data } = attentionBias({ counts: [1, 4], positions: 2, cache: { capacity: 3, filled: 1 } });
    expect(size).toEqual([2, 1, 2, 6]);
    const seen = Array.from(data as Float32Array, (value) => (value === -1e4 ? 'x' : value.toFixed(2)));
    // biome-ignore format: a row a position
    expect(seen).toEqual([
      '0.00', '0.00', 'x', 'x', '0.00', 'x',
      '0.00', '0.00', 'x', 'x', '0.00', '0.00',
      '1.39', '0.00', 'x', 'x', '0.00', 'x',
      '1.39', '0.00', 'x', 'x', '0.00', '0.00',
    ]);
  });
});
