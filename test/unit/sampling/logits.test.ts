import { describe, expect, it } from 'vitest';
import { drawCode } from '../../../models/sampling/draw.js';
import { argMax, supportOf } from '../../../models/sampling/logits.js';
import { noiseFor } from '../../../models/sampling/noise.js';

const everything = { temperature: 1, topK: 0, topP: 1 };

/** The published order written the slow way: divide, keep what reaches the k-th, sort, cut at the cumulative sum. */
function plainly(logits: Float32Array, temperature: number, topK: number, topP: number): Map<number, number> {
  const scaled = [...logits].map((logit) => Math.fround(logit / temperature));
  const sorted = [...scaled].sort((a, b) => b - a);
  const least = topK > 0 ? sorted[Math.min(topK, sorted.length) - 1]! : Number.NEGATIVE_INFINITY;
  let kept = scaled.map((value, code) => ({ value, code })).filter(({ value }) => value >= least);
  const total = (entries: typeof kept) => entries.reduce((sum, { value }) => sum + Math.exp(value), 0);
  if (topP < 1) {
    const all = total(kept);
    let before = 0;
    kept = kept
      .sort((a, b) => b.value - a.value || a.code - b.code)
      .filter(({ value }, rank) => {
        const keep = rank === 0 || before / all <= topP;
        before += Math.exp(value);
        return keep;
      });
  }
  const sum = total(kept);
  return new Map(
    kept.sort((a, b) => a.code - b.code).map(({ value, code }) => [code, Math.log(Math.exp(value) / sum)]),
  );
}

describe('supportOf', () => {
  it.each([
    [1, 0, 1],
    [1, 50, 1],
    [0.7, 1000, 1],
    [1, 0, 0.9],
    [1.3, 200, 0.5],
    [2, 5000, 0.99],
    [1, 1, 1],
    [1, 9999, 0.001],
  ])('equals the plain computation at temperature %d, top-k %d, top-p %d', (temperature, topK, topP) => {
    const logits = noiseFor(5, 5000, 1).map((value) => value * 3);
    const { codes, logProbabilities } = supportOf(logits, { temperature, topK, topP });
    const expected = plainly(logits, temperature, topK, topP);
    expect([...codes]).toEqual([...expected.keys()]);
    const values = [...expected.values()];
    for (const [index, value] of logProbabilities.entries()) expect(value).toBeCloseTo(values[index]!, 10);
  });

  it('keeps all codes that tie with the last of the top-k, -0 and 0 among them', () => {
    expect([...supportOf(Float32Array.of(0, 3, -0, -1, 0), { ...everything, topK: 2 }).codes]).toEqual([0, 1, 2, 4]);
  });

  it('leaves out what can not be drawn', () => {
    const logits = Float32Array.of(Number.NEGATIVE_INFINITY, 1, Number.NEGATIVE_INFINITY, 1);
    const { codes, logProbabilities } = supportOf(logits, everything);
    expect([...codes]).toEqual([1, 3]);
    expect([...logProbabilities]).toEqual([Math.log(0.5), Math.log(0.5)]);
  });

  it('never divides by less than 1e-5', () => {
    expect([...supportOf(Float32Array.of(1, 2, 1.5), { temperature: 1e-30, topK: 0, topP: 0.9 }).codes]).toEqual([1]);
  });

  it('refuses logits that are not numbers', () => {
    expect(() => supportOf(Float32Array.of(1, Number.NaN), everything)).toThrow('logit 1 of 2 is NaN');
    expect(() => supportOf(Float32Array.of(Number.POSITIVE_INFINITY), everything)).toThrow('logit 0 of 1 is Infinity');
    expect(() => supportOf(Float32Array.of(Number.NEGATIVE_INFINITY), everything)).toThrow('nothing to draw');
    expect(() => supportOf(new Float32Array(2 ** 20 + 1), { ...everything, topP: 0.5 })).toThrow(
      'top-p can sort at most 1048576 codes, and here are 1048577',
    );
  });
});

describe('drawCode', () => {
  it('takes the code whose share of 0..1 the number falls into', () => {
    const support = {
      codes: Int32Array.of(3, 7, 9),
      logProbabilities: Float64Array.of(-Math.log(4), -Math.log(2), -Math.log(4)),
    };
    expect([0, 0.2499, 0.2501, 0.7499, 0.7501, 1 - 2 ** -53].map((uniform) => drawCode(support, uniform))).toEqual([
      3, 3, 7, 7, 9, 9,
    ]);
  });

  it('gives what rounding leaves over to the last code that is possible', () => {
    const support = {
      codes: Int32Array.of(1, 2, 5),
      logProbabilities: Float64Array.of(Math.log(0.5), Math.log(0.4999), -Infinity),
    };
    expect(drawCode(support, 0.99999)).toBe(2);
  });
});

describe('argMax', () => {
  it('is the first of the largest', () => {
    expect(argMax(Float32Array.of(-3, 2, 5, 5, 1))).toBe(2);
    expect(argMax(Float32Array.of(Number.NEGATIVE_INFINITY, -9))).toBe(1);
  });
});
