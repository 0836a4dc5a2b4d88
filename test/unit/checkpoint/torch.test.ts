import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../models/checkpoint/open.js';
import { memorySource } from '../../../models/checkpoint/source.js';
import { openTorch } from '../../../models/checkpoint/torch.js';
import { readAll, readAllOf, withFolder } from './fixtures/files.js';
import * as py from './fixtures/pickle.js';
import { countUp, smallTorchFile, stateDict, tensor, torchFile } from './fixtures/torch.js';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const UP_TO_24 = Array.from({ length: 24 }, (_, index) => index);

/**
 * What PyTorch 2.15 saved under `model`, in these shapes and row-major values. Beside it the files have `ema`, an optimizer's state, an
 * argparse.Namespace, NumPy scalars and arrays, sets, a complex number and an integer of 17 bytes.
 */
const SAVED: Readonly<Record<string, readonly [shape: readonly number[], values: readonly number[]]>> = {
  base: [[4, 6], UP_TO_24],
  transposed: [
    [6, 4],
    [0, 6, 12, 18, 1, 7, 13, 19, 2, 8, 14, 20, 3, 9, 15, 21, 4, 10, 16, 22, 5, 11, 17, 23],
  ],
  column: [[4], [2, 8, 14, 20]],
  block: [
    [2, 3],
    [8, 9, 10, 14, 15, 16],
  ],
  'every.second': [
    [2, 2],
    [0, 3, 12, 15],
  ],
  permuted: [
    [4, 2, 3],
    [0, 4, 8, 12, 16, 20, 1, 5, 9, 13, 17, 21, 2, 6, 10, 14, 18, 22, 3, 7, 11, 15, 19, 23],
  ],
  expanded: [
    [3, 2],
    [1.5, -2.5, 1.5, -2.5, 1.5, -2.5],
  ],
  scalar: [[], [7.25]],
  empty: [[0, 5], []],
  parameter: [
    [1, 2],
    [0.5, -0.25],
  ],
  'type.f64': [[4], [0, 1, -2, 3]],
  'type.f16': [[4], [0, 1, -2, 3]],
  'type.bf16': [[4], [0, 1, -2, 3]],
  'type.i64': [[4], [0, 1, -2, 3]],
  'type.i32': [[4], [0, 1, -2, 3]],
  'type.i16': [[4], [0, 1, -2, 3]],
  'type.i8': [[4], [0, 1, -2, 3]],
  'type.u8': [[4], [0, 1, 200, 255]],
  'type.bool': [[3], [1, 0, 1]],
  'half.edge': [[5], [65504, 2 ** -24, -0, 168 * 2 ** -24, Number.POSITIVE_INFINITY]],
  'nested.buffer': [[2], [3, 4]],
};

/** What was saved there, too, and can't be read: each is an error by name, and only when it is wanted. */
const UNREADABLE: Readonly<Record<string, RegExp>> = {
  complex: /tensor "complex" has elements of "torch\.ComplexFloatStorage", which are not read/,
  float8: /tensor "float8" has elements of "torch\.float8_e4m3fn", which are not read/,
  uint16: /tensor "uint16" has elements of "torch\.uint16"/,
  quantised: /tensor "quantised" is made by the Python global "torch\._utils\._rebuild_qtensor", which is not known/,
  sparse: /tensor "sparse" is made by the Python global "torch\._utils\._rebuild_sparse_tensor"/,
  conj: /tensor "conj" has elements of "torch\.ComplexFloatStorage"/,
  neg: /tensor "neg" is a lazy negation or conjugation/,
};

describe.each([2, 5])('a file of PyTorch 2.15 with pickle protocol %i', (protocol) => {
  const file = join(FIXTURES, `torch-2.15-protocol-${protocol}.pt`);

  test('reads every kind of tensor', async () => {
    const checkpoint = await openCheckpoint(file);
    expect([...checkpoint.tensors.keys()].sort()).toEqual([...Object.keys(SAVED), 'big'].sort());
    for (const [name, [shape, values]] of Object.entries(SAVED)) {
      const saved = checkpoint.tensors.get(name)!;
      expect(saved.shape, name).toEqual(shape);
      expect(await saved.readFloat32(), name).toEqual(Float32Array.from(values));
    }
    await checkpoint.close();
  });

  test('refuses unknown kinds by name when they are wanted', async () => {
    const { tensors, close } = await openCheckpoint(file);
    for (const [name, message] of Object.entries(UNREADABLE)) {
      expect(tensors.has(name), name).toBe(true);
      expect(() => tensors.get(name), name).toThrow(message);
    }
    await expect(tensors.get('big')!.readFloat32()).rejects.toThrow(
      /tensor "big" of type i64 holds 16777217, which float32 can't hold exactly/,
    );
    await close();
  });

  test('has the moving average, too', async () => {
    expect(await readAllOf(file, { prefer: 'ema' })).toEqual({
      base: { shape: [4, 6], values: UP_TO_24.map((value) => value + 1) },
    });
  });
});

test('the format of PyTorch before 1.6 is refused with its remedy', async () => {
  await expect(openCheckpoint(join(FIXTURES, 'torch-2.15-legacy.pt'))).rejects.toThrow(
    /legacy\.pt: is in the old format of PyTorch before 1\.6.*torch\.save\(torch\.load\(f\), f2\)/,
  );
});

test('zip64, no folder in the archive, and a comment at its end', async () => {
  const expected = { w: { shape: [2, 3], values: [0, 1, 2, 3, 4, 5] } };
  expect(await readAll(smallTorchFile())).toEqual(expected);
  expect(await readAll(smallTorchFile({ zip: { zip64: true } }))).toEqual(expected);
  expect(await readAll(smallTorchFile({ root: '' }))).toEqual(expected);
  expect(await readAll(smallTorchFile({ zip: { comment: 'PK\x05\x06 is not the end here' } }))).toEqual(expected);
});

