import { expect, test } from 'vitest';
import { encodeValues, toFloat16 } from '../../../models/onnx/encode.js';

test('float16 of values with known bits (IEEE 754 binary16)', () => {
  const known: [number, number][] = [
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    [-65_519, 0xfbff],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [2 ** -25 * 1.0001, 0x0001],
    [1023 * 2 ** -24, 0x03ff],
    [1023.5 * 2 ** -24, 0x0400],
    [1 / 3, 0x3555],
    // Half-way between two neighbours: to the even one.
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [1 + 2 ** -11 + 2 ** -20, 0x3c01],
  ];
  expect([...toFloat16(known.map(([value]) => value))]).toEqual(known.map(([, bits]) => bits));
});

test('every finite float16 comes back as itself', () => {
  const halves = Array.from({ length: 0x7c00 }, (_, bits) => bits);
  const values = halves.map((bits) => {
    const exponent = bits >> 10;
    const fraction = bits & 1023;
    return exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  expect([...toFloat16(values)]).toEqual(halves);
});

test('a value that the type does not have is named', () => {
  expect(() => toFloat16([0, 65_520])).toThrow('value 1 is 65520, beyond the largest float16, 65504');
  expect(() => toFloat16([Number.NaN])).toThrow('value 0 is NaN');
  expect(() => encodeValues('int32', [2 ** 31])).toThrow('2147483648 is not a value of type int32');
  expect(() => encodeValues('int64', [0.5])).toThrow('0.5 is not a value of type int64');
  expect(() => encodeValues('uint8', [256])).toThrow('256 is not a value of type uint8');
  expect(() => encodeValues('bool', [2])).toThrow('2 is not a value of type bool');
});

test('bytes are little-endian', () => {
  expect([...encodeValues('int64', [-2])]).toEqual([0xfe, 255, 255, 255, 255, 255, 255, 255]);
  expect([...encodeValues('int32', [258])]).toEqual([2, 1, 0, 0]);
  expect([...encodeValues('float32', [1])]).toEqual([0, 0, 0x80, 0x3f]);
  expect([...encodeValues('bool', [1, 0])]).toEqual([1, 0]);
});
