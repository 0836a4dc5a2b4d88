import { describe, expect, test } from 'vitest';
import { memorySource } from '../../../models/checkpoint/source.js';
import { openTorch } from '../../../models/checkpoint/torch.js';
import { concat, uint } from './fixtures/bytes.js';
import * as py from './fixtures/pickle.js';
import { countUp, stateDict, tensor, torchFile } from './fixtures/torch.js';

const W = tensor({ key: '0', length: 2, shape: [2] });
const STORAGES = { 0: countUp(2) };

/** Opens a file with this pickle and reads `w`. */
async function read(value: py.Opcodes | { readonly raw: Uint8Array }): Promise<readonly number[]> {
  const table = await openTorch(memorySource('file.pt', torchFile(value, STORAGES)), 'model');
  return [...(await table.get('w')!.readFloat32())];
}

/** A model, and beside it something else. */
const beside = (extra: py.Opcodes) => py.dict([py.text('extra'), extra], [py.text('model'), stateDict({ w: W })]);

describe('nothing in a pickle is executed', () => {
  test('a call that would be an attack is only a record', async () => {
    expect(await read(beside(py.call(py.global('os system'), py.text('exit 1'))))).toEqual([0, 1]);
    expect(await read(beside(py.call(py.global('builtins eval'), py.text('1/0'))))).toEqual([0, 1]);
  });

  test('an unknown global is an error by name when a wanted tensor depends on it', async () => {
    const attack = py.call(py.global('posix system'), py.text('exit 1'));
    await expect(read(stateDict({ other: W, w: attack }))).rejects.toThrow(
      'file.pt: tensor "w" is made by the Python global "posix.system", which is not known.',
    );
    expect(await read(stateDict({ other: attack, w: W }))).toEqual([0, 1]);
  });

  test('names that JavaScript knows are nothing special', async () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(await read(beside(py.call(py.global(`torch ${name}`), py.text(name))))).toEqual([0, 1]);
      const odd = py.tuple(py.text('storage'), py.global(`torch ${name}`), py.text('0'), py.text('cpu'), py.integer(2));
      const rebuilt = py.call(
        py.global('torch._utils _rebuild_tensor_v2'),
        py.persistent(odd),
        ...Array(5).fill(py.integer(0)),
      );
      await expect(read(stateDict({ other: W, w: rebuilt }))).rejects.toThrow(`has elements of "torch.${name}"`);
    }
  });
});

describe('other content of a checkpoint is left alone', () => {
  const loop = concat(py.remember(concat(']'), 9), py.recall(9), 'a');
  const loopDict = concat(py.remember(concat('}'), 9), py.text('model'), py.recall(9), 's');
  test.each<[string, py.Opcodes]>([
    ['Namespace', py.withState(py.call(py.global('argparse Namespace')), py.dict([py.text('lr'), py.float(1e-4)]))],
    ['list that contains itself', loop],
    ['dict that contains itself', loopDict],
    ['100,000 lists in each other', concat(']'.repeat(100_000), 'a'.repeat(99_999))],
    ['100,000 tuples in each other', concat(')', Array(100_000).fill(0x85))],
    ['subclass of list', concat(py.call(py.global('collections deque')), '(', py.integer(1), py.integer(2), 'e')],
    ['old integers and floats', concat('(I01\nI00\nI-5\nL12345678901234567890L\nF1.5e-3\nFnan\nF-inf\nt')],
    ['old text', concat("(S'text'\nVtext\nU\x04textT", uint(4, 4), 'textt')],
    ['old objects', concat('(icollections\nCounter\n(cmylib\nThing\nNo\x86')],
    ['new objects', concat(py.global('mylib Thing'), ')\x81', py.global('mylib Thing'), ')}', [0x92, 0x86])],
    ['sets', concat([0x8f], '(', py.integer(1), [0x90], '(', py.integer(2), [0x91, 0x86])],
    ['bytes', concat('B', uint(2, 4), 'ab', 'C\x01a', [0x96], uint(2, 8), 'ab', [0x87])],
    ['a huge integer', concat([0x8b], uint(200, 4), new Uint8Array(200).fill(0x7f))],
    ['values that are thrown away', concat('N', '(NN1', 'N0', '(0', '2\x86')],
    ['persistent id of text', concat('Pabc\n')],
  ])('%s', async (_, extra) => {
    expect(await read(beside(extra))).toEqual([0, 1]);
  });

  test('a table inside itself is looked at once', async () => {
    const table = concat(py.remember(concat('}'), 9), py.text('model'), py.recall(9), 's');
    await expect(read(table)).rejects.toThrow(/holds no table of named tensors, only "model"/);
    const held = concat(py.remember(concat('}'), 9), py.text('module'), py.recall(9), 's', py.text('w'), W, 's');
    expect(await read(held)).toEqual([0, 1]);
  });
});

