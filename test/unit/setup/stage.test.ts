import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { stage } from '../../../scripts/stage.mjs';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const sinkOf = (isTTY: boolean) => {
  const written: string[] = [];
  const sink = { isTTY, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  return { sink, written };
};
const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

it('says in a log what begins, now and then that it lives, and how long it took', async () => {
  const { sink, written } = sinkOf(false);
  const done = stage('Installing', () => wait(31_000), sink);
  await vi.advanceTimersByTimeAsync(31_000);
  await done;
  expect(written).toEqual([
    'Installing ...\n',
    'Installing ... 15.0 s\n',
    'Installing ... 30.0 s\n',
    'Installing ... done in 31.0 s\n',
  ]);
});

it('redraws one line on a terminal, and passes on the result', async () => {
  const { sink, written } = sinkOf(true);
  const done = stage('Building', () => wait(1500).then(() => 42), sink);
  await vi.advanceTimersByTimeAsync(1500);
  expect(await done).toBe(42);
  expect(written.join('')).toBe(
    '\r\x1b[KBuilding ... 0.0 s\r\x1b[KBuilding ... 1.0 s\r\x1b[KBuilding ... done in 1.5 s\n',
  );
});

it('tells a failure and passes it on', async () => {
  const { sink, written } = sinkOf(false);
  await expect(stage('Building', () => Promise.reject(new Error('no')), sink)).rejects.toThrow('no');
  expect(written.at(-1)).toBe('Building ... failed after 0.0 s\n');
});
