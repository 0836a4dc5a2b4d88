import { expect, it } from 'vitest';
import { expOfNegative } from '../../../models/sampling/exponential.js';

it('is e^x to twelve digits', () => {
  let largest = 0;
  for (let x = 0; x > -40; x -= 0.00137) largest = Math.max(largest, Math.abs(expOfNegative(x) / Math.exp(x) - 1));
  expect(largest).toBeLessThan(1e-12);
  expect(expOfNegative(0)).toBe(1);
});