describe('a broken pickle is refused', () => {
  const raw = (...parts: readonly (Uint8Array | readonly number[] | string)[]) => ({ raw: concat(...parts) });
  test.each<[string, py.Opcodes | { readonly raw: Uint8Array }, RegExp]>([
    ['an empty pickle', raw(), /its pickle ends at byte 0 without a STOP/],
    ['no STOP', raw([0x80, 2], '}'), /ends at byte 3 without a STOP/],
    ['bytes after STOP', raw([0x80, 2], '}.x'), /followed by 1 bytes that do not belong to it \(byte 3\)/],
    ['values left over', raw('}}.'), /stops with values left on its stack/],
    ['a mark left over', raw('(}.'), /stops with values left|empty stack/],
    ['an empty stack', raw('.'), /takes a value from an empty stack \(byte 0\)/],
    ['a value from below a mark', raw('}(R.'), /takes a value from an empty stack/],
    ['a mark that is not there', raw('}t.'), /goes back to a mark that is not there/],
    ['an unset memo', raw('h\x05.'), /refers to memo 5, which is not set/],
    ['a negative memo', raw('}p-1\n.'), /has -1 where an index should be/],
    [
      'a global of megabytes',
      raw('X', uint(2e7, 4), 'torch.'.padEnd(2e7, 'a'), 'U\x01a', [0x93], '.'),
      /names a global by 20000001 characters/,
    ],
    ['an unknown opcode', raw('\x7f.'), /has opcode 0x7f at byte 0, which is not known/],
    ['an extension code', raw([0x82, 1], '.'), /has opcode 0x82/],
    ['an out-of-band buffer', raw([0x97], '.'), /has opcode 0x97/],
    ['a later protocol', raw([0x80, 6], '}.'), /is a pickle of protocol 6; up to 5 is read/],
    ['text longer than the pickle', raw('X', uint(4e9, 4), 'a.'), /has \d+ bytes, but what starts at byte 0 is longer/],
    ['text longer than 2^63', raw([0x8d], uint(2n ** 63n, 8), 'a.'), /what starts at byte 0 is longer/],
    ['bytes longer than 2^64', raw([0x8e], uint(2n ** 64n - 1n, 8), 'a.'), /what starts at byte 0 is longer/],
    ['a frame longer than the pickle', raw([0x95], uint(1000, 8), '}.'), /has a frame longer than itself/],
    ['text that is not UTF-8', raw('X', uint(1, 4), [0xff], '.'), /has text that is not UTF-8/],
    ['a line without an end', raw('cmodule'), /what starts at byte 0 is longer/],
    ['a line without end', raw('c', 'm'.repeat(5000), '\nname\n.'), /has a line of more than 1024 bytes/],
    ['an integer of words', raw('Iabc\n.'), /has "abc" where an integer should be/],
    ['a float of words', raw('F0x10\n.'), /has "0x10" where a number should be/],
    [
      'an integer of a million bytes',
      raw([0x8b], uint(1e6, 4), new Uint8Array(1e6), '.'),
      /has an integer of 1000000 bytes/,
    ],
    ['a global named by numbers', raw('K\x01K\x02', [0x93], '.'), /names a global by something that is not text/],
    ['arguments that are no tuple', raw('cos\nsystem\nNR.'), /arguments that are not a tuple/],
    ['an object of no class', raw('(o.'), /makes an object of no class/],
    ['items of a number', raw('K\x01Na.'), /appends to something that is no list/],
    ['entries of a list', raw(']NNs.'), /sets an entry of something that is no dict/],
    ['a key without a value', raw('}(Nu.'), /sets a key without a value/],
    ['a name twice', py.orderedDict([py.text('w'), W], [py.text('w'), W]), /its table of tensors has "w" twice/],
    ['a long name', py.orderedDict([py.text('w'.repeat(3000)), W]), /name has 3000 characters/],
    [
      'a parameter of itself',
      stateDict({ x: W, w: py.call(py.global('torch._utils _rebuild_parameter'), py.none) }),
      /tensor "w" is a parameter without a tensor in it/,
    ],
    [
      'a parameter of a parameter of ...',
      stateDict({
        x: W,
        w: Array(20)
          .fill(0)
          .reduce((inner: py.Opcodes) => py.call(py.global('torch._utils _rebuild_parameter'), inner), W),
      }),
      /tensor "w" is wrapped in itself/,
    ],
    [
      'a tensor of a subclass',
      stateDict({
        x: W,
        w: py.call(
          py.global('torch._tensor _rebuild_from_type_v2'),
          py.global('torch._utils _rebuild_tensor_v2'),
          py.global('mylib Weird'),
          py.tuple(),
          py.dict(),
        ),
      }),
      /is a tensor of class "mylib\.Weird", which is not known/,
    ],
    [
      'a tensor without arguments',
      stateDict({ x: W, w: py.call(py.global('torch._utils _rebuild_tensor_v2')) }),
      /has no storage of the kind torch\.save writes/,
    ],
    [
      'a call of no global',
      stateDict({ x: W, w: py.call(py.text('a'), py.none) }),
      /made by a call of something that is no global/,
    ],
  ])('%s', async (_, value, message) => {
    await expect(read(value)).rejects.toThrow(message);
    await expect(read(value)).rejects.toThrow(/^file\.pt: /);
  });

  test('cut anywhere', async () => {
    const whole = py.pickle(beside(py.list(py.float(1), py.text('x'), py.integer(-1), py.global('a b'))));
    for (let length = 0; length < whole.length; length++) {
      await expect(read({ raw: whole.slice(0, length) }), `${length} bytes`).rejects.toThrow(/^file\.pt: its pickle /);
    }
  });
});