describe('the table of tensors is found', () => {
  const named = (key: string) => stateDict({ w: tensor({ key, length: 1, shape: [1] }) });
  const storages = { a: countUp(1), b: new Uint8Array(Float32Array.of(7).buffer) };
  const wrap = (...path: readonly string[]) =>
    path.reduceRight((value, name) => py.dict([py.text(name), value]), named('b'));

  test.each([
    ['unwrapped', wrap()],
    ['model', wrap('model')],
    ['module', wrap('module')],
    ['state_dict', wrap('state_dict')],
    ['ema', wrap('ema')],
    ['trainer.ema_parameters', wrap('trainer', 'ema_parameters')],
    ['an unknown name alone', wrap('generator')],
    ['beside the state of an optimizer', py.dict([py.text('optimizer'), named('a')], [py.text('net'), named('b')])],
    [
      'beside a tensor of another use',
      py.dict([py.text('step'), tensor({ key: 'a', length: 1, shape: [] })], [py.text('model'), named('b')]),
    ],
  ])('%s', async (_, value) => {
    expect(await readAll(torchFile(value, storages))).toEqual({ w: { shape: [1], values: [7] } });
  });

  test('as preferred', async () => {
    const both = torchFile(py.dict([py.text('ema'), named('b')], [py.text('model'), named('a')]), storages);
    expect((await readAll(both))['w']!.values).toEqual([0]);
    expect((await readAll(both, { prefer: 'model' }))['w']!.values).toEqual([0]);
    expect((await readAll(both, { prefer: 'ema' }))['w']!.values).toEqual([7]);
  });

  test('or refused, when several could be meant', async () => {
    const several = torchFile(py.dict([py.text('generator'), named('a')], [py.text('critic'), named('b')]), storages);
    await expect(readAll(several)).rejects.toThrow(/several tables of tensors \("generator", "critic"\)/);
  });

  test('or refused, when it is of an unknown class', async () => {
    const object = py.withEntries(py.call(py.global('mylib.tables Frozen')), [
      py.text('w'),
      tensor({ key: 'a', length: 1, shape: [1] }),
    ]);
    await expect(readAll(torchFile(py.dict([py.text('model'), object]), storages))).rejects.toThrow(
      /its table "model" is a "mylib\.tables\.Frozen" object, which is not known/,
    );
  });

  test.each([
    [
      'a whole module',
      py.withState(py.call(py.global('models.gpt Transformer')), py.dict()),
      /holds a whole Python object \("models\.gpt\.Transformer"\)/,
    ],
    ['a single tensor', tensor({ key: 'a', length: 1, shape: [1] }), /holds a single tensor/],
    ['a number', py.integer(5), /holds no table of named tensors/],
    [
      'settings',
      py.dict([py.text('args'), py.call(py.global('argparse Namespace'))]),
      /only "args", of class "argparse\.Namespace"/,
    ],
    ['nothing', py.dict(), /holds no table of named tensors/],
  ])('or refused, when there is none: %s', async (_, value, message) => {
    await expect(readAll(torchFile(value, storages))).rejects.toThrow(message);
  });
});

test('nothing is read but the directory, the pickle and the tensors that are wanted', async () => {
  const wanted = tensor({ key: 'wanted', length: 4, shape: [4] });
  const other = tensor({ key: 'other', length: 250_000, shape: [250_000] });
  const bytes = torchFile(
    py.dict(
      [py.text('model'), stateDict({ wanted, other })],
      [py.text('optimizer'), py.dict([py.text('moment'), tensor({ key: 'missing', length: 1, shape: [9] })])],
    ),
    { wanted: countUp(4), other: new Uint8Array(1_000_000) },
  );
  const source = memorySource('file.pt', bytes);
  let read = 0;
  const table = await openTorch(
    {
      ...source,
      async readInto(offset, target) {
        read += target.length;
        await source.readInto(offset, target);
      },
    },
    'model',
  );
  expect([...(await table.get('wanted')!.readFloat32())]).toEqual([0, 1, 2, 3]);
  // The search for the end of the directory reads 64 KiB.
  expect(read).toBeLessThan(70_000);
});

test('names are only names', async () => {
  const one = tensor({ key: '0', length: 1, shape: [1] });
  const bytes = torchFile(stateDict({ constructor: one, toString: one, ['__proto__']: one }), { 0: countUp(1) });
  expect(Object.keys(await readAll(bytes))).toContain('constructor');
  const source = await openTorch(
    memorySource('file.pt', torchFile(py.orderedDict([py.text('__proto__'), one]), { 0: countUp(1) })),
    'model',
  );
  expect([...source.keys()]).toEqual(['__proto__']);
  expect(Object.hasOwn(Object.prototype, 'shape')).toBe(false);
});

test('a file that gets shorter or is closed while it is in use is noticed', async () => {
  await withFolder(async (folder) => {
    const file = join(folder, 'file.pt');
    await writeFile(file, smallTorchFile());
    const { tensors, close } = await openCheckpoint(file);
    await truncate(file, 20);
    await expect(tensors.get('w')!.readFloat32()).rejects.toThrow(
      /file\.pt: ends before byte \d+, but had \d+ bytes when it was opened/,
    );
    await close();
    await expect(tensors.get('w')!.readFloat32()).rejects.toThrow(
      /file\.pt: can't be read at byte \d+ \(\w+\)\. Open the checkpoint again/,
    );
  });
});
