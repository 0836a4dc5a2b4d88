import { describe, expect, it } from 'vitest';
import { createFlowMap } from '../../../models/sampling/flow-map.js';
import { supportOf } from '../../../models/sampling/logits.js';
import { noiseFor } from '../../../models/sampling/noise.js';

const CHANNELS = 8;

function unitCodebook(seed: number, codes: number): Float32Array {
  const codebook = noiseFor(seed, codes, CHANNELS);
  for (let at = 0; at < codebook.length; at += CHANNELS) {
    const norm = Math.hypot(...codebook.subarray(at, at + CHANNELS));
    for (let channel = 0; channel < CHANNELS; channel++) codebook[at + channel]! /= norm;
  }
  return codebook;
}

const everything = { temperature: 1, topK: 0, topP: 1 };

describe('createFlowMap', () => {
  it('draws codes with the probabilities given', { timeout: 60_000 }, () => {
    // 200,000 draws give +-0.002 (checked with TWOSTEP_FLOW_DRAWS=200000); the default is quicker and as strict in
    // standard errors.
    const draws = Number(process.env['TWOSTEP_FLOW_DRAWS'] ?? 30_000);
    const probabilities = [0.3, 0.2, 0.12, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.01, 0.007, 0.003];
    const support = supportOf(Float32Array.from(probabilities, Math.log), everything);
    const flow = createFlowMap({ codebook: unitCodebook(11, 12), channels: CHANNELS });
    const noise = noiseFor(99, draws, CHANNELS);
    const counts = new Float64Array(12);
    for (let draw = 0; draw < draws; draw++) counts[flow(support, noise, draw * CHANNELS)]! += 1;
    const allowance = Math.max(0.002, (0.002 * Math.sqrt(200_000)) / Math.sqrt(draws));
    for (const [code, probability] of probabilities.entries())
      expect(Math.abs(counts[code]! / draws - probability), `code ${code}`).toBeLessThan(allowance);
  });

  it('draws codes of any length as well, in 32 channels', { timeout: 60_000 }, () => {
    // VAR's codes are not brought to norm 1: a long code must not win, nor a short one, by its length.
    const draws = 8000;
    const [codes, channels] = [8, 32];
    const probabilities = [0.3, 0.2, 0.15, 0.12, 0.1, 0.07, 0.04, 0.02];
    const lengths = [0.1, 2, 0.5, 4, 1, 0.02, 3, 0.3];
    const codebook = noiseFor(12, codes, channels).map(
      (value, at) => value * (lengths[Math.floor(at / channels)] ?? 1),
    );
    const support = supportOf(Float32Array.from(probabilities, Math.log), everything);
    const flow = createFlowMap({ codebook, channels, steps: 100 });
    const noise = noiseFor(98, draws, channels);
    const counts = new Float64Array(codes);
    for (let draw = 0; draw < draws; draw++) counts[flow(support, noise, draw * channels)]! += 1;
    // Four standard errors.
    for (const [code, probability] of probabilities.entries())
      expect(Math.abs(counts[code]! / draws - probability), `code ${code}`).toBeLessThan(
        4 * Math.sqrt((probability * (1 - probability)) / draws),
      );
  });

  it('ends where 2000 steps end, for nearly all noise, on a real codebook size', { timeout: 60_000 }, () => {
    // 1500 draws, logits with standard deviation 1: 20 steps agree in 97.9 %, 30 in 98.8 %, 40 in 98.9 %, 50 in 99.2 %,
    // 80 in 99.6 %.
    const codebook = unitCodebook(1, 16_384);
    const flow = createFlowMap({ codebook, channels: CHANNELS });
    const reference = createFlowMap({ codebook, channels: CHANNELS, steps: 2000 });
    const draws = 24;
    const noise = noiseFor(3, draws, CHANNELS);
    let same = 0;
    for (let draw = 0; draw < draws; draw++) {
      const logits = noiseFor(1000 + draw, 16_384, 1).map((value) => value * 2);
      const support = supportOf(logits, { temperature: 1, topK: 1000, topP: 1 });
      expect(support.codes.length).toBe(1000);
      const code = flow(support, noise, draw * CHANNELS);
      expect(flow(support, noise, draw * CHANNELS)).toBe(code);
      if (code === reference(support, noise, draw * CHANNELS)) same += 1;
    }
    expect(same).toBeGreaterThanOrEqual(draws - 1);
  });

  it('agrees with Euler steps, which need four times as many', () => {
    const codebook = unitCodebook(2, 200);
    const multistep = createFlowMap({ codebook, channels: CHANNELS });
    const euler = createFlowMap({ codebook, channels: CHANNELS, steps: 400, solver: 'euler' });
    const support = supportOf(noiseFor(4, 200, 1), everything);
    const noise = noiseFor(8, 300, CHANNELS);
    let same = 0;
    for (let draw = 0; draw < 300; draw++)
      if (multistep(support, noise, draw * CHANNELS) === euler(support, noise, draw * CHANNELS)) same += 1;
    expect(same).toBeGreaterThanOrEqual(294);
  });

  it('tells two codes apart as the exact solution does', () => {
    // Two opposite codes +-e: x follows the sign of (x.e + shift of the probabilities), so for p = 1/2 noise on e's
    // side ends at e.
    const codebook = Float32Array.of(1, 0, -1, 0);
    const flow = createFlowMap({ codebook, channels: 2 });
    const support = supportOf(Float32Array.of(0, 0), everything);
    expect(flow(support, Float32Array.of(0.01, 2))).toBe(0);
    expect(flow(support, Float32Array.of(-0.01, 2))).toBe(1);
    expect(flow(support, Float32Array.of(9, 9, -3, 1), 2)).toBe(1);
  });

  it('knows only one answer when one code is left, whatever its length', () => {
    const flow = createFlowMap({ codebook: Float32Array.of(1, 2, 3, 4, 5, 6), channels: 3 });
    expect(flow(supportOf(Float32Array.of(0, 5), { ...everything, topK: 1 }), Float32Array.of(-9, 0, 9))).toBe(1);
  });

  it('refuses what does not fit', () => {
    const codebook = new Float32Array(16);
    const flow = createFlowMap({ codebook, channels: 8 });
    const support = (...codes: number[]) => ({
      codes: Int32Array.from(codes),
      logProbabilities: Float64Array.from(codes, () => 0),
    });
    expect(() => createFlowMap({ codebook, channels: 7 })).toThrow(
      'a codebook of 16 numbers has no rows of 7 channels',
    );
    expect(() => createFlowMap({ codebook, channels: 8, steps: 0 })).toThrow('the flow can not take 0 steps');
    expect(() => flow(support(2), new Float32Array(8))).toThrow('code 2 is not in the codebook of 2');
    expect(() => flow(support(), new Float32Array(8))).toThrow('the support is empty');
    expect(() => flow(support(0), new Float32Array(8), 1)).toThrow('noise of 8 numbers has no 8 from 1 on');
  });
});