describe('a pickle that asks for more memory than it has bytes is refused', () => {
  /** LONG_BINPUT with each of the first numbers. */
  const memos = (count: number) => {
    const opcodes = new Uint8Array(count * 5).fill(0x72);
    const view = new DataView(opcodes.buffer);
    for (let at = 0; at < count; at++) view.setUint32(at * 5 + 1, at, true);
    return opcodes;
  };
  /** A list of millions of what these opcodes make, a thousand at a time. */
  const millions = (count: number, opcodes: string) => ({
    raw: concat('](', `${opcodes.repeat(1000)}e(`.repeat(count * 1000), 'e.'),
  });
  test.each<[string, { readonly raw: Uint8Array }]>([
    ['lists', millions(2, ']')],
    ['dicts', millions(3, '}')],
    ['memos', { raw: concat('N', memos(7_000_000)) }],
    ['entries', millions(1, '}K\x01Ns')],
    ['tuples', millions(3, 'N\x85')],
    ['doubles', millions(5, 'G\x3f\xf0\x00\x00\x00\x00\x00\x01')],
    ['texts', millions(4, 'U\x03abc')],
    ['calls', millions(3, 'ca\nb\n)R')],
  ])('%s', async (_, pickle) => {
    const file = memorySource('file.pt', torchFile(pickle, STORAGES));
    const memory = process.memoryUsage().rss;
    // Time of this process, since other tests share the machine. Microseconds.
    const start = process.cpuUsage();
    await expect(openTorch(file, 'model')).rejects.toThrow(
      /would take more than \d+ bytes of memory by byte \d+.*without the state of the optimizer/,
    );
    const { user, system } = process.cpuUsage(start);
    // A hang is what this finds, not a slow machine.
    expect((user + system) / 1000).toBeLessThan(10_000);
    expect(process.memoryUsage().rss - memory).toBeLessThan(300e6);
  });

  test.each([
    ['values', '2'],
    ['marks', '('],
  ])('and so is one of too many %s on its stack', async (_, opcode) => {
    await expect(read({ raw: concat('N', opcode.repeat(600_000)) })).rejects.toThrow(
      /has more than 500000 values on its stack/,
    );
  });

  test('and so is one of more bytes than are read', async () => {
    const pickle = { raw: new Uint8Array(65 * 2 ** 20) };
    await expect(read(pickle)).rejects.toThrow(
      /its "archive\/data\.pkl" has 68157440 bytes; at most 67108864 are read/,
    );
  });
});
