import { expect, test } from 'vitest';
import { countParts, NetworkError, readLength, takeWeights } from '../../../models/nets/weights.js';
import { fakeCheckpoint } from '../../support/fake-checkpoint.js';

const checkpoint = fakeCheckpoint({ a: [2, 3], 'b.old': [4], derived: [1], 'part.0.x': [1], 'part.3.x': [1] });
const parts = { 'part.0.x': [1], 'part.3.x': [1] };

test('weights come under the names of the table, unread', async () => {
  const weights = takeWeights(
    checkpoint,
    { a: [2, 3], second: { names: ['b', 'b.old'], shape: [4] }, ...parts },
    { network: 'a test', ignore: ['derived'] },
  );
  expect(weights.get('a').shape).toEqual([2, 3]);
  expect(await weights.get('second').load()).toEqual(await checkpoint.tensors.get('b.old')?.readFloat32());
  expect(() => weights.get('b.old')).toThrow('The table of a test has no tensor "b.old"');
});

test('all that does not fit is listed together', () => {
  let thrown: unknown;
  try {
    takeWeights(
      checkpoint,
      { a: [3, 2], 'b.old': [4, 1], c: [1], d: { names: ['d', 'd.old'], shape: [1] } },
      { network: 'a test network', ignore: [/^part\./] },
    );
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(NetworkError);
  const { message, file, faults } = thrown as NetworkError;
  expect(message).toBe(
    'made-up.pt does not hold a test network: 2 tensors are missing ("c", "d"); 1 is not known ("derived"); ' +
      '2 have other shapes ("a" [2, 3] instead of [3, 2], "b.old" [4] instead of [4, 1])',
  );
  expect(file).toBe('made-up.pt');
  expect(faults).toEqual({
    missing: ['c', 'd'],
    extra: ['derived'],
    misshaped: [
      { name: 'a', shape: [2, 3], expected: [3, 2] },
      { name: 'b.old', shape: [4], expected: [4, 1] },
    ],
  });
});

test('one fault is told in the singular', () => {
  const only = fakeCheckpoint({ a: [1] });
  expect(() => takeWeights(only, { a: [2] }, { network: 'it' })).toThrow(
    'made-up.pt does not hold it: 1 has another shape ("a" [1] instead of [2])',
  );
  expect(() => takeWeights(only, { a: [1], b: [1] }, { network: 'it' })).toThrow('1 tensor is missing ("b")');
});

test('a name can not fill the screen nor control it, nor can a thousand names', () => {
  const hostile = fakeCheckpoint(
    Object.fromEntries([
      ['\u001b[2J', [1]],
      ...Array.from({ length: 999 }, (_, index) => [`${'x'.repeat(500)}${index}`, [1]]),
    ]),
  );
  expect(() => takeWeights(hostile, {}, { network: 'it' })).toThrow(
    /1000 are not known \("\\u001b\[2J", .* and 900 more\)/,
  );
  try {
    takeWeights(hostile, {}, { network: 'it' });
  } catch (error) {
    expect((error as NetworkError).message.length).toBeLessThan(20_000);
    expect((error as NetworkError).faults.extra).toHaveLength(1000);
  }
});

test('sizes are read from the first tensor that is there', () => {
  expect(
    readLength(checkpoint, 'a test', [
      ['missing', 0],
      ['a', 1],
    ]),
  ).toBe(3);
  expect(() =>
    readLength(checkpoint, 'a test', [
      ['missing', 0],
      ['a', 2],
    ]),
  ).toThrow(
    'made-up.pt does not hold a test: its size is read from axis 0 of "missing" or axis 2 of "a", which is missing',
  );
});

test('parts are counted by their largest number, within reason', () => {
  expect(countParts(checkpoint, /^part\.(\d{1,9})\./)).toBe(4);
  expect(countParts(checkpoint, /^layers\.(\d{1,9})\./)).toBe(0);
  expect(() => countParts(fakeCheckpoint({ 'part.123456.x': [1] }), /^part\.(\d{1,9})\./)).toThrow(
    'made-up.pt names part 123456 of a network; at most 1000 parts are read',
  );
});
