import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Exceeded, limitsFor, memoryOfProcess, watchRun } from '../../../server/engine/run-limits.js';
import { describePack } from '../../support/packs.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** The published size: 8 GB of files and 256 x 256 pixels. */
const LARGE = describePack({
  files: describePack().files.map((file) => ({ ...file, size: 1.6e9 })),
});
const limits = { memory: 2e9, silence: 60_000, grace: 5_000 };

function watch(memory: () => number | undefined = () => 1e9) {
  const told: Exceeded[] = [];
  return { told, run: watchRun(limits, memory, (how) => told.push(how)) };
}

describe('D7: what a pack may take while it draws', () => {
  it('is what packs of its size take, several times over', () => {
    const small = limitsFor(describePack(), 0);
    expect(small.memory).toBeGreaterThan(1e9);
    expect(small.memory).toBeLessThan(2e9);
    expect(small.silence / 1000).toBeCloseTo(60);
    const large = limitsFor(LARGE, 0);
    expect(large.memory).toBeGreaterThan(20e9);
    expect(large.silence).toBeGreaterThan(800_000);
    expect(large.grace).toBeGreaterThan(15_000);
    expect(limitsFor(describePack(), 1e9).memory - small.memory).toBe(3e9);
  });

  it('ends what computes without a result, told once', () => {
    const { told, run } = watch();
    vi.advanceTimersByTime(59_000);
    run.heard();
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual([{ code: 'engine-failed', message: 'It computed for 60 s without a result, and was ended.' }]);
  });

  it('ends what takes too much memory', () => {
    let memory = 1e9;
    const { told } = watch(() => memory);
    vi.advanceTimersByTime(1000);
    memory = 2.9e9;
    vi.advanceTimersByTime(1000);
    expect(told).toEqual([
      {
        code: 'out-of-memory',
        message: 'It took 2.9 GB of memory, more than the 2.0 GB that a pack of its size may take, and was ended.',
      },
    ]);
  });

  it('ends what was cancelled and does not stop, but not before its grace', () => {
    const { told, run } = watch();
    run.cancelled();
    vi.advanceTimersByTime(4_000);
    run.cancelled();
    expect(told).toEqual([]);
    vi.advanceTimersByTime(2_000);
    expect(told).toMatchObject([{ code: 'cancelled' }]);
  });

  it('says nothing where it was stopped, or where memory can not be told', () => {
    const { told, run } = watch(() => undefined);
    run.stop();
    vi.advanceTimersByTime(600_000);
    expect(told).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')('knows how much memory a process has', () => {
    expect(memoryOfProcess(process.pid)).toBeGreaterThan(1e7);
    expect(memoryOfProcess(2 ** 30)).toBeUndefined();
    expect(memoryOfProcess(undefined)).toBeUndefined();
  });
});
