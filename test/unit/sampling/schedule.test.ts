import { describe, expect, it } from 'vitest';
import { planStep, planSteps, range } from '../../../models/sampling/schedule.js';

/** What `assemble` picks, in words. */
function read(plan: ReturnType<typeof planStep>): string[] {
  return plan.assemble.map((row) => {
    if (row < plan.positions) return `in ${row}`;
    if (row < plan.positions + plan.discreteRows.length) return `code ${plan.discreteRows[row - plan.positions]}`;
    return `vector ${plan.continuousRows[row - plan.positions - plan.discreteRows.length]}`;
  });
}

describe('planSteps', () => {
  const geometry = { total: 12, times: [0, 4], split: 7 };

  it('runs only what the next step keeps, then everything', () => {
    const [first, second] = planSteps(geometry, 2, false);
    expect(read(first!)).toEqual(['code 0', 'code 1', 'code 2', 'code 3']);
    expect(read(second!)).toEqual([
      ...range(0, 4).map((position) => `in ${position}`),
      ...range(4, 7).map((position) => `code ${position}`),
      ...range(7, 12).map((position) => `vector ${position}`),
    ]);
  });

  it('runs everything in the first step when a draft is wanted, and in a single step', () => {
    for (const [plan] of [planSteps(geometry, 2, true), planSteps(geometry, 1, false)])
      expect(read(plan!)).toEqual([
        ...range(0, 7).map((position) => `code ${position}`),
        ...range(7, 12).map((position) => `vector ${position}`),
      ]);
  });

  it('needs each head only where its result is used', () => {
    const [first, second] = planSteps(geometry, 2, false);
    expect(first?.discreteRows).toEqual([0, 1, 2, 3]);
    expect(second?.discreteRows).toEqual([4, 5, 6]);
    expect(second?.continuousRows).toEqual([7, 8, 9, 10, 11]);
  });

  it('never leaves a head without rows, where the published B has its split at the time of the second step', () => {
    const plan = planStep({ known: 4, positions: 12, split: 4 });
    expect(plan.discreteRows).toEqual([0]);
    expect(read(plan).slice(4)).toEqual(range(4, 12).map((position) => `vector ${position}`));
    expect(planStep({ known: 0, positions: 4, split: 7 }).continuousRows).toEqual([0]);
  });

  it('refuses more steps than the student was trained for', () => {
    expect(() => planSteps(geometry, 3, false)).toThrow('3 steps asked of a student that was trained for 1 to 2');
  });
});
