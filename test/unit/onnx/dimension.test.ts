import { expect, test } from 'vitest';
import {
  addDimensions,
  countElements,
  divideDimensions,
  multiplyDimensions,
  normalizeDimension,
  subtractDimensions,
} from '../../../models/onnx/dimension.js';

test('an expression has one spelling', () => {
  expect(normalizeDimension('n + S*B')).toBe('B*S+n');
  expect(normalizeDimension('B*S+n')).toBe('B*S+n');
  expect(normalizeDimension('1+P+S-2')).toBe('P+S-1');
  expect(normalizeDimension('2*B*3')).toBe('6*B');
  expect(normalizeDimension('-B+2*B')).toBe('B');
  expect(normalizeDimension('a-a+4')).toBe(4);
  expect(normalizeDimension(0)).toBe(0);
});

test('what is no length is refused', () => {
  expect(() => normalizeDimension(-1)).toThrow('-1 is not a length');
  expect(() => normalizeDimension(1.5)).toThrow('1.5 is not a length');
  expect(() => normalizeDimension('B/2')).toThrow('"B/2" is not a sum of products of symbols and whole numbers');
  expect(() => normalizeDimension('B+')).toThrow('"B+" is not a sum of products');
  expect(() => normalizeDimension('')).toThrow('"" is not a sum of products');
});

test('sums and products', () => {
  expect(addDimensions(2, 3)).toBe(5);
  expect(addDimensions('n', 'B*S')).toBe('B*S+n');
  expect(subtractDimensions('B*S+n', 'n')).toBe('B*S');
  expect(subtractDimensions('S', 1)).toBe('S-1');
  expect(multiplyDimensions('B*S+n', 64)).toBe('64*B*S+64*n');
  expect(multiplyDimensions('B+1', 'B-1')).toBe('B*B-1');
  expect(countElements(['B', 'S', 4, 16])).toBe('64*B*S');
  expect(countElements([])).toBe(1);
});

test('a quotient is exact or there is none', () => {
  expect(divideDimensions('64*B*S+64*n', 16)).toBe('4*B*S+4*n');
  expect(divideDimensions('64*B*S', '16*S')).toBe('4*B');
  expect(divideDimensions('64*B+n', 64)).toBeUndefined();
  expect(divideDimensions('B', 'S')).toBeUndefined();
  expect(divideDimensions('B+n', 'B+n')).toBe(1);
  expect(divideDimensions('B*n+n', 'B+n')).toBeUndefined();
  expect(divideDimensions(12, 5)).toBeUndefined();
});
