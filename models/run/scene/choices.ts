/**
 * What a prompt leaves open is decided by the seed: for each field of the plan a number in 0..1.
 *
 * Neighbouring seeds are spread over the values: the numbers of one field are a Weyl sequence, those of several fields together Roberts' R
 * sequence ("The Unreasonable Effectiveness of Quasirandom Sequences", 2018). So four seeds in a row give four different plans.
 */
import { PLAN_FIELDS, type PlanField } from '../../protocol.js';

/** The root of x^6 = x + 1: powers of its inverse are the steps of five dimensions. */
const ROOT = 1.1347241384015194;
const STEPS = PLAN_FIELDS.map((_, at) => Math.round(ROOT ** -(at + 1) * 2 ** 32) | 1);
/** Where each field begins, so that seed 0 is not the first value of every field. */
const BEGINNINGS = [0x1f2e3d4c, 0x6b8b4567, 0x327b23c6, 0x643c9869, 0x66334873];

export type Choices = {
  /** One of several values, each as often as its weight (1 if not given). */
  pick<T>(field: PlanField, values: readonly T[], weight?: (value: T) => number): T | undefined;
};

export function choicesOf(seed: number): Choices {
  const low = seed >>> 0;
  const high = Math.floor(seed / 2 ** 32);
  const unit = (field: PlanField): number => {
    const at = PLAN_FIELDS.indexOf(field);
    const spread = Math.imul(low, STEPS[at] ?? 1) + Math.imul(high, 0x9e3779b1) + (BEGINNINGS[at] ?? 0);
    return (spread >>> 0) / 2 ** 32;
  };
  return {
    pick(field, values, weight = () => 1) {
      const total = values.reduce((sum, value) => sum + weight(value), 0);
      let mark = unit(field) * total;
      for (const value of values) {
        mark -= weight(value);
        if (mark < 0) return value;
      }
      return values.at(-1);
    },
  };
}
