import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { askTerminal } from '../../../server/cli/ask.js';

const ask = (input: PassThrough, signal = new AbortController().signal) => {
  const written: string[] = [];
  return askTerminal(input, { write: (text) => written.push(text) }, 'Sure? ', signal).then((answer) => [
    ...written,
    answer,
  ]);
};

it('reads one line, and nothing where the input ends or the signal comes', async () => {
  const input = new PassThrough();
  input.write('yes\nand more\n');
  expect(await ask(input)).toEqual(['Sure? ', 'yes']);
  expect(await ask(new PassThrough().end())).toEqual(['Sure? ', '']);
  expect(await ask(new PassThrough(), AbortSignal.abort())).toEqual(['Sure? ', '']);
  const stop = new AbortController();
  const asked = ask(new PassThrough(), stop.signal);
  stop.abort();
  expect(await asked).toEqual(['Sure? ', '']);
});
